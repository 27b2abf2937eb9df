"""The analog samples of a C3D file, as columns of its frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis_service.emg.c3d import numbers
from analysis_service.emg.c3d.layout import Layout
from analysis_service.emg.c3d.parameters import Parameter, Parameters
from analysis_service.emg.c3d.recording import AnalogChannel, Processor

# A scale beyond this turns the least significant bit into a billion units: a corrupt number, not a gain.
_MAX_SCALE = 1e9
# So few samples of some dozen channels stay in the processor's cache while they are sorted into rows.
_SAMPLES_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class AnalogBlock:
    """A view on the stored samples; nothing is copied until a column is asked for.

    Attributes
    ----------
    stored : array of shape (frames, samples per frame, channels) or, for DEC floats, (…, channels, 2)
        What lies in the file.
    is_vax
        The last axis holds the two words of a VAX number.
    """

    stored: npt.NDArray[Any]
    is_vax: bool

    def column(self, index: int) -> npt.NDArray[np.float64]:
        """One channel's stored values in time order, as a new array."""
        values = self.stored[:, :, index]
        if self.is_vax:
            return numbers.vax_floats(values).reshape(-1)
        with np.errstate(invalid="ignore"):  # a signalling NaN is judged later, with every other value
            return values.astype(np.float64).reshape(-1)

    def columns(self, indexes: Sequence[int]) -> npt.NDArray[np.float64]:
        """Several channels' stored values in time order, one a row: the file is gone through once."""
        if self.is_vax:
            return np.stack([self.column(index) for index in indexes])
        frames, per_frame, _ = self.stored.shape
        values = np.empty((len(indexes), frames, per_frame))
        step = max(1, _SAMPLES_AT_ONCE // per_frame)
        rows = _slice(indexes)
        with np.errstate(invalid="ignore"):
            for at in range(0, frames, step):
                values[:, at : at + step] = self.stored[at : at + step].transpose(2, 0, 1)[rows]
        return values.reshape(len(indexes), -1)


def _slice(indexes: Sequence[int]) -> slice | Sequence[int]:
    """Neighbours as a slice, which numpy need not copy first."""
    is_run = len(indexes) > 0 and list(indexes) == list(range(indexes[0], indexes[0] + len(indexes)))
    return slice(indexes[0], indexes[0] + len(indexes)) if is_run else indexes


def block(view: memoryview, layout: Layout, processor: Processor, is_unsigned: bool) -> AnalogBlock:
    """Lay the shape over the file's bytes; the layout has been checked against the file's size."""
    shape, frames = layout.shape, layout.frames_read
    is_vax = shape.is_float and processor is Processor.DEC
    word = "<u2" if is_vax else numbers.byte_order(processor) + _word(shape.is_float, is_unsigned)
    width = (frames, shape.frame_words, 2) if is_vax else (frames, shape.frame_words)
    data = view[shape.data_offset : shape.data_offset + frames * shape.frame_bytes]
    analog = np.frombuffer(data, word).reshape(width)[:, 4 * shape.point_count :]
    stored = analog.reshape(frames, shape.samples_per_frame, shape.channel_count, *width[2:])
    return AnalogBlock(stored, is_vax)


def _word(is_float: bool, is_unsigned: bool) -> str:
    if is_float:
        return "f4"
    return "u2" if is_unsigned else "i2"


def is_unsigned(parameters: Parameters) -> bool:
    """Whether ANALOG:FORMAT calls the integers unsigned."""
    return any(text.upper() == "UNSIGNED" for text in parameters.texts("ANALOG", "FORMAT"))


def channels(parameters: Parameters, count: int) -> tuple[AnalogChannel, ...]:
    """Describe `count` channels from the ANALOG parameters, which may be short or absent."""
    general = parameters.value("ANALOG", "GEN_SCALE")
    scales = [scale * (1.0 if general is None else general) for scale in parameters.values("ANALOG", "SCALE")]
    missing = 1.0 if general is None else general
    labels = _padded(parameters.texts("ANALOG", "LABELS"), "")
    descriptions = _padded(parameters.texts("ANALOG", "DESCRIPTIONS"), "")
    units = _padded(parameters.texts("ANALOG", "UNITS"), "")
    offsets = _padded(_offsets(parameters), 0.0)
    on_plate = _force_plate_channels(parameters)
    rows = zip(range(count), labels, descriptions, units, _padded(scales, missing), offsets, strict=False)
    return tuple(
        AnalogChannel(
            index=index,
            label=label or f"Analog {index + 1}",
            description=description,
            unit=unit or None,
            scale=scale,
            offset=offset,
            is_scale_valid=0 < abs(scale) <= _MAX_SCALE and abs(offset) <= _MAX_SCALE,
            is_force_plate=index in on_plate,
        )
        for index, label, description, unit, scale, offset in rows
    )


def _padded(values: list[Any], filler: Any) -> Iterator[Any]:
    return chain(values, repeat(filler))


def _offsets(parameters: Parameters) -> list[float]:
    """ANALOG:OFFSET, signed or, with unsigned samples, unsigned."""
    unsigned = is_unsigned(parameters)

    def numbers_of(parameter: Parameter) -> list[float]:
        if unsigned and parameter.is_integer:
            return [float(count) for count in parameter.counts()]
        return parameter.values()

    return [value for parameter in parameters.extended("ANALOG", "OFFSET") for value in numbers_of(parameter)]


def _force_plate_channels(parameters: Parameters) -> frozenset[int]:
    """Indexes (from 0) of the channels that FORCE_PLATFORM:CHANNEL claims for the platforms in use."""
    if not parameters.count("FORCE_PLATFORM", "USED"):
        return frozenset()
    channel = parameters.find("FORCE_PLATFORM", "CHANNEL")
    return frozenset(number - 1 for number in channel.counts() if number > 0) if channel else frozenset()
