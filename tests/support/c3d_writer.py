"""Writes C3D files in every encoding, right ones and wrong ones, independently of the reader under test."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 512
INTEL, DEC, SGI = 84, 85, 86
PROCESSORS = {"intel": INTEL, "dec": DEC, "sgi": SGI}
_MAX_ITEMS = 255

Value = str | int | float | Sequence[str] | Sequence[int] | Sequence[float]


@dataclass
class C3dFile:
    """A file to write. `analog` holds the values as a reader shall return them, shape (channels, samples)."""

    analog: npt.NDArray[np.float64]
    labels: Sequence[str]
    rate_hz: float = 1000.0
    units: Sequence[str] | None = None
    processor: int = INTEL
    is_float: bool = True
    is_unsigned: bool = False
    scale: float = 1.0
    general_scale: float = 1.0
    offset: int = 0
    samples_per_frame: int = 1
    point_count: int = 0
    overrides: Mapping[tuple[str, str], Value | None] = field(default_factory=dict)
    """Parameters to replace or add; None leaves one out."""
    header_overrides: Mapping[str, int] = field(default_factory=dict)
    """Header words to replace: points, analog, first, last, data_block, samples."""
    is_parameters_first: bool = False
    """Write parameters before the groups they belong to."""

    def to_bytes(self) -> bytes:
        section = self._section(self._parameters(0))
        data_block = 2 + len(section) // BLOCK
        section = self._section(self._parameters(data_block))
        data = self._data()
        return self._header(data_block) + section + data + bytes(-len(data) % BLOCK)

    @property
    def frame_count(self) -> int:
        return self.analog.shape[1] // self.samples_per_frame

    @property
    def _order(self) -> str:
        return ">" if self.processor == SGI else "<"

    def _header(self, data_block: int) -> bytes:
        channels = self.analog.shape[0]
        words = {
            "points": self.point_count,
            "analog": channels * self.samples_per_frame,
            "first": 1,
            "last": min(self.frame_count, 65535),
            "data_block": data_block,
            "samples": self.samples_per_frame,
            **self.header_overrides,
        }
        header = bytearray(BLOCK)
        header[0:2] = bytes((2, 0x50))
        names = ("points", "analog", "first", "last")
        struct.pack_into(f"{self._order}4H", header, 2, *(words[name] for name in names))
        header[12:16] = self._floats([self._point_scale])
        struct.pack_into(f"{self._order}2H", header, 16, words["data_block"], words["samples"])
        header[20:24] = self._floats([self.rate_hz / self.samples_per_frame])
        return bytes(header)

    @property
    def _point_scale(self) -> float:
        return -0.1 if self.is_float else 0.1

    def _parameters(self, data_block: int) -> dict[tuple[str, str], Value]:
        count = self.analog.shape[0]
        parameters: dict[tuple[str, str], Value | None] = {
            ("POINT", "USED"): self.point_count,
            ("POINT", "FRAMES"): min(self.frame_count, 65535),
            ("POINT", "SCALE"): self._point_scale,
            ("POINT", "RATE"): self.rate_hz / self.samples_per_frame,
            ("POINT", "DATA_START"): data_block,
            ("ANALOG", "USED"): count,
            ("ANALOG", "RATE"): self.rate_hz,
            ("ANALOG", "GEN_SCALE"): self.general_scale,
        }
        for name, values in self._channel_lists(count).items():
            for at in range(0, count, _MAX_ITEMS):
                suffix = "" if at == 0 else str(at // _MAX_ITEMS + 1)
                parameters["ANALOG", name + suffix] = values[at : at + _MAX_ITEMS]
        if self.is_unsigned:
            parameters["ANALOG", "FORMAT"] = "UNSIGNED"
        parameters |= self.overrides
        return {key: value for key, value in parameters.items() if value is not None}

    def _channel_lists(self, count: int) -> dict[str, Any]:
        lists: dict[str, Any] = {
            "LABELS": list(self.labels),
            "SCALE": [self.scale / self.general_scale] * count,
            "OFFSET": [self.offset] * count,
        }
        if self.units is not None:
            lists["UNITS"] = list(self.units)
        return lists

    def _section(self, parameters: Mapping[tuple[str, str], Value]) -> bytes:
        names = list(dict.fromkeys(group for group, _ in parameters))
        groups = [self._record(name, -(at + 1), b"\0") for at, name in enumerate(names)]
        items = [
            self._record(name, names.index(group) + 1, self._typed(value) + b"\0")
            for (group, name), value in parameters.items()
        ]
        records = b"".join(items + groups if self.is_parameters_first else groups + items) + bytes(4)
        size = -(-(len(records) + 4) // BLOCK) * BLOCK
        blocks = min(size // BLOCK, 255)
        return (bytes((1, 0x50, blocks, self.processor)) + records).ljust(size, b"\0")

    def _record(self, name: str, group: int, payload: bytes) -> bytes:
        step = struct.pack(f"{self._order}H", 2 + len(payload))
        return struct.pack("2b", len(name), group) + name.encode() + step + payload

    def _typed(self, value: Value) -> bytes:
        """Type, dimensions and data of a parameter."""
        if isinstance(value, str):
            return struct.pack("bBB", -1, 1, len(value.encode())) + value.encode()
        if isinstance(value, int):
            return struct.pack("bB", 2, 0) + struct.pack(f"{self._order}H", value & 0xFFFF)
        if isinstance(value, float):
            return struct.pack("bB", 4, 0) + self._floats([value])
        if all(isinstance(item, str) for item in value):
            encoded = [str(item).encode() for item in value]
            width = max(map(len, encoded), default=0)
            return struct.pack("bBBB", -1, 2, width, len(encoded)) + b"".join(e.ljust(width) for e in encoded)
        if all(isinstance(item, int) for item in value):
            words = [int(item) & 0xFFFF for item in value]
            return struct.pack("bBB", 2, 1, len(words)) + struct.pack(f"{self._order}{len(words)}H", *words)
        return struct.pack("bBB", 4, 1, len(value)) + self._floats([float(item) for item in value])

    def _data(self) -> bytes:
        frames, channels = self.frame_count, self.analog.shape[0]
        stored = self.analog / self.scale + self.offset
        by_frame = stored.T.reshape(frames, self.samples_per_frame * channels)
        values = np.hstack([np.zeros((frames, 4 * self.point_count)), by_frame])
        if self.is_float:
            return self._floats(values.ravel())
        kind = "u2" if self.is_unsigned else "i2"
        return np.round(values).astype(np.int64).astype(self._order + kind).tobytes()

    def _floats(self, values: Sequence[float] | npt.NDArray[np.float64]) -> bytes:
        array = np.asarray(values, dtype=np.float64)
        if self.processor != DEC:
            return array.astype(self._order + "f4").tobytes()
        bits = (array * 4).astype("<f4")  # VAX F has an exponent of two more, and its words swapped
        return bits.view("<u2").reshape(-1, 2)[:, ::-1].tobytes()
