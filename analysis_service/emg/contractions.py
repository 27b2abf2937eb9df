"""Contractions and what is measured of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import auto

from analysis_service.emg import amplitude, detection, spectrum
from analysis_service.emg.amplitude import EmgAmplitude
from analysis_service.emg.arrays import Mask, Samples, sample_count
from analysis_service.emg.detection import Interval
from analysis_service.emg.errors import NameEnum
from analysis_service.emg.spectrum import EmgSpectrum

# More than half of a contraction's energy within 20 ms: a jolt during it, or instead of it.
_ARTEFACT_MS, _ARTEFACT_SHARE = 20.0, 0.5


class EmgContractionFlag(NameEnum):
    """What to keep in mind about a contraction."""

    AT_START = auto()
    AT_END = auto()
    LONG_HOLD = auto()
    SHORT_FOR_SPECTRUM = auto()
    CLIPPED = auto()
    HAS_GAP = auto()
    ARTEFACT_SUSPECTED = auto()


@dataclass(frozen=True, slots=True)
class EmgContraction:
    """One contraction of one muscle.

    Attributes
    ----------
    onset_ms : float, ms
        Its beginning, from the beginning of the recording.
    offset_ms : float, ms
        Its end, from the beginning of the recording.
    duration_ms : float, ms
        From onset to offset.
    mean_envelope_uv : float, uV
        Mean of the RMS envelope.
    peak_envelope_uv : float, uV
        Highest value of the RMS envelope.
    amplitude : EmgAmplitude
        Of the band-passed signal.
    spectrum : EmgSpectrum or None
        None when it is too short for one.
    flags : tuple of EmgContractionFlag
        What to keep in mind.
    mean_percent : float, %, or None
        Mean envelope in percent of the channel's reference; None without one.
    peak_percent : float, %, or None
        Peak envelope in percent of the channel's reference; None without one.
    meets_intensity : bool or None
        Whether the target of intensity was reached; None without a reference amplitude of the caller
        or the file.
    meets_duration : bool or None
        Whether the target of duration was reached; None before scoring.
    """

    onset_ms: float
    offset_ms: float
    duration_ms: float
    mean_envelope_uv: float
    peak_envelope_uv: float
    amplitude: EmgAmplitude
    spectrum: EmgSpectrum | None
    flags: tuple[EmgContractionFlag, ...]
    mean_percent: float | None = None
    peak_percent: float | None = None
    meets_intensity: bool | None = None
    meets_duration: bool | None = None

    @property
    def middle_s(self) -> float:
        """Half way between onset and offset, in seconds."""
        return (self.onset_ms + self.offset_ms) / 2000.0


@dataclass(frozen=True, slots=True)
class EmgContractionSummary:
    """All contractions of a channel together.

    Attributes
    ----------
    count : int
        Number of contractions.
    total_ms : float, ms
        Time under tension.
    mean_ms : float, ms, or None
        Mean duration; None without contractions.
    min_ms : float, ms, or None
        Shortest duration; None without contractions.
    max_ms : float, ms, or None
        Longest duration; None without contractions.
    mean_envelope_uv : float, uV, or None
        Mean of the contractions' mean envelopes; None without contractions.
    peak_envelope_uv : float, uV, or None
        Highest of the contractions' peak envelopes; None without contractions.
    artefact_count : int
        Candidates rejected as artefacts.
    too_short_count : int
        Candidates left out as too short.
    """

    count: int
    total_ms: float
    mean_ms: float | None
    min_ms: float | None
    max_ms: float | None
    mean_envelope_uv: float | None
    peak_envelope_uv: float | None
    artefact_count: int
    too_short_count: int


@dataclass(frozen=True, slots=True)
class ChannelSignals:
    """A channel's signals, each of shape (n,) but the cumulative energy, from which contractions are measured."""

    filtered_uv: Samples
    energy: Samples
    envelope_uv: Samples
    is_signal: Mask
    is_clipped: Mask
    rate_hz: float


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """How contractions are measured: spectral window and width of an edge in samples, overlap, pass band, long hold."""

    spectrum_length: int
    edge_length: int
    overlap_percent: float
    band_hz: tuple[float, float]
    long_hold_ms: float


def measure(intervals: Sequence[Interval], signals: ChannelSignals, rule: MeasureRule) -> tuple[EmgContraction, ...]:
    """Measure every contraction."""
    return tuple(_contraction(interval, signals, rule) for interval in intervals)


def _contraction(interval: Interval, signals: ChannelSignals, rule: MeasureRule) -> EmgContraction:
    inside = slice(interval.onset, interval.offset)
    per_ms = signals.rate_hz / 1000.0
    filtered, envelope = signals.filtered_uv[inside], signals.envelope_uv[inside]
    return EmgContraction(
        onset_ms=interval.onset / per_ms,
        offset_ms=interval.offset / per_ms,
        duration_ms=(interval.offset - interval.onset) / per_ms,
        mean_envelope_uv=float(envelope.mean()),
        peak_envelope_uv=float(envelope.max()),
        amplitude=amplitude.measure(filtered, signals.rate_hz),
        spectrum=spectrum.measure(filtered, signals.rate_hz, rule.spectrum_length, rule.overlap_percent, rule.band_hz),
        flags=tuple(_flags(interval, signals, rule)),
    )


def _flags(interval: Interval, signals: ChannelSignals, rule: MeasureRule) -> list[EmgContractionFlag]:
    inside = slice(interval.onset, interval.offset)
    size = interval.offset - interval.onset
    spike = sample_count(_ARTEFACT_MS, signals.rate_hz)
    conditions = (
        (EmgContractionFlag.AT_START, interval.onset <= rule.edge_length),
        (EmgContractionFlag.AT_END, interval.offset >= signals.filtered_uv.size - rule.edge_length),
        (EmgContractionFlag.LONG_HOLD, size * 1000.0 / signals.rate_hz > rule.long_hold_ms),
        (EmgContractionFlag.SHORT_FOR_SPECTRUM, size < rule.spectrum_length),
        (EmgContractionFlag.CLIPPED, bool(signals.is_clipped[inside].any())),
        (EmgContractionFlag.HAS_GAP, not signals.is_signal[inside].all()),
        (
            EmgContractionFlag.ARTEFACT_SUSPECTED,
            detection.energy_share(signals.energy, interval, spike) > _ARTEFACT_SHARE,
        ),
    )
    return [flag for flag, holds in conditions if holds]


def summarise(
    contractions: Sequence[EmgContraction], artefact_count: int, too_short_count: int
) -> EmgContractionSummary:
    """Put all contractions of a channel together."""
    durations = [contraction.duration_ms for contraction in contractions]
    means = [contraction.mean_envelope_uv for contraction in contractions]
    return EmgContractionSummary(
        count=len(contractions),
        total_ms=sum(durations),
        mean_ms=sum(durations) / len(durations) if durations else None,
        min_ms=min(durations, default=None),
        max_ms=max(durations, default=None),
        mean_envelope_uv=sum(means) / len(means) if means else None,
        peak_envelope_uv=max((contraction.peak_envelope_uv for contraction in contractions), default=None),
        artefact_count=artefact_count,
        too_short_count=too_short_count,
    )
