"""A session: every EMG channel of a recording analysed and put in relation to its reference."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from analysis_service.emg import (
    activated,
    channels,
    file_parameters,
    mains,
    outline,
    pairs,
    provenance,
    quality,
    rate,
    reference,
    scores,
    units,
)
from analysis_service.emg.arrays import Samples
from analysis_service.emg.c3d.recording import AnalogChannel, Recording
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel, trace_channel
from analysis_service.emg.channels import Selection
from analysis_service.emg.cocontraction import Activity, EmgCocontraction
from analysis_service.emg.compat import session as compat_session
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgFindingCode, EmgWarning, EmgWarningCode
from analysis_service.emg.mains import EmgMains
from analysis_service.emg.outline import EmgOutline, EmgOutlineChannel
from analysis_service.emg.params import EmgParams, EmgProfile, EmgRateSource
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.emg.result import EmgChannel, EmgRecording, EmgSession

Progress = Callable[[str, float], None]
"""Called with the name of the stage and the share of the whole work that is done, 0 to 1."""

# Four rest windows, and room for a contraction.
MIN_DURATION_S = 2.0
# An hour at 2 kHz; 8 bytes a sample and some ten working copies stay within a worker's memory.
MAX_SAMPLES = 8_000_000


def _ignore(_stage: str, _fraction: float) -> None:
    """The progress nobody asked for."""


def analyse(
    recording: Recording,
    params: EmgParams,
    progress: Progress = _ignore,
    *,
    content_sha256: str | None = None,
) -> EmgSession:
    """Analyse every EMG channel of a recording.

    Parameters
    ----------
    recording
        From :func:`analysis_service.emg.c3d.read`.
    params
        They are validated first.
    progress
        Called as the work goes on.
    content_sha256
        Digest of the recording's bytes, for the provenance.

    Raises
    ------
    InputError
        PARAMETER_INVALID, FILE_NO_EMG, FILE_TOO_SHORT, FILE_LIMIT_EXCEEDED or FILE_VALUES_INVALID.
    """
    params.validate()
    if params.profile == EmgProfile.COMPAT:
        return _analyse_compat(recording, params, progress, content_sha256)
    selection = select(recording, params)
    features, checked = _features(recording, selection, params, progress)
    drawn = outline.draw(recording, selection, params, checked.used_hz)
    return put_together(drawn, features, checked, params, recording=recording, content_sha256=content_sha256)


def select(recording: Recording, params: EmgParams) -> Selection:
    """Choose the channels to analyse by the profile STANDARD; each is a piece that can be computed by itself.

    Raises
    ------
    InputError
        PARAMETER_INVALID, FILE_NO_EMG, FILE_TOO_SHORT or FILE_LIMIT_EXCEEDED.
    """
    selection = channels.choose(recording.channels, params.channels)
    _check_length(recording)
    return selection


def check_rate(declared_hz: float, features: Sequence[EmgChannelFeatures], params: EmgParams) -> EmgRateCheck:
    """What all channels' features at the declared rate say of it. Where another is used, they are computed anew."""
    return rate.check(declared_hz, [found.quality.mains for found in features], params.rate_source)


def put_together(
    drawn: EmgOutline,
    features: Sequence[EmgChannelFeatures],
    checked: EmgRateCheck,
    params: EmgParams,
    *,
    recording: Recording | None = None,
    content_sha256: str | None = None,
) -> EmgSession:
    """The session's result from its outline and the features of its channels, in their order, at the rate in use.

    Nothing is filtered, but for the envelopes of opposing muscles where `antagonists` names some. `recording` is needed
    where ``params.is_outline_enough`` does not hold.

    Raises
    ------
    InputError
        FILE_VALUES_INVALID.
    """
    analysed = [
        score(channel, found, drawn.recording.sample_count, params)
        for channel, found in zip(drawn.channels, features, strict=True)
    ]
    if all(channel.features.unusable_reason is EmgFindingCode.NON_FINITE for channel in analysed):
        text = "The samples of every EMG channel are damaged (not numbers, or absurdly large)."
        raise InputError(Reason.FILE_VALUES_INVALID, text)
    symmetries = pairs.compare_sides(analysed, params)
    return EmgSession(
        profile=params.profile,
        recording=drawn.recording if recording is None else _described(recording, checked.used_hz, params),
        rate=checked,
        channels=tuple(analysed),
        left_out_channels=drawn.left_out_channels,
        warnings=(*drawn.warnings, *_warnings(analysed, checked, params)),
        provenance=provenance.describe(params, content_sha256, drawn.recording.converter_bits),
        symmetries=symmetries,
        score=scores.score(analysed, symmetries, drawn.recording.metadata.score, params),
        cocontractions=() if recording is None else _cocontractions(recording, analysed, params),
    )


def _analyse_compat(
    recording: Recording, params: EmgParams, progress: Progress, content_sha256: str | None
) -> EmgSession:
    """The profile COMPAT: at the declared rate, which is checked all the same."""
    selection = channels.choose(recording.channels, params.channels, takes_numbered=True)
    found = compat_session.analyse(
        recording, [chosen.channel for chosen in selection.chosen], params, lambda share: progress("channels", share)
    )
    described = _described(recording, recording.analog_rate_hz, params)
    labels = {label for channel in found.channels for label in (channel.label, channel.raw_label)}
    checked = rate.check(recording.analog_rate_hz, _surveys(recording, selection, params), EmgRateSource.DECLARED)
    return EmgSession(
        profile=params.profile,
        recording=described,
        rate=checked,
        channels=(),
        left_out_channels=selection.left_out,
        warnings=(*recording.warnings, *_rate_warnings(checked), *_unused_warnings(_compat_named(params), labels)),
        provenance=provenance.describe(params, content_sha256, described.converter_bits),
        compat=found,
    )


def _features(
    recording: Recording, selection: Selection, params: EmgParams, progress: Progress
) -> tuple[list[EmgChannelFeatures], EmgRateCheck]:
    """Every channel's features and the check of the rate that they show; they are computed anew at another rate."""
    share = 0.5 if params.rate_source == EmgRateSource.ESTIMATED else 1.0
    declared = recording.analog_rate_hz
    features = list(_analysed(recording, selection, declared, params, lambda done: progress("channels", share * done)))
    checked = check_rate(declared, features, params)
    if checked.used_hz != declared:
        again = _analysed(recording, selection, checked.used_hz, params, lambda done: progress("again", (1 + done) / 2))
        return list(again), checked
    progress("channels", 1.0)
    return features, checked


def _analysed(
    recording: Recording, selection: Selection, rate_hz: float, params: EmgParams, progress: Callable[[float], None]
) -> Iterator[EmgChannelFeatures]:
    for done, samples_uv in enumerate(microvolts(recording, selection), 1):
        yield analyse_channel(samples_uv, rate_hz, params)
        progress(done / len(selection.chosen))


def _cocontractions(
    recording: Recording, analysed: list[EmgChannel], params: EmgParams
) -> tuple[EmgCocontraction, ...]:
    """Compare opposing muscles; the envelopes of those that are asked for are computed again."""
    chosen = {one.channel.label: one.channel for one in select(recording, params).chosen}
    features = {channel.label: channel.features for channel in analysed}

    def activity_of(label: str) -> Activity | None:
        samples = channel_microvolts(recording, chosen[label])
        trace = trace_channel(samples, features[label].rate_hz, params)
        return None if trace is None else Activity(label, features[label], trace.envelope_uv)

    return pairs.compare_antagonists(features, activity_of, params)


def channel_microvolts(recording: Recording, channel: AnalogChannel) -> Samples:
    """One channel's samples in microvolts, shape (n,); may hold non-finite values."""
    return recording.samples(channel.index) * units.microvolts(channel.unit).factor_uv


def microvolts(recording: Recording, selection: Selection) -> Iterator[Samples]:
    """The samples of every selected channel, one after the other, as :func:`channel_microvolts`."""
    chosen = [one.channel for one in selection.chosen]
    for channel, samples in zip(chosen, recording.samples_of([one.index for one in chosen]), strict=True):
        yield samples * units.microvolts(channel.unit).factor_uv


def score(channel: EmgOutlineChannel, features: EmgChannelFeatures, sample_count: int, params: EmgParams) -> EmgChannel:
    """Put a channel's features in relation to its reference, the file's where it has one: no signal is touched."""
    referred = reference.choose(channel.label, features.contractions, params, channel.stored_reference_uv)
    judged = reference.judge(features.contractions, referred, params)
    is_usable = features.unusable_reason is None
    compared = None
    if channel.activated is not None and is_usable:
        compared = activated.check(channel.activated, features.contractions, sample_count, features.rate_hz)
    return EmgChannel(
        label=channel.label,
        description=channel.description,
        unit=channel.unit,
        is_unit_assumed=channel.is_unit_assumed,
        basis=channel.basis,
        features=replace(features, contractions=judged),
        reference=referred,
        compliance=reference.compliance(judged, referred, is_usable, params),
        activated_check=compared,
    )


def _check_length(recording: Recording) -> None:
    if recording.duration_s < MIN_DURATION_S:
        text = f"The recording lasts {recording.duration_s:.2g} s; at least {MIN_DURATION_S:g} s are needed."
        raise InputError(Reason.FILE_TOO_SHORT, text)
    if recording.sample_count > MAX_SAMPLES:
        text = f"The recording has {recording.sample_count} samples a channel; at most {MAX_SAMPLES} are analysed."
        raise InputError(Reason.FILE_LIMIT_EXCEEDED, text)


def _surveys(recording: Recording, selection: Selection, params: EmgParams) -> list[EmgMains]:
    """Survey every channel for mains lines, at the declared rate."""
    band = (params.low_cut_hz, params.high_cut_hz)
    signals = map(quality.repaired, microvolts(recording, selection))
    return [mains.survey(mains.density(samples, recording.analog_rate_hz), band) for samples in signals]


def _described(recording: Recording, used_hz: float, params: EmgParams) -> EmgRecording:
    described = outline.describe(recording, used_hz)
    if not params.include_file_parameters:
        return described
    return replace(described, file_parameters=file_parameters.listed(recording.parameters))


def _warnings(analysed: list[EmgChannel], checked: EmgRateCheck, params: EmgParams) -> list[EmgWarning]:
    found = _rate_warnings(checked)
    assumed = [channel.label for channel in analysed if channel.is_unit_assumed]
    if assumed:
        text = f"the file names no electrical unit, amplitudes are taken for volts: {', '.join(assumed)}"
        found.append(EmgWarning(EmgWarningCode.UNIT_ASSUMED, text))
    named = [*(item.label for item in params.references), *(item.label for item in params.expected_counts)]
    found += _unused_warnings(named, {channel.label for channel in analysed})
    return found + _activated_warnings(analysed)


def _compat_named(params: EmgParams) -> list[str]:
    return [
        *(item.label for item in params.compat_mvc_values),
        *(item.label for item in params.compat_mvc_percents),
        *(item.label for item in params.compat_durations),
    ]


def _unused_warnings(named: list[str], labels: set[str]) -> list[EmgWarning]:
    unused = [label for label in dict.fromkeys(named) if label not in labels]
    if not unused:
        return []
    text = f"references or targets for channels that were not analysed: {', '.join(unused)}"
    return [EmgWarning(EmgWarningCode.REFERENCE_UNUSED, text)]


def _activated_warnings(analysed: list[EmgChannel]) -> list[EmgWarning]:
    checks = [channel.activated_check for channel in analysed if channel.activated_check is not None]
    least = activated.LEAST_AGREEMENT_PERCENT
    at_odds = [one.label for one in checks if one.agreement_percent is not None and one.agreement_percent < least]
    if not at_odds:
        return []
    text = f"contractions found here agree little with those that the recorder marked: {', '.join(at_odds)}"
    return [EmgWarning(EmgWarningCode.ACTIVATED_DISAGREES, text)]


def _rate_warnings(checked: EmgRateCheck) -> list[EmgWarning]:
    if not checked.is_contradicted:
        return []
    text = (
        f"hum from the mains shows that the sampling rate is {checked.estimated_hz:.1f} Hz, not "
        f"{checked.declared_hz:g} Hz as declared; all times and frequencies here rest on {checked.used_hz:.1f} Hz"
    )
    return [EmgWarning(EmgWarningCode.RATE_IMPLAUSIBLE, text)]
