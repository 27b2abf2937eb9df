"""Co-contraction: how much of two opposing muscles' activity is in common."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis_service.emg.arrays import Mask, Samples
from analysis_service.emg.channel import EmgChannelFeatures
from analysis_service.emg.reference import EmgUnavailableReason


@dataclass(frozen=True, slots=True)
class EmgCocontraction:
    """Activity that two opposing muscles have in common (Falconer & Winter 1985).

    The index is 200 % times the area under the lower of both RMS envelopes by the sum of the areas under both, while
    either muscle contracts: 0 where they take turns, 100 where they do the same. Each envelope is in percent of its own
    highest value within a contraction, so that the index depends on no reference (ours).

    Attributes
    ----------
    first : str
        Label of one channel.
    second : str
        Label of the other.
    index_percent : float, %, or None
        The index; None where it is unavailable.
    both_active_ms : float, ms, or None
        Time during which both contract; None where the index is unavailable.
    unavailable_reason : EmgUnavailableReason or None
        Why there is no index; None when there is.
    """

    first: str
    second: str
    index_percent: float | None
    both_active_ms: float | None
    unavailable_reason: EmgUnavailableReason | None


class Activity(NamedTuple):
    """A muscle's features and its RMS envelope, shape (n,)."""

    label: str
    features: EmgChannelFeatures
    envelope_uv: Samples


def measure(first: Activity, second: Activity) -> EmgCocontraction:
    """Measure the co-contraction of two channels of one recording, both with contractions."""
    active = [_active(muscle) for muscle in (first, second)]
    either = active[0] | active[1]
    heights = [_normalised(muscle)[either] for muscle in (first, second)]
    return EmgCocontraction(
        first=first.label,
        second=second.label,
        index_percent=float(200.0 * np.minimum(*heights).sum() / (heights[0].sum() + heights[1].sum())),
        both_active_ms=float(np.count_nonzero(active[0] & active[1])) * 1000.0 / first.features.rate_hz,
        unavailable_reason=None,
    )


def unavailable(first: str, second: str, reason: EmgUnavailableReason) -> EmgCocontraction:
    """Two channels of which nothing can be said."""
    return EmgCocontraction(first, second, None, None, reason)


def _active(muscle: Activity) -> Mask:
    active = np.zeros(muscle.envelope_uv.size, dtype=np.bool_)
    per_ms = muscle.features.rate_hz / 1000.0
    for one in muscle.features.contractions:
        active[round(one.onset_ms * per_ms) : round(one.offset_ms * per_ms)] = True
    return active


def _normalised(muscle: Activity) -> Samples:
    return muscle.envelope_uv / max(one.peak_envelope_uv for one in muscle.features.contractions)
