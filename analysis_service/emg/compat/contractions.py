"""The earlier analyzer's contractions: when they are, how strong, and whether they are good."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis_service.emg.arrays import Mask, Samples, runs
from analysis_service.emg.compat.envelope import moving_average

_ACTIVATED_FACTOR, _ENVELOPE_FACTOR = 0.05, 0.10
_SMOOTHING_SAMPLES = 100
_LEAST_S, _MERGE_S, _LONGEST_S = 0.1, 0.2, 10.0


@dataclass(frozen=True, slots=True)
class EmgCompatContraction:
    """Profile COMPAT: one contraction.

    Attributes
    ----------
    start_time_ms : float, ms
        Its beginning.
    end_time_ms : float, ms
        Its end.
    duration_ms : float, ms
        From beginning to end.
    mean_amplitude : float, V
        Mean of the absolute envelope.
    max_amplitude : float, V
        Maximum of the absolute envelope.
    is_good : bool
        Strong and long enough.
    meets_mvc : bool
        Strong enough.
    meets_duration : bool
        Long enough.
    """

    start_time_ms: float
    end_time_ms: float
    duration_ms: float
    mean_amplitude: float
    max_amplitude: float
    is_good: bool
    meets_mvc: bool
    meets_duration: bool


class Span(NamedTuple):
    """Samples from `start` to `end`; amplitudes are taken over both, durations are the difference."""

    start: int
    end: int


class Thresholds(NamedTuple):
    """What a contraction has to reach, in V and ms."""

    amplitude: float
    duration_ms: float


def find(envelope: Samples, activated: Samples | None, rate_hz: float) -> list[Span]:
    """Find contractions in the activated signal if there is one, else in the envelope; both of shape (n,)."""
    factor = _ENVELOPE_FACTOR if activated is None else _ACTIVATED_FACTOR
    timing = moving_average(np.abs(envelope if activated is None else activated), _SMOOTHING_SAMPLES)
    spans = spans_above(timing > factor * np.max(timing), int(_LEAST_S * rate_hz))
    return divided(merged(spans, int(_MERGE_S * rate_hz)), int(_LONGEST_S * rate_hz))


def spans_above(above: Mask, least: int) -> list[Span]:
    """Runs of at least `least` samples; one that is open at the last sample ends there."""
    last = above.size - 1
    found = (Span(int(start), min(int(end), last)) for start, end in runs(above))
    return [span for span in found if span.end - span.start >= least]


def merged(spans: list[Span], gap: int) -> list[Span]:
    """Join spans whose pause is at most `gap` samples."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start - joined[-1].end <= gap:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def divided(spans: list[Span], longest: int) -> list[Span]:
    """Cut longer spans into pieces, each starting one sample after the end of the one before."""
    pieces = []
    for span in spans:
        start = span.start
        while span.end - start > longest:
            pieces.append(Span(start, start + longest))
            start += longest + 1
        if start < span.end:
            pieces.append(Span(start, span.end))
    return pieces


def judge(span: Span, envelope: Samples, rate_hz: float, thresholds: Thresholds) -> EmgCompatContraction:
    """Measure a contraction and judge it."""
    inside = np.abs(envelope[span.start : span.end + 1])
    duration, strongest = (span.end - span.start) / rate_hz * 1000, float(np.max(inside))
    is_strong, is_long = strongest >= thresholds.amplitude, duration >= thresholds.duration_ms
    return EmgCompatContraction(
        start_time_ms=span.start / rate_hz * 1000,
        end_time_ms=span.end / rate_hz * 1000,
        duration_ms=duration,
        mean_amplitude=float(np.mean(inside)),
        max_amplitude=strongest,
        is_good=is_strong and is_long,
        meets_mvc=is_strong,
        meets_duration=is_long,
    )
