"""Parts out of the answers of the cache, each as the written `Payload` that the file of a plan's parts takes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from assaycache.cache.v1.cache_service_pb2 import BatchLookupColumns, BatchLookupResponse
from assaycache.cache.v1.entry_pb2 import Encoding, Payload
from rpc.wire import BYTES, tag, varint

_DIGEST_BYTES = 32
_DATA = tag(Payload, "data", BYTES)
_SHA256 = tag(Payload, "sha256", BYTES) + varint(_DIGEST_BYTES)


def found_in(answer: BatchLookupResponse) -> Iterator[tuple[int, bytes]]:
    """Yield the index of each part that there is, and its payload, by items and by columns."""
    for item in answer.items:
        if item.HasField("hit"):
            yield item.index, item.hit.SerializeToString()
    for columns in answer.columns:
        yield from _found_in_columns(columns)


def _found_in_columns(columns: BatchLookupColumns) -> Iterator[tuple[int, bytes]]:
    """Write them without making a message of each, which takes three times as long."""
    data, sha256s = columns.data, columns.sha256s
    encoding, message_type = columns.encoding, columns.message_type
    sizes = list(columns.data_sizes)
    ends = accumulate(sizes)
    for number, (index, size, end, plain_size) in enumerate(
        zip(columns.indexes, sizes, ends, columns.uncompressed_sizes, strict=True)
    ):
        sha256 = sha256s[_DIGEST_BYTES * number : _DIGEST_BYTES * (number + 1)]
        rest = _rest(encoding, plain_size, message_type)
        yield index, b"".join((_DATA, varint(size), data[end - size : end], _SHA256, sha256, rest))


@lru_cache(maxsize=4096)
def _rest(encoding: Encoding, plain_size: int, message_type: str) -> bytes:
    rest = Payload(encoding=encoding, uncompressed_size_bytes=plain_size, message_type=message_type)
    return rest.SerializeToString()
