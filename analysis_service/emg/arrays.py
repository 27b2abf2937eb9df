"""Small array helpers that several measures share."""

from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def runs(mask: npt.NDArray[Any], least: int = 1) -> npt.NDArray[np.intp]:
    """Stretches of at least `least` times True, shape (n, 2): first index and the one after the last."""
    inner = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    first, last = ([at] if mask.size and mask[end] else [] for at, end in ((0, 0), (mask.size, -1)))
    found = np.concatenate((first, inner, last)).astype(np.intp).reshape(-1, 2)
    return found[found[:, 1] - found[:, 0] >= least]


def cumulative(values: Samples) -> Samples:
    """Cumulative sum with a leading zero: the sum over [i, j) is ``c[j] - c[i]``."""
    return np.concatenate(([0.0], np.cumsum(values)))


def moving_mean(values: Samples, half_window: int) -> Samples:
    """Mean over a centred window of ``2 * half_window + 1``, cut at the ends; shape (n,) as the values."""
    means = moving_sum(values, half_window)
    return divide_by_window(means, half_window)


def moving_sum(values: Samples, half_window: int) -> Samples:
    """Sum over a centred window of ``2 * half_window + 1``, cut at the ends; shape (n,) as the values."""
    size = values.size
    half = min(half_window, size)
    reached = np.empty(size + 2 * half + 1)
    reached[: half + 1] = 0.0
    np.cumsum(values, out=reached[half + 1 : half + 1 + size])
    reached[half + size + 1 :] = reached[half + size]
    return reached[2 * half + 1 :] - reached[:size]


def divide_by_window(sums: Samples, half_window: int) -> Samples:
    """Turn the sums of :func:`moving_sum` into means, in place; a window at an end holds fewer values."""
    size = sums.size
    half = min(half_window, size)
    lengths = np.arange(half + 1, min(2 * half + 1, half + 1 + size), dtype=np.float64)
    if 2 * lengths.size > size:  # some windows are cut at both ends
        whole = np.full(size, 2.0 * half + 1.0)
        whole[: half + 1] -= np.arange(half, -1, -1)[:size]
        whole[::-1][: half + 1] -= np.arange(half, -1, -1)[:size]
        sums /= whole
        return sums
    sums[: lengths.size] /= lengths
    sums[lengths.size : size - lengths.size] /= 2.0 * half + 1.0
    sums[size - lengths.size :] /= lengths[::-1]
    return sums


def sample_count(duration_ms: float, rate_hz: float) -> int:
    """Samples in a duration, at least one."""
    return max(1, round(duration_ms * rate_hz / 1000.0))


def frames(samples: Samples, length: int, step: int) -> Samples:
    """Whole windows of `length` every `step` samples, shape (windows, length): a view, not a copy."""
    count, stride = max(0, samples.size - length + step) // step, samples.strides[0]
    return np.lib.stride_tricks.as_strided(samples, (count, length), (step * stride, stride), writeable=False)


def percent(part: float, whole: float) -> float:
    """Share in percent; zero of nothing is zero."""
    return 100.0 * part / whole if whole > 0 else 0.0
