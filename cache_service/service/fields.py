"""Fields of messages as plain values, inside their domains: what they say reaches the engines only through here."""

from google.protobuf import duration_pb2, timestamp_pb2

from assaycache.cache.v1 import identity_pb2
from cache_service import keys, tokens
from cache_service.tokens import TaskToken, Token
from rpc.access import namespace_for, require
from rpc.errors import field_invalid
from rpc.roles import Role

_YEAR_SECONDS = 365 * 24 * 3600.0
_MOST_RETENTION_SECONDS = 10 * _YEAR_SECONDS
_FIRST_SECOND = -62_135_596_800
"""0001-01-01, where the contract's times begin."""
LAST_SECOND = 253_402_300_799
"""9999-12-31 23:59:59, where they end."""


def text_of(given: str, field: str, max_chars: int) -> str:
    """Return a text.

    Raises:
        InvalidArgument: FIELD_INVALID: it is too long, or holds NUL, which no database takes.
    """
    if len(given) > max_chars or "\x00" in given:
        raise field_invalid(field, f"must be at most {max_chars} characters, none of them NUL")
    return given


def namespace_of(given: str) -> str:
    """Return the namespace meant: the caller's own where none is named.

    Raises:
        InvalidArgument: FIELD_INVALID.
        PermissionDenied: NAMESPACE_FORBIDDEN: it is another's.
    """
    try:
        if given:
            keys.check_namespace(given)
    except keys.InvalidKeyError as error:
        raise field_invalid(error.field, error.description) from error
    return namespace_for(given)


def token_of(raw: bytes) -> Token:
    """Return the token of a lease in a namespace that the caller's own token opens.

    Raises:
        InvalidArgument: TOKEN_INVALID.
        PermissionDenied: NAMESPACE_FORBIDDEN: the lease is of another's.
    """
    token = tokens.token_of(raw)
    namespace_for(token.identity.namespace)
    return token


def any_token_of(raw: bytes) -> Token | TaskToken:
    """Return the token of such a lease, or of a task, which only services may hold.

    Raises:
        InvalidArgument: TOKEN_INVALID.
        PermissionDenied: NAMESPACE_FORBIDDEN: the lease is of another's; PERMISSION_DENIED: it is of a task.
    """
    token = tokens.any_token_of(raw)
    if isinstance(token, Token):
        namespace_for(token.identity.namespace)
    else:
        require(Role.SERVICE)
    return token


def blob_of(message: identity_pb2.BlobRef, field: str) -> keys.Blob:
    """Return a blob.

    Raises:
        InvalidArgument: FIELD_INVALID: the digest is not 32 bytes, or the size none that a blob can have.
    """
    return keys.Blob(digest_of(message.sha256, f"{field}.sha256"), size_of(message.size_bytes, f"{field}.size_bytes"))


def digest_of(given: bytes, field: str) -> bytes:
    """Return a digest.

    Raises:
        InvalidArgument: FIELD_INVALID: it is not 32 bytes.
    """
    if len(given) != keys.DIGEST_BYTES:
        raise field_invalid(field, f"must be {keys.DIGEST_BYTES} raw bytes, not {len(given)}")
    return given


def size_of(given: int, field: str) -> int:
    """Return a number of bytes.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    if not 0 <= given <= keys.MAX_SIZE_BYTES:
        raise field_invalid(field, f"must be at most {keys.MAX_SIZE_BYTES}")
    return given


def seconds_of(message: duration_pb2.Duration) -> float:
    """Return a duration in seconds, whatever it says: it may be negative, or longer than protobuf's own limit."""
    return message.seconds + message.nanos / 1e9


def cost_ms_of(message: duration_pb2.Duration, field: str = "compute_cost") -> float:
    """Return what a computation cost.

    Raises:
        InvalidArgument: FIELD_INVALID: it is negative, or more than a year.
    """
    return _between(seconds_of(message), 0.0, _YEAR_SECONDS, field, "must be between 0 and a year") * 1000


def retention_seconds_of(message: duration_pb2.Duration, field: str = "retention") -> float:
    """Return for how long something is to be kept.

    Raises:
        InvalidArgument: FIELD_INVALID: it is negative, or more than ten years.
    """
    return _between(seconds_of(message), 0.0, _MOST_RETENTION_SECONDS, field, "must be between 0 and ten years")


def time_of(message: timestamp_pb2.Timestamp, field: str) -> float:
    """Return a time in seconds since 1970; one before that is 1970.

    Raises:
        InvalidArgument: FIELD_INVALID: it is not within the years 1 to 9999.
    """
    seconds = message.seconds + message.nanos / 1e9
    return max(0.0, _between(seconds, _FIRST_SECOND, LAST_SECOND, field, "must be within the years 1 to 9999"))


def _between(value: float, low: float, high: float, field: str, description: str) -> float:
    if not low <= value <= high:
        raise field_invalid(field, description)
    return value
