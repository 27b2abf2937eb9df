"""Small array helpers that several measures share."""

from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def runs(mask: npt.NDArray[Any], least: int = 1) -> npt.NDArray[np.intp]:
    """Stretches of at least `least` times True, shape (n, 2): first index and the one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    found = edges.reshape(-1, 2)
    return found[found[:, 1] - found[:, 0] >= least]


def cumulative(values: Samples) -> Samples:
    """Cumulative sum with a leading zero: the sum over [i, j) is ``c[j] - c[i]``."""
    return np.concatenate(([0.0], np.cumsum(values)))


def moving_mean(values: Samples, half_window: int) -> Samples:
    """Mean over a centred window of ``2 * half_window + 1``, cut at the ends; shape (n,) as the values."""
    sums, index = cumulative(values), np.arange(values.size)
    first, last = np.maximum(index - half_window, 0), np.minimum(index + half_window + 1, values.size)
    return np.asarray((sums[last] - sums[first]) / (last - first))


def sample_count(duration_ms: float, rate_hz: float) -> int:
    """Samples in a duration, at least one."""
    return max(1, round(duration_ms * rate_hz / 1000.0))


def frames(samples: Samples, length: int, step: int) -> Samples:
    """Whole windows of `length` every `step` samples, shape (windows, length): a view, not a copy."""
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::step]


def percent(part: float, whole: float) -> float:
    """Share in percent; zero of nothing is zero."""
    return 100.0 * part / whole if whole > 0 else 0.0
