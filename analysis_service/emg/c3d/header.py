"""The first block of a C3D file, and where its parameters begin."""

import struct
from dataclasses import dataclass

from analysis_service.emg.c3d import numbers
from analysis_service.emg.c3d.recording import Processor
from analysis_service.emg.errors import InputError, Reason

BLOCK_BYTES = 512
_KEY = 0x50
_PROCESSORS = {84: Processor.INTEL, 85: Processor.DEC, 86: Processor.SGI}
# A printable character is at least 32: a text whose second letter is "P" must not pass for a cut C3D file.
_LAST_PLAUSIBLE_PARAMETER_BLOCK = 31

_NOT_C3D = "This is not a C3D file. Please upload the .c3d file that the recording software exported."
_CUT = "The file ends before its data begin: it was not copied completely. Please export or upload it again."


@dataclass(frozen=True, slots=True)
class Header:
    """The header words the analog data depend on, as stored."""

    point_count: int
    analog_per_frame: int
    first_frame: int
    last_frame: int
    point_scale: float
    data_block: int
    samples_per_frame: int
    point_rate_hz: float


def parameter_offset(view: memoryview) -> int:
    """The byte at which the parameter section begins, after checking that this is a C3D file at all."""
    if not len(view):
        raise InputError(Reason.FILE_EMPTY, "The file is empty. Please export or upload the recording again.")
    if len(view) < 2 or view[1] != _KEY or not 1 < view[0] <= _LAST_PLAUSIBLE_PARAMETER_BLOCK:
        raise InputError(Reason.FILE_NOT_C3D, _NOT_C3D)
    offset = (view[0] - 1) * BLOCK_BYTES
    if len(view) < offset + BLOCK_BYTES:
        raise InputError(Reason.FILE_TRUNCATED, _CUT)
    return offset


def processor_type(view: memoryview, offset: int) -> Processor:
    """The processor type named in the fourth byte of the parameter section."""
    code = view[offset + 3]
    if code not in _PROCESSORS:
        text = f"The file begins like C3D, but its processor type is {code} (known: 84, 85 and 86)."
        raise InputError(Reason.FILE_CORRUPT, text)
    return _PROCESSORS[code]


def parse(view: memoryview, processor: Processor) -> Header:
    """Read the header words; nothing is believed yet."""
    order = numbers.byte_order(processor)
    points, analog, first, last, _gap = struct.unpack_from(order + "5H", view, 2)
    data_block, samples_per_frame = struct.unpack_from(order + "2H", view, 16)
    return Header(
        point_count=points,
        analog_per_frame=analog,
        first_frame=first,
        last_frame=last,
        point_scale=float(numbers.floats(view[12:16], processor)[0]),
        data_block=data_block,
        samples_per_frame=samples_per_frame,
        point_rate_hz=float(numbers.floats(view[20:24], processor)[0]),
    )
