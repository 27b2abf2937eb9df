import datetime

from assaycache.cache.v1 import entry_pb2 as _entry_pb2
from assaycache.cache.v1 import identity_pb2 as _identity_pb2
from assaycache.cache.v1 import jobs_pb2 as _jobs_pb2
from assaycache.cache.v1 import pipelines_pb2 as _pipelines_pb2
from assaycache.errors.v1 import errors_pb2 as _errors_pb2
from google.protobuf import any_pb2 as _any_pb2
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

class Explanation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPLANATION_UNSPECIFIED: _ClassVar[Explanation]
    EXPLANATION_PRESENT: _ClassVar[Explanation]
    EXPLANATION_NEVER_SEEN: _ClassVar[Explanation]
    EXPLANATION_EXPIRED: _ClassVar[Explanation]
    EXPLANATION_EVICTED: _ClassVar[Explanation]
    EXPLANATION_INVALIDATED: _ClassVar[Explanation]
    EXPLANATION_FAILED: _ClassVar[Explanation]
    EXPLANATION_IN_PROGRESS: _ClassVar[Explanation]
    EXPLANATION_OTHER_QUESTION: _ClassVar[Explanation]
EXPLANATION_UNSPECIFIED: Explanation
EXPLANATION_PRESENT: Explanation
EXPLANATION_NEVER_SEEN: Explanation
EXPLANATION_EXPIRED: Explanation
EXPLANATION_EVICTED: Explanation
EXPLANATION_INVALIDATED: Explanation
EXPLANATION_FAILED: Explanation
EXPLANATION_IN_PROGRESS: Explanation
EXPLANATION_OTHER_QUESTION: Explanation

class IngestHeader(_message.Message):
    __slots__ = ("namespace", "claimed_sha256", "claimed_size_bytes", "task_token")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_SHA256_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TASK_TOKEN_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    claimed_sha256: bytes
    claimed_size_bytes: int
    task_token: bytes
    def __init__(self, namespace: _Optional[str] = ..., claimed_sha256: _Optional[bytes] = ..., claimed_size_bytes: _Optional[int] = ..., task_token: _Optional[bytes] = ...) -> None: ...

class IngestRequest(_message.Message):
    __slots__ = ("header", "chunk", "question", "submission")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    header: IngestHeader
    chunk: bytes
    question: _identity_pb2.Question
    submission: _identity_pb2.Submission
    def __init__(self, header: _Optional[_Union[IngestHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ..., question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., submission: _Optional[_Union[_identity_pb2.Submission, _Mapping]] = ...) -> None: ...

class IngestResponse(_message.Message):
    __slots__ = ("blob", "existed", "answer")
    BLOB_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    blob: _identity_pb2.BlobRef
    existed: bool
    answer: LookupResponse
    def __init__(self, blob: _Optional[_Union[_identity_pb2.BlobRef, _Mapping]] = ..., existed: _Optional[bool] = ..., answer: _Optional[_Union[LookupResponse, _Mapping]] = ...) -> None: ...

class DownloadRequest(_message.Message):
    __slots__ = ("namespace", "blob", "offset_bytes")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    OFFSET_BYTES_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    blob: _identity_pb2.BlobRef
    offset_bytes: int
    def __init__(self, namespace: _Optional[str] = ..., blob: _Optional[_Union[_identity_pb2.BlobRef, _Mapping]] = ..., offset_bytes: _Optional[int] = ...) -> None: ...

class DownloadResponse(_message.Message):
    __slots__ = ("size_bytes", "chunk")
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    size_bytes: int
    chunk: bytes
    def __init__(self, size_bytes: _Optional[int] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class FindMissingBlobsRequest(_message.Message):
    __slots__ = ("namespace", "blobs")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    blobs: _containers.RepeatedCompositeFieldContainer[_identity_pb2.BlobRef]
    def __init__(self, namespace: _Optional[str] = ..., blobs: _Optional[_Iterable[_Union[_identity_pb2.BlobRef, _Mapping]]] = ...) -> None: ...

class FindMissingBlobsResponse(_message.Message):
    __slots__ = ("missing",)
    MISSING_FIELD_NUMBER: _ClassVar[int]
    missing: _containers.RepeatedCompositeFieldContainer[_identity_pb2.BlobRef]
    def __init__(self, missing: _Optional[_Iterable[_Union[_identity_pb2.BlobRef, _Mapping]]] = ...) -> None: ...

class LookupRequest(_message.Message):
    __slots__ = ("question", "known_sha256", "submission")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SHA256_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    question: _identity_pb2.Question
    known_sha256: bytes
    submission: _identity_pb2.Submission
    def __init__(self, question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., known_sha256: _Optional[bytes] = ..., submission: _Optional[_Union[_identity_pb2.Submission, _Mapping]] = ...) -> None: ...

class LookupResponse(_message.Message):
    __slots__ = ("identity", "hit", "miss", "failure")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    MISS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    hit: _entry_pb2.Entry
    miss: _entry_pb2.Miss
    failure: _entry_pb2.Failure
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ..., hit: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., miss: _Optional[_Union[_entry_pb2.Miss, _Mapping]] = ..., failure: _Optional[_Union[_entry_pb2.Failure, _Mapping]] = ...) -> None: ...

class BatchLookupRequest(_message.Message):
    __slots__ = ("namespace", "pipeline", "params", "reference", "parts", "lease_token", "part_columns", "answer_columns")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PART_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    pipeline: _identity_pb2.PipelineRef
    params: _any_pb2.Any
    reference: _identity_pb2.ReferenceRef
    parts: _containers.RepeatedCompositeFieldContainer[_entry_pb2.PartRef]
    lease_token: bytes
    part_columns: PartColumns
    answer_columns: bool
    def __init__(self, namespace: _Optional[str] = ..., pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., params: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., reference: _Optional[_Union[_identity_pb2.ReferenceRef, _Mapping]] = ..., parts: _Optional[_Iterable[_Union[_entry_pb2.PartRef, _Mapping]]] = ..., lease_token: _Optional[bytes] = ..., part_columns: _Optional[_Union[PartColumns, _Mapping]] = ..., answer_columns: _Optional[bool] = ...) -> None: ...

class PartColumns(_message.Message):
    __slots__ = ("sha256s", "size_bytes")
    SHA256S_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    sha256s: bytes
    size_bytes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, sha256s: _Optional[bytes] = ..., size_bytes: _Optional[_Iterable[int]] = ...) -> None: ...

class BatchLookupItem(_message.Message):
    __slots__ = ("index", "hit", "miss")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    MISS_FIELD_NUMBER: _ClassVar[int]
    index: int
    hit: _entry_pb2.Payload
    miss: _entry_pb2.MissReason
    def __init__(self, index: _Optional[int] = ..., hit: _Optional[_Union[_entry_pb2.Payload, _Mapping]] = ..., miss: _Optional[_Union[_entry_pb2.MissReason, str]] = ...) -> None: ...

class BatchLookupResponse(_message.Message):
    __slots__ = ("items", "columns")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BatchLookupItem]
    columns: _containers.RepeatedCompositeFieldContainer[BatchLookupColumns]
    def __init__(self, items: _Optional[_Iterable[_Union[BatchLookupItem, _Mapping]]] = ..., columns: _Optional[_Iterable[_Union[BatchLookupColumns, _Mapping]]] = ...) -> None: ...

class BatchLookupColumns(_message.Message):
    __slots__ = ("indexes", "data_sizes", "uncompressed_sizes", "sha256s", "encoding", "message_type", "data")
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    DATA_SIZES_FIELD_NUMBER: _ClassVar[int]
    UNCOMPRESSED_SIZES_FIELD_NUMBER: _ClassVar[int]
    SHA256S_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    indexes: _containers.RepeatedScalarFieldContainer[int]
    data_sizes: _containers.RepeatedScalarFieldContainer[int]
    uncompressed_sizes: _containers.RepeatedScalarFieldContainer[int]
    sha256s: bytes
    encoding: _entry_pb2.Encoding
    message_type: str
    data: bytes
    def __init__(self, indexes: _Optional[_Iterable[int]] = ..., data_sizes: _Optional[_Iterable[int]] = ..., uncompressed_sizes: _Optional[_Iterable[int]] = ..., sha256s: _Optional[bytes] = ..., encoding: _Optional[_Union[_entry_pb2.Encoding, str]] = ..., message_type: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class ReserveRequest(_message.Message):
    __slots__ = ("question", "owner_id", "wait", "retry_failed")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    RETRY_FAILED_FIELD_NUMBER: _ClassVar[int]
    question: _identity_pb2.Question
    owner_id: str
    wait: _duration_pb2.Duration
    retry_failed: bool
    def __init__(self, question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., owner_id: _Optional[str] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retry_failed: _Optional[bool] = ...) -> None: ...

class ReserveResponse(_message.Message):
    __slots__ = ("identity", "hit", "lease", "in_progress", "failure")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    IN_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    hit: _entry_pb2.Entry
    lease: Lease
    in_progress: InProgress
    failure: _entry_pb2.Failure
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ..., hit: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., lease: _Optional[_Union[Lease, _Mapping]] = ..., in_progress: _Optional[_Union[InProgress, _Mapping]] = ..., failure: _Optional[_Union[_entry_pb2.Failure, _Mapping]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("token", "expires_in")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    expires_in: _duration_pb2.Duration
    def __init__(self, token: _Optional[bytes] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class InProgress(_message.Message):
    __slots__ = ("waiters", "expires_in", "progress")
    WAITERS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    waiters: int
    expires_in: _duration_pb2.Duration
    progress: _entry_pb2.Progress
    def __init__(self, waiters: _Optional[int] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., progress: _Optional[_Union[_entry_pb2.Progress, _Mapping]] = ...) -> None: ...

class ExtendRequest(_message.Message):
    __slots__ = ("token", "progress")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    progress: _entry_pb2.Progress
    def __init__(self, token: _Optional[bytes] = ..., progress: _Optional[_Union[_entry_pb2.Progress, _Mapping]] = ...) -> None: ...

class ExtendResponse(_message.Message):
    __slots__ = ("waiters", "expires_in")
    WAITERS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    waiters: int
    expires_in: _duration_pb2.Duration
    def __init__(self, waiters: _Optional[int] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CommitRequest(_message.Message):
    __slots__ = ("token", "payload", "compute_cost")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_COST_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    payload: _entry_pb2.Payload
    compute_cost: _duration_pb2.Duration
    def __init__(self, token: _Optional[bytes] = ..., payload: _Optional[_Union[_entry_pb2.Payload, _Mapping]] = ..., compute_cost: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CommitResponse(_message.Message):
    __slots__ = ("entry", "durability", "superseded")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    durability: _entry_pb2.Durability
    superseded: bool
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., durability: _Optional[_Union[_entry_pb2.Durability, str]] = ..., superseded: _Optional[bool] = ...) -> None: ...

class FailRequest(_message.Message):
    __slots__ = ("token", "reason", "message", "violations", "retention")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    reason: _errors_pb2.ErrorReason
    message: str
    violations: _containers.RepeatedCompositeFieldContainer[_entry_pb2.FieldViolation]
    retention: _duration_pb2.Duration
    def __init__(self, token: _Optional[bytes] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[_entry_pb2.FieldViolation, _Mapping]]] = ..., retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FailResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("token", "reason", "message")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    reason: _errors_pb2.ErrorReason
    message: str
    def __init__(self, token: _Optional[bytes] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchStoreContext(_message.Message):
    __slots__ = ("namespace", "pipeline", "params", "reference", "lease_token")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    pipeline: _identity_pb2.PipelineRef
    params: _any_pb2.Any
    reference: _identity_pb2.ReferenceRef
    lease_token: bytes
    def __init__(self, namespace: _Optional[str] = ..., pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., params: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., reference: _Optional[_Union[_identity_pb2.ReferenceRef, _Mapping]] = ..., lease_token: _Optional[bytes] = ...) -> None: ...

class BatchStoreItem(_message.Message):
    __slots__ = ("part", "payload", "compute_cost")
    PART_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_COST_FIELD_NUMBER: _ClassVar[int]
    part: _entry_pb2.PartRef
    payload: _entry_pb2.Payload
    compute_cost: _duration_pb2.Duration
    def __init__(self, part: _Optional[_Union[_entry_pb2.PartRef, _Mapping]] = ..., payload: _Optional[_Union[_entry_pb2.Payload, _Mapping]] = ..., compute_cost: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class BatchStoreItems(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BatchStoreItem]
    def __init__(self, items: _Optional[_Iterable[_Union[BatchStoreItem, _Mapping]]] = ...) -> None: ...

class BatchStoreRequest(_message.Message):
    __slots__ = ("context", "items")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    context: BatchStoreContext
    items: BatchStoreItems
    def __init__(self, context: _Optional[_Union[BatchStoreContext, _Mapping]] = ..., items: _Optional[_Union[BatchStoreItems, _Mapping]] = ...) -> None: ...

class BatchStoreError(_message.Message):
    __slots__ = ("index", "reason", "message")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    index: int
    reason: _errors_pb2.ErrorReason
    message: str
    def __init__(self, index: _Optional[int] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class BatchStoreResponse(_message.Message):
    __slots__ = ("stored_count", "errors", "durability")
    STORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    stored_count: int
    errors: _containers.RepeatedCompositeFieldContainer[BatchStoreError]
    durability: _entry_pb2.Durability
    def __init__(self, stored_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[BatchStoreError, _Mapping]]] = ..., durability: _Optional[_Union[_entry_pb2.Durability, str]] = ...) -> None: ...

class PipelineRange(_message.Message):
    __slots__ = ("name", "from_version", "to_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FROM_VERSION_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    from_version: str
    to_version: str
    def __init__(self, name: _Optional[str] = ..., from_version: _Optional[str] = ..., to_version: _Optional[str] = ...) -> None: ...

class InvalidateRequest(_message.Message):
    __slots__ = ("namespace", "job_id", "blob", "pipeline", "whole_namespace", "note")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    WHOLE_NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    job_id: str
    blob: _identity_pb2.BlobRef
    pipeline: PipelineRange
    whole_namespace: bool
    note: str
    def __init__(self, namespace: _Optional[str] = ..., job_id: _Optional[str] = ..., blob: _Optional[_Union[_identity_pb2.BlobRef, _Mapping]] = ..., pipeline: _Optional[_Union[PipelineRange, _Mapping]] = ..., whole_namespace: _Optional[bool] = ..., note: _Optional[str] = ...) -> None: ...

class InvalidateResponse(_message.Message):
    __slots__ = ("removed_results", "removed_parts", "voided_leases", "unreached")
    REMOVED_RESULTS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_PARTS_FIELD_NUMBER: _ClassVar[int]
    VOIDED_LEASES_FIELD_NUMBER: _ClassVar[int]
    UNREACHED_FIELD_NUMBER: _ClassVar[int]
    removed_results: int
    removed_parts: int
    voided_leases: int
    unreached: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, removed_results: _Optional[int] = ..., removed_parts: _Optional[int] = ..., voided_leases: _Optional[int] = ..., unreached: _Optional[_Iterable[str]] = ...) -> None: ...

class EraseBlobRequest(_message.Message):
    __slots__ = ("namespace", "sha256", "note")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    sha256: bytes
    note: str
    def __init__(self, namespace: _Optional[str] = ..., sha256: _Optional[bytes] = ..., note: _Optional[str] = ...) -> None: ...

class EraseBlobResponse(_message.Message):
    __slots__ = ("removed_blobs", "removed_results", "removed_parts", "removed_submissions", "voided_leases", "pending", "unreached")
    REMOVED_BLOBS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_RESULTS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_PARTS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_SUBMISSIONS_FIELD_NUMBER: _ClassVar[int]
    VOIDED_LEASES_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    UNREACHED_FIELD_NUMBER: _ClassVar[int]
    removed_blobs: int
    removed_results: int
    removed_parts: int
    removed_submissions: int
    voided_leases: int
    pending: bool
    unreached: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, removed_blobs: _Optional[int] = ..., removed_results: _Optional[int] = ..., removed_parts: _Optional[int] = ..., removed_submissions: _Optional[int] = ..., voided_leases: _Optional[int] = ..., pending: _Optional[bool] = ..., unreached: _Optional[_Iterable[str]] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("namespace", "page_size", "page_token", "statuses", "pipeline", "blob_sha256", "file_name_contains", "updated_since")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    BLOB_SHA256_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_SINCE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    page_size: int
    page_token: str
    statuses: _containers.RepeatedScalarFieldContainer[_jobs_pb2.JobStatus]
    pipeline: _identity_pb2.PipelineRef
    blob_sha256: bytes
    file_name_contains: str
    updated_since: _timestamp_pb2.Timestamp
    def __init__(self, namespace: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., statuses: _Optional[_Iterable[_Union[_jobs_pb2.JobStatus, str]]] = ..., pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., blob_sha256: _Optional[bytes] = ..., file_name_contains: _Optional[str] = ..., updated_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[_jobs_pb2.Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[_jobs_pb2.Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("namespace", "job_id", "include_result", "known_sha256")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RESULT_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SHA256_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    job_id: str
    include_result: bool
    known_sha256: bytes
    def __init__(self, namespace: _Optional[str] = ..., job_id: _Optional[str] = ..., include_result: _Optional[bool] = ..., known_sha256: _Optional[bytes] = ...) -> None: ...

class GetJobResponse(_message.Message):
    __slots__ = ("job", "entry")
    JOB_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    job: _jobs_pb2.Job
    entry: _entry_pb2.Entry
    def __init__(self, job: _Optional[_Union[_jobs_pb2.Job, _Mapping]] = ..., entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("namespace", "question", "job_id")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    question: _identity_pb2.Question
    job_id: str
    def __init__(self, namespace: _Optional[str] = ..., question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., job_id: _Optional[str] = ...) -> None: ...

class Difference(_message.Message):
    __slots__ = ("job_id", "field", "asked", "known")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    field: str
    asked: str
    known: str
    def __init__(self, job_id: _Optional[str] = ..., field: _Optional[str] = ..., asked: _Optional[str] = ..., known: _Optional[str] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("identity", "explanation", "message", "tiers", "differences", "failure")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    explanation: Explanation
    message: str
    tiers: _containers.RepeatedScalarFieldContainer[_entry_pb2.Tier]
    differences: _containers.RepeatedCompositeFieldContainer[Difference]
    failure: _entry_pb2.Failure
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, str]] = ..., message: _Optional[str] = ..., tiers: _Optional[_Iterable[_Union[_entry_pb2.Tier, str]]] = ..., differences: _Optional[_Iterable[_Union[Difference, _Mapping]]] = ..., failure: _Optional[_Union[_entry_pb2.Failure, _Mapping]] = ...) -> None: ...

class GetStatsRequest(_message.Message):
    __slots__ = ("namespace",)
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    def __init__(self, namespace: _Optional[str] = ...) -> None: ...

class TierStats(_message.Message):
    __slots__ = ("tier", "configured", "available", "entries", "size_bytes", "limit_bytes", "hits")
    TIER_FIELD_NUMBER: _ClassVar[int]
    CONFIGURED_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    tier: _entry_pb2.Tier
    configured: bool
    available: bool
    entries: int
    size_bytes: int
    limit_bytes: int
    hits: int
    def __init__(self, tier: _Optional[_Union[_entry_pb2.Tier, str]] = ..., configured: _Optional[bool] = ..., available: _Optional[bool] = ..., entries: _Optional[int] = ..., size_bytes: _Optional[int] = ..., limit_bytes: _Optional[int] = ..., hits: _Optional[int] = ...) -> None: ...

class MissCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: _entry_pb2.MissReason
    count: int
    def __init__(self, reason: _Optional[_Union[_entry_pb2.MissReason, str]] = ..., count: _Optional[int] = ...) -> None: ...

class GetStatsResponse(_message.Message):
    __slots__ = ("tiers", "misses", "blobs", "blob_size_bytes", "jobs", "running", "queued", "compute_saved", "hits_total")
    TIERS_FIELD_NUMBER: _ClassVar[int]
    MISSES_FIELD_NUMBER: _ClassVar[int]
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    BLOB_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_SAVED_FIELD_NUMBER: _ClassVar[int]
    HITS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    tiers: _containers.RepeatedCompositeFieldContainer[TierStats]
    misses: _containers.RepeatedCompositeFieldContainer[MissCount]
    blobs: int
    blob_size_bytes: int
    jobs: int
    running: int
    queued: int
    compute_saved: _duration_pb2.Duration
    hits_total: int
    def __init__(self, tiers: _Optional[_Iterable[_Union[TierStats, _Mapping]]] = ..., misses: _Optional[_Iterable[_Union[MissCount, _Mapping]]] = ..., blobs: _Optional[int] = ..., blob_size_bytes: _Optional[int] = ..., jobs: _Optional[int] = ..., running: _Optional[int] = ..., queued: _Optional[int] = ..., compute_saved: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., hits_total: _Optional[int] = ...) -> None: ...

class GetCapabilitiesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_message_bytes", "max_chunk_bytes", "max_blob_bytes", "max_inline_payload_bytes", "max_payload_bytes", "max_batch_items", "max_wait", "max_deadline")
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_BLOB_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_INLINE_PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    MAX_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    max_message_bytes: int
    max_chunk_bytes: int
    max_blob_bytes: int
    max_inline_payload_bytes: int
    max_payload_bytes: int
    max_batch_items: int
    max_wait: _duration_pb2.Duration
    max_deadline: _duration_pb2.Duration
    def __init__(self, max_message_bytes: _Optional[int] = ..., max_chunk_bytes: _Optional[int] = ..., max_blob_bytes: _Optional[int] = ..., max_inline_payload_bytes: _Optional[int] = ..., max_payload_bytes: _Optional[int] = ..., max_batch_items: _Optional[int] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class KnownPipeline(_message.Message):
    __slots__ = ("pipeline", "active", "params_type", "references")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_TYPE_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    pipeline: _identity_pb2.PipelineRef
    active: bool
    params_type: str
    references: _containers.RepeatedCompositeFieldContainer[_pipelines_pb2.ReferenceOffer]
    def __init__(self, pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., active: _Optional[bool] = ..., params_type: _Optional[str] = ..., references: _Optional[_Iterable[_Union[_pipelines_pb2.ReferenceOffer, _Mapping]]] = ...) -> None: ...

class GetCapabilitiesResponse(_message.Message):
    __slots__ = ("version", "limits", "tiers", "durable", "pipelines", "not_built")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    DURABLE_FIELD_NUMBER: _ClassVar[int]
    PIPELINES_FIELD_NUMBER: _ClassVar[int]
    NOT_BUILT_FIELD_NUMBER: _ClassVar[int]
    version: str
    limits: Limits
    tiers: _containers.RepeatedScalarFieldContainer[_entry_pb2.Tier]
    durable: bool
    pipelines: _containers.RepeatedCompositeFieldContainer[KnownPipeline]
    not_built: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., tiers: _Optional[_Iterable[_Union[_entry_pb2.Tier, str]]] = ..., durable: _Optional[bool] = ..., pipelines: _Optional[_Iterable[_Union[KnownPipeline, _Mapping]]] = ..., not_built: _Optional[_Iterable[str]] = ...) -> None: ...

class AnnouncePipelinesRequest(_message.Message):
    __slots__ = ("announcer", "offers")
    ANNOUNCER_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    announcer: str
    offers: _containers.RepeatedCompositeFieldContainer[_pipelines_pb2.PipelineOffer]
    def __init__(self, announcer: _Optional[str] = ..., offers: _Optional[_Iterable[_Union[_pipelines_pb2.PipelineOffer, _Mapping]]] = ...) -> None: ...

class AnnouncePipelinesResponse(_message.Message):
    __slots__ = ("durability",)
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    durability: _entry_pb2.Durability
    def __init__(self, durability: _Optional[_Union[_entry_pb2.Durability, str]] = ...) -> None: ...

class EnqueueRequest(_message.Message):
    __slots__ = ("question", "source_uri", "submission", "idempotency_key", "context")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URI_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    question: _identity_pb2.Question
    source_uri: str
    submission: _identity_pb2.Submission
    idempotency_key: str
    context: _struct_pb2.Struct
    def __init__(self, question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., source_uri: _Optional[str] = ..., submission: _Optional[_Union[_identity_pb2.Submission, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., context: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class EnqueueResponse(_message.Message):
    __slots__ = ("task_id", "job_id", "position")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    job_id: str
    position: int
    def __init__(self, task_id: _Optional[str] = ..., job_id: _Optional[str] = ..., position: _Optional[int] = ...) -> None: ...

class WithdrawRequest(_message.Message):
    __slots__ = ("namespace", "id")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    id: str
    def __init__(self, namespace: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class WithdrawResponse(_message.Message):
    __slots__ = ("withdrawn", "left")
    WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    withdrawn: bool
    left: int
    def __init__(self, withdrawn: _Optional[bool] = ..., left: _Optional[int] = ...) -> None: ...

class ClaimRequest(_message.Message):
    __slots__ = ("owner_id", "wait", "pipelines")
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    PIPELINES_FIELD_NUMBER: _ClassVar[int]
    owner_id: str
    wait: _duration_pb2.Duration
    pipelines: _containers.RepeatedCompositeFieldContainer[_identity_pb2.PipelineRef]
    def __init__(self, owner_id: _Optional[str] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., pipelines: _Optional[_Iterable[_Union[_identity_pb2.PipelineRef, _Mapping]]] = ...) -> None: ...

class ClaimResponse(_message.Message):
    __slots__ = ("task", "token", "expires_in")
    TASK_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    task: _jobs_pb2.Task
    token: bytes
    expires_in: _duration_pb2.Duration
    def __init__(self, task: _Optional[_Union[_jobs_pb2.Task, _Mapping]] = ..., token: _Optional[bytes] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SettleRequest(_message.Message):
    __slots__ = ("token", "job_id", "failure")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    job_id: str
    failure: _entry_pb2.Failure
    def __init__(self, token: _Optional[bytes] = ..., job_id: _Optional[str] = ..., failure: _Optional[_Union[_entry_pb2.Failure, _Mapping]] = ...) -> None: ...

class SettleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
