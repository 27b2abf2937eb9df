"""One channel, from microvolts to features: everything that depends on its samples and parameters alone."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis_service.emg import (
    amplitude,
    baseline,
    contractions,
    detection,
    envelope,
    fatigue,
    filters,
    mains,
    quality,
    series,
    teager,
)
from analysis_service.emg.amplitude import EmgAmplitude
from analysis_service.emg.arrays import Mask, Samples, cumulative, sample_count
from analysis_service.emg.baseline import EmgBaseline
from analysis_service.emg.contractions import ChannelSignals, EmgContraction, EmgContractionSummary
from analysis_service.emg.detection import Detection
from analysis_service.emg.fatigue import EmgFatigue
from analysis_service.emg.filters import EmgFilter
from analysis_service.emg.findings import EmgFinding, EmgFindingCode, EmgSeverity, readable
from analysis_service.emg.mains import EmgMains
from analysis_service.emg.params import EmgOnsetMethod, EmgParams
from analysis_service.emg.quality import RawQuality
from analysis_service.emg.series import EmgSeries

# Limits of the findings. A tenth of the power in mains lines moves spectral measures by several Hz, and with
# nine tenths the electrode hung in the air; 10 uV of rest is three times a good amplifier's noise; onsets are
# verified down to 12 dB.
_MAINS_PERCENT = 10.0
_ONLY_MAINS_PERCENT = 90.0
_NOISE_UV = 10.0
_SNR_DB = 12.0
# Below four fifths of the band that is wanted, amplitudes are visibly too low (ours).
_LEAST_SHARE_OF_BAND = 0.8
_WANTED_HZ = 450.0


@dataclass(frozen=True, slots=True)
class EmgQuality:
    """Quality of a channel in numbers; the findings say which of them matter.

    Attributes
    ----------
    non_finite_percent : float, %
        Samples that are not numbers, or absurdly large.
    flat_percent : float, %
        Time during which the value does not change for 100 ms or more.
    clipping_percent : float, %
        Samples at the converter's rail.
    offset_uv : float, uV
        Mean of the raw signal.
    drift_uv : float, uV
        Range of the raw signal's one-second means.
    mains : EmgMains
        Mains interference.
    noise_uv : float, uV, or None
        RMS of the band-passed signal at rest; None for an unusable channel.
    snr_db : float, dB, or None
        RMS during contractions by RMS at rest; None without contractions.
    """

    non_finite_percent: float
    flat_percent: float
    clipping_percent: float
    offset_uv: float
    drift_uv: float
    mains: EmgMains
    noise_uv: float | None
    snr_db: float | None


@dataclass(frozen=True, slots=True)
class EmgChannelFeatures:
    """All that follows from one channel's samples, its sampling rate and the parameters of the signal path.

    Attributes
    ----------
    sample_count : int
        Samples of the channel.
    rate_hz : float, Hz
        Sampling rate that was used.
    unusable_reason : EmgFindingCode or None
        Why nothing could be derived from the signal; None for a usable channel.
    quality : EmgQuality
        Quality in numbers.
    findings : tuple of EmgFinding
        What is worth knowing.
    filter : EmgFilter or None
        The band-pass filter; None for an unusable channel.
    baseline : EmgBaseline or None
        Rest level and thresholds; None for an unusable channel.
    amplitude : EmgAmplitude or None
        Over the whole channel; None for an unusable channel.
    active_amplitude : EmgAmplitude or None
        Over contractions only; None without any.
    contractions : tuple of EmgContraction
        In the order of time.
    contraction_summary : EmgContractionSummary or None
        All contractions together; None for an unusable channel.
    fatigue : EmgFatigue or None
        Trends over contractions; None for an unusable channel.
    series : EmgSeries or None
        Measures in windows; None for an unusable channel or fewer than three windows.
    onset_baseline : EmgBaseline or None
        Rest level and thresholds of the square root of the Teager-Kaiser energy, by which contractions were found;
        None unless that is the onset method.
    """

    sample_count: int
    rate_hz: float
    unusable_reason: EmgFindingCode | None
    quality: EmgQuality
    findings: tuple[EmgFinding, ...]
    filter: EmgFilter | None = None
    baseline: EmgBaseline | None = None
    amplitude: EmgAmplitude | None = None
    active_amplitude: EmgAmplitude | None = None
    contractions: tuple[EmgContraction, ...] = ()
    contraction_summary: EmgContractionSummary | None = None
    fatigue: EmgFatigue | None = None
    series: EmgSeries | None = None
    onset_baseline: EmgBaseline | None = None


@dataclass(frozen=True, slots=True)
class OnsetTrace:
    """The signal by which contractions are found, its cumulative energy, its envelope and its rest level."""

    signal: Samples
    energy: Samples
    envelope: Samples
    baseline: EmgBaseline


@dataclass(frozen=True, slots=True)
class ChannelTrace:
    """The signals behind a channel's features, of shape (n,) but the cumulative energy; never part of a result."""

    rate_hz: float
    raw: RawQuality
    filter: EmgFilter
    filtered_uv: Samples
    energy: Samples
    envelope_uv: Samples
    baseline: EmgBaseline | None


class Hum(NamedTuple):
    """The finely resolved spectrum of a raw channel, and the mains lines in it."""

    whole: tuple[Samples, Samples]
    found: EmgMains


def analyse_channel(samples_uv: Samples, rate_hz: float, params: EmgParams) -> EmgChannelFeatures:
    """Analyse one channel.

    Parameters
    ----------
    samples_uv : array of shape (n,), uV
        The raw signal; may hold non-finite values. It is not changed.
    rate_hz
        Sampling rate in Hz.
    params
        Only parameters of scope SIGNAL have an effect.
    """
    raw = quality.examine(samples_uv, rate_hz)
    band = (params.low_cut_hz, params.high_cut_hz)
    whole = mains.density(raw.repaired_uv, rate_hz)
    hum = mains.survey(whole, band)
    filter_ = filters.design(rate_hz, *band, params.filter_order, params.notch_hz)
    findings = [*raw.findings, *_rate_findings(filter_, rate_hz, params), *_raw_findings(raw, hum, params.notch_hz)]
    trace = None if filter_ is None or _is_unusable(findings) else _trace(raw, rate_hz, filter_, params)
    if trace is not None and trace.baseline is None:
        text = "No quarter of a second of this channel is without gaps and flat lines: its rest cannot be measured."
        findings.append(EmgFinding(EmgFindingCode.NO_REST, EmgSeverity.UNUSABLE, text))
    if trace is None or trace.baseline is None:
        return EmgChannelFeatures(
            sample_count=samples_uv.size,
            rate_hz=rate_hz,
            unusable_reason=next(f.code for f in findings if f.severity is EmgSeverity.UNUSABLE),
            quality=_quality(raw, hum, None, None),
            findings=tuple(findings),
        )
    return _features(trace, trace.baseline, Hum(whole, hum), findings, params)


def trace_channel(samples_uv: Samples, rate_hz: float, params: EmgParams) -> ChannelTrace | None:
    """The filtered signal, envelope and thresholds of a channel; None when the rate leaves no pass band."""
    filter_ = filters.design(rate_hz, params.low_cut_hz, params.high_cut_hz, params.filter_order, params.notch_hz)
    return None if filter_ is None else _trace(quality.examine(samples_uv, rate_hz), rate_hz, filter_, params)


def _trace(raw: RawQuality, rate_hz: float, filter_: EmgFilter, params: EmgParams) -> ChannelTrace:
    filtered = filters.apply(raw.repaired_uv, rate_hz, filter_)
    energy = cumulative(np.square(filtered))
    smooth = envelope.of_energy(energy, _half_window(rate_hz, params))
    rest = _rest(filtered, smooth, raw.is_signal, rate_hz, filter_, params)
    return ChannelTrace(rate_hz, raw, filter_, filtered, energy, smooth, rest)


def _rest(
    samples: Samples, smooth: Samples, is_signal: Mask, rate_hz: float, filter_: EmgFilter, params: EmgParams
) -> EmgBaseline | None:
    return baseline.estimate(
        samples,
        smooth,
        is_signal,
        rate_hz=rate_hz,
        bandwidth_hz=filter_.high_cut_hz - filter_.low_cut_hz,
        half_window=_half_window(rate_hz, params),
        rule=baseline.ThresholdRule(params.threshold_k, params.release_percent),
    )


def _onset_trace(trace: ChannelTrace, rest: EmgBaseline, params: EmgParams) -> OnsetTrace:
    if params.onset_method == EmgOnsetMethod.ENVELOPE:
        return OnsetTrace(trace.filtered_uv, trace.energy, trace.envelope_uv, rest)
    sharp = teager.amplitude(trace.filtered_uv)
    energy = cumulative(np.square(sharp))
    smooth = envelope.of_energy(energy, _half_window(trace.rate_hz, params))
    level = _rest(sharp, smooth, trace.raw.is_signal, trace.rate_hz, trace.filter, params)
    return OnsetTrace(sharp, energy, smooth, level or rest)


def _features(
    trace: ChannelTrace, rest: EmgBaseline, hum: Hum, findings: list[EmgFinding], params: EmgParams
) -> EmgChannelFeatures:
    """The features of a usable channel."""
    rate_hz, filtered = trace.rate_hz, trace.filtered_uv
    edges = detection.EdgeRule.at(rate_hz, _half_window(rate_hz, params), params.merge_gap_ms, params.min_duration_ms)
    onset = _onset_trace(trace, rest, params)
    found = detection.detect(onset.signal, onset.energy, onset.envelope, onset.baseline, edges)
    measured = _measured(found, trace, params)
    is_active = _active(found, filtered.size)
    active = filtered[is_active]
    active_amplitude = amplitude.measure(active, rate_hz) if active.size else None
    snr = _snr_db(active_amplitude, rest)
    window = sample_count(params.series_window_ms, rate_hz)
    return EmgChannelFeatures(
        sample_count=filtered.size,
        rate_hz=rate_hz,
        unusable_reason=None,
        quality=_quality(trace.raw, _clearer(hum, trace, is_active), rest.noise_rms_uv, snr),
        findings=(*findings, *_rest_findings(rest, snr), *_detection_findings(found)),
        filter=trace.filter,
        baseline=rest,
        amplitude=amplitude.measure(filtered, rate_hz),
        active_amplitude=active_amplitude,
        contractions=measured,
        contraction_summary=contractions.summarise(measured, found.artefact_count, found.too_short_count),
        fatigue=_fatigue(measured),
        series=series.measure(filtered, rate_hz, window, params.overlap_percent, _band(trace)),
        onset_baseline=None if params.onset_method == EmgOnsetMethod.ENVELOPE else onset.baseline,
    )


def _measured(found: Detection, trace: ChannelTrace, params: EmgParams) -> tuple[EmgContraction, ...]:
    raw = trace.raw
    signals = ChannelSignals(
        trace.filtered_uv, trace.energy, trace.envelope_uv, raw.is_signal, raw.is_clipped, trace.rate_hz
    )
    length = sample_count(params.spectrum_window_ms, trace.rate_hz)
    edge = _half_window(trace.rate_hz, params)
    rule = contractions.MeasureRule(length, edge, params.overlap_percent, _band(trace), params.long_hold_ms)
    return contractions.measure(found.intervals, signals, rule)


def _band(trace: ChannelTrace) -> tuple[float, float]:
    return trace.filter.low_cut_hz, trace.filter.high_cut_hz


def _half_window(rate_hz: float, params: EmgParams) -> int:
    return max(1, sample_count(params.envelope_window_ms, rate_hz) // 2)


def _active(found: Detection, size: int) -> Mask:
    active = np.zeros(size, dtype=np.bool_)
    for onset, offset in found.intervals:
        active[onset:offset] = True
    return active


def _clearer(hum: Hum, trace: ChannelTrace, is_active: Mask) -> EmgMains:
    """The mains lines of the whole, or those of rest where activity hid some."""
    if not is_active.any():
        return hum.found
    is_rest = trace.raw.is_signal & ~is_active
    at_rest = mains.survey_rest(trace.raw.repaired_uv, trace.rate_hz, hum.whole, _band(trace), is_rest)
    return at_rest if len(at_rest.lines) > len(hum.found.lines) else hum.found


def _snr_db(active: EmgAmplitude | None, rest: EmgBaseline) -> float | None:
    if active is None:
        return None
    return 20.0 * float(np.log10(active.rms_uv / rest.noise_rms_uv))


def _fatigue(measured: tuple[EmgContraction, ...]) -> EmgFatigue:
    with_spectrum = [(c.middle_s, c.spectrum) for c in measured if c.spectrum is not None]
    times = [time for time, _ in with_spectrum]
    spectra = [spectrum for _, spectrum in with_spectrum]
    return EmgFatigue(
        median_frequency_hz=fatigue.trend(times, [spectrum.median_frequency_hz for spectrum in spectra]),
        mean_frequency_hz=fatigue.trend(times, [spectrum.mean_frequency_hz for spectrum in spectra]),
        rms_uv=fatigue.trend([c.middle_s for c in measured], [c.amplitude.rms_uv for c in measured]),
        fi_nsm5=fatigue.trend(times, [spectrum.fi_nsm5 for spectrum in spectra]),
    )


def _quality(raw: RawQuality, hum: EmgMains, noise_uv: float | None, snr_db: float | None) -> EmgQuality:
    return EmgQuality(
        non_finite_percent=raw.non_finite_percent,
        flat_percent=raw.flat_percent,
        clipping_percent=raw.clipping_percent,
        offset_uv=raw.offset_uv,
        drift_uv=raw.drift_uv,
        mains=hum,
        noise_uv=noise_uv,
        snr_db=snr_db,
    )


def _is_unusable(findings: list[EmgFinding]) -> bool:
    return any(finding.severity is EmgSeverity.UNUSABLE for finding in findings)


def _rate_findings(filter_: EmgFilter | None, rate_hz: float, params: EmgParams) -> list[EmgFinding]:
    """Whether the sampling rate, and not the caller, cuts the band."""
    if filter_ is None:
        text = f"Sampled {rate_hz:g} times a second, this channel holds too little of muscle activity to measure it."
        return [EmgFinding(EmgFindingCode.RATE_TOO_LOW, EmgSeverity.UNUSABLE, text)]
    if filter_.high_cut_hz < _LEAST_SHARE_OF_BAND * min(params.high_cut_hz, _WANTED_HZ):
        text = f"Sampled only {rate_hz:g} times a second: activity above {filter_.high_cut_hz:.0f} Hz is missing, so "
        text += "amplitudes are too low."
        return [EmgFinding(EmgFindingCode.RATE_TOO_LOW, EmgSeverity.WARNING, text)]
    return []


def _raw_findings(raw: RawQuality, hum: EmgMains, notch_hz: float) -> list[EmgFinding]:
    found = []
    if hum.power_percent > _MAINS_PERCENT:
        is_all = hum.power_percent > _ONLY_MAINS_PERCENT and notch_hz == 0
        severity = EmgSeverity.UNUSABLE if is_all else EmgSeverity.WARNING
        text = f"Hum from the mains ({hum.nominal_hz:g} Hz) makes up {hum.power_percent:.0f} % of the signal's power: "
        text += (
            "the electrode was most likely not attached." if is_all else "read amplitudes and frequencies with care."
        )
        found.append(EmgFinding(EmgFindingCode.MAINS_INTERFERENCE, severity, text))
    if raw.drift_uv > 2.0 * raw.spread_uv > 0:
        text = f"The zero line wanders by {readable(raw.drift_uv)} µV (filtered out): most likely a loose electrode or "
        text += "a moving cable."
        found.append(EmgFinding(EmgFindingCode.BASELINE_DRIFT, EmgSeverity.INFO, text))
    return found


def _rest_findings(rest: EmgBaseline, snr_db: float | None) -> list[EmgFinding]:
    found = []
    if rest.noise_rms_uv > _NOISE_UV:
        text = (
            f"Even at its quietest this channel shows {rest.noise_rms_uv:.1f} µV: the muscle was not relaxed, or the "
        )
        text += "electrode picks up noise."
        found.append(EmgFinding(EmgFindingCode.BASELINE_NOISE, EmgSeverity.WARNING, text))
    if snr_db is not None and snr_db < _SNR_DB:
        text = f"Contractions are only {10 ** (snr_db / 20):.1f} times as strong as rest: their number and times are "
        text += "uncertain."
        found.append(EmgFinding(EmgFindingCode.LOW_SNR, EmgSeverity.WARNING, text))
    return found


def _detection_findings(found: Detection) -> list[EmgFinding]:
    findings = []
    if not found.intervals:
        text = "No contraction was found: the signal never rises clearly above rest."
        findings.append(EmgFinding(EmgFindingCode.NO_CONTRACTION, EmgSeverity.INFO, text))
    if found.artefact_count:
        spikes = "1 brief spike was" if found.artefact_count == 1 else f"{found.artefact_count} brief spikes were"
        text = f"{spikes} ignored: most likely a knocked cable or electrode."
        findings.append(EmgFinding(EmgFindingCode.ARTEFACT_REJECTED, EmgSeverity.INFO, text))
    return findings
