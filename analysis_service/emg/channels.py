"""Which analog channels are electromyograms.

C3D does not say what a channel measures. Labels and units do, by custom: the word EMG, a muscle's name or
its usual abbreviation, the pair ``CH1 Raw`` / ``CH1 activated`` that rehabilitation games write.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import auto

from analysis_service.emg import units
from analysis_service.emg.c3d.recording import AnalogChannel
from analysis_service.emg.errors import FieldViolation, InputError, NameEnum, Reason


class EmgChannelBasis(NameEnum):
    """Why a channel was taken for an electromyogram."""

    REQUESTED = auto()
    LABEL = auto()
    MUSCLE_NAME = auto()
    RAW_LABEL = auto()


class EmgLeftOutReason(NameEnum):
    """Why a channel was not analysed."""

    NOT_REQUESTED = auto()
    FORCE_PLATE = auto()
    OTHER_QUANTITY = auto()
    AUXILIARY = auto()
    PROCESSED = auto()
    NOT_RECOGNISED = auto()
    SCALE_INVALID = auto()


@dataclass(frozen=True, slots=True)
class ChosenChannel:
    """A channel to analyse, and why."""

    channel: AnalogChannel
    basis: EmgChannelBasis


@dataclass(frozen=True, slots=True)
class EmgLeftOutChannel:
    """An analog channel that was not analysed, and why.

    Attributes
    ----------
    label : str
        The channel's label in the file.
    reason : EmgLeftOutReason
        Why it was left out.
    """

    label: str
    reason: EmgLeftOutReason


@dataclass(frozen=True, slots=True)
class Selection:
    """All analog channels of a recording, sorted into two heaps, each in the file's order."""

    chosen: tuple[ChosenChannel, ...]
    left_out: tuple[EmgLeftOutChannel, ...]


_MUSCLES = (
    "abdominis|adductor|anconeus|biceps|brachialis|brachii|brachioradialis|carpi|deltoid|deltoideus"
    "|digitorum|erector|extensor|femoris|fibularis|flexor|frontalis|gastroc|gastrocnemius|gluteus"
    "|gracilis|hallucis|hamstring|hamstrings|iliocostalis|iliopsoas|infraspinatus|latissimus|levator"
    "|longissimus|masseter|multifidus|oblique|obliquus|pectoralis|peroneus|plantaris|popliteus|pronator"
    "|psoas|quadriceps|quads|rectus|rhomboid|sartorius|scalene|semimembranosus|semitendinosus|serratus"
    "|soleus|spinae|splenius|sternocleidomastoid|subscapularis|supinator|supraspinatus|temporalis|tensor"
    "|teres|thenar|tibialis|trapezius|triceps|vastus|zygomaticus"
)

_ABBREVIATIONS = (
    "ta|tib|tibant|gm|gl|gas|gast|gasmed|gaslat|medgas|latgas|mg|lg|gmax|gmed|gmin|glutmax|glutmed|sol|rf"
    "|rec|rectfem|vl|vm|vmo|vasmed|vaslat|bf|bic|bicfem|bb|st|sm|semiten|semimem|tfl|add|ra|eo|io|es|ld"
    "|lats|pm|pec|pecmaj|del|delt|ut|mt|lt|trap|utrap|fcr|fcu|ecr|ecu|edc|fds|apb|fdi|adm|pl|pb|per"
    "|perlon|scm|tri|bra|brd"
)

_SIDE = r"(?:l|r|lt|rt|left|right)?"
_MUSCLE = re.compile(rf"(?:^|[^a-z]){_SIDE}(?:{_MUSCLES})(?:[^a-z]|$)")
_ABBREVIATION = re.compile(rf"^{_SIDE}[ _.\-]*(?:{_ABBREVIATIONS})[ _.\-]*{_SIDE}$")
_EMG = re.compile(r"s?emg")
_RAW = re.compile(r"^(.*\S)[ _\-.]+raw$")
_NUMBERED = re.compile(r"^ch(?:annel)?[ _\-.]*\d+$")
_PROCESSED = re.compile(
    r"(?:^|[^a-z])(?:activated|envelope|env|rms|rectified|rect|integrated|iemg|filtered|smoothed)(?:[^a-z]|$)"
)
_FORCE_PLATE = re.compile(r"^(?:force|moment|cop)?[ _.:]*[fm]\d?[ _]?[xyz]\d*$|^(?:force|moment|cop)[^a-z]")
_AUXILIARY = re.compile(
    r"(?:^|[^a-z])(?:sync\w*|trig\w*|digital|foot ?switch\w*|fsw|acc\w*|gyro\w*|mag\w*|imu|gonio\w*|ecg|ekg|eeg|eog|"
    r"pressure|temp\w*|torque|angle|velocity|pitch|roll|yaw|start|stop|event|marker|battery|video|audio)(?:[^a-z]|$)"
)


def choose(
    channels: Sequence[AnalogChannel], requested: tuple[str, ...] = (), *, takes_numbered: bool = False
) -> Selection:
    """Sort channels into electromyograms and others.

    Parameters
    ----------
    channels
        All analog channels of a recording.
    requested
        Labels to analyse, whatever they look like; empty: decide by labels and units.
    takes_numbered
        Whether the label ``CH1 Raw`` or ``CH1`` is enough, without a companion and without an electrical unit.

    Raises
    ------
    InputError
        PARAMETER_INVALID for a label that no channel has; when none is left to analyse, FILE_VALUES_INVALID where the
        scales are to blame, else FILE_NO_EMG.
    """
    _check_requested(channels, requested)
    verdicts = [
        (c, _requested(c, requested) if requested else _recognised(c, channels, takes_numbered)) for c in channels
    ]
    selection = Selection(
        tuple(ChosenChannel(c, verdict) for c, verdict in verdicts if isinstance(verdict, EmgChannelBasis)),
        tuple(EmgLeftOutChannel(c.label, v) for c, v in verdicts if isinstance(v, EmgLeftOutReason)),
    )
    if not selection.chosen:
        unscaled = [left.label for left in selection.left_out if left.reason is EmgLeftOutReason.SCALE_INVALID]
        raise _nothing_found(channels, unscaled)
    return selection


def _check_requested(channels: Sequence[AnalogChannel], requested: tuple[str, ...]) -> None:
    known = {channel.label for channel in channels}
    violations = tuple(
        FieldViolation("channels", f"no channel of this file is labelled {label!r}")
        for label in requested
        if label not in known
    )
    if violations:
        names = ", ".join(channel.label for channel in channels[:40])
        text = f"The file has no channel with that label. Its analog channels are: {names}."
        raise InputError(Reason.PARAMETER_INVALID, text, violations)


def _nothing_found(channels: Sequence[AnalogChannel], unscaled: list[str]) -> InputError:
    if unscaled:
        text = f"The file's scales of its EMG channels make no sense ({_named(unscaled)}): their samples mean nothing."
        return InputError(Reason.FILE_VALUES_INVALID, text)
    names = _named([channel.label for channel in channels])
    text = f"None of the {len(channels)} analog channels looks like EMG ({names}). "
    return InputError(Reason.FILE_NO_EMG, f"{text}If some are, name them with the parameter 'channels'.")


def _named(labels: list[str]) -> str:
    return ", ".join(labels[:12]) + (", …" if len(labels) > 12 else "")


def _requested(channel: AnalogChannel, requested: tuple[str, ...]) -> EmgChannelBasis | EmgLeftOutReason:
    if channel.label not in requested:
        return EmgLeftOutReason.NOT_REQUESTED
    return EmgChannelBasis.REQUESTED if channel.is_scale_valid else EmgLeftOutReason.SCALE_INVALID


def _recognised(
    channel: AnalogChannel, channels: Sequence[AnalogChannel], takes_numbered: bool
) -> EmgChannelBasis | EmgLeftOutReason:
    """Exclusions first: a force plate or a footswitch stays one whatever else its label says."""
    label = channel.label.lower()
    if channel.is_force_plate or _FORCE_PLATE.search(label):
        return EmgLeftOutReason.FORCE_PLATE
    if takes_numbered and channel.is_scale_valid and (_RAW.match(label) or _NUMBERED.match(label)):
        return EmgChannelBasis.RAW_LABEL
    if units.is_other_quantity(channel.unit):
        return EmgLeftOutReason.OTHER_QUANTITY
    if _AUXILIARY.search(label):
        return EmgLeftOutReason.AUXILIARY
    if _PROCESSED.search(label):
        return EmgLeftOutReason.PROCESSED
    basis = _basis(label, channel, channels)
    if basis is None:
        return EmgLeftOutReason.NOT_RECOGNISED
    return basis if channel.is_scale_valid else EmgLeftOutReason.SCALE_INVALID


def _basis(label: str, channel: AnalogChannel, channels: Sequence[AnalogChannel]) -> EmgChannelBasis | None:
    if _EMG.search(label):
        return EmgChannelBasis.LABEL
    if _MUSCLE.search(label) or _ABBREVIATION.match(label):
        return EmgChannelBasis.MUSCLE_NAME
    if (raw := _RAW.match(label)) and (_has_companion(raw[1], channels) or units.is_voltage(channel.unit)):
        return EmgChannelBasis.RAW_LABEL
    return None


def _has_companion(base: str, channels: Sequence[AnalogChannel]) -> bool:
    """Whether the file has ``<base> activated`` beside ``<base> Raw``."""
    companion = _companion_label(base)
    return any(companion.match(channel.label.lower()) for channel in channels)


def companion_of(label: str, channels: Sequence[AnalogChannel]) -> AnalogChannel | None:
    """The channel ``CH1 activated`` that goes with ``CH1 Raw``, None where there is none of use."""
    raw = _RAW.match(label.lower())
    if raw is None:
        return None
    companion = _companion_label(raw[1])
    return next((one for one in channels if one.is_scale_valid and companion.match(one.label.lower())), None)


def _companion_label(base: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(base)}[ _\-.]+activated$")
