"""Left against right: how alike the same muscle's activity is on both sides of the body."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis_service.emg.channel import EmgChannelFeatures
from analysis_service.emg.params import EmgChannelPair
from analysis_service.emg.reference import EmgReference, EmgUnavailableReason

# Writers of C3D cut labels at about 30 characters, in different places for "Left" and "Right".
_COMPARED_CHARACTERS = 24
_SIDE = re.compile(r"(?:^|(?<=[^a-z]))(left|right|links|rechts|lt|rt|li|re|l|r)(?=[^a-z]|$)")
_ATTACHED = re.compile(r"^([lr])(?=[a-z])")


class SidedChannel(Protocol):
    """What symmetry needs to know of a channel."""

    @property
    def label(self) -> str: ...
    @property
    def features(self) -> EmgChannelFeatures: ...
    @property
    def reference(self) -> EmgReference: ...


@dataclass(frozen=True, slots=True)
class EmgSymmetry:
    """One muscle's two sides compared, over their contractions.

    Symmetry is 100 (1 - |R - L| / (R + L)) %: 100 for equal sides, 0 where one side does nothing. The index is that of
    Robinson, Herzog & Nigg 1987, 100 (R - L) / (0.5 (R + L)) %: positive where the right side does more, -200 to 200.

    Attributes
    ----------
    left : str
        Label of the left channel.
    right : str
        Label of the right channel.
    is_normalised : bool
        Both sides are in relation to their own maximal contraction; else in microvolts, which the electrodes'
        placement has a part in.
    amplitude_percent : float, %, or None
        Symmetry of amplitude, the mean of the contractions' mean envelopes; None where it is unavailable.
    amplitude_index_percent : float, %, or None
        Index of amplitude; None where it is unavailable.
    work_percent : float, %, or None
        Symmetry of work, the rectified signal's integral over all contractions; None where it is unavailable.
    work_index_percent : float, %, or None
        Index of work; None where it is unavailable.
    unavailable_reason : EmgUnavailableReason or None
        Why the sides could not be compared; None when they were.
    """

    left: str
    right: str
    is_normalised: bool
    amplitude_percent: float | None
    amplitude_index_percent: float | None
    work_percent: float | None
    work_index_percent: float | None
    unavailable_reason: EmgUnavailableReason | None


def pairs_of(labels: Sequence[str], given: Sequence[EmgChannelPair]) -> list[EmgChannelPair]:
    """The caller's pairs, else those of the labels that differ in the side alone."""
    if given:
        return list(given)
    sided: dict[str, dict[str, list[str]]] = {}
    for label in labels:
        if (found := _sided(label)) is not None:
            base, side = found
            sided.setdefault(base, {"l": [], "r": []})[side].append(label)
    both = (sides for sides in sided.values() if len(sides["l"]) == len(sides["r"]) == 1)
    return [EmgChannelPair(sides["l"][0], sides["r"][0]) for sides in both]


def _sided(label: str) -> tuple[str, str] | None:
    """A label without its side, and the side: l or r; None for a label that names none."""
    plain = label.lower()
    found = _SIDE.search(plain) or _ATTACHED.match(plain)
    if found is None:
        return None
    base = re.sub(r"[^a-z0-9]+", " ", plain[: found.start(1)] + " " + plain[found.end(1) :]).strip()
    return base[:_COMPARED_CHARACTERS], found[1][0]


def compare(left: SidedChannel, right: SidedChannel) -> EmgSymmetry:
    """Compare both sides of a muscle. A side that shows no contraction does nothing: that is no symmetry, not none."""
    sides = (left, right)
    is_normalised = all(side.reference.is_maximal_contraction for side in sides)
    reason = _unavailable(sides)
    if reason is not None:
        return EmgSymmetry(left.label, right.label, is_normalised, None, None, None, None, reason)
    amplitudes = [_amplitude(side, is_normalised) for side in sides]
    work = [_work(side, is_normalised) for side in sides]
    return EmgSymmetry(
        left=left.label,
        right=right.label,
        is_normalised=is_normalised,
        amplitude_percent=_symmetry(*amplitudes),
        amplitude_index_percent=_index(*amplitudes),
        work_percent=_symmetry(*work),
        work_index_percent=_index(*work),
        unavailable_reason=None,
    )


def unavailable(pair: EmgChannelPair, reason: EmgUnavailableReason) -> EmgSymmetry:
    """A pair of which nothing can be said."""
    return EmgSymmetry(pair.left, pair.right, False, None, None, None, None, reason)


def _unavailable(sides: Sequence[SidedChannel]) -> EmgUnavailableReason | None:
    if any(side.features.unusable_reason is not None for side in sides):
        return EmgUnavailableReason.CHANNEL_UNUSABLE
    return None if any(side.features.contractions for side in sides) else EmgUnavailableReason.NO_CONTRACTION


def _amplitude(side: SidedChannel, is_normalised: bool) -> float:
    summary = side.features.contraction_summary
    return 0.0 if summary is None else _referred(summary.mean_envelope_uv or 0.0, side, is_normalised)


def _work(side: SidedChannel, is_normalised: bool) -> float:
    active = side.features.active_amplitude
    return 0.0 if active is None else _referred(active.iemg_uv_s, side, is_normalised)


def _referred(value: float, side: SidedChannel, is_normalised: bool) -> float:
    return value / (side.reference.amplitude_uv or 1.0) if is_normalised else value


def _symmetry(left: float, right: float) -> float:
    return 100.0 * (1.0 - abs(right - left) / (right + left))


def _index(left: float, right: float) -> float:
    return 100.0 * (right - left) / (0.5 * (right + left))
