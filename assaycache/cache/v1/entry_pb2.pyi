import datetime

from assaycache.cache.v1 import identity_pb2 as _identity_pb2
from assaycache.errors.v1 import errors_pb2 as _errors_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_IDENTITY: _ClassVar[Encoding]
    ENCODING_ZSTD: _ClassVar[Encoding]

class Tier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_UNSPECIFIED: _ClassVar[Tier]
    TIER_MEMORY: _ClassVar[Tier]
    TIER_HOT: _ClassVar[Tier]
    TIER_DURABLE: _ClassVar[Tier]
    TIER_COMPUTED: _ClassVar[Tier]

class Durability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DURABILITY_UNSPECIFIED: _ClassVar[Durability]
    DURABILITY_DURABLE: _ClassVar[Durability]
    DURABILITY_PENDING: _ClassVar[Durability]
    DURABILITY_VOLATILE: _ClassVar[Durability]

class MissReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MISS_REASON_UNSPECIFIED: _ClassVar[MissReason]
    MISS_REASON_NEVER_SEEN: _ClassVar[MissReason]
    MISS_REASON_IN_PROGRESS: _ClassVar[MissReason]
    MISS_REASON_EXPIRED: _ClassVar[MissReason]
    MISS_REASON_EVICTED: _ClassVar[MissReason]
    MISS_REASON_INVALIDATED: _ClassVar[MissReason]
    MISS_REASON_CORRUPT: _ClassVar[MissReason]
    MISS_REASON_TIER_AWAY: _ClassVar[MissReason]
ENCODING_UNSPECIFIED: Encoding
ENCODING_IDENTITY: Encoding
ENCODING_ZSTD: Encoding
TIER_UNSPECIFIED: Tier
TIER_MEMORY: Tier
TIER_HOT: Tier
TIER_DURABLE: Tier
TIER_COMPUTED: Tier
DURABILITY_UNSPECIFIED: Durability
DURABILITY_DURABLE: Durability
DURABILITY_PENDING: Durability
DURABILITY_VOLATILE: Durability
MISS_REASON_UNSPECIFIED: MissReason
MISS_REASON_NEVER_SEEN: MissReason
MISS_REASON_IN_PROGRESS: MissReason
MISS_REASON_EXPIRED: MissReason
MISS_REASON_EVICTED: MissReason
MISS_REASON_INVALIDATED: MissReason
MISS_REASON_CORRUPT: MissReason
MISS_REASON_TIER_AWAY: MissReason

class Payload(_message.Message):
    __slots__ = ("data", "encoding", "sha256", "uncompressed_size_bytes", "message_type", "blob")
    DATA_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    UNCOMPRESSED_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    encoding: Encoding
    sha256: bytes
    uncompressed_size_bytes: int
    message_type: str
    blob: _identity_pb2.BlobRef
    def __init__(self, data: _Optional[bytes] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., sha256: _Optional[bytes] = ..., uncompressed_size_bytes: _Optional[int] = ..., message_type: _Optional[str] = ..., blob: _Optional[_Union[_identity_pb2.BlobRef, _Mapping]] = ...) -> None: ...

class Entry(_message.Message):
    __slots__ = ("identity", "payload", "tier", "compute_cost", "created_time", "age", "expires_in")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_COST_FIELD_NUMBER: _ClassVar[int]
    CREATED_TIME_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    payload: Payload
    tier: Tier
    compute_cost: _duration_pb2.Duration
    created_time: _timestamp_pb2.Timestamp
    age: _duration_pb2.Duration
    expires_in: _duration_pb2.Duration
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ..., payload: _Optional[_Union[Payload, _Mapping]] = ..., tier: _Optional[_Union[Tier, str]] = ..., compute_cost: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., created_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Miss(_message.Message):
    __slots__ = ("reason", "blob_present")
    REASON_FIELD_NUMBER: _ClassVar[int]
    BLOB_PRESENT_FIELD_NUMBER: _ClassVar[int]
    reason: MissReason
    blob_present: bool
    def __init__(self, reason: _Optional[_Union[MissReason, str]] = ..., blob_present: _Optional[bool] = ...) -> None: ...

class FieldViolation(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("reason", "message", "expires_in", "violations")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    reason: _errors_pb2.ErrorReason
    message: str
    expires_in: _duration_pb2.Duration
    violations: _containers.RepeatedCompositeFieldContainer[FieldViolation]
    def __init__(self, reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[FieldViolation, _Mapping]]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("stage", "fraction", "parts_total", "parts_done", "parts_known")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    PARTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    PARTS_DONE_FIELD_NUMBER: _ClassVar[int]
    PARTS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    stage: str
    fraction: float
    parts_total: int
    parts_done: int
    parts_known: int
    def __init__(self, stage: _Optional[str] = ..., fraction: _Optional[float] = ..., parts_total: _Optional[int] = ..., parts_done: _Optional[int] = ..., parts_known: _Optional[int] = ...) -> None: ...

class PartRef(_message.Message):
    __slots__ = ("sha256", "size_bytes")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    size_bytes: int
    def __init__(self, sha256: _Optional[bytes] = ..., size_bytes: _Optional[int] = ...) -> None: ...
