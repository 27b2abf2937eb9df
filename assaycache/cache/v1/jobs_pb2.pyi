import datetime

from assaycache.cache.v1 import entry_pb2 as _entry_pb2
from assaycache.cache.v1 import identity_pb2 as _identity_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATUS_UNSPECIFIED: _ClassVar[JobStatus]
    JOB_STATUS_QUEUED: _ClassVar[JobStatus]
    JOB_STATUS_ASKED: _ClassVar[JobStatus]
    JOB_STATUS_RUNNING: _ClassVar[JobStatus]
    JOB_STATUS_SUCCEEDED: _ClassVar[JobStatus]
    JOB_STATUS_FAILED: _ClassVar[JobStatus]
    JOB_STATUS_GONE: _ClassVar[JobStatus]
JOB_STATUS_UNSPECIFIED: JobStatus
JOB_STATUS_QUEUED: JobStatus
JOB_STATUS_ASKED: JobStatus
JOB_STATUS_RUNNING: JobStatus
JOB_STATUS_SUCCEEDED: JobStatus
JOB_STATUS_FAILED: JobStatus
JOB_STATUS_GONE: JobStatus

class Job(_message.Message):
    __slots__ = ("identity", "status", "submissions", "failure", "created_time", "updated_time", "compute_cost", "result_size_bytes", "params_json", "task_id", "progress")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SUBMISSIONS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATED_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATED_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_COST_FIELD_NUMBER: _ClassVar[int]
    RESULT_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    status: JobStatus
    submissions: _containers.RepeatedCompositeFieldContainer[_identity_pb2.Submission]
    failure: _entry_pb2.Failure
    created_time: _timestamp_pb2.Timestamp
    updated_time: _timestamp_pb2.Timestamp
    compute_cost: _duration_pb2.Duration
    result_size_bytes: int
    params_json: str
    task_id: str
    progress: _entry_pb2.Progress
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ..., status: _Optional[_Union[JobStatus, str]] = ..., submissions: _Optional[_Iterable[_Union[_identity_pb2.Submission, _Mapping]]] = ..., failure: _Optional[_Union[_entry_pb2.Failure, _Mapping]] = ..., created_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., compute_cost: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., result_size_bytes: _Optional[int] = ..., params_json: _Optional[str] = ..., task_id: _Optional[str] = ..., progress: _Optional[_Union[_entry_pb2.Progress, _Mapping]] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("task_id", "question", "source_uri", "submission", "attempt", "waited", "context")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URI_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    question: _identity_pb2.Question
    source_uri: str
    submission: _identity_pb2.Submission
    attempt: int
    waited: _duration_pb2.Duration
    context: _struct_pb2.Struct
    def __init__(self, task_id: _Optional[str] = ..., question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., source_uri: _Optional[str] = ..., submission: _Optional[_Union[_identity_pb2.Submission, _Mapping]] = ..., attempt: _Optional[int] = ..., waited: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., context: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...
