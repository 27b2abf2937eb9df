"""Records: what is kept under a key, how it is checked, and its form as one string of bytes.

Nobody changes a record or what is in it; yet they are not frozen: Python takes four times as long to make an object
that is, and a batch makes thousands.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
import zstandard

from cache_service.keys import MAX_SIZE_BYTES, Blob, Identity, Pipeline

_RESULT, _FAILURE = b"AC2R", b"AC2F"
"""How a record begins. The fourth byte tells a result from a failure, also to Valkey's scripts."""

_HEAD = struct.Struct(">4s20s32sdddQB32sB32sI")
"""Magic; generation, in decimal digits with leading zeros, so that Valkey's scripts can compare them as they are; key;
cost in ms; created, expires; uncompressed size; length and bytes of the scope's digest and of the content's; length of
the texts."""

_DIGEST_BYTES = 32
_NEW_DIGEST = hashlib.sha256()
_ENCODINGS = {"identity", "zstd", ""}
"""A failure has none."""

_OBJECTS_BYTES = 640
"""What the objects around a record's bytes take; measured: 600."""
_TEXT_BYTES = 80
"""What the objects around a text take; its characters take up to 4 bytes each."""
_MAX_WINDOW_BYTES = 256 * 1024 * 1024


_NO_PIPELINE = Pipeline("", "")


class CorruptRecordError(Exception):
    """A record is not what its digests say, or does not decode."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One parameter at fault and how."""

    field: str
    description: str


@dataclass(slots=True)  # not frozen, see the top: nobody changes one
class Payload:
    """A result: encoded bytes and the digest of the uncompressed ones."""

    data: bytes
    encoding: str
    sha256: bytes
    uncompressed_size_bytes: int
    message_type: str = ""
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that follows from the input."""

    reason: str
    message: str
    violations: tuple[Violation, ...] = ()


@dataclass(slots=True)  # not frozen, see the top: nobody changes one
class Scope:
    """What an invalidation may name a record by. Of a part, `blob_sha256` is the digest of its content."""

    namespace: str = ""
    pipeline: Pipeline = _NO_PIPELINE
    blob_sha256: bytes = b""


def scope_of(identity: Identity) -> Scope:
    """Return the scope of what stands under an identity's key."""
    return Scope(identity.namespace, identity.pipeline, identity.blob.sha256)


@dataclass(slots=True)  # not frozen, see the top: nobody changes one
class Record:
    """What stands under a key: a result or a remembered failure. Times are seconds since 1970.

    `generation` is that of the newest invalidation that was known when the right to compute it was given: only later
    invalidations can mean it.
    """

    key: bytes
    outcome: Payload | Failure
    compute_cost_ms: float
    created_at: float
    expires_at: float
    generation: int = 0
    scope: Scope = field(default_factory=Scope)

    @property
    def failed(self) -> bool:
        """Whether this is a failure."""
        return isinstance(self.outcome, Failure)

    @property
    def size_bytes(self) -> int:
        """About how much memory the record takes."""
        outcome = self.outcome
        if isinstance(outcome, Payload):
            return _OBJECTS_BYTES + len(outcome.data) + 4 * len(outcome.message_type)
        texts = [outcome.message, *(text for item in outcome.violations for text in (item.field, item.description))]
        return _OBJECTS_BYTES + sum(_TEXT_BYTES + 4 * len(text) for text in texts)


def check_payload(payload: Payload) -> None:
    """Raise CorruptRecordError unless the payload decodes to bytes of its size and digest."""
    if payload.blob is not None:
        return
    if hashlib.sha256(decoded(payload)).digest() != payload.sha256:
        raise CorruptRecordError("the payload does not have its digest")


def decoded(payload: Payload) -> bytes:
    """Return the uncompressed bytes, at most as many as the payload claims.

    Raises:
        CorruptRecordError: if they do not decode or are not as many as claimed.
    """
    plain = payload.data if payload.encoding == "identity" else _decompressed(payload)
    if len(plain) != payload.uncompressed_size_bytes:
        raise CorruptRecordError("the payload does not have its size")
    return plain


def _decompressed(payload: Payload) -> bytes:
    size = payload.uncompressed_size_bytes
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(payload.data)
        plain = reader.read(size + 1)
    except (zstandard.ZstdError, OverflowError, MemoryError) as error:
        raise CorruptRecordError(f"the payload does not decode: {error}") from error
    return plain


def packed(record: Record) -> bytes:
    """Return a record as bytes: head, digest of the content, texts, the payload's data or the failure, digest of all.

    A batch is read out of Valkey record by record, so what tells one from the next is at fixed places, and what all
    have in common (the texts) is one piece.
    """
    outcome, scope = record.outcome, record.scope
    if isinstance(outcome, Payload):
        magic, data, blob = _RESULT, outcome.data, outcome.blob
        about = outcome.encoding, outcome.message_type, None if blob is None else [blob.sha256.hex(), blob.size_bytes]
        sha256, size_bytes = outcome.sha256, outcome.uncompressed_size_bytes
    else:
        magic, data, about = _FAILURE, orjson.dumps(failure_json(outcome)), ("", "", None)
        sha256, size_bytes = b"", 0
    texts = orjson.dumps([scope.namespace, scope.pipeline.name, scope.pipeline.version, *about])
    head = _HEAD.pack(
        magic,
        generation_digits(record.generation),
        record.key,
        record.compute_cost_ms,
        record.created_at,
        record.expires_at,
        size_bytes,
        len(scope.blob_sha256),
        scope.blob_sha256,
        len(sha256),
        sha256,
        len(texts),
    )
    content = b"".join((head, texts, data))
    return content + hashlib.sha256(content).digest()


def unpacked(raw: bytes, key: bytes) -> Record:
    """Return the record that `packed` made, checked: its digest covers all of it, so also its payload.

    Raises:
        CorruptRecordError: if it is damaged, or stands under another key.
    """
    content = raw[:-_DIGEST_BYTES]
    digest = _NEW_DIGEST.copy()  # a fourth faster than making one
    digest.update(content)
    if digest.digest() != raw[-_DIGEST_BYTES:]:
        raise CorruptRecordError("the record does not have its digest")
    try:
        magic, digits, own_key, cost_ms, created_at, expires_at, size, scoped, scope, hashed, sha256, length = (
            _HEAD.unpack_from(content)
        )
        start = _HEAD.size + length
        namespace, pipeline, encoding, message_type, blob = _texts(content[_HEAD.size : start])
        generation = int(digits)
        outcome = _OUTCOMES[magic](content[start:], encoding, sha256[:hashed], size, message_type, blob)
    except (struct.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptRecordError("the record does not decode") from error
    if own_key != key:
        raise CorruptRecordError("the record stands under another key")
    return Record(key, outcome, cost_ms, created_at, expires_at, generation, Scope(namespace, pipeline, scope[:scoped]))


@lru_cache(maxsize=1024)  # records of one pipeline and namespace have the same
def _texts(raw: bytes) -> tuple[str, Pipeline, str, str, Blob | None]:
    namespace, name, version, encoding, message_type, blob = orjson.loads(raw)
    known = None if blob is None else Blob(bytes.fromhex(blob[0]), _size(blob[1]))
    if encoding not in _ENCODINGS:
        raise ValueError("no such encoding")
    return str(namespace), Pipeline(str(name), str(version)), str(encoding), str(message_type), known


def _failure(data: bytes, *_others: object) -> Failure:
    return failure_of(orjson.loads(data))


_OUTCOMES: dict[bytes, Callable[..., Payload | Failure]] = {_RESULT: Payload, _FAILURE: _failure}


def generation_digits(generation: int) -> bytes:
    """Return a generation as it stands in a packed record."""
    return b"%020d" % generation


def failure_json(failure: Failure) -> dict[str, object]:
    """Return a failure as plain JSON data."""
    return {
        "reason": failure.reason,
        "message": failure.message,
        "violations": [[violation.field, violation.description] for violation in failure.violations],
    }


def failure_of(data: dict[str, Any]) -> Failure:
    """Return the failure that `failure_json` wrote.

    Raises:
        CorruptRecordError: if it wrote none such.
    """
    try:
        violations = tuple(Violation(str(name), str(text)) for name, text in data["violations"])
        return Failure(str(data["reason"]), str(data["message"]), violations)
    except (ValueError, LookupError, TypeError) as error:
        raise CorruptRecordError("the failure does not decode") from error


def _size(given: Any) -> int:
    if type(given) is not int or not 0 <= given <= MAX_SIZE_BYTES:
        raise ValueError("no size")
    return given


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tier holds."""

    entries: int = 0
    size_bytes: int = 0
    limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a computation has come."""

    stage: str = ""
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Submission:
    """One handing-in of a blob. Times are seconds since 1970; they and the count are the cache's to set."""

    file_name: str = ""
    uploader: str = ""
    metadata: dict[str, object] = field(default_factory=dict)
    first_seen_at: float = 0.0
    last_seen_at: float = 0.0
    seen_count: int = 0
