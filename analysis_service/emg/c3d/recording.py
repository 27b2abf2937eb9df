"""What a C3D file holds, as the analysis sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import auto
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from analysis_service.emg.errors import NameEnum
from analysis_service.emg.findings import EmgWarning

if TYPE_CHECKING:
    from analysis_service.emg.c3d.parameters import Parameters


# Of decoded samples; a channel of an hour is decoded alone.
_BYTES_AT_ONCE = 8 * 1024**2


class Processor(NameEnum):
    """The kind of machine that wrote the file, which fixes the form of its numbers."""

    INTEL = auto()
    DEC = auto()
    SGI = auto()


class Storage(NameEnum):
    """How samples are stored."""

    INTEGER = auto()
    FLOAT = auto()


@dataclass(frozen=True, slots=True)
class AnalogChannel:
    """One analog channel as the file describes it.

    Attributes
    ----------
    index
        Position in the file, from 0.
    label, description
        As written in the file; a channel without a label is called ``Analog 7`` (counted from 1).
    unit
        As written in the file, None when it names none.
    scale, offset
        ``value = (stored - offset) * scale``; the file's general scale is in `scale`.
    is_scale_valid
        False when the file's scale is zero, not finite or absurd: the samples mean nothing then.
    is_force_plate
        The file lists the channel among those of a force platform.
    """

    index: int
    label: str
    description: str
    unit: str | None
    scale: float
    offset: float
    is_scale_valid: bool
    is_force_plate: bool


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says about the session, as text; None where it says nothing."""

    subject: str | None = None
    session: str | None = None
    game: str | None = None
    level: str | None = None
    score: str | None = None
    duration: str | None = None
    therapist: str | None = None
    group: str | None = None
    time: str | None = None


class Columns(Protocol):
    """The stored samples, one column a channel, decoded when asked for."""

    def column(self, index: int) -> npt.NDArray[np.float64]:
        """The stored values of a channel, unscaled, as a new array."""
        ...

    def columns(self, indexes: Sequence[int]) -> npt.NDArray[np.float64]:
        """Those of several channels, one a row."""
        ...


@dataclass(frozen=True, slots=True)
class Recording:
    """A C3D file's analog side. Samples are decoded channel by channel, when asked for.

    Attributes
    ----------
    channels
        Every analog channel, in the file's order.
    analog_rate_hz, point_rate_hz
        Declared sampling rates; the point rate is that of the frames.
    frames_declared, frames_read
        Frames the file claims, and frames that are there and are used.
    samples_per_frame
        Analog samples of one channel in one frame.
    sample_count
        Analog samples of one channel: ``frames_read * samples_per_frame``.
    parameters
        Every parameter of the file.
    """

    channels: tuple[AnalogChannel, ...]
    analog_rate_hz: float
    point_rate_hz: float
    frames_declared: int
    frames_read: int
    samples_per_frame: int
    point_count: int
    processor: Processor
    storage: Storage
    metadata: Metadata
    warnings: tuple[EmgWarning, ...]
    parameters: "Parameters"
    columns: Columns

    @property
    def sample_count(self) -> int:
        """Analog samples of one channel."""
        return self.frames_read * self.samples_per_frame

    @property
    def duration_s(self) -> float:
        """Analog samples by the declared analog rate, in seconds."""
        return self.sample_count / self.analog_rate_hz

    def samples(self, index: int) -> npt.NDArray[np.float64]:
        """One channel in the file's unit, shape (sample_count,). May hold non-finite values."""
        return self._scaled(index, self.columns.column(index))

    def samples_of(self, indexes: Sequence[int]) -> Iterator[npt.NDArray[np.float64]]:
        """Several channels, one after the other, as :meth:`samples`; faster, unless they are long."""
        at_once = max(1, _BYTES_AT_ONCE // (8 * max(1, self.sample_count)))
        for start in range(0, len(indexes), at_once):
            group = indexes[start : start + at_once]
            yield from map(self._scaled, group, self.columns.columns(group))

    def _scaled(self, index: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Stored values in the file's unit; they are overwritten."""
        channel = self.channels[index]
        with np.errstate(over="ignore", invalid="ignore"):  # judged by the quality findings
            if channel.offset != 0:
                values -= channel.offset
            if channel.scale != 1:
                values *= channel.scale
        return values
