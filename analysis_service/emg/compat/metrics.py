"""The earlier analyzer's five measures, of a whole channel and of its windows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import signal

from analysis_service.emg.arrays import Samples, frames

SEGMENT = 256
LEAST_SD = 1e-10
_WINDOW_S = 1.0
_MIN_VALUES = 3
# Windows are transformed in batches, so that memory does not grow with the recording.
_BATCH = 256


@dataclass(frozen=True, slots=True)
class EmgCompatStats:
    """Profile COMPAT: a measure over windows of 1 s with half overlap; all absent but the number below three windows.

    Attributes
    ----------
    mean_value : float or None
        Mean over the windows.
    std_value : float or None
        Standard deviation over the windows, with n - 1.
    min_value : float or None
        Lowest value.
    max_value : float or None
        Highest value.
    valid_windows : int
        Windows with a value.
    coefficient_of_variation : float or None
        std_value / mean_value.
    """

    mean_value: float | None
    std_value: float | None
    min_value: float | None
    max_value: float | None
    valid_windows: int
    coefficient_of_variation: float | None


class Metrics(NamedTuple):
    """The five measures, each of shape (rows,): amplitudes in the unit of the samples, frequencies in Hz."""

    rms: Samples
    mav: Samples
    mpf: Samples
    mdf: Samples
    fatigue_index: Samples


def measure(rows: Samples, rate_hz: float) -> Metrics:
    """Measure each row of raw samples, shape (rows, n). A row too short or too even for a spectrum has NaN there."""
    rms, mav = np.sqrt(np.mean(np.square(rows), axis=1)), np.mean(np.abs(rows), axis=1)
    mpf, mdf, fatigue_index = np.full((3, len(rows)), np.nan)
    has_spectrum = np.std(rows, axis=1) >= LEAST_SD
    if rows.shape[1] >= SEGMENT and has_spectrum.any():
        mpf[has_spectrum], mdf[has_spectrum], fatigue_index[has_spectrum] = _spectral(rows[has_spectrum], rate_hz)
    return Metrics(rms, mav, mpf, mdf, fatigue_index)


def _spectral(rows: Samples, rate_hz: float) -> tuple[Samples, Samples, Samples]:
    """Mean and median frequency and FI_nsm5, over all bins; the median is a bin's frequency, not interpolated.

    NaN where Welch's segments, which may leave out the last samples of a row, show no power.
    """
    frequencies, power = signal.welch(rows, rate_hz, window="hann", nperseg=SEGMENT, noverlap=SEGMENT // 2)
    total = np.sum(power, axis=1)
    reached = np.cumsum(power, axis=1)
    median = frequencies[np.argmax(reached >= total[:, np.newaxis] / 2, axis=1)]
    above_zero, at = power[:, frequencies > 0], frequencies[frequencies > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.sum(above_zero * at**-1.0, axis=1) / np.sum(above_zero * at**5.0, axis=1)
        mean = np.sum(frequencies * power, axis=1) / total
    return mean, np.where(total > 0, median, np.nan), index


def windowed(samples: Samples, rate_hz: float) -> tuple[EmgCompatStats, ...]:
    """Statistics of the five measures over whole windows, in the order of :class:`Metrics`."""
    length = int(_WINDOW_S * rate_hz)
    windows = frames(samples, length, length // 2)
    batches = [measure(windows[at : at + _BATCH], rate_hz) for at in range(0, len(windows), _BATCH)]
    return tuple(_stats(np.concatenate(values)) for values in zip(*batches, strict=True))


def _stats(values: Samples) -> EmgCompatStats:
    present = values[np.isfinite(values)]
    if present.size < _MIN_VALUES:
        return EmgCompatStats(None, None, None, None, present.size, None)
    mean, sd = float(np.mean(present)), float(np.std(present, ddof=1))
    variation = sd / mean if mean > 0 else None
    return EmgCompatStats(mean, sd, float(np.min(present)), float(np.max(present)), present.size, variation)
