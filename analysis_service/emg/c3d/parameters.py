"""The parameter section of a C3D file: groups of named, typed, small arrays."""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis_service.emg.c3d import numbers
from analysis_service.emg.c3d.header import BLOCK_BYTES
from analysis_service.emg.c3d.recording import Processor
from analysis_service.emg.errors import InputError, Reason

# The format allows 255 blocks (130 kB); files with thousands of labels go further. 4 MiB is 30 times that.
MAX_SECTION_BYTES = 4 * 1024 * 1024
# The largest real files seen hold about a thousand.
MAX_RECORDS = 20_000
_MAX_DIMENSIONS = 7
_COUNT_LIMIT = 2**31
_CHARACTERS, _BYTES, _INTEGERS, _FLOATS = -1, 1, 2, 4


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, decoded when asked for."""

    kind: int
    dimensions: tuple[int, ...]
    raw: bytes
    processor: Processor

    def values(self) -> list[float]:
        """The numbers, signed as stored; empty for text."""
        if self.kind == _FLOATS:
            return [float(value) for value in numbers.floats(self.raw, self.processor)]
        if self.kind == _INTEGERS:
            return [float(value) for value in numbers.integers(self.raw, self.processor)]
        if self.kind == _BYTES:
            return [float(value) for value in struct.unpack(f"{len(self.raw)}b", self.raw)]
        return []

    def counts(self) -> list[int]:
        """The numbers as counts: integers read unsigned, floats rounded, what cannot be a count -1."""
        wide = 0x10000 if self.kind == _INTEGERS else 0x100
        if self.kind in (_INTEGERS, _BYTES):
            return [int(value) % wide for value in self.values()]
        return [round(value) if 0 <= value < _COUNT_LIMIT else -1 for value in self.values()]

    def texts(self) -> list[str]:
        """The strings (the first dimension is their width), without padding; empty for numbers."""
        if self.kind != _CHARACTERS:
            return []
        width = self.dimensions[0] if self.dimensions else 1
        if width == 0:
            return []
        return [_text(self.raw[at : at + width]) for at in range(0, len(self.raw), width)]

    @property
    def is_integer(self) -> bool:
        """Whether the numbers are stored as integers."""
        return self.kind in (_BYTES, _INTEGERS)


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of a file by (group, name), both upper case.

    Attributes
    ----------
    by_name
        Those that could be read.
    unreadable
        Names of those that could not.
    is_whole
        The section ends where it says so, not in the middle of an entry.
    """

    by_name: Mapping[tuple[str, str], Parameter]
    unreadable: tuple[str, ...]
    is_whole: bool

    def find(self, group: str, name: str) -> Parameter | None:
        """The parameter, or None."""
        return self.by_name.get((group, name))

    def value(self, group: str, name: str) -> float | None:
        """The first number of a parameter, or None."""
        parameter = self.find(group, name)
        values = parameter.values() if parameter else []
        return values[0] if values else None

    def count(self, group: str, name: str) -> int | None:
        """The first number of a parameter as a count, or None."""
        parameter = self.find(group, name)
        counts = parameter.counts() if parameter else []
        return counts[0] if counts and counts[0] >= 0 else None

    def groups(self) -> dict[str, dict[str, Parameter]]:
        """Every parameter that could be read, by group and then by name, in the file's order."""
        found: dict[str, dict[str, Parameter]] = {}
        for (group, name), parameter in self.by_name.items():
            found.setdefault(group, {})[name] = parameter
        return found

    def extended(self, group: str, name: str) -> Iterator[Parameter]:
        """A parameter and its continuations: LABELS, LABELS2, LABELS3… (more than 255 items)."""
        suffix = 1
        while (parameter := self.find(group, name if suffix == 1 else f"{name}{suffix}")) is not None:
            yield parameter
            suffix += 1

    def texts(self, group: str, name: str) -> list[str]:
        """All strings of a parameter and its continuations."""
        return [text for parameter in self.extended(group, name) for text in parameter.texts()]

    def values(self, group: str, name: str) -> list[float]:
        """All numbers of a parameter and its continuations."""
        return [value for parameter in self.extended(group, name) for value in parameter.values()]


@dataclass(frozen=True, slots=True)
class _Record:
    """A group (its number negative) or a parameter; None: one that cannot be read."""

    group_id: int
    name: str
    parameter: Parameter | None


# What stands for the place where the walk through the records lost its way.
_LOST = _Record(0, "", None)


def parse(view: memoryview, offset: int, data_block: int, processor: Processor) -> Parameters:
    """Read every parameter, in whatever order groups and parameters come.

    Parameters
    ----------
    view
        The whole file.
    offset
        Where the section begins.
    data_block
        The header's data block: the section may run up to it when its own length is too small.
    """
    declared_end = offset + max(int(view[offset + 2]), 1) * BLOCK_BYTES
    end = min(len(view), max(declared_end, (data_block - 1) * BLOCK_BYTES), offset + MAX_SECTION_BYTES)
    section = bytes(view[offset:end])
    groups: dict[int, str] = {}
    records: list[_Record] = []
    is_whole = True
    for record in _records(section, processor):
        if record is _LOST:
            is_whole = False
        elif record.group_id < 0:
            groups.setdefault(-record.group_id, record.name)
        else:
            records.append(record)
    return _by_name(records, groups, is_whole)


def _by_name(records: list[_Record], groups: dict[int, str], is_whole: bool) -> Parameters:
    found: dict[tuple[str, str], Parameter] = {}
    unreadable: list[str] = []
    for record in records:
        group = groups.get(record.group_id, f"GROUP {record.group_id}")
        if record.parameter is None:
            unreadable.append(f"{group}:{record.name}")
        else:
            found.setdefault((group, record.name), record.parameter)
    return Parameters(found, tuple(unreadable), is_whole)


def _records(section: bytes, processor: Processor) -> Iterator[_Record]:
    """Walk the linked records. Every step goes forward, so the walk ends whatever the bytes say."""
    at, seen = 4, 0
    while at + 2 <= len(section):
        name_length, group_id = struct.unpack_from("2b", section, at)
        if name_length == 0:
            return
        name_end = at + 2 + abs(name_length)
        if group_id == 0 or name_end + 2 > len(section):
            yield _LOST
            return
        seen += 1
        if seen > MAX_RECORDS:
            raise InputError(Reason.FILE_LIMIT_EXCEEDED, f"The file holds more than {MAX_RECORDS} parameters.")
        name = _text(section[at + 2 : name_end]).upper()
        (step,) = struct.unpack_from(numbers.byte_order(processor) + "H", section, name_end)
        following = name_end + step if step else len(section)
        content = section[name_end + 2 : following]
        yield _Record(group_id, name, None if group_id < 0 else _parameter(content, processor))
        if step == 0:
            return
        at = following
    if at > len(section):
        yield _LOST


def _parameter(record: bytes, processor: Processor) -> Parameter | None:
    """The typed array at the beginning of a record's content, None when it is not one or does not lie inside it.

    Records that reach into each other could each ask for the memory of the whole section.
    """
    if len(record) < 2:
        return None
    kind, rank = struct.unpack_from("bB", record)
    data = 2 + rank
    if kind not in (_CHARACTERS, _BYTES, _INTEGERS, _FLOATS) or rank > _MAX_DIMENSIONS or data > len(record):
        return None
    dimensions = tuple(record[2:data])
    size = math.prod(dimensions) * abs(kind)
    if data + size > len(record):
        return None
    return Parameter(kind, dimensions, record[data : data + size], processor)


def _text(raw: bytes) -> str:
    """Text in UTF-8, else Latin-1 (in which old writers put the micro sign), printable characters only."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.strip()
