"""The hits of a batch by columns, as `pb.BatchLookupResponse` would write them, its data copied once."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import cast

from assaycache.cache.v1 import cache_service_pb2 as pb
from cache_service.entries import Payload, Record
from cache_service.service.messages import ENCODINGS
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.wire import BYTES, tag, varint

_MESSAGE_BYTES = MAX_MESSAGE_BYTES // 4
"""How much data one message holds; the largest payload may come on top of it."""

_COLUMNS = tag(pb.BatchLookupResponse, "columns", BYTES)
_DATA = tag(pb.BatchLookupColumns, "data", BYTES)

Kind = tuple[str, str]
"""Encoding and type of message: what all in the same columns have in common."""

Column = tuple[Sequence[int], list[Payload]]
"""The indexes of hits, and their payloads."""

_data, _sha256 = attrgetter("data"), attrgetter("sha256")
_size_bytes = attrgetter("uncompressed_size_bytes")
_blob, _kind = attrgetter("blob"), attrgetter("encoding", "message_type")


class Columns:
    """The hits of a slice of a batch, by kind; `others` are the indexes and keys that are not among them."""

    def __init__(self, wanted: Sequence[bytes], start: int, found: Mapping[bytes, Record]) -> None:
        self.others: list[tuple[int, bytes]] = []
        indexes = range(start, start + len(wanted))
        outcomes = [None if record is None else record.outcome for record in map(found.get, wanted)]
        self._kinds: dict[Kind, Column] = {}
        if set(map(type, outcomes)) == {Payload}:
            payloads = cast("list[Payload]", outcomes)
            kinds = set(map(_kind, payloads))
            if len(kinds) == 1 and not any(map(_blob, payloads)):  # mostly so, and then three times as fast
                self._kinds[kinds.pop()] = indexes, payloads
                return
        for index, key, outcome in zip(indexes, wanted, outcomes, strict=True):
            if not isinstance(outcome, Payload) or outcome.blob is not None:
                self.others.append((index, key))
                continue
            of_kind = self._kinds.setdefault(_kind(outcome), ([], []))
            cast("list[int]", of_kind[0]).append(index)
            of_kind[1].append(outcome)

    def messages(self) -> Iterator[bytes]:
        """Yield them, written, in messages of bounded size."""
        for kind, (indexes, payloads) in self._kinds.items():
            sizes = [len(payload.data) for payload in payloads]
            for some in _bounded(sizes):
                yield _written(kind, indexes[some], payloads[some], sizes[some])


def _bounded(sizes: Sequence[int]) -> Iterator[slice]:
    """Cut a column so that a piece of it is little larger than a message shall be."""
    if sum(sizes) <= _MESSAGE_BYTES:
        yield slice(None)
        return
    start = held = 0
    for end, size in enumerate(sizes, 1):
        held += size
        if held > _MESSAGE_BYTES or end == len(sizes):
            yield slice(start, end)
            start, held = end, 0


def _written(kind: Kind, indexes: Sequence[int], payloads: list[Payload], sizes: list[int]) -> bytes:
    encoding, message_type = kind
    head = pb.BatchLookupColumns(
        indexes=indexes,
        data_sizes=sizes,
        uncompressed_sizes=map(_size_bytes, payloads),
        sha256s=b"".join(map(_sha256, payloads)),
        encoding=ENCODINGS[encoding],
        message_type=message_type,
    ).SerializeToString()
    data_bytes = sum(sizes)
    data_head = _DATA + varint(data_bytes)
    columns_bytes = len(head) + len(data_head) + data_bytes
    return b"".join((_COLUMNS, varint(columns_bytes), head, data_head, *map(_data, payloads)))
