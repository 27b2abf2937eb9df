"""Who hands in and under which name: submissions in and out."""

import math

from google.protobuf import json_format, struct_pb2

from assaycache.cache.v1 import identity_pb2
from cache_service.entries import Submission
from cache_service.service.fields import text_of
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

_MAX_NAME_CHARS = 500
_MAX_METADATA_BYTES = 64 * 1024
_MAX_METADATA_DEPTH = 16
"""Protobuf reads about a hundred levels of messages, and each level of metadata is three."""

_EXACT = 2.0**53
"""Beyond it a whole number is a float of some rounding, and no 64-bit integer for long."""


def submission_of(message: identity_pb2.Submission) -> Submission:
    """Return a submission as a caller says it.

    Raises:
        InvalidArgument: FIELD_INVALID; METADATA_INVALID: too large, too deep, or with NUL, NaN or an infinity.
    """
    file_name = text_of(message.file_name, "submission.file_name", _MAX_NAME_CHARS)
    uploader = text_of(message.uploader, "submission.uploader", _MAX_NAME_CHARS)
    if message.metadata.ByteSize() > _MAX_METADATA_BYTES:
        raise _metadata_invalid(f"The metadata may be {_MAX_METADATA_BYTES // 1024} KiB at most.")
    return Submission(file_name, uploader, _object(message.metadata, _MAX_METADATA_DEPTH))


def fill_submission(message: identity_pb2.Submission, submission: Submission) -> None:
    """Write a submission into a message, but for its times."""
    message.file_name = submission.file_name
    message.uploader = submission.uploader
    message.seen_count = submission.seen_count
    json_format.ParseDict(submission.metadata, message.metadata)


def _object(message: struct_pb2.Struct, levels: int) -> dict[str, object]:
    return {_text(name): _plain(value, levels) for name, value in message.fields.items()}


def _plain(value: struct_pb2.Value, levels: int) -> object:
    if levels == 0:
        raise _metadata_invalid(f"The metadata may be nested {_MAX_METADATA_DEPTH} levels deep.")
    match value.WhichOneof("kind"):
        case "struct_value":
            return _object(value.struct_value, levels - 1)
        case "list_value":
            return [_plain(item, levels - 1) for item in value.list_value.values]
        case "string_value":
            return _text(value.string_value)
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _text(text: str) -> str:
    if "\x00" in text:
        raise _metadata_invalid("The metadata may not hold NUL characters.")
    return text


def _number(number: float) -> float | int:
    if not math.isfinite(number):
        raise _metadata_invalid("The metadata may not hold NaN or an infinity.")
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def _metadata_invalid(message: str) -> InvalidArgument:
    return InvalidArgument(Reason.METADATA_INVALID, message, metadata={"field": "submission.metadata"})
