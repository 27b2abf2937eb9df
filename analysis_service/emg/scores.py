"""The session's score: how well it went, in percent, of what is known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis_service.emg.channel import EmgChannelFeatures
from analysis_service.emg.params import EmgParams
from analysis_service.emg.reference import EmgCompliance, EmgUnavailableReason
from analysis_service.emg.symmetry import EmgSymmetry

# Each point of perceived exertion beyond the tolerance costs a fifth (ours).
_PERCENT_PER_RPE = 20.0


class ScoredChannel(Protocol):
    """What the score needs to know of a channel."""

    @property
    def label(self) -> str: ...
    @property
    def features(self) -> EmgChannelFeatures: ...
    @property
    def compliance(self) -> EmgCompliance: ...


@dataclass(frozen=True, slots=True)
class EmgScoreComponent:
    """One part of the score.

    Attributes
    ----------
    percent : float, %, or None
        Its value, 0 to 100; None where it is unavailable.
    weight : float
        Its weight among all parts, as asked for.
    applied_weight : float or None
        Its weight among the parts that are available; None where it is not.
    unavailable_reason : EmgUnavailableReason or None
        Why it is unavailable; None when it is not.
    """

    percent: float | None
    weight: float
    applied_weight: float | None
    unavailable_reason: EmgUnavailableReason | None


@dataclass(frozen=True, slots=True)
class EmgScore:
    """The session's score: the weighted mean of the parts that are available. The whole of it is ours.

    Attributes
    ----------
    percent : float, %, or None
        The score, 0 to 100; None for an analysis that is empty or unusable.
    unavailable_reason : EmgUnavailableReason or None
        Why there is no score; None when there is.
    compliance : EmgScoreComponent
        The weighted mean of completion, intensity and duration.
    completion : EmgScoreComponent
        Contractions in percent of those expected, at most 100, averaged over usable channels.
    intensity : EmgScoreComponent
        Contractions of the target intensity in percent of all, averaged over channels with a reference.
    duration : EmgScoreComponent
        Contractions of the target duration in percent of all, averaged over channels with contractions.
    symmetry : EmgScoreComponent
        Symmetry of amplitude and of work, averaged over pairs.
    effort : EmgScoreComponent
        100 within the tolerance around the aimed-at perceived exertion, 20 less a point beyond.
    game : EmgScoreComponent
        The game's score in percent of the highest.
    """

    percent: float | None
    unavailable_reason: EmgUnavailableReason | None
    compliance: EmgScoreComponent
    completion: EmgScoreComponent
    intensity: EmgScoreComponent
    duration: EmgScoreComponent
    symmetry: EmgScoreComponent
    effort: EmgScoreComponent
    game: EmgScoreComponent


Value = tuple[float | None, EmgUnavailableReason | None]
"""A part's value, or why it has none."""


def score(
    channels: Sequence[ScoredChannel], symmetries: Sequence[EmgSymmetry], game_score: str | None, params: EmgParams
) -> EmgScore:
    """Score a session; no signal is needed for it.

    Parameters
    ----------
    channels, symmetries
        All channels and pairs; unusable ones count for nothing.
    game_score
        What the file says; used when the caller says nothing.
    """
    usable = [channel for channel in channels if channel.features.unusable_reason is None]
    completion, intensity, duration = _completion(usable, params), _intensity(usable), _duration(usable)
    inner = _components({"completion": completion, "intensity": intensity, "duration": duration}, params)
    compliance = _total(inner)
    values = {"compliance": compliance, "symmetry": _symmetry(symmetries), "effort": _effort(params)}
    outer = _components({**values, "game": _game(game_score, params)}, params)
    percent, reason = _total(outer)
    empty = _emptiness(usable)
    return EmgScore(
        percent=percent if empty is None else None,
        unavailable_reason=reason if empty is None else empty,
        **inner,
        **outer,
    )


def _components(values: Mapping[str, Value], params: EmgParams) -> dict[str, EmgScoreComponent]:
    """The parts, the weights of the available ones scaled to sum to 1."""
    weights = {name: float(getattr(params, f"weight_{name}")) for name in values}
    available = sum(weights[name] for name, (percent, _) in values.items() if percent is not None)
    return {
        name: EmgScoreComponent(
            percent=percent,
            weight=weights[name],
            applied_weight=None if percent is None or not available > 0 else weights[name] / available,
            unavailable_reason=reason,
        )
        for name, (percent, reason) in values.items()
    }


def _total(components: Mapping[str, EmgScoreComponent]) -> Value:
    shares = [
        part.percent * part.applied_weight
        for part in components.values()
        if part.percent is not None and part.applied_weight is not None
    ]
    return (sum(shares), None) if shares else (None, EmgUnavailableReason.NO_COMPONENT)


def _emptiness(usable: Sequence[ScoredChannel]) -> EmgUnavailableReason | None:
    if not usable:
        return EmgUnavailableReason.NO_USABLE_CHANNEL
    has_any = any(channel.features.contractions for channel in usable)
    return None if has_any else EmgUnavailableReason.NO_CONTRACTION


def _mean(percents: Sequence[float], reason: EmgUnavailableReason) -> Value:
    return (sum(percents) / len(percents), None) if percents else (None, reason)


def _completion(usable: Sequence[ScoredChannel], params: EmgParams) -> Value:
    counts = [(len(channel.features.contractions), params.expected_count_of(channel.label)) for channel in usable]
    percents = [min(100.0, 100.0 * count / expected) for count, expected in counts if expected > 0]
    return _mean(percents, EmgUnavailableReason.NO_EXPECTED_COUNT)


def _intensity(usable: Sequence[ScoredChannel]) -> Value:
    judged = [channel.compliance for channel in usable if channel.compliance.intensity_met_count is not None]
    percents = [100.0 * (one.intensity_met_count or 0) / one.contraction_count for one in judged]
    return _mean(percents, EmgUnavailableReason.NO_REFERENCE)


def _duration(usable: Sequence[ScoredChannel]) -> Value:
    judged = [channel.compliance for channel in usable if channel.compliance.contraction_count]
    percents = [100.0 * one.duration_met_count / one.contraction_count for one in judged]
    return _mean(percents, EmgUnavailableReason.NO_CONTRACTION)


def _symmetry(symmetries: Sequence[EmgSymmetry]) -> Value:
    compared = [
        (pair.amplitude_percent + pair.work_percent) / 2.0
        for pair in symmetries
        if pair.amplitude_percent is not None and pair.work_percent is not None
    ]
    reason = next((pair.unavailable_reason for pair in symmetries), None)
    return _mean(compared, reason or EmgUnavailableReason.NO_PAIR)


def _effort(params: EmgParams) -> Value:
    if not params.rpe > 0:
        return None, EmgUnavailableReason.NO_RPE
    beyond = max(0.0, abs(params.rpe - params.target_rpe) - params.rpe_tolerance)
    return max(0.0, 100.0 - _PERCENT_PER_RPE * beyond), None


def _game(said: str | None, params: EmgParams) -> Value:
    reached = params.game_score if params.game_score >= 0 else _number(said)
    if reached is None or not params.game_score_max > 0:
        return None, EmgUnavailableReason.NO_GAME_SCORE
    return min(100.0, max(0.0, 100.0 * reached / params.game_score_max)), None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None  # a text that is no number is no score
    return value if math.isfinite(value) else None
