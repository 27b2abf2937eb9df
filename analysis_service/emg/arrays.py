"""Small array helpers that several measures share."""

from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def runs(mask: npt.NDArray[Any], least: int = 1) -> npt.NDArray[np.intp]:
    """Stretches of at least `least` times True, shape (n, 2): first index and the one after the last."""
    if np.count_nonzero(mask) < least:
        return np.empty((0, 2), dtype=np.intp)
    inner = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    first, last = ([at] if mask.size and mask[end] else [] for at, end in ((0, 0), (mask.size, -1)))
    found = np.concatenate((first, inner, last)).astype(np.intp).reshape(-1, 2)
    return found[found[:, 1] - found[:, 0] >= least]


def eroded(mask: Mask, margin: int) -> Mask:
    """The mask without `margin` samples at each of its edges, but for the ends of the array."""
    kept = np.zeros(mask.size, dtype=np.bool_)
    for first, last in runs(mask).tolist():
        kept[first + (margin if first else 0) : max(0, last - (margin if last < mask.size else 0))] = True
    return kept


def cumulative(values: Samples) -> Samples:
    """Cumulative sum with a leading zero: the sum over [i, j) is ``c[j] - c[i]``."""
    sums = np.empty(values.size + 1)
    sums[0] = 0.0
    np.cumsum(values, out=sums[1:])
    return sums


def moving_mean(values: Samples, half_window: int) -> Samples:
    """Mean over a centred window of ``2 * half_window + 1``, cut at the ends; shape (n,) as the values."""
    return divide_by_window(window_sums(cumulative(values), half_window), half_window)


def window_sums(sums: Samples, half_window: int) -> Samples:
    """Sum over a centred window of ``2 * half_window + 1``, cut at the ends, of the values behind a cumulative sum.

    Parameters
    ----------
    sums : array of shape (n + 1,)
        From :func:`cumulative`.

    Returns
    -------
    array of shape (n,)
    """
    size = sums.size - 1
    half = min(half_window, size)
    reached: Samples = np.concatenate((np.zeros(half), sums, np.full(half, sums[-1])))
    return reached[2 * half + 1 :] - reached[:size]


def divide_by_window(sums: Samples, half_window: int) -> Samples:
    """Turn :func:`window_sums` into means, in place; a window at an end holds fewer values."""
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
    count, held = max(0, samples.size - length + step) // step, np.ascontiguousarray(samples)
    stride = held.itemsize
    return np.ndarray((count, length), held.dtype, held.data, strides=(step * stride, stride))


def percent(part: float, whole: float) -> float:
    """Share in percent; zero of nothing is zero."""
    return 100.0 * part / whole if whole > 0 else 0.0
