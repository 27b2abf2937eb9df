"""A session of the `compat` profile: base channels, each of a raw signal and perhaps an activated one."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis_service.emg.c3d.recording import AnalogChannel, Recording
from analysis_service.emg.compat import channel
from analysis_service.emg.compat.channel import CompatSignals, EmgCompatChannel
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.params import EmgParams

_RAW = re.compile(r"^(.*\S)[ _\-.]+raw$", re.IGNORECASE)
_ACTIVATED = re.compile(r"^(.*\S)[ _\-.]+activated$", re.IGNORECASE)

_DURATION_S = (10.0, 600.0)
_LEAST_SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class EmgCompatSession:
    """Profile COMPAT: what the earlier analyzer computed from the same file.

    Attributes
    ----------
    channels : tuple of EmgCompatChannel
        In the file's order.
    """

    channels: tuple[EmgCompatChannel, ...]


def analyse(
    recording: Recording, chosen: Sequence[AnalogChannel], params: EmgParams, progress: Callable[[float], None]
) -> EmgCompatSession:
    """Analyse channels as the earlier analyzer did, at the declared sampling rate.

    Parameters
    ----------
    recording
        The recording.
    chosen
        Channels to measure; the activated companion of each is looked for in the recording.
    progress
        Called with the share of the work that is done.

    Raises
    ------
    InputError
        FILE_TOO_SHORT or FILE_LIMIT_EXCEEDED where the earlier analyzer refused the recording's length.
    """
    _check_length(recording)
    measured = _without_companions(chosen)
    analysed = []
    for at, raw in enumerate(measured):
        analysed.append(channel.analyse(_signals(recording, raw), recording.analog_rate_hz, params))
        progress((at + 1) / len(measured))
    return EmgCompatSession(tuple(analysed))


def _without_companions(chosen: Sequence[AnalogChannel]) -> list[AnalogChannel]:
    """The channels without the activated ones whose raw half is there too."""
    bases = {match[1].lower() for raw in chosen if (match := _RAW.match(raw.label))}
    named = ((_ACTIVATED.match(candidate.label), candidate) for candidate in chosen)
    return [candidate for match, candidate in named if not match or match[1].lower() not in bases]


def _check_length(recording: Recording) -> None:
    shortest, longest = _DURATION_S
    if recording.duration_s < shortest or recording.sample_count < _LEAST_SAMPLES:
        text = f"The earlier analyzer took recordings of {shortest:g} s and {_LEAST_SAMPLES} samples or more; "
        raise InputError(Reason.FILE_TOO_SHORT, f"{text}this one lasts {recording.duration_s:.3g} s.")
    if recording.duration_s > longest:
        text = (
            f"The earlier analyzer took recordings of up to {longest:g} s; this one lasts {recording.duration_s:g} s."
        )
        raise InputError(Reason.FILE_LIMIT_EXCEEDED, text)


def _signals(recording: Recording, raw: AnalogChannel) -> CompatSignals:
    named = _RAW.match(raw.label)
    base = named[1] if named else raw.label
    companion = _companion(base, recording.channels)
    return CompatSignals(
        label=base,
        raw_label=raw.label,
        activated_label=None if companion is None else companion.label,
        raw=recording.samples(raw.index),
        activated=None if companion is None else recording.samples(companion.index),
    )


def _companion(base: str, channels: Sequence[AnalogChannel]) -> AnalogChannel | None:
    named = ((_ACTIVATED.match(candidate.label), candidate) for candidate in channels)
    return next((candidate for match, candidate in named if match and match[1].lower() == base.lower()), None)
