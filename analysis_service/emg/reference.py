"""Normalisation: what a channel's amplitudes are percent of, and which contractions comply."""

from dataclasses import dataclass, replace
from enum import auto

from analysis_service.emg.contractions import EmgContraction
from analysis_service.emg.errors import NameEnum
from analysis_service.emg.params import EmgParams


class EmgReferenceOrigin(NameEnum):
    """Where a reference amplitude comes from."""

    CALLER_CHANNEL = auto()
    CALLER_GLOBAL = auto()
    SESSION_PEAK = auto()
    NONE = auto()
    FILE = auto()


class EmgUnavailableReason(NameEnum):
    """Why a number is not given."""

    NO_REFERENCE = auto()
    NO_CONTRACTION = auto()
    CHANNEL_UNUSABLE = auto()
    NO_USABLE_CHANNEL = auto()
    NO_EXPECTED_COUNT = auto()
    NO_PAIR = auto()
    NO_RPE = auto()
    NO_GAME_SCORE = auto()
    NO_COMPONENT = auto()
    CHANNEL_MISSING = auto()


@dataclass(frozen=True, slots=True)
class EmgReference:
    """What this channel's percentages refer to.

    Attributes
    ----------
    origin : EmgReferenceOrigin
        Where it comes from.
    amplitude_uv : float, uV, or None
        The amplitude that is 100 %; None without contractions and without a reference of the caller or the file.
    """

    origin: EmgReferenceOrigin
    amplitude_uv: float | None

    @property
    def is_maximal_contraction(self) -> bool:
        """Whether the caller or the file vouches for it; the session's own peak is no maximal contraction."""
        return self.origin not in (EmgReferenceOrigin.SESSION_PEAK, EmgReferenceOrigin.NONE)


@dataclass(frozen=True, slots=True)
class EmgCompliance:
    """How many contractions reached the targets.

    Attributes
    ----------
    contraction_count : int
        Contractions judged.
    target_intensity_percent : float, %
        Peak envelope to reach, in percent of the reference.
    target_duration_ms : float, ms
        Duration to reach.
    duration_met_count : int
        Contractions that lasted long enough.
    intensity_met_count : int or None
        Contractions that were strong enough; None without a reference amplitude of the caller or the file.
    both_met_count : int or None
        Contractions that were strong and long enough; None without a reference amplitude of the caller or the file.
    unavailable_reason : EmgUnavailableReason or None
        Why intensity could not be judged; None when it was.
    """

    contraction_count: int
    target_intensity_percent: float
    target_duration_ms: float
    duration_met_count: int
    intensity_met_count: int | None
    both_met_count: int | None
    unavailable_reason: EmgUnavailableReason | None


def choose(
    label: str, contractions: tuple[EmgContraction, ...], params: EmgParams, stored_uv: float | None = None
) -> EmgReference:
    """The caller's value for the channel, else for all, else the file's, else the session's own peak."""
    own = params.reference_of(label)
    if own is not None:
        return EmgReference(EmgReferenceOrigin.CALLER_CHANNEL, own)
    if params.reference_amplitude_uv > 0:
        return EmgReference(EmgReferenceOrigin.CALLER_GLOBAL, params.reference_amplitude_uv)
    if stored_uv is not None:
        return EmgReference(EmgReferenceOrigin.FILE, stored_uv)
    if contractions:
        peak = max(contraction.peak_envelope_uv for contraction in contractions)
        return EmgReference(EmgReferenceOrigin.SESSION_PEAK, peak)
    return EmgReference(EmgReferenceOrigin.NONE, None)


def judge(
    contractions: tuple[EmgContraction, ...], reference: EmgReference, params: EmgParams
) -> tuple[EmgContraction, ...]:
    """Put percentages and verdicts to contractions; no signal is needed for it."""
    return tuple(_judged(contraction, reference, params) for contraction in contractions)


def _judged(contraction: EmgContraction, reference: EmgReference, params: EmgParams) -> EmgContraction:
    meets_duration = contraction.duration_ms >= params.target_duration_ms
    if reference.amplitude_uv is None:
        return replace(contraction, meets_duration=meets_duration)
    peak_percent = 100.0 * contraction.peak_envelope_uv / reference.amplitude_uv
    is_strong = peak_percent >= params.target_intensity_percent
    return replace(
        contraction,
        mean_percent=100.0 * contraction.mean_envelope_uv / reference.amplitude_uv,
        peak_percent=peak_percent,
        meets_intensity=is_strong if reference.is_maximal_contraction else None,
        meets_duration=meets_duration,
    )


def compliance(
    judged: tuple[EmgContraction, ...], reference: EmgReference, is_usable: bool, params: EmgParams
) -> EmgCompliance:
    """Count the contractions that reached the targets; what cannot be judged is None, with the reason."""
    reason = _unavailable(judged, reference, is_usable)
    strong = [contraction for contraction in judged if contraction.meets_intensity]
    return EmgCompliance(
        contraction_count=len(judged),
        target_intensity_percent=params.target_intensity_percent,
        target_duration_ms=params.target_duration_ms,
        duration_met_count=sum(bool(contraction.meets_duration) for contraction in judged),
        intensity_met_count=len(strong) if reason is None else None,
        both_met_count=sum(bool(contraction.meets_duration) for contraction in strong) if reason is None else None,
        unavailable_reason=reason,
    )


def _unavailable(
    judged: tuple[EmgContraction, ...], reference: EmgReference, is_usable: bool
) -> EmgUnavailableReason | None:
    if not is_usable:
        return EmgUnavailableReason.CHANNEL_UNUSABLE
    if not judged:
        return EmgUnavailableReason.NO_CONTRACTION
    return None if reference.is_maximal_contraction else EmgUnavailableReason.NO_REFERENCE
