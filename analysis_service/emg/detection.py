"""When a muscle is active: from the envelope's threshold crossings to the edges of contractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis_service.emg.arrays import Samples, cumulative, runs, sample_count
from analysis_service.emg.baseline import EmgBaseline

# The weakest contraction worth finding has twice the amplitude of rest (6 dB); the edges are sought for that.
_DESIGN_RATIO = 2.0
# A jolt's energy lies within 20 ms; a contraction of 100 ms spreads it five times as wide.
_SPIKE_MS = 20.0
_SPIKE_SHARE = 0.7


class Interval(NamedTuple):
    """Samples from `onset` up to, not including, `offset`."""

    onset: int
    offset: int


@dataclass(frozen=True, slots=True)
class EdgeRule:
    """How crossings become contractions, in samples.

    Attributes
    ----------
    half_window
        Half the envelope's window: so far it smears an edge.
    merge_gap
        Shorter pauses are bridged.
    min_duration
        Shorter contractions are left out.
    spike
        Within this length an artefact has most of its energy.
    """

    half_window: int
    merge_gap: int
    min_duration: int
    spike: int

    @classmethod
    def at(cls, rate_hz: float, half_window: int, merge_gap_ms: float, min_duration_ms: float) -> "EdgeRule":
        """The rule at a sampling rate."""
        return cls(
            half_window=half_window,
            merge_gap=round(merge_gap_ms * rate_hz / 1000.0),
            min_duration=sample_count(min_duration_ms, rate_hz),
            spike=sample_count(_SPIKE_MS, rate_hz),
        )


@dataclass(frozen=True, slots=True)
class Detection:
    """Contractions in the order of time, and how many candidates were turned down."""

    intervals: tuple[Interval, ...]
    artefact_count: int
    too_short_count: int


def detect(
    filtered_uv: Samples, energy: Samples, envelope_uv: Samples, baseline: EmgBaseline, rule: EdgeRule
) -> Detection:
    """Find contractions.

    1. Candidates: stretches above the release threshold that somewhere exceed the threshold (hysteresis).
    2. Edges: the envelope smears a burst by half its window on either side, the more the stronger it is. Each
       edge is therefore sought again in the signal itself, as the most likely change of variance between rest
       and twice its amplitude (Page 1954; Staude & Wolf 1999, Med Eng Phys 21:449).
    3. Candidates with nearly all their energy in 20 ms are artefacts.
    4. Short pauses are bridged, then short contractions left out.

    Parameters
    ----------
    filtered_uv, envelope_uv : arrays of shape (n,), uV
    energy : array of shape (n + 1,), uV^2
        Cumulative energy of the signal.
    baseline
        Rest level and thresholds.
    rule
        Lengths in samples.
    """
    candidates = _candidates(envelope_uv, baseline)
    sharp = _sharpened(candidates, filtered_uv, baseline.noise_rms_uv**2, rule.half_window)
    bursts = [
        edges
        for crossing, edges in zip(candidates, sharp, strict=True)
        if edges.offset > edges.onset and _spike_share(crossing, energy, baseline, rule.spike) < _SPIKE_SHARE
    ]
    merged = merge(bursts, rule.merge_gap)
    lasting = tuple(interval for interval in merged if interval.offset - interval.onset >= rule.min_duration)
    empty = sum(edges.offset <= edges.onset for edges in sharp)
    return Detection(lasting, len(candidates) - len(bursts) - empty, empty + len(merged) - len(lasting))


def merge(intervals: Iterable[Interval], gap: int) -> list[Interval]:
    """Join intervals, in order of time, whose pause is shorter than `gap` samples."""
    merged: list[Interval] = []
    for interval in intervals:
        if merged and interval.onset - merged[-1].offset < gap:
            merged[-1] = Interval(merged[-1].onset, max(merged[-1].offset, interval.offset))
        else:
            merged.append(interval)
    return merged


def energy_share(sums: Samples, interval: Interval, length: int, noise: float = 0.0) -> float:
    """Greatest share of an interval's energy that lies within `length` samples.

    Parameters
    ----------
    sums : array of shape (n + 1,)
        Cumulative energy of the signal.
    noise
        Mean energy of a sample at rest, which is taken off.
    """
    part = sums[interval.onset : interval.offset + 1]
    total = part[-1] - part[0] - noise * (part.size - 1)
    if part.size <= length or not total > 0:
        return 1.0
    best = float(np.max(part[length:] - part[:-length])) - noise * length
    return best / float(total)


def _candidates(envelope_uv: Samples, baseline: EmgBaseline) -> list[Interval]:
    """Stretches above the release threshold, those alone that also exceed the threshold."""
    stretches = runs(envelope_uv > baseline.release_uv)
    above = np.flatnonzero(envelope_uv > baseline.threshold_uv)
    reaches = np.searchsorted(above, stretches)
    found = stretches[reaches[:, 1] > reaches[:, 0]]
    return [Interval(first, last) for first, last in found.tolist()]


def _spike_share(crossing: Interval, sums: Samples, baseline: EmgBaseline, spike: int) -> float:
    return energy_share(sums, crossing, spike, baseline.noise_rms_uv**2)


def _sharpened(candidates: list[Interval], filtered_uv: Samples, noise: float, half_window: int) -> list[Interval]:
    """The edges of each candidate, sought no further than its neighbours."""
    sharp = []
    for at, (first, last) in enumerate(candidates):
        left = candidates[at - 1].offset if at else 0
        right = candidates[at + 1].onset if at + 1 < len(candidates) else filtered_uv.size
        before = slice(max(left, first - half_window), min(last, first + 2 * half_window + 1))
        after = slice(max(first, last - 2 * half_window - 1), min(right, last + half_window))
        onset = before.start + _change(filtered_uv[before], noise)
        offset = after.stop - _change(filtered_uv[after][::-1], noise)
        sharp.append(Interval(onset, offset))
    return sharp


def _change(filtered_uv: Samples, noise: float) -> int:
    """Where activity most likely begins: the sum of the log-likelihood ratios from there on is greatest."""
    gain = np.square(filtered_uv) / (2.0 * noise) * (1.0 - 1.0 / _DESIGN_RATIO**2) - np.log(_DESIGN_RATIO)
    return int(np.argmin(cumulative(gain)))
