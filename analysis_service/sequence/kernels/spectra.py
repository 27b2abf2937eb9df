"""Spectra of short k-mers, for drawing sequences as points."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import UNKNOWN
from analysis_service.sequence.kernels.machine_code import compiled

SPECTRUM_K = 5
SPECTRUM = 4**SPECTRUM_K


@compiled
def spectra(codes: NDArray[np.uint8], starts: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Write the square roots of the k-mers' frequencies (Hellinger), shape (sequences, SPECTRUM); zeros where there is
    none."""
    tally = np.empty(SPECTRUM, np.int64)
    for i in range(starts.size - 1):
        tally[:] = 0
        total = max(_tally(codes[starts[i] : starts[i + 1]], tally), 1)
        for kmer in range(SPECTRUM):
            out[i, kmer] = np.sqrt(tally[kmer] / total)


@compiled
def project(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the sequences' places on three `axes`, shape (SPECTRUM, 3), relative to `centre`, shape (3,).

    Only the k-mers that a sequence has are added, in ascending order: the same sums anywhere.
    """
    tally = np.zeros(SPECTRUM, np.int64)
    for i in range(starts.size - 1):
        total = _tally(codes[starts[i] : starts[i + 1]], tally)
        x, y, z = -centre[0], -centre[1], -centre[2]
        for kmer in range(SPECTRUM):
            if tally[kmer]:
                value = np.sqrt(tally[kmer] / total)
                x += value * axes[kmer, 0]
                y += value * axes[kmer, 1]
                z += value * axes[kmer, 2]
                tally[kmer] = 0
        out[i, 0], out[i, 1], out[i, 2] = x, y, z


@compiled
def _tally(codes: NDArray[np.uint8], out: NDArray[np.int64]) -> int:
    """Add each k-mer to `out`, shape (SPECTRUM,), and return how many they are."""
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
            out[kmer] += 1
            total += 1
    return total
