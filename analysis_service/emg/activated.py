"""The cross-check with the recorder's own pre-processed signal: does it see the same contractions?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis_service.emg import detection
from analysis_service.emg.arrays import Mask, Samples, percent, runs
from analysis_service.emg.contractions import EmgContraction
from analysis_service.emg.detection import Interval
from analysis_service.emg.params import EmgParams

# Ours: a tenth of its usual height is activity; its very maximum may be a spike.
_THRESHOLD, _HEIGHT_PERCENTILE = 0.1, 99.0
# Below this the two disagree on more than they agree on (ours).
LEAST_AGREEMENT_PERCENT = 50.0


@dataclass(frozen=True, slots=True)
class EmgActivatedCheck:
    """Contractions found in the raw signal against the activity in the recorder's pre-processed one.

    Attributes
    ----------
    label : str
        Label of the pre-processed channel.
    agreement_percent : float, %, or None
        Time that both call active in percent of the time that either does; None where neither ever does.
    confirmed_count : int
        Contractions during which the pre-processed signal is active too.
    unconfirmed_count : int
        Contractions during which it is not.
    unmatched_count : int
        Its own activities without a contraction.
    """

    label: str
    agreement_percent: float | None
    confirmed_count: int
    unconfirmed_count: int
    unmatched_count: int


@dataclass(frozen=True, slots=True)
class EmgStretch:
    """A stretch of a channel's samples.

    Attributes
    ----------
    first : int
        Index of its first sample.
    last : int
        Index of the first sample behind it.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class EmgActivated:
    """What the recorder's pre-processed signal of a channel shows.

    Attributes
    ----------
    label : str
        Label of the pre-processed channel.
    activities : tuple of EmgStretch
        Its stretches of activity, in the order of time.
    """

    label: str
    activities: tuple[EmgStretch, ...]


def seen(label: str, samples: Samples, rate_hz: float, params: EmgParams) -> EmgActivated:
    """Find the activities of the channel `label`, shape (n,), in any unit.

    They are the stretches above a tenth of the signal's height, by the same gap and duration as contractions.
    """
    height = np.abs(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0))
    above = height > _THRESHOLD * np.percentile(height, _HEIGHT_PERCENTILE)
    merged = detection.merge(
        (Interval(int(a), int(b)) for a, b in runs(above)), round(params.merge_gap_ms * rate_hz / 1e3)
    )
    long = [one for one in merged if (one.offset - one.onset) * 1000.0 / rate_hz >= params.min_duration_ms]
    return EmgActivated(label, tuple(EmgStretch(one.onset, one.offset) for one in long))


def check(
    activated: EmgActivated, contractions: Sequence[EmgContraction], sample_count: int, rate_hz: float
) -> EmgActivatedCheck:
    """Compare contractions with the activities of the pre-processed channel."""
    theirs = _active((Interval(one.first, one.last) for one in activated.activities), sample_count)
    per_ms = rate_hz / 1000.0
    intervals = [Interval(round(one.onset_ms * per_ms), round(one.offset_ms * per_ms)) for one in contractions]
    ours = _active(intervals, sample_count)
    confirmed = sum(bool(theirs[one.onset : one.offset].any()) for one in intervals)
    either = float(np.count_nonzero(ours | theirs))
    return EmgActivatedCheck(
        label=activated.label,
        agreement_percent=percent(float(np.count_nonzero(ours & theirs)), either) if either else None,
        confirmed_count=confirmed,
        unconfirmed_count=len(intervals) - confirmed,
        unmatched_count=sum(not ours[first:last].any() for first, last in runs(theirs)),
    )


def _active(intervals: Iterable[Interval], size: int) -> Mask:
    active = np.zeros(size, dtype=np.bool_)
    for onset, offset in intervals:
        active[onset:offset] = True
    return active
