"""The answers of a batch as bytes, as `pb.BatchLookupResponse` would write them.

Filling messages and writing them out takes 3 us a part. Here all that parts of one size and type have in common is made
once, and an answer is its pieces, one behind the other. The order of fields in a message is free.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2
from cache_service import keys
from cache_service.entries import Payload, Record
from cache_service.service.columns import Columns
from cache_service.service.messages import ENCODINGS, blob_message
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.wire import BYTES, VARINT, tag, varint

_ANSWER_BYTES = MAX_MESSAGE_BYTES // 4

_ITEM_BYTES = 1024
"""What an item counts beside its payload's bytes."""

SLICE = 1000
"""How many parts are asked of the tiers, and answered, at once: one round trip a tier and slice."""

Frame = tuple[bytes, bytes, bytes]


def answers(
    wanted: Sequence[bytes], start: int, found: Mapping[bytes, Record], absent: entry_pb2.MissReason
) -> Iterator[bytes]:
    """Yield the answers for at most SLICE keys, the first of which has index `start`, in messages of bounded size."""
    return _written(zip(_indexes(start), map(found.get, wanted), strict=False), absent)


def answers_by_columns(
    wanted: Sequence[bytes], start: int, found: Mapping[bytes, Record], absent: entry_pb2.MissReason
) -> Iterator[bytes]:
    """Yield the same, hits by columns where that can be done."""
    columns = Columns(wanted, start, found)
    yield from columns.messages()
    yield from _written(((varint(index), found.get(key)) for index, key in columns.others), absent)


def _written(answered: Iterable[tuple[bytes, Record | None]], absent: entry_pb2.MissReason) -> Iterator[bytes]:
    pieces: list[bytes] = []
    size_bytes = 0
    for index, record in answered:
        size_bytes += _ITEM_BYTES
        if record is None or not isinstance(payload := record.outcome, Payload):
            before, after = _miss(len(index), absent)
            pieces += (before, index, after)
            continue
        data = payload.data
        before, between, after = _hit(
            len(index), len(data), payload.encoding, payload.uncompressed_size_bytes, payload.message_type, payload.blob
        )
        pieces += (before, index, between, data, after, payload.sha256)
        size_bytes += len(data)
        if size_bytes > _ANSWER_BYTES:
            yield b"".join(pieces)
            pieces, size_bytes = [], 0
    if pieces:
        yield b"".join(pieces)


@lru_cache(maxsize=16)  # of a larger batch the indexes are made again: they would stay in memory for ever
def _indexes(start: int) -> list[bytes]:
    """Return the numbers of a slice as they stand in a message."""
    return [varint(number) for number in range(start, start + SLICE)]


@lru_cache(maxsize=4096)
def _hit(
    index_bytes: int, data_bytes: int, encoding: str, size_bytes: int, message_type: str, blob: keys.Blob | None
) -> Frame:
    """Return what stands before the index, between index and data, and between data and digest of a part."""
    rest = entry_pb2.Payload(uncompressed_size_bytes=size_bytes, encoding=ENCODINGS[encoding])
    rest.message_type = message_type
    if blob is not None:
        rest.blob.CopyFrom(blob_message(blob))
    after = rest.SerializeToString() + tag(entry_pb2.Payload, "sha256", BYTES) + varint(keys.DIGEST_BYTES)
    opened = tag(entry_pb2.Payload, "data", BYTES) + varint(data_bytes)
    payload_bytes = len(opened) + data_bytes + len(after) + keys.DIGEST_BYTES
    between = tag(pb.BatchLookupItem, "hit", BYTES) + varint(payload_bytes) + opened
    before = _before(index_bytes, len(between) - len(opened) + payload_bytes)
    return before, between, after


@lru_cache(maxsize=64)
def _miss(index_bytes: int, reason: int) -> tuple[bytes, bytes]:
    after = tag(pb.BatchLookupItem, "miss", VARINT) + varint(reason)
    return _before(index_bytes, len(after)), after


def _before(index_bytes: int, rest_bytes: int) -> bytes:
    """Return how an item begins, up to its index."""
    opened = tag(pb.BatchLookupItem, "index", VARINT)
    item_bytes = len(opened) + index_bytes + rest_bytes
    return tag(pb.BatchLookupResponse, "items", BYTES) + varint(item_bytes) + opened
