"""The earlier analyzer again, from its description: plain loops, one sentence of the description after the other.

Slow on purpose, and independent of the code under test: only the filters' coefficients and steady states and the
fast Fourier transform are taken from numpy and scipy.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import signal

Numbers = Sequence[float]


def analyse(raw: Numbers, activated: Numbers | None, fs: float, **targets: float) -> dict[str, Any]:
    """One base channel; targets are `mvc` (0: none), `percent` and `duration_ms`."""
    x = [float(value) for value in raw]
    smooth = envelope(x, fs)
    threshold = (targets.get("mvc") or percentile_95(smooth)) * targets.get("percent", 75.0) / 100.0
    shortest = targets.get("duration_ms", 2000.0)
    found = []
    for start, end in spans([abs(v) for v in (smooth if activated is None else activated)], activated is not None, fs):
        inside = [abs(value) for value in smooth[start : end + 1]]
        found.append(
            {
                "start_time_ms": start / fs * 1000,
                "end_time_ms": end / fs * 1000,
                "duration_ms": (end - start) / fs * 1000,
                "mean_amplitude": math.fsum(inside) / len(inside),
                "max_amplitude": max(inside),
                "meets_mvc": max(inside) >= threshold,
                "meets_duration": (end - start) / fs * 1000 >= shortest,
            }
        )
        found[-1]["is_good"] = found[-1]["meets_mvc"] and found[-1]["meets_duration"]
    return {
        **summary(found),
        **{name: metric(x, fs) for name, metric in METRICS.items()},
        **{f"{name.split('_fi_')[0]}_temporal_stats": statistics(x, name, fs) for name in METRICS},
        "mvc75_threshold": threshold,
        "duration_threshold_actual_value": shortest,
        "contractions": found,
    }


def summary(found: list[dict[str, Any]]) -> dict[str, float]:
    durations = [one["duration_ms"] for one in found] or [0.0]
    good = sum(one["is_good"] for one in found)
    count = max(1, len(found))
    return {
        "contraction_count": len(found),
        "avg_duration_ms": math.fsum(durations) / len(durations),
        "min_duration_ms": min(durations),
        "max_duration_ms": max(durations),
        "total_time_under_tension_ms": math.fsum(durations),
        "avg_amplitude": math.fsum(one["mean_amplitude"] for one in found) / count,
        "max_amplitude": max([one["max_amplitude"] for one in found] or [0.0]),
        "good_contraction_count": good,
        "mvc_compliant_count": sum(one["meets_mvc"] for one in found),
        "duration_compliant_count": sum(one["meets_duration"] for one in found),
        "compliance_rate": good / count,
    }


def envelope(x: Numbers, fs: float) -> list[float]:
    passed = forth_and_back(*signal.butter(4, 20.0 / (fs / 2), "high"), x)
    smooth = forth_and_back(*signal.butter(4, 10.0 / (fs / 2), "low"), [abs(value) for value in passed])
    return moving_average(smooth, int(0.05 * fs))


def forth_and_back(b: np.ndarray, a: np.ndarray, x: Numbers) -> list[float]:
    """filtfilt: odd extension by three times the filter's length, each pass begun in its steady state."""
    reach = 3 * max(len(a), len(b))
    before = [2 * x[0] - x[at] for at in range(reach, 0, -1)]
    after = [2 * x[-1] - x[-1 - at] for at in range(1, reach + 1)]
    state = signal.lfilter_zi(b, a)
    extended = [*before, *x, *after]
    forth = one_pass(b.tolist(), a.tolist(), extended, [z * extended[0] for z in state.tolist()])
    back = one_pass(b.tolist(), a.tolist(), forth[::-1], [z * forth[-1] for z in state.tolist()])[::-1]
    return back[reach:-reach]


def one_pass(b: Numbers, a: Numbers, x: Numbers, state: list[float]) -> list[float]:
    out = []
    for value in x:
        y = b[0] * value + state[0]
        for at in range(len(state)):
            following = state[at + 1] if at + 1 < len(state) else 0.0
            state[at] = following + b[at + 1] * value - a[at + 1] * y
        out.append(y)
    return out


def moving_average(x: Numbers, length: int) -> list[float]:
    """The middle of the full convolution with `length` times 1 / length."""
    first = (length - 1) // 2
    sums = [0.0]
    for value in x:
        sums.append(sums[-1] + value)
    ends = ((at + first + 1, at + first + 1 - length) for at in range(len(x)))
    return [(sums[min(len(x), last)] - sums[max(0, start)]) / length for last, start in ends]


def spans(timing: Numbers, is_activated: bool, fs: float) -> list[tuple[int, int]]:
    smooth = moving_average(timing, 100)
    limit = (0.05 if is_activated else 0.10) * max(smooth)
    found, start = [], None
    for at, value in enumerate(smooth):
        if value > limit and start is None:
            start = at
        elif not value > limit and start is not None:
            found.append((start, at))
            start = None
    if start is not None:
        found.append((start, len(smooth) - 1))
    return cut(merge([one for one in found if not one[1] - one[0] < int(0.1 * fs)], int(0.2 * fs)), int(10 * fs))


def merge(found: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def cut(found: list[tuple[int, int]], longest: int) -> list[tuple[int, int]]:
    pieces = []
    for start, end in found:
        if end - start <= longest:
            pieces.append((start, end))
            continue
        at = start
        while at < end:
            pieces.append((at, min(at + longest, end)))
            at = pieces[-1][1] + 1
    return pieces


def power(x: Numbers, fs: float) -> tuple[list[float], list[float]]:
    """Welch: segments of 256 with half overlap, their mean taken out, Hann."""
    window = [0.5 - 0.5 * math.cos(2 * math.pi * at / 256) for at in range(256)]
    norm = fs * math.fsum(weight**2 for weight in window)
    total, count = [0.0] * 129, 0
    for start in range(0, len(x) - 255, 128):
        segment = x[start : start + 256]
        mean = math.fsum(segment) / 256
        transformed = np.fft.rfft([(v - mean) * w for v, w in zip(segment, window, strict=True)])
        for at, value in enumerate(transformed.tolist()):
            total[at] += abs(complex(value)) ** 2 / norm * (1 if at in (0, 128) else 2)
        count += 1
    return [at * fs / 256 for at in range(129)], [value / count for value in total]


def mdf(x: Numbers, fs: float) -> float:
    f, p = power(x, fs)
    reached, half = 0.0, math.fsum(p) / 2
    for frequency, value in zip(f, p, strict=True):
        reached += value
        if reached >= half:
            return frequency
    raise AssertionError("half of the power is reached somewhere")


def mpf(x: Numbers, fs: float) -> float:
    f, p = power(x, fs)
    return math.fsum(a * b for a, b in zip(f, p, strict=True)) / math.fsum(p)


def fatigue_index(x: Numbers, fs: float) -> float:
    pairs = [(f, p) for f, p in zip(*power(x, fs), strict=True) if f > 0]
    return math.fsum(p / f for f, p in pairs) / math.fsum(p * f**5 for f, p in pairs)


METRICS = {
    "rms": lambda x, _fs: math.sqrt(math.fsum(v * v for v in x) / len(x)),
    "mav": lambda x, _fs: math.fsum(abs(v) for v in x) / len(x),
    "mpf": mpf,
    "mdf": mdf,
    "fatigue_index_fi_nsm5": fatigue_index,
}


def statistics(x: Numbers, name: str, fs: float) -> dict[str, float | None]:
    length = int(fs)
    values = []
    for start in range(0, len(x) - length + 1, int(length / 2)):
        window = x[start : start + length]
        if name in ("rms", "mav") or (length >= 256 and deviation(window, 0) >= 1e-10):
            values.append(METRICS[name](window, fs))
    names = ("mean_value", "std_value", "min_value", "max_value", "coefficient_of_variation")
    if len(values) < 3:
        return {**dict.fromkeys(names), "valid_windows": len(values)}
    mean, sd = math.fsum(values) / len(values), deviation(values, 1)
    found = (mean, sd, min(values), max(values), sd / mean if mean else None)
    return {**dict(zip(names, found, strict=True)), "valid_windows": len(values)}


def deviation(values: Numbers, less: int) -> float:
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - less))


def percentile_95(values: Numbers) -> float:
    ordered = sorted(values)
    place = 0.95 * (len(ordered) - 1)
    below = int(place)
    return ordered[below] + (place - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])
