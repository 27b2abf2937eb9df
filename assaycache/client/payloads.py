"""Results as they travel: compressed, named by the digest of their uncompressed bytes."""

import hashlib
from collections.abc import Callable

import zstandard

from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.client.pipelines import RESULTS, Result
from rpc.errors import AssayError, Internal, NotBuilt
from rpc.reasons import Reason

Download = Callable[[identity_pb2.BlobRef], bytes]


def result_in(payload: entry_pb2.Payload, download: Download) -> Result:
    """Return the message that a payload holds; a large one is fetched by `download`.

    Raises:
        NotBuilt: if this version of the client does not know the message.
        Internal: PAYLOAD_INVALID, if the bytes are damaged.
    """
    kind = RESULTS.get(payload.message_type)
    if kind is None:
        raise NotBuilt(
            Reason.NOT_BUILT, f"The result is a {payload.message_type!r}, which this version of the client cannot read."
        )
    encoded = download(payload.blob) if payload.HasField("blob") else payload.data
    data = _decoded(encoded, payload)
    if hashlib.sha256(data).digest() != payload.sha256:
        raise _damaged("does not have the digest that names it")
    return kind.FromString(data)


def _decoded(encoded: bytes, payload: entry_pb2.Payload) -> bytes:
    if payload.encoding == entry_pb2.ENCODING_IDENTITY:
        return encoded
    if payload.encoding != entry_pb2.ENCODING_ZSTD:
        raise _damaged(f"is coded in a way that this client does not know ({payload.encoding})")
    try:
        if zstandard.frame_content_size(encoded) not in (-1, payload.uncompressed_size_bytes):
            raise _damaged("is not as large as it says")
        return zstandard.ZstdDecompressor().decompress(encoded, max_output_size=payload.uncompressed_size_bytes)
    except zstandard.ZstdError as error:
        raise _damaged("cannot be decompressed") from error


def _damaged(how: str) -> AssayError:
    return Internal(Reason.PAYLOAD_INVALID, f"The result {how}.")
