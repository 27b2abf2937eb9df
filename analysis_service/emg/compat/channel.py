"""One channel of the `compat` profile, under the field names of the earlier analyzer's JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import auto
from typing import Any

import numpy as np

from analysis_service.emg.arrays import Samples
from analysis_service.emg.compat import contractions, metrics
from analysis_service.emg.compat.contractions import EmgCompatContraction, Thresholds
from analysis_service.emg.compat.envelope import HIGH_PASS_HZ, envelope
from analysis_service.emg.compat.metrics import EmgCompatStats
from analysis_service.emg.errors import NameEnum
from analysis_service.emg.params import EmgParams

# Beyond this, squares and moments leave the range of a double.
_ABSURD = 1e100
_PERCENTILE = 95.0


class EmgCompatRejection(NameEnum):
    """Profile COMPAT: why nothing was computed of a channel."""

    NOT_FINITE = auto()
    NO_VARIATION = auto()
    RATE_TOO_LOW = auto()


@dataclass(frozen=True, slots=True)
class EmgCompatChannel:
    """Profile COMPAT: one channel, under the earlier analyzer's names. All numbers are absent for a rejected channel.

    Attributes
    ----------
    label : str
        Base name: CH1 for CH1 Raw.
    raw_label : str
        Label of the channel that was measured.
    activated_label : str or None
        Label of the channel that contractions were timed by; None when that was the envelope.
    rejection_reason : EmgCompatRejection or None
        Why nothing was computed; None when it was.
    contraction_count : int or None
        Number of contractions.
    avg_duration_ms : float, ms, or None
        Mean duration, 0 without contractions.
    min_duration_ms : float, ms, or None
        Shortest duration, 0 without contractions.
    max_duration_ms : float, ms, or None
        Longest duration, 0 without contractions.
    total_time_under_tension_ms : float, ms, or None
        Sum of the durations.
    avg_amplitude : float, V, or None
        Mean of the contractions' mean amplitudes, 0 without contractions.
    max_amplitude : float, V, or None
        Greatest of the contractions' maxima, 0 without contractions.
    rms : float, V, or None
        Root mean square of the raw samples.
    mav : float, V, or None
        Mean absolute value of the raw samples.
    mpf : float, Hz, or None
        Mean power frequency; None, like the two below, where the spectrum has no power.
    mdf : float, Hz, or None
        Median frequency: that of a bin.
    fatigue_index_fi_nsm5 : float, s^6, or None
        Spectral moment of order -1 by that of order 5, over all bins above zero.
    contractions : tuple of EmgCompatContraction
        In the order of time.
    good_contraction_count : int or None
        Contractions that were strong and long enough.
    mvc_compliant_count : int or None
        Contractions that were strong enough.
    duration_compliant_count : int or None
        Contractions that were long enough.
    compliance_rate : float or None
        Good contractions by all, 0 to 1; 0 without contractions.
    mvc75_threshold : float, V, or None
        Amplitude to reach.
    duration_threshold_actual_value : float, ms, or None
        Duration to reach.
    rms_temporal_stats : EmgCompatStats or None
        Of the root mean square, V.
    mav_temporal_stats : EmgCompatStats or None
        Of the mean absolute value, V.
    mpf_temporal_stats : EmgCompatStats or None
        Of the mean power frequency, Hz.
    mdf_temporal_stats : EmgCompatStats or None
        Of the median frequency, Hz.
    fatigue_index_temporal_stats : EmgCompatStats or None
        Of the fatigue index, s^6.
    """

    label: str
    raw_label: str
    activated_label: str | None
    rejection_reason: EmgCompatRejection | None = None
    contraction_count: int | None = None
    avg_duration_ms: float | None = None
    min_duration_ms: float | None = None
    max_duration_ms: float | None = None
    total_time_under_tension_ms: float | None = None
    avg_amplitude: float | None = None
    max_amplitude: float | None = None
    rms: float | None = None
    mav: float | None = None
    mpf: float | None = None
    mdf: float | None = None
    fatigue_index_fi_nsm5: float | None = None
    contractions: tuple[EmgCompatContraction, ...] = ()
    good_contraction_count: int | None = None
    mvc_compliant_count: int | None = None
    duration_compliant_count: int | None = None
    compliance_rate: float | None = None
    mvc75_threshold: float | None = None
    duration_threshold_actual_value: float | None = None
    rms_temporal_stats: EmgCompatStats | None = None
    mav_temporal_stats: EmgCompatStats | None = None
    mpf_temporal_stats: EmgCompatStats | None = None
    mdf_temporal_stats: EmgCompatStats | None = None
    fatigue_index_temporal_stats: EmgCompatStats | None = None


@dataclass(frozen=True, slots=True)
class CompatSignals:
    """A base channel's signals, each of shape (n,) and in the file's unit; `activated` is None where there is none."""

    label: str
    raw_label: str
    activated_label: str | None
    raw: Samples
    activated: Samples | None


def analyse(signals: CompatSignals, rate_hz: float, params: EmgParams) -> EmgCompatChannel:
    """Analyse a base channel."""
    named = EmgCompatChannel(signals.label, signals.raw_label, signals.activated_label, _rejection(signals, rate_hz))
    if named.rejection_reason is not None:
        return named
    smooth = envelope(signals.raw, rate_hz)
    limits = thresholds(signals, smooth, params)
    spans = contractions.find(smooth, signals.activated, rate_hz)
    judged = tuple(contractions.judge(span, smooth, rate_hz, limits) for span in spans)
    return replace(
        named,
        contractions=judged,
        mvc75_threshold=limits.amplitude,
        duration_threshold_actual_value=limits.duration_ms,
        **_spectral(signals.raw, rate_hz),
        **_summary(judged),
    )


def thresholds(signals: CompatSignals, smooth: Samples, params: EmgParams) -> Thresholds:
    """What this channel's contractions have to reach: its own values, else the session's, else its envelope's."""
    mvc = _own(params.compat_mvc_values, signals, "amplitude_v")
    if mvc is None:
        mvc = params.compat_mvc_v or float(np.percentile(smooth, _PERCENTILE))
    percent = _own(params.compat_mvc_percents, signals, "percent")
    duration = _own(params.compat_durations, signals, "duration_ms")
    return Thresholds(
        amplitude=mvc * (params.compat_mvc_percent if percent is None else percent) / 100,
        duration_ms=params.compat_duration_ms if duration is None else duration,
    )


def _own(items: Sequence[object], signals: CompatSignals, attribute: str) -> float | None:
    """The value given for a channel, by base name or else by its label in the file."""
    given: dict[str, float] = {getattr(item, "label", ""): getattr(item, attribute) for item in items}
    return given.get(signals.label, given.get(signals.raw_label))


def _rejection(signals: CompatSignals, rate_hz: float) -> EmgCompatRejection | None:
    if rate_hz <= 2 * HIGH_PASS_HZ:
        return EmgCompatRejection.RATE_TOO_LOW
    present = (signals.raw,) if signals.activated is None else (signals.raw, signals.activated)
    if not all(np.all(np.abs(samples) < _ABSURD) for samples in present):
        return EmgCompatRejection.NOT_FINITE
    return EmgCompatRejection.NO_VARIATION if np.std(signals.raw) < metrics.LEAST_SD else None


def _spectral(raw: Samples, rate_hz: float) -> dict[str, Any]:
    whole = metrics.measure(raw[np.newaxis], rate_hz)
    rms, mav, mpf, mdf, fatigue_index = metrics.windowed(raw, rate_hz)
    return {
        "rms": float(whole.rms[0]),
        "mav": float(whole.mav[0]),
        "mpf": _finite(whole.mpf[0]),
        "mdf": _finite(whole.mdf[0]),
        "fatigue_index_fi_nsm5": _finite(whole.fatigue_index[0]),
        "rms_temporal_stats": rms,
        "mav_temporal_stats": mav,
        "mpf_temporal_stats": mpf,
        "mdf_temporal_stats": mdf,
        "fatigue_index_temporal_stats": fatigue_index,
    }


def _finite(value: float) -> float | None:
    """The number, None where there is none: no power in any segment."""
    return float(value) if np.isfinite(value) else None


def _summary(judged: tuple[EmgCompatContraction, ...]) -> dict[str, Any]:
    durations = [one.duration_ms for one in judged]
    good = sum(one.is_good for one in judged)
    return {
        "contraction_count": len(judged),
        "avg_duration_ms": float(np.mean(durations)) if judged else 0.0,
        "min_duration_ms": min(durations, default=0.0),
        "max_duration_ms": max(durations, default=0.0),
        "total_time_under_tension_ms": float(np.sum(durations)),
        "avg_amplitude": float(np.mean([one.mean_amplitude for one in judged])) if judged else 0.0,
        "max_amplitude": max((one.max_amplitude for one in judged), default=0.0),
        "good_contraction_count": good,
        "mvc_compliant_count": sum(one.meets_mvc for one in judged),
        "duration_compliant_count": sum(one.meets_duration for one in judged),
        "compliance_rate": good / len(judged) if judged else 0.0,
    }
