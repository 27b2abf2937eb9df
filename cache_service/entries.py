"""Records: what is kept under a key, how it is checked, and its form as one string of bytes."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson
import zstandard

from cache_service.keys import MAX_SIZE_BYTES, Blob, Identity, Pipeline

_RESULT, _FAILURE = b"AC1R", b"AC1F"
"""How a record begins. The fourth byte tells a result from a failure, also to Valkey's scripts."""
_MAGIC_BYTES = 4
_GENERATION_BYTES = 20
"""Decimal digits with leading zeros, so that Valkey's scripts can compare them as they are."""

_DIGEST_AT = _MAGIC_BYTES + _GENERATION_BYTES
_DIGEST_BYTES = 32
_ENCODINGS = {"identity", "zstd"}
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What an invalidation may name a record by. Of a part, `blob_sha256` is the digest of its content."""

    namespace: str = ""
    pipeline: Pipeline = _NO_PIPELINE
    blob_sha256: bytes = b""


def scope_of(identity: Identity) -> Scope:
    """Return the scope of what stands under an identity's key."""
    return Scope(identity.namespace, identity.pipeline, identity.blob.sha256)


@dataclass(frozen=True, slots=True)
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
    scope: Scope = Scope()

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
    """Return a record as bytes: magic, generation, the head's digest, its length, the head as JSON, the data."""
    head = orjson.dumps(_head(record))
    data = record.outcome.data if isinstance(record.outcome, Payload) else b""
    return b"".join(
        (
            _FAILURE if record.failed else _RESULT,
            generation_digits(record.generation),
            hashlib.sha256(head).digest(),
            len(head).to_bytes(4, "big"),
            head,
            data,
        )
    )


def unpacked(raw: bytes, key: bytes) -> Record:
    """Return the record that `packed` made, checked.

    Raises:
        CorruptRecordError: if it is damaged, or stands under another key.
    """
    start = _DIGEST_AT + _DIGEST_BYTES + 4
    end = start + int.from_bytes(raw[start - 4 : start], "big")
    head_bytes = raw[start:end]
    magic = raw[:_MAGIC_BYTES]
    if magic not in {_RESULT, _FAILURE} or hashlib.sha256(head_bytes).digest() != raw[_DIGEST_AT : start - 4]:
        raise CorruptRecordError("the head is damaged")
    try:
        record = _record(orjson.loads(head_bytes), raw[end:])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptRecordError("the head does not decode") from error
    if record.key != key:
        raise CorruptRecordError("the record stands under another key")
    if raw[_MAGIC_BYTES:_DIGEST_AT] != generation_digits(record.generation):
        raise CorruptRecordError("the record is not of the generation that it says")
    outcome = record.outcome
    if isinstance(outcome, Failure) != (magic == _FAILURE):
        raise CorruptRecordError("the record is not of the kind that it says")
    if isinstance(outcome, Payload):
        check_payload(outcome)
    return record


def _record(head: dict[str, Any], data: bytes) -> Record:
    outcome = _payload(head["payload"], data) if head["payload"] else failure_of(head["failure"])
    times = float(head["cost_ms"]), float(head["created_at"]), float(head["expires_at"])
    return Record(bytes.fromhex(head["key"]), outcome, *times, _size(head["generation"]), _scope(head["scope"]))


def generation_digits(generation: int) -> bytes:
    """Return a generation as it stands in a packed record."""
    return b"%020d" % generation


def _scope(data: list[str]) -> Scope:
    namespace, pipeline, version, blob_sha256 = data
    return Scope(str(namespace), Pipeline(str(pipeline), str(version)), bytes.fromhex(blob_sha256))


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


def _head(record: Record) -> dict[str, object]:
    outcome, scope = record.outcome, record.scope
    payload = None
    if isinstance(outcome, Payload):
        payload = {
            "encoding": outcome.encoding,
            "sha256": outcome.sha256.hex(),
            "size": outcome.uncompressed_size_bytes,
            "type": outcome.message_type,
            "blob": [outcome.blob.sha256.hex(), outcome.blob.size_bytes] if outcome.blob else None,
        }
    return {
        "key": record.key.hex(),
        "payload": payload,
        "failure": failure_json(outcome) if isinstance(outcome, Failure) else None,
        "cost_ms": record.compute_cost_ms,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
        "generation": record.generation,
        "scope": [scope.namespace, scope.pipeline.name, scope.pipeline.version, scope.blob_sha256.hex()],
    }


def _payload(head: dict[str, Any], data: bytes) -> Payload:
    encoding = head["encoding"]
    if encoding not in _ENCODINGS:
        raise ValueError("no such encoding")
    blob = head["blob"]
    return Payload(
        data=data,
        encoding=encoding,
        sha256=bytes.fromhex(head["sha256"]),
        uncompressed_size_bytes=_size(head["size"]),
        message_type=str(head["type"]),
        blob=None if blob is None else Blob(bytes.fromhex(blob[0]), _size(blob[1])),
    )


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
