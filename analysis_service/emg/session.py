"""A session: every EMG channel of a recording analysed and put in relation to its reference."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from analysis_service.emg import channels, mains, provenance, quality, rate, reference, units
from analysis_service.emg.arrays import Samples
from analysis_service.emg.c3d.recording import AnalogChannel, Metadata, Processor, Recording, Storage
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.channels import ChosenChannel, EmgChannelBasis, EmgLeftOutChannel, Selection
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgFindingCode, EmgWarning, EmgWarningCode
from analysis_service.emg.params import EmgParams, EmgProfile
from analysis_service.emg.provenance import EmgProvenance
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.emg.reference import EmgCompliance, EmgReference

Progress = Callable[[str, float], None]
"""Called with the name of the stage and the share of the whole work that is done, 0 to 1."""

# Four rest windows, and room for a contraction.
MIN_DURATION_S = 2.0
# An hour at 2 kHz; 8 bytes a sample and some ten working copies stay within a worker's memory.
MAX_SAMPLES = 8_000_000
# The survey for mains lines is a few percent of the work.
_SURVEY_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class EmgRecording:
    """The recording as read.

    Attributes
    ----------
    duration_s : float, s
        Analog samples by the rate that was used.
    sample_count : int
        Samples of each analog channel.
    channel_count : int
        Analog channels in the file.
    point_count : int
        Motion-capture points in the file.
    analog_rate_hz : float, Hz
        Declared sampling rate of the analog channels.
    point_rate_hz : float, Hz
        Declared rate of the frames.
    frames_declared : int
        Frames the file claims to hold.
    frames_read : int
        Frames that are there and were read.
    processor : Processor
        Kind of machine that wrote the file.
    storage : Storage
        How samples are stored.
    metadata : Metadata
        What the file says about the session.
    """

    duration_s: float
    sample_count: int
    channel_count: int
    point_count: int
    analog_rate_hz: float
    point_rate_hz: float
    frames_declared: int
    frames_read: int
    processor: Processor
    storage: Storage
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class EmgChannel:
    """One channel's result.

    Attributes
    ----------
    label : str
        As in the file.
    description : str
        As in the file.
    unit : str or None
        Unit in the file; None when it names none.
    is_unit_assumed : bool
        The file names no electrical unit, and volts were assumed.
    basis : EmgChannelBasis
        Why the channel was taken for EMG.
    features : EmgChannelFeatures
        All that follows from the signal; contractions carry percentages of the reference.
    reference : EmgReference
        What the percentages refer to.
    compliance : EmgCompliance
        Contractions that reached the targets.
    """

    label: str
    description: str
    unit: str | None
    is_unit_assumed: bool
    basis: EmgChannelBasis
    features: EmgChannelFeatures
    reference: EmgReference
    compliance: EmgCompliance


@dataclass(frozen=True, slots=True)
class EmgSession:
    """The result of an analysis: the same for the same bytes and parameters, wherever and whenever.

    Attributes
    ----------
    profile : EmgProfile
        Set of algorithms applied.
    recording : EmgRecording
        The recording as read.
    rate : EmgRateCheck
        The sampling rate and whether it can be believed.
    channels : tuple of EmgChannel
        In the file's order.
    left_out_channels : tuple of EmgLeftOutChannel
        Analog channels that were not analysed, in the file's order.
    warnings : tuple of EmgWarning
        Defects and contradictions that were worked around.
    provenance : EmgProvenance
        How the result came about.
    """

    profile: EmgProfile
    recording: EmgRecording
    rate: EmgRateCheck
    channels: tuple[EmgChannel, ...]
    left_out_channels: tuple[EmgLeftOutChannel, ...]
    warnings: tuple[EmgWarning, ...]
    provenance: EmgProvenance


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
    selection = channels.choose(recording.channels, params.channels)
    _check_length(recording)
    checked = _check_rate(recording, selection, params, progress)
    analysed = []
    for at, chosen in enumerate(selection.chosen):
        features = analyse_channel(channel_microvolts(recording, chosen.channel), checked.used_hz, params)
        analysed.append(score(chosen, features, params))
        progress("channels", _SURVEY_SHARE + (1.0 - _SURVEY_SHARE) * (at + 1) / len(selection.chosen))
    if all(channel.features.unusable_reason is EmgFindingCode.NON_FINITE for channel in analysed):
        text = "The samples of every EMG channel are damaged (not numbers, or absurdly large)."
        raise InputError(Reason.FILE_VALUES_INVALID, text)
    return EmgSession(
        profile=params.profile,
        recording=_describe(recording, checked.used_hz),
        rate=checked,
        channels=tuple(analysed),
        left_out_channels=selection.left_out,
        warnings=(*recording.warnings, *_warnings(analysed, checked, params)),
        provenance=provenance.describe(params, content_sha256),
    )


def channel_microvolts(recording: Recording, channel: AnalogChannel) -> Samples:
    """One channel's samples in microvolts, shape (n,); may hold non-finite values."""
    return recording.samples(channel.index) * units.microvolts(channel.unit).factor_uv


def score(chosen: ChosenChannel, features: EmgChannelFeatures, params: EmgParams) -> EmgChannel:
    """Put a channel's features in relation to its reference: no signal is touched."""
    channel = chosen.channel
    referred = reference.choose(channel.label, features.contractions, params)
    judged = reference.judge(features.contractions, referred, params)
    return EmgChannel(
        label=channel.label,
        description=channel.description,
        unit=channel.unit,
        is_unit_assumed=units.microvolts(channel.unit).is_assumed,
        basis=chosen.basis,
        features=replace(features, contractions=judged),
        reference=referred,
        compliance=reference.compliance(judged, referred, features.unusable_reason is None, params),
    )


def _check_length(recording: Recording) -> None:
    if recording.duration_s < MIN_DURATION_S:
        text = f"The recording lasts {recording.duration_s:.2g} s; at least {MIN_DURATION_S:g} s are needed."
        raise InputError(Reason.FILE_TOO_SHORT, text)
    if recording.sample_count > MAX_SAMPLES:
        text = f"The recording has {recording.sample_count} samples a channel; at most {MAX_SAMPLES} are analysed."
        raise InputError(Reason.FILE_LIMIT_EXCEEDED, text)


def _check_rate(recording: Recording, selection: Selection, params: EmgParams, progress: Progress) -> EmgRateCheck:
    """Survey every channel for mains lines, at the declared rate."""
    band = (params.low_cut_hz, params.high_cut_hz)
    surveys = []
    for at, chosen in enumerate(selection.chosen):
        samples = quality.repaired(channel_microvolts(recording, chosen.channel))
        surveys.append(mains.survey(samples, recording.analog_rate_hz, band))
        progress("survey", _SURVEY_SHARE * (at + 1) / len(selection.chosen))
    return rate.check(recording.analog_rate_hz, surveys, params.rate_source)


def _describe(recording: Recording, used_hz: float) -> EmgRecording:
    return EmgRecording(
        duration_s=recording.sample_count / used_hz,
        sample_count=recording.sample_count,
        channel_count=len(recording.channels),
        point_count=recording.point_count,
        analog_rate_hz=recording.analog_rate_hz,
        point_rate_hz=recording.point_rate_hz,
        frames_declared=recording.frames_declared,
        frames_read=recording.frames_read,
        processor=recording.processor,
        storage=recording.storage,
        metadata=recording.metadata,
    )


def _warnings(analysed: list[EmgChannel], checked: EmgRateCheck, params: EmgParams) -> list[EmgWarning]:
    found = []
    if checked.is_contradicted:
        text = (
            f"mains lines say that the sampling rate is {checked.estimated_hz:.1f} Hz, not {checked.declared_hz:g} Hz; "
            f"{checked.used_hz:.1f} Hz is used"
        )
        found.append(EmgWarning(EmgWarningCode.RATE_IMPLAUSIBLE, text))
    assumed = [channel.label for channel in analysed if channel.is_unit_assumed]
    if assumed:
        text = f"no electrical unit in the file, volts are assumed: {', '.join(assumed)}"
        found.append(EmgWarning(EmgWarningCode.UNIT_ASSUMED, text))
    labels = {channel.label for channel in analysed}
    unused = [item.label for item in params.references if item.label not in labels]
    if unused:
        text = f"references for channels that were not analysed: {', '.join(unused)}"
        found.append(EmgWarning(EmgWarningCode.REFERENCE_UNUSED, text))
    return found
