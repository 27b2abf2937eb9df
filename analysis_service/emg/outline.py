"""What of a recording is needed besides its channels' features: with both, a session is scored without its samples."""

from dataclasses import dataclass

from analysis_service.emg import activated, channels, units
from analysis_service.emg.activated import EmgActivated
from analysis_service.emg.c3d.recording import AnalogChannel, Recording
from analysis_service.emg.channels import ChosenChannel, EmgChannelBasis, EmgLeftOutChannel, Selection
from analysis_service.emg.findings import EmgWarning
from analysis_service.emg.params import EmgParams
from analysis_service.emg.result import EmgRecording
from analysis_service.emg.stored_reference import stored_uv

# Of converters that there are.
_CONVERTER_BITS = range(8, 33)


@dataclass(frozen=True, slots=True)
class EmgContent:
    """By what a channel's features are found again.

    Attributes
    ----------
    sha256 : bytes
        Digest of the channel's byte form.
    size_bytes : int, bytes
        Length of that form.
    """

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EmgOutlineChannel:
    """A channel to analyse, without its samples.

    Attributes
    ----------
    label : str
        As in the file.
    description : str
        As in the file.
    unit : str or None
        Unit in the file; None when it names none.
    basis : EmgChannelBasis
        Why the channel was taken for EMG.
    stored_reference_uv : float, uV, or None
        The reference amplitude that the file holds.
    activated : EmgActivated or None
        Activity in the recorder's pre-processed signal of the same muscle.
    """

    label: str
    description: str
    unit: str | None
    basis: EmgChannelBasis
    stored_reference_uv: float | None
    activated: EmgActivated | None

    @property
    def is_unit_assumed(self) -> bool:
        """Whether the file names no electrical unit."""
        return units.microvolts(self.unit).is_assumed


@dataclass(frozen=True, slots=True)
class EmgOutline:
    """A recording without its samples.

    Attributes
    ----------
    recording : EmgRecording
        The recording as read, at the rate that is used and without the file's parameters.
    channels : tuple of EmgOutlineChannel
        Channels to analyse, in the file's order.
    left_out_channels : tuple of EmgLeftOutChannel
        The others, in the file's order.
    warnings : tuple of EmgWarning
        What reading found.
    contents : tuple of EmgContent
        Of each channel, where they were measured.
    """

    recording: EmgRecording
    channels: tuple[EmgOutlineChannel, ...]
    left_out_channels: tuple[EmgLeftOutChannel, ...]
    warnings: tuple[EmgWarning, ...]
    contents: tuple[EmgContent, ...] = ()


def draw(recording: Recording, selection: Selection, params: EmgParams, used_hz: float) -> EmgOutline:
    """Describe a recording of which the selected channels are analysed at a sampling rate."""
    return EmgOutline(
        recording=describe(recording, used_hz),
        channels=tuple(_channel(recording, chosen, params, used_hz) for chosen in selection.chosen),
        left_out_channels=selection.left_out,
        warnings=recording.warnings,
    )


def describe(recording: Recording, used_hz: float) -> EmgRecording:
    """Describe a recording, without the file's parameters."""
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
        file_parameters=(),
        converter_bits=_converter_bits(recording),
    )


def _converter_bits(recording: Recording) -> int | None:
    """ANALOG:BITS, where it can be true."""
    bits = recording.parameters.count("ANALOG", "BITS")
    return bits if bits in _CONVERTER_BITS else None


def _channel(recording: Recording, chosen: ChosenChannel, params: EmgParams, used_hz: float) -> EmgOutlineChannel:
    channel = chosen.channel
    return EmgOutlineChannel(
        label=channel.label,
        description=channel.description,
        unit=channel.unit,
        basis=chosen.basis,
        stored_reference_uv=stored_uv(recording, channel),
        activated=_activated(recording, channel, params, used_hz),
    )


def _activated(recording: Recording, channel: AnalogChannel, params: EmgParams, used_hz: float) -> EmgActivated | None:
    companion = channels.companion_of(channel.label, recording.channels)
    if companion is None:
        return None
    return activated.seen(companion.label, recording.samples(companion.index), used_hz, params)
