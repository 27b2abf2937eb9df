"""The bytes of results to JSON."""

import hashlib

import orjson
import zstandard
from google.protobuf.message import DecodeError

from gateway.backend import Payload
from gateway.translate.messages import RESULTS
from rpc import errors
from rpc.protojson import json_of
from rpc.reasons import Reason


def rendered(payload: Payload, data: bytes, digest: bytes) -> bytes:
    """Decode, verify and render a result.

    Raises:
        Internal: PAYLOAD_INVALID.
    """
    plain = _decompressed(data, payload.size_bytes) if payload.compressed else data
    if hashlib.sha256(plain).digest() != digest:
        raise _damaged("its digest is not that of its bytes")
    kind = RESULTS.get(payload.message_type)
    if kind is None:
        raise _damaged(f"it is a {payload.message_type}, which this gateway does not know")
    message = kind()
    try:
        message.ParseFromString(plain)
    except DecodeError as error:
        raise _damaged("it cannot be decoded") from error
    return orjson.dumps(json_of(message))


def _decompressed(data: bytes, size_bytes: int) -> bytes:
    try:
        plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=size_bytes)
    except zstandard.ZstdError as error:
        raise _damaged("it cannot be decompressed") from error
    return bytes(plain)


def _damaged(how: str) -> errors.Internal:
    return errors.Internal(Reason.PAYLOAD_INVALID, f"The result arrived damaged: {how}.")
