"""Power spectra and what is read off them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft

from analysis_service.emg.arrays import Samples, frames

WINDOW = "hann"
DETREND = "constant"
# With fewer samples the spectrum of a surface EMG has a handful of bins.
MIN_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class EmgSpectrum:
    """Spectral measures of a stretch of signal, within the pass band.

    Attributes
    ----------
    median_frequency_hz : float, Hz
        Frequency that halves the power, interpolated between bins (Stulen & De Luca 1981).
    mean_frequency_hz : float, Hz
        Power-weighted mean frequency.
    fi_nsm5 : float, s^6
        Spectral fatigue index of Dimitrov et al. 2006: moment of order -1 by that of order 5.
    resolution_hz : float, Hz
        Distance of the bins.
    """

    median_frequency_hz: float
    mean_frequency_hz: float
    fi_nsm5: float
    resolution_hz: float


def power(windows: Samples, rate_hz: float) -> tuple[Samples, Samples]:
    """One-sided power density of each window (Hann, mean taken out).

    Parameters
    ----------
    windows : array of shape (n, length)
    rate_hz
        Sampling rate in Hz.

    Returns
    -------
    frequencies : array of shape (bins,), Hz
    density : array of shape (n, bins), unit^2/Hz
        As ``scipy.signal.welch`` scales it, before averaging.
    """
    length = windows.shape[-1]
    taper = hann(length)
    tapered = windows - windows.mean(axis=-1, keepdims=True)
    tapered *= taper
    parts = fft.rfft(tapered, axis=-1, overwrite_x=True).view(np.float64)  # real and imaginary, in turns
    np.square(parts, out=parts)
    density = parts[..., 0::2] + parts[..., 1::2]
    density /= rate_hz * _energy(length)
    density[..., 1 : (length + 1) // 2] *= 2.0
    return np.arange(density.shape[-1]) * (rate_hz / length), density


@lru_cache(maxsize=64)
def hann(length: int) -> Samples:
    """The periodic Hann window, as it is used for Welch's spectrum; shape (length,), not to be written to."""
    taper: Samples = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    taper.flags.writeable = False
    return taper


@lru_cache(maxsize=64)
def _energy(length: int) -> float:
    """Sum of the squared window."""
    return float(np.sum(hann(length) ** 2))


def within(frequencies: Samples, band_hz: tuple[float, float]) -> slice:
    """Which of ascending frequencies lie in a band, its edges included."""
    first = np.searchsorted(frequencies, band_hz[0], side="left")
    return slice(int(first), int(np.searchsorted(frequencies, band_hz[1], side="right")))


def welch(samples: Samples, rate_hz: float, length: int, overlap_percent: float) -> tuple[Samples, Samples]:
    """Welch's averaged power density (Welch 1967); see :func:`power`. `length` is cut to the samples."""
    length = min(length, samples.size)
    step = max(1, round(length * (1.0 - overlap_percent / 100.0)))
    frequencies, density = power(frames(samples, length, step), rate_hz)
    return frequencies, density.mean(axis=0)


def measure(
    samples: Samples, rate_hz: float, length: int, overlap_percent: float, band_hz: tuple[float, float]
) -> EmgSpectrum | None:
    """Spectral measures of a stretch of signal, None where it is too short or has no power in the band."""
    if samples.size < MIN_SAMPLES:
        return None
    frequencies, density = welch(samples, rate_hz, length, overlap_percent)
    inside = within(frequencies, band_hz)
    frequencies, density = frequencies[inside], density[inside]
    total = density.sum()
    if frequencies.size < 3 or not total > 0:
        return None
    return EmgSpectrum(
        median_frequency_hz=float(median_frequencies(frequencies, density[np.newaxis])[0]),
        mean_frequency_hz=float(np.dot(frequencies, density) / total),
        fi_nsm5=float(np.sum(density / frequencies) / np.sum(density * frequencies**5)),
        resolution_hz=float(frequencies[1] - frequencies[0]),
    )


def median_frequencies(frequencies: Samples, density: Samples) -> Samples:
    """Median frequency of each spectrum.

    Each bin's power is spread evenly over the bin's width, so that the cumulative power is a line from
    edge to edge and the half is found between bins.

    Parameters
    ----------
    frequencies : array of shape (bins,), evenly spaced, Hz
    density : array of shape (n, bins), each row with some power

    Returns
    -------
    array of shape (n,), Hz
    """
    width = frequencies[1] - frequencies[0]
    reached = np.cumsum(density, axis=-1)
    half = reached[:, -1] / 2.0
    rows, at = np.arange(half.size), np.argmax(reached >= half[:, np.newaxis], axis=-1)
    own = density[rows, at]
    before = reached[rows, at] - own
    share = np.divide(half - before, own, out=np.full_like(half, 0.5), where=own > 0)
    return np.asarray(frequencies[at] + (share - 0.5) * width)
