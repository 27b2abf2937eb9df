import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BlobRef(_message.Message):
    __slots__ = ("sha256", "size_bytes")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    size_bytes: int
    def __init__(self, sha256: _Optional[bytes] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class PipelineRef(_message.Message):
    __slots__ = ("name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class ReferenceRef(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: bytes
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[bytes] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("namespace", "blob", "pipeline", "params", "reference")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    blob: BlobRef
    pipeline: PipelineRef
    params: _any_pb2.Any
    reference: ReferenceRef
    def __init__(self, namespace: _Optional[str] = ..., blob: _Optional[_Union[BlobRef, _Mapping]] = ..., pipeline: _Optional[_Union[PipelineRef, _Mapping]] = ..., params: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., reference: _Optional[_Union[ReferenceRef, _Mapping]] = ...) -> None: ...

class Identity(_message.Message):
    __slots__ = ("job_id", "key", "namespace", "blob", "pipeline", "reference_digest")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    key: bytes
    namespace: str
    blob: BlobRef
    pipeline: PipelineRef
    reference_digest: bytes
    def __init__(self, job_id: _Optional[str] = ..., key: _Optional[bytes] = ..., namespace: _Optional[str] = ..., blob: _Optional[_Union[BlobRef, _Mapping]] = ..., pipeline: _Optional[_Union[PipelineRef, _Mapping]] = ..., reference_digest: _Optional[bytes] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("file_name", "uploader", "metadata", "first_seen_time", "last_seen_time", "seen_count")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    UPLOADER_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    SEEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    uploader: str
    metadata: _struct_pb2.Struct
    first_seen_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    seen_count: int
    def __init__(self, file_name: _Optional[str] = ..., uploader: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., first_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seen_count: _Optional[int] = ...) -> None: ...
