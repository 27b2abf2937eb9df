"""Spectra of short k-mers, for drawing sequences as points."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import UNKNOWN
from analysis_service.sequence.kernels.machine_code import compiled

SPECTRUM_K = 5
SPECTRUM = 4**SPECTRUM_K


@compiled
def spectrum_of(codes: NDArray[np.uint8], out: NDArray[np.float64]) -> None:
    """Write the square roots of the k-mers' frequencies (Hellinger), shape (SPECTRUM,); zeros where there is none."""
    out[:] = 0.0
    kmer = 0
    run = 0
    total = 0
    for code in codes:
        if code >= UNKNOWN:
            run = 0
            continue
        kmer = ((kmer << 2) | code) & (SPECTRUM - 1)
        run += 1
        if run >= SPECTRUM_K:
            out[kmer] += 1.0
            total += 1
    for i in range(SPECTRUM):
        out[i] = np.sqrt(out[i] / max(total, 1))


@compiled
def spectra(codes: NDArray[np.uint8], starts: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Write the spectra of many sequences, shape (sequences, SPECTRUM)."""
    for i in range(starts.size - 1):
        spectrum_of(codes[starts[i] : starts[i + 1]], out[i])


@compiled
def project(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    mean: NDArray[np.float64],
    axes: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the sequences' places on `axes`, shape (SPECTRUM, dimensions): sums in a fixed order, the same anywhere."""
    spectrum = np.empty(SPECTRUM, np.float64)
    for i in range(starts.size - 1):
        spectrum_of(codes[starts[i] : starts[i + 1]], spectrum)
        out[i] = 0.0
        for k in range(SPECTRUM):
            value = spectrum[k] - mean[k]
            for d in range(axes.shape[1]):
                out[i, d] += value * axes[k, d]
