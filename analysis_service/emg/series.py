"""Measures in windows over time, for plots and for their spread."""

from dataclasses import dataclass
from enum import auto

import numpy as np

from analysis_service.emg import spectrum
from analysis_service.emg.arrays import Samples, frames
from analysis_service.emg.errors import NameEnum

_MIN_WINDOWS = 3
# Windows are transformed in batches, so that memory does not grow with the recording.
_BATCH = 256


class EmgMetric(NameEnum):
    """What a series measures; the unit is in the name."""

    RMS_UV = auto()
    ARV_UV = auto()
    MEDIAN_FREQUENCY_HZ = auto()
    MEAN_FREQUENCY_HZ = auto()
    FI_NSM5_S6 = auto()


@dataclass(frozen=True, slots=True)
class EmgMetricSeries:
    """One measure, window by window. A window without power in the pass band has no frequency and is left out.

    Attributes
    ----------
    metric : EmgMetric
        What is measured, with its unit.
    window_count : int
        Windows the statistics rest on.
    mean : float
        Mean over the windows.
    sd : float
        Standard deviation over the windows, with n - 1.
    minimum : float
        Lowest value.
    maximum : float
        Highest value.
    cv : float or None
        Coefficient of variation, sd / mean; None where the mean is zero.
    windows : tuple of int
        Which windows have a value, counted from 0.
    values : tuple of float
        The value of each of them.
    """

    metric: EmgMetric
    window_count: int
    mean: float
    sd: float
    minimum: float
    maximum: float
    cv: float | None
    windows: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EmgSeries:
    """Measures in windows over the whole channel; the first window begins at 0, only whole windows count.

    Attributes
    ----------
    window_ms : float, ms
        Length of a window.
    step_ms : float, ms
        From the beginning of one window to that of the next.
    metrics : tuple of EmgMetricSeries
        One a measure.
    """

    window_ms: float
    step_ms: float
    metrics: tuple[EmgMetricSeries, ...]


def measure(
    filtered_uv: Samples, rate_hz: float, length: int, overlap_percent: float, band_hz: tuple[float, float]
) -> EmgSeries | None:
    """Measure a band-passed channel window by window, None when it has fewer than three.

    Parameters
    ----------
    filtered_uv : array of shape (n,), uV
    length
        Samples in a window.
    band_hz
        Pass band, to which the frequencies are limited.
    """
    if filtered_uv.size < length:
        return None
    step = max(1, round(length * (1.0 - overlap_percent / 100.0)))
    windows = frames(filtered_uv, length, step)
    if len(windows) < _MIN_WINDOWS:
        return None
    batches = [_measured(windows[at : at + _BATCH], rate_hz, band_hz) for at in range(0, len(windows), _BATCH)]
    rows = np.concatenate(batches, axis=1)
    described = map(_described, EmgMetric, rows)
    metrics = tuple(series for series in described if series is not None)
    return EmgSeries(1000.0 * length / rate_hz, 1000.0 * step / rate_hz, metrics)


def _measured(windows: Samples, rate_hz: float, band_hz: tuple[float, float]) -> Samples:
    """All metrics of some windows, shape (metrics, windows)."""
    frequencies, density = spectrum.power(windows, rate_hz)
    inside = spectrum.within(frequencies, band_hz)
    frequencies, density = frequencies[inside], density[:, inside]
    total = density.sum(axis=1)
    has_power = total > 0
    median, mean, fatigue = np.full((3, len(windows)), np.nan)
    if has_power.any():
        powered = density if has_power.all() else density[has_power]
        median[has_power] = spectrum.median_frequencies(frequencies, powered)
        mean[has_power] = powered @ frequencies / total[has_power]
        fatigue[has_power] = powered @ frequencies**-1 / (powered @ frequencies**5)
    rms, rectified = np.sqrt(np.mean(np.square(windows), axis=1)), np.mean(np.abs(windows), axis=1)
    return np.stack([rms, rectified, median, mean, fatigue])


def _described(metric: EmgMetric, values: Samples) -> EmgMetricSeries | None:
    """Statistics of a series, None where fewer than three windows have a value."""
    windows = np.flatnonzero(np.isfinite(values))
    present = values[windows]
    if present.size < _MIN_WINDOWS:
        return None
    listed = present.tolist()
    mean, sd = float(present.mean()), float(present.std(ddof=1))
    return EmgMetricSeries(
        metric=metric,
        window_count=int(present.size),
        mean=mean,
        sd=sd,
        minimum=min(listed),
        maximum=max(listed),
        cv=sd / mean if mean > 0 else None,
        windows=tuple(windows.tolist()),
        values=tuple(listed),
    )
