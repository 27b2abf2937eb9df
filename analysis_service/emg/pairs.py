"""Pairs of channels: the two sides of a muscle, and muscles that oppose each other."""

from collections.abc import Callable, Mapping, Sequence

from analysis_service.emg import cocontraction, symmetry
from analysis_service.emg.channel import EmgChannelFeatures
from analysis_service.emg.cocontraction import Activity, EmgCocontraction
from analysis_service.emg.params import EmgAntagonists, EmgParams
from analysis_service.emg.reference import EmgUnavailableReason
from analysis_service.emg.symmetry import EmgSymmetry, SidedChannel


def compare_sides(analysed: Sequence[SidedChannel], params: EmgParams) -> tuple[EmgSymmetry, ...]:
    """Compare the left and right channel of every pair: no signal is touched."""
    sided = {channel.label: channel for channel in analysed}
    return tuple(
        symmetry.compare(sided[pair.left], sided[pair.right])
        if pair.left in sided and pair.right in sided
        else symmetry.unavailable(pair, EmgUnavailableReason.CHANNEL_MISSING)
        for pair in symmetry.pairs_of(list(sided), params.pairs)
    )


def compare_antagonists(
    features: Mapping[str, EmgChannelFeatures], activity_of: Callable[[str], Activity | None], params: EmgParams
) -> tuple[EmgCocontraction, ...]:
    """Compare the opposing muscles that are asked for.

    Parameters
    ----------
    features
        Of every channel that was analysed, by label.
    activity_of
        A channel with its envelope; called for channels with contractions only.
    """
    return tuple(_antagonists(pair, features, activity_of) for pair in params.antagonists)


def _antagonists(
    pair: EmgAntagonists, features: Mapping[str, EmgChannelFeatures], activity_of: Callable[[str], Activity | None]
) -> EmgCocontraction:
    labels = (pair.first, pair.second)
    reason = _unavailable([features.get(label) for label in labels])
    muscles = [activity_of(label) for label in labels] if reason is None else [None, None]
    if muscles[0] is None or muscles[1] is None:
        return cocontraction.unavailable(*labels, reason or EmgUnavailableReason.CHANNEL_UNUSABLE)
    return cocontraction.measure(muscles[0], muscles[1])


def _unavailable(features: Sequence[EmgChannelFeatures | None]) -> EmgUnavailableReason | None:
    present = [one for one in features if one is not None]
    if len(present) < len(features):
        return EmgUnavailableReason.CHANNEL_MISSING
    if any(one.unusable_reason is not None for one in present):
        return EmgUnavailableReason.CHANNEL_UNUSABLE
    return None if all(one.contractions for one in present) else EmgUnavailableReason.NO_CONTRACTION
