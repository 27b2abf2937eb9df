import datetime

from assaycache.cache.v1 import identity_pb2 as _identity_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReferenceOffer(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: bytes
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[bytes] = ...) -> None: ...

class PipelineOffer(_message.Message):
    __slots__ = ("pipeline", "active", "defaults", "params_schema", "references", "default_reference", "retention")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    pipeline: _identity_pb2.PipelineRef
    active: bool
    defaults: _any_pb2.Any
    params_schema: _descriptor_pb2.FileDescriptorSet
    references: _containers.RepeatedCompositeFieldContainer[ReferenceOffer]
    default_reference: str
    retention: _duration_pb2.Duration
    def __init__(self, pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., active: _Optional[bool] = ..., defaults: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., params_schema: _Optional[_Union[_descriptor_pb2.FileDescriptorSet, _Mapping]] = ..., references: _Optional[_Iterable[_Union[ReferenceOffer, _Mapping]]] = ..., default_reference: _Optional[str] = ..., retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
