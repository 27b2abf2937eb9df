"""Many parts at once: their contents as they are asked for, and the parts themselves as the cache answers with them, as
workers make them, and as the file of a plan's parts holds them. A message for each would take most of the time."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import BinaryIO

from analysis_service.service.steps import joined
from assaycache.cache.v1.cache_service_pb2 import BatchLookupColumns, BatchLookupResponse, PartColumns
from assaycache.cache.v1.entry_pb2 import PartRef, Payload

_DIGEST_BYTES = 32

Content = tuple[bytes, int]
"""The SHA-256 and the size of what a part is computed from."""


def contents_of(contents: Iterable[Content]) -> PartColumns:
    """Return contents as they are asked for."""
    digests, sizes = [], []
    for sha256, size in contents:
        digests.append(sha256)
        sizes.append(size)
    return PartColumns(sha256s=b"".join(digests), size_bytes=sizes)


class Contents:
    """The contents that a plan asks for, by their indexes."""

    def __init__(self, columns: PartColumns) -> None:
        self._sha256s = columns.sha256s
        self._sizes = list(columns.size_bytes)

    def __len__(self) -> int:
        return len(self._sizes)

    def some(self, start: int, end: int) -> PartColumns:
        """Return those from one index up to another."""
        return PartColumns(sha256s=_digests(self._sha256s, start, end), size_bytes=self._sizes[start:end])

    def one(self, index: int) -> PartRef:
        """Return one of them."""
        return PartRef(sha256=_digests(self._sha256s, index, index + 1), size_bytes=self._sizes[index])


def found_in(answer: BatchLookupResponse) -> Iterator[BatchLookupColumns]:
    """Yield the parts that there are, whether they come by items or by columns; columns that do not fit together are
    left out."""
    for item in answer.items:
        if item.HasField("hit"):
            yield from columns_of([(item.index, item.hit)])
    for columns in answer.columns:
        if _fits(columns):
            yield columns


def columns_of(parts: Iterable[tuple[int, Payload]]) -> Iterator[BatchLookupColumns]:
    """Yield payloads and their indexes by columns."""
    for (encoding, message_type), group in groupby(parts, lambda part: (part[1].encoding, part[1].message_type)):
        indexes, payloads = zip(*group, strict=True)
        data = [payload.data for payload in payloads]
        yield BatchLookupColumns(
            indexes=indexes,
            data_sizes=map(len, data),
            uncompressed_sizes=[payload.uncompressed_size_bytes for payload in payloads],
            sha256s=b"".join([payload.sha256 for payload in payloads]),
            encoding=encoding,
            message_type=message_type,
            data=b"".join(data),
        )


def write_parts(file: BinaryIO, first: int, columns: BatchLookupColumns) -> None:
    """Add parts to the file that `assemble` reads, their indexes counted from `first`; a part that is written again
    replaces the earlier."""
    if first:
        columns.indexes[:] = [first + index for index in columns.indexes]
    file.write(joined(columns.SerializeToString()))


class SideBySide:
    """Parts that were written together, as they are read again."""

    def __init__(self, written: bytes) -> None:
        columns = BatchLookupColumns.FromString(written)
        self.encoding = columns.encoding
        self._data, self._sha256s = columns.data, columns.sha256s
        self._sizes = list(columns.uncompressed_sizes)
        self._ends = list(accumulate(columns.data_sizes, initial=0))

    def part(self, at: int) -> tuple[bytes, bytes, int]:
        """Return the data of one of them, the SHA-256 of what is packed there, and its size."""
        data = self._data[self._ends[at] : self._ends[at + 1]]
        return data, _digests(self._sha256s, at, at + 1), self._sizes[at]


def _fits(columns: BatchLookupColumns) -> bool:
    count = len(columns.indexes)
    return (
        len(columns.data_sizes) == len(columns.uncompressed_sizes) == count
        and len(columns.sha256s) == count * _DIGEST_BYTES
        and len(columns.data) == sum(columns.data_sizes)
    )


def _digests(sha256s: bytes, start: int, end: int) -> bytes:
    return sha256s[start * _DIGEST_BYTES : end * _DIGEST_BYTES]
