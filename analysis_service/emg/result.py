"""The result of a session's analysis."""

from dataclasses import dataclass

from analysis_service.emg.activated import EmgActivatedCheck
from analysis_service.emg.c3d.recording import Metadata, Processor, Storage
from analysis_service.emg.channel import EmgChannelFeatures
from analysis_service.emg.channels import EmgChannelBasis, EmgLeftOutChannel
from analysis_service.emg.cocontraction import EmgCocontraction
from analysis_service.emg.compat.session import EmgCompatSession
from analysis_service.emg.file_parameters import EmgFileParameter
from analysis_service.emg.findings import EmgWarning
from analysis_service.emg.params import EmgProfile
from analysis_service.emg.provenance import EmgProvenance
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.emg.reference import EmgCompliance, EmgReference
from analysis_service.emg.scores import EmgScore
from analysis_service.emg.symmetry import EmgSymmetry


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
    file_parameters : tuple of EmgFileParameter
        Every parameter of the file, where it was asked for.
    converter_bits : int, bits, or None
        Resolution of the converter; None where the file does not say.
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
    file_parameters: tuple[EmgFileParameter, ...]
    converter_bits: int | None = None


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
    activated_check : EmgActivatedCheck or None
        Comparison with the recorder's pre-processed signal; None without one, or for an unusable channel.
    """

    label: str
    description: str
    unit: str | None
    is_unit_assumed: bool
    basis: EmgChannelBasis
    features: EmgChannelFeatures
    reference: EmgReference
    compliance: EmgCompliance
    activated_check: EmgActivatedCheck | None = None


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
    compat : EmgCompatSession or None
        What the earlier analyzer computed; None but for the profile COMPAT, which has nothing in `channels`.
    symmetries : tuple of EmgSymmetry
        Left against right, one a pair of channels.
    score : EmgScore or None
        The session's score; None for the profile COMPAT.
    cocontractions : tuple of EmgCocontraction
        Opposing muscles, one a pair that was asked for.
    """

    profile: EmgProfile
    recording: EmgRecording
    rate: EmgRateCheck
    channels: tuple[EmgChannel, ...]
    left_out_channels: tuple[EmgLeftOutChannel, ...]
    warnings: tuple[EmgWarning, ...]
    provenance: EmgProvenance
    compat: EmgCompatSession | None = None
    symmetries: tuple[EmgSymmetry, ...] = ()
    score: EmgScore | None = None
    cocontractions: tuple[EmgCocontraction, ...] = ()
