"""From the bytes of a C3D file to a recording."""

import math
from collections import Counter
from mmap import mmap

from analysis_service.emg.c3d import analog, header, layout, metadata, parameters
from analysis_service.emg.c3d.recording import AnalogChannel, Recording, Storage
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgWarning, EmgWarningCode

# Ten minutes of 64 channels at 2 kHz with a hundred markers are 0.5 GB.
MAX_FILE_BYTES = 2 * 1024**3
_MIN_RATE_HZ, _MAX_RATE_HZ = 1.0, 200_000.0
# Declared rates are stored as 32-bit floats and some are rounded (119.88 Hz x 10 written as 1200 Hz is not).
_RATE_TOLERANCE = 1e-4


def read(buffer: bytes | bytearray | memoryview | mmap) -> Recording:
    """Read a C3D file without trusting it; samples are decoded later, channel by channel.

    Parameters
    ----------
    buffer
        The whole file. It must stay as it is while the recording is used.

    Returns
    -------
    Recording
        Channels, rates, metadata, and a warning for every contradiction that was resolved.

    Raises
    ------
    InputError
        FILE_EMPTY, FILE_NOT_C3D, FILE_CORRUPT, FILE_TRUNCATED, FILE_NO_ANALOG, FILE_VALUES_INVALID or
        FILE_LIMIT_EXCEEDED. Nothing else is raised, whatever the bytes are.
    """
    view = memoryview(buffer).cast("B").toreadonly()
    if len(view) > MAX_FILE_BYTES:
        raise InputError(Reason.FILE_LIMIT_EXCEEDED, f"The file is larger than {MAX_FILE_BYTES // 1024**2} MiB.")
    offset = header.parameter_offset(view)
    processor = header.processor_type(view, offset)
    head = header.parse(view, processor)
    params = parameters.parse(view, offset, head.data_block, processor)
    plan = layout.reconcile(head, params, len(view))
    channels = analog.channels(params, plan.shape.channel_count)
    rate, rate_warnings = _analog_rate(head, params, plan.shape.samples_per_frame)
    return Recording(
        channels=channels,
        analog_rate_hz=rate,
        point_rate_hz=rate / plan.shape.samples_per_frame,
        frames_declared=plan.frames_declared,
        frames_read=plan.frames_read,
        samples_per_frame=plan.shape.samples_per_frame,
        point_count=plan.shape.point_count,
        processor=processor,
        storage=Storage.FLOAT if plan.shape.is_float else Storage.INTEGER,
        metadata=metadata.metadata(params),
        warnings=(*plan.warnings, *rate_warnings, *_unreadable(params), *_channel_warnings(channels, params)),
        parameters=params,
        columns=analog.block(view, plan, processor, analog.is_unsigned(params)),
    )


def _analog_rate(
    head: header.Header, params: parameters.Parameters, samples_per_frame: int
) -> tuple[float, list[EmgWarning]]:
    """ANALOG:RATE, else the frame rate by the samples a frame."""
    frame_rates = (params.value("POINT", "RATE"), head.point_rate_hz)
    by_frames = [rate * samples_per_frame for rate in frame_rates if rate is not None]
    stated = params.value("ANALOG", "RATE")
    said = [rate for rate in (stated, *by_frames) if rate is not None]
    usable = [rate for rate in said if _is_rate(rate)]
    if not usable:
        text = f"The file gives no usable sampling rate ({stated} Hz for the analog channels)."
        raise InputError(Reason.FILE_VALUES_INVALID, text)
    unused = [rate for rate in said if not _agree(rate, usable[0])]
    if not unused:
        return usable[0], []
    text = f"{usable[0]:.6g} Hz is used as the sampling rate; the file also says {unused[0]:.6g} Hz"
    return usable[0], [EmgWarning(EmgWarningCode.RATE_CONTRADICTION, text)]


def _agree(rate: float, other: float) -> bool:
    return math.isclose(rate, other, rel_tol=_RATE_TOLERANCE)


def _is_rate(rate: float) -> bool:
    return _MIN_RATE_HZ <= rate <= _MAX_RATE_HZ


def _unreadable(params: parameters.Parameters) -> list[EmgWarning]:
    defects = []
    if params.unreadable:
        defects.append(f"parameters that could not be read: {_few(list(params.unreadable))}")
    if not params.is_whole:
        defects.append("the list of parameters breaks off: what came after it is not known")
    return [EmgWarning(EmgWarningCode.PARAMETER_UNREADABLE, text) for text in defects]


def _channel_warnings(channels: tuple[AnalogChannel, ...], params: parameters.Parameters) -> list[EmgWarning]:
    """One warning a kind of defect, naming the channels."""
    labels = params.texts("ANALOG", "LABELS")
    repeated = [label for label, times in Counter(c.label for c in channels).items() if times > 1]
    unlabelled = [c.label for c in channels if c.index >= len(labels) or not labels[c.index]]
    unscaled = [c.label for c in channels[len(params.values("ANALOG", "SCALE")) :]]
    invalid = [c.label for c in channels if not c.is_scale_valid]
    defects = (
        (EmgWarningCode.LABEL_MISSING, "channels without a label", unlabelled),
        (EmgWarningCode.LABEL_DUPLICATED, "labels used more than once", repeated),
        (EmgWarningCode.SCALE_MISSING, "channels without a scale, taken as 1", unscaled),
        (EmgWarningCode.SCALE_INVALID, "channels whose scale or offset makes no sense", invalid),
    )
    return [EmgWarning(code, f"{text}: {_few(names)}") for code, text, names in defects if names]


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
