"""Where the samples lie: header, parameters and the file's size brought to agree.

Every statement about the layout is made twice or more in a C3D file (header word and parameter), and real
files contradict themselves. All combinations of what the file says are held against the file's size; the
first that fills it, give or take the padding of one block, is right. The header comes first among equals, but where
channels and rates agree with its own length of a frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from analysis_service.emg.c3d.header import BLOCK_BYTES, Header
from analysis_service.emg.c3d.parameters import Parameters
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgWarning, EmgWarningCode

_T = TypeVar("_T")

# A 16-bit frame number that stands for "more than I can count"; the true number is then elsewhere.
_SATURATED = 65_535
# No file of a size that is accepted holds as many.
_MAX_FRAMES = 2**31
# Beyond any recording system; keeps a corrupt count from becoming a long loop.
MAX_CHANNELS = 4_096


@dataclass(frozen=True, slots=True)
class Shape:
    """One reading of the file's layout, frames apart."""

    data_offset: int
    point_count: int
    channel_count: int
    samples_per_frame: int
    is_float: bool

    @property
    def frame_words(self) -> int:
        """Numbers in one frame: four a point, then the analog samples."""
        return 4 * self.point_count + self.channel_count * self.samples_per_frame

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.frame_words * (4 if self.is_float else 2)

    def frames_in(self, size: int) -> int:
        """Whole frames in a file of `size` bytes."""
        return max(0, size - self.data_offset) // self.frame_bytes

    def is_filled_by(self, frames: int, size: int) -> bool:
        """Whether that many frames end where the file does, up to one block of padding."""
        return 0 <= size - self.data_offset - frames * self.frame_bytes < BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape that was chosen, and how many frames are read."""

    shape: Shape
    frames_declared: int
    frames_read: int
    warnings: tuple[EmgWarning, ...]


def reconcile(header: Header, parameters: Parameters, size: int) -> Layout:
    """Choose the layout that header, parameters and size support best.

    Raises
    ------
    InputError
        FILE_NO_ANALOG, FILE_TRUNCATED (fewer frames than every declaration asks for), FILE_CORRUPT,
        FILE_LIMIT_EXCEEDED.
    """
    possible = list(_shapes(header, parameters, size))
    shapes = [shape for shape in possible if shape.frame_words]
    said = _stated_frames(header, parameters)
    declared = [count for count in said if 0 < count < _MAX_FRAMES]
    warnings = []
    if len(possible) > 1 or len(_data_blocks(header, parameters)) > 1 or len(_analog_counts(header, parameters)) > 1:
        text = "the file contradicts itself about where its samples lie: the reading that fits its size is used"
        warnings.append(_warning(EmgWarningCode.LAYOUT_CONTRADICTION, text))
    if len(said) > 1:
        numbers = " and ".join("an impossible number of" if count < 0 else str(count) for count in said)
        warnings.append(_warning(EmgWarningCode.FRAME_COUNT_CONTRADICTION, f"the file declares {numbers} frames"))
    fitting = next(((s, n) for s, n in product(shapes, declared) if s.is_filled_by(n, size)), None)
    shape, frames = fitting or (shapes[0], max(declared, default=0))
    if shape.channel_count == 0:
        raise InputError(Reason.FILE_NO_ANALOG, "The file holds no analog channels, so there is no EMG in it.")
    if fitting is None:
        frames, warning = _frames_without_fit(shape, declared or _uncounted(parameters, shape, size), size)
        warnings.append(warning)
    return Layout(shape, max(declared, default=frames), frames, tuple(warnings))


def _frames_without_fit(shape: Shape, declared: list[int], size: int) -> tuple[int, EmgWarning]:
    """How many frames to read when no declaration ends where the file does."""
    available = shape.frames_in(size)
    if available and not declared:
        return available, _warning(EmgWarningCode.FRAME_COUNT_FROM_SIZE, "no frame count is declared: read to the end")
    within = [frames for frames in declared if frames <= available]
    if within:
        text = f"the file goes on after its {max(within)} declared frames: what follows is not read"
        return max(within), _warning(EmgWarningCode.TRAILING_DATA, text)
    if available and min(declared) - available == 1:
        text = f"the last of {min(declared)} declared frames is not in the file"
        return available, _warning(EmgWarningCode.LAST_FRAME_INCOMPLETE, text)
    raise InputError(
        Reason.FILE_TRUNCATED,
        f"The file holds {available} of {min(declared, default=0)} frames: it was not copied completely. "
        "Please export or upload it again.",
    )


def _uncounted(parameters: Parameters, shape: Shape, size: int) -> list[int]:
    """The least count that is meant by "more than a word holds", where the file holds less than that."""
    frames = parameters.find("POINT", "FRAMES")
    is_saturated = frames is not None and frames.is_integer and frames.counts() == [_SATURATED]
    return [_SATURATED] if is_saturated and shape.frames_in(size) < _SATURATED - 1 else []


def _shapes(header: Header, parameters: Parameters, size: int) -> Iterator[Shape]:
    """Every combination of what header and parameters say, the header's word first; some may be without a word."""
    points = _distinct(header.point_count, parameters.count("POINT", "USED"))
    analogs = _possible_counts(header, parameters)
    if not any(points) and not any(channels for channels, _ in analogs):
        raise InputError(Reason.FILE_NO_ANALOG, "The file holds neither analog channels nor points.")
    offsets = _offsets(header, parameters, size)
    scale = parameters.value("POINT", "SCALE")
    storages = _distinct(header.point_scale < 0, None if scale is None else scale < 0)
    yield from (Shape(o, p, c, s, f) for o, p, (c, s), f in product(offsets, points, analogs, storages))


def _data_blocks(header: Header, parameters: Parameters) -> list[int]:
    """The block (from 1) where the data begin, as header and parameters give it, right or wrong."""
    return _distinct(header.data_block, parameters.count("POINT", "DATA_START"))


def _offsets(header: Header, parameters: Parameters, size: int) -> list[int]:
    # Header and parameters come first.
    offsets = [(block - 1) * BLOCK_BYTES for block in _data_blocks(header, parameters) if block > 2]
    if not offsets:
        raise InputError(Reason.FILE_CORRUPT, "The file does not say where its data begin.")
    inside = [offset for offset in offsets if offset < size]
    if not inside:
        raise InputError(Reason.FILE_TRUNCATED, "The file ends before its data begin: it was not copied completely.")
    return inside


def _possible_counts(header: Header, parameters: Parameters) -> list[tuple[int, int]]:
    """(channels, samples a frame) as header and parameters give them, where that can be."""
    counts = [(channels, samples) for channels, samples in _analog_counts(header, parameters) if samples]
    if not counts:
        raise InputError(Reason.FILE_CORRUPT, "The file does not say how many analog channels it holds.")
    possible = [(channels, samples) for channels, samples in counts if channels <= MAX_CHANNELS]
    if not possible:
        raise InputError(Reason.FILE_LIMIT_EXCEEDED, f"The file declares more than {MAX_CHANNELS} analog channels.")
    return possible


def _analog_counts(header: Header, parameters: Parameters) -> list[tuple[int, int]]:
    """(channels, samples a frame) as header and parameters give them; no samples where the header's are no multiple."""
    per_frame, samples = header.analog_per_frame, header.samples_per_frame
    of_header = (per_frame // samples, samples) if samples and per_frame % samples == 0 else (per_frame, 0)
    if per_frame == 0:
        of_header = (0, max(samples, 1))
    used = parameters.count("ANALOG", "USED")
    analog_rate, point_rate = parameters.value("ANALOG", "RATE"), parameters.value("POINT", "RATE")
    ratio = analog_rate / point_rate if analog_rate and point_rate else None
    whole = round(ratio) if ratio is not None and 1 <= ratio <= _SATURATED else max(samples, 1)
    of_parameters = None if used is None else (used, whole if used else max(samples, 1))
    # Two readings of equally long frames fit the size alike: then one word of the header stands against the parameters.
    is_as_long = of_parameters is not None and of_parameters[0] * of_parameters[1] == per_frame
    return _distinct(of_parameters, of_header) if is_as_long else _distinct(of_header, of_parameters)


def _stated_frames(header: Header, parameters: Parameters) -> list[int]:
    """Every frame count the file declares, right or wrong, without those that a 16-bit word could not hold."""
    of_header = header.last_frame - header.first_frame + 1 if header.last_frame != _SATURATED else None
    of_points = _stated(parameters, "FRAMES")
    if of_points == _SATURATED and (frames := parameters.find("POINT", "FRAMES")) and frames.is_integer:
        of_points = None
    counts = _distinct(of_header, of_points, _stated(parameters, "LONG_FRAMES"), _trial_frames(parameters))
    return list(dict.fromkeys(max(count, -1) for count in counts))


def _stated(parameters: Parameters, name: str) -> int | None:
    """What a parameter of POINT says, -1 where that is no count; None where it says nothing."""
    parameter = parameters.find("POINT", name)
    return next(iter(parameter.counts()), None) if parameter else None


def _trial_frames(parameters: Parameters) -> int | None:
    """TRIAL:ACTUAL_START_FIELD and ACTUAL_END_FIELD: frame numbers as two 16-bit words, the lower first."""
    numbers = []
    for name in ("ACTUAL_START_FIELD", "ACTUAL_END_FIELD"):
        parameter = parameters.find("TRIAL", name)
        words = parameter.counts() if parameter else []
        if not words or min(words) < 0:
            return None
        numbers.append(words[0] + (words[1] << 16 if len(words) > 1 else 0))
    return numbers[1] - numbers[0] + 1


def _distinct(*values: _T | None) -> list[_T]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _warning(code: EmgWarningCode, message: str) -> EmgWarning:
    return EmgWarning(code, message)
