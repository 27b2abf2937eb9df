import datetime

from assaycache.cache.v1 import entry_pb2 as _entry_pb2
from assaycache.cache.v1 import identity_pb2 as _identity_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SignalKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGNAL_KIND_UNSPECIFIED: _ClassVar[SignalKind]
    SIGNAL_KIND_RAW: _ClassVar[SignalKind]
    SIGNAL_KIND_FILTERED: _ClassVar[SignalKind]
    SIGNAL_KIND_ENVELOPE: _ClassVar[SignalKind]
SIGNAL_KIND_UNSPECIFIED: SignalKind
SIGNAL_KIND_RAW: SignalKind
SIGNAL_KIND_FILTERED: SignalKind
SIGNAL_KIND_ENVELOPE: SignalKind

class AnalyzeRequest(_message.Message):
    __slots__ = ("question", "retry_failed", "detached")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    RETRY_FAILED_FIELD_NUMBER: _ClassVar[int]
    DETACHED_FIELD_NUMBER: _ClassVar[int]
    question: _identity_pb2.Question
    retry_failed: bool
    detached: bool
    def __init__(self, question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., retry_failed: _Optional[bool] = ..., detached: _Optional[bool] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("identity",)
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    identity: _identity_pb2.Identity
    def __init__(self, identity: _Optional[_Union[_identity_pb2.Identity, _Mapping]] = ...) -> None: ...

class Queued(_message.Message):
    __slots__ = ("position", "joined")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    position: int
    joined: bool
    def __init__(self, position: _Optional[int] = ..., joined: _Optional[bool] = ...) -> None: ...

class Analyzed(_message.Message):
    __slots__ = ("entry", "durability")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    durability: _entry_pb2.Durability
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., durability: _Optional[_Union[_entry_pb2.Durability, str]] = ...) -> None: ...

class AnalyzeResponse(_message.Message):
    __slots__ = ("accepted", "queued", "progress", "result")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    accepted: Accepted
    queued: Queued
    progress: _entry_pb2.Progress
    result: Analyzed
    def __init__(self, accepted: _Optional[_Union[Accepted, _Mapping]] = ..., queued: _Optional[_Union[Queued, _Mapping]] = ..., progress: _Optional[_Union[_entry_pb2.Progress, _Mapping]] = ..., result: _Optional[_Union[Analyzed, _Mapping]] = ...) -> None: ...

class GetSignalsRequest(_message.Message):
    __slots__ = ("question", "labels", "start", "length", "max_points")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_POINTS_FIELD_NUMBER: _ClassVar[int]
    question: _identity_pb2.Question
    labels: _containers.RepeatedScalarFieldContainer[str]
    start: _duration_pb2.Duration
    length: _duration_pb2.Duration
    max_points: int
    def __init__(self, question: _Optional[_Union[_identity_pb2.Question, _Mapping]] = ..., labels: _Optional[_Iterable[str]] = ..., start: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., length: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_points: _Optional[int] = ...) -> None: ...

class GetSignalsResponse(_message.Message):
    __slots__ = ("label", "kind", "time_ms", "minimum_uv", "maximum_uv", "threshold_uv", "onset_ms", "offset_ms")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_UV_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_UV_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_UV_FIELD_NUMBER: _ClassVar[int]
    ONSET_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    label: str
    kind: SignalKind
    time_ms: _containers.RepeatedScalarFieldContainer[float]
    minimum_uv: _containers.RepeatedScalarFieldContainer[float]
    maximum_uv: _containers.RepeatedScalarFieldContainer[float]
    threshold_uv: float
    onset_ms: _containers.RepeatedScalarFieldContainer[float]
    offset_ms: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, label: _Optional[str] = ..., kind: _Optional[_Union[SignalKind, str]] = ..., time_ms: _Optional[_Iterable[float]] = ..., minimum_uv: _Optional[_Iterable[float]] = ..., maximum_uv: _Optional[_Iterable[float]] = ..., threshold_uv: _Optional[float] = ..., onset_ms: _Optional[_Iterable[float]] = ..., offset_ms: _Optional[_Iterable[float]] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("namespace", "job_ids", "measure", "options")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    JOB_IDS_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    job_ids: _containers.RepeatedScalarFieldContainer[str]
    measure: str
    options: _any_pb2.Any
    def __init__(self, namespace: _Optional[str] = ..., job_ids: _Optional[_Iterable[str]] = ..., measure: _Optional[str] = ..., options: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("job_ids", "distances", "measure", "details")
    JOB_IDS_FIELD_NUMBER: _ClassVar[int]
    DISTANCES_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    job_ids: _containers.RepeatedScalarFieldContainer[str]
    distances: _containers.RepeatedScalarFieldContainer[float]
    measure: str
    details: _any_pb2.Any
    def __init__(self, job_ids: _Optional[_Iterable[str]] = ..., distances: _Optional[_Iterable[float]] = ..., measure: _Optional[str] = ..., details: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class ListPipelinesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Parameter(_message.Message):
    __slots__ = ("name", "type", "unit", "default_value", "description", "source", "minimum", "maximum", "choices")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    unit: str
    default_value: str
    description: str
    source: str
    minimum: float
    maximum: float
    choices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., unit: _Optional[str] = ..., default_value: _Optional[str] = ..., description: _Optional[str] = ..., source: _Optional[str] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., choices: _Optional[_Iterable[str]] = ...) -> None: ...

class Pipeline(_message.Message):
    __slots__ = ("pipeline", "active", "description", "input_formats", "params_type", "result_type", "parameters")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FORMATS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESULT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    pipeline: _identity_pb2.PipelineRef
    active: bool
    description: str
    input_formats: _containers.RepeatedScalarFieldContainer[str]
    params_type: str
    result_type: str
    parameters: _containers.RepeatedCompositeFieldContainer[Parameter]
    def __init__(self, pipeline: _Optional[_Union[_identity_pb2.PipelineRef, _Mapping]] = ..., active: _Optional[bool] = ..., description: _Optional[str] = ..., input_formats: _Optional[_Iterable[str]] = ..., params_type: _Optional[str] = ..., result_type: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ...) -> None: ...

class ListPipelinesResponse(_message.Message):
    __slots__ = ("pipelines",)
    PIPELINES_FIELD_NUMBER: _ClassVar[int]
    pipelines: _containers.RepeatedCompositeFieldContainer[Pipeline]
    def __init__(self, pipelines: _Optional[_Iterable[_Union[Pipeline, _Mapping]]] = ...) -> None: ...

class ListReferencesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Reference(_message.Message):
    __slots__ = ("name", "digest", "version", "sequences", "ranks", "licence", "citation", "is_default", "has_tree")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    RANKS_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    HAS_TREE_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: bytes
    version: str
    sequences: int
    ranks: _containers.RepeatedScalarFieldContainer[str]
    licence: str
    citation: str
    is_default: bool
    has_tree: bool
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[bytes] = ..., version: _Optional[str] = ..., sequences: _Optional[int] = ..., ranks: _Optional[_Iterable[str]] = ..., licence: _Optional[str] = ..., citation: _Optional[str] = ..., is_default: _Optional[bool] = ..., has_tree: _Optional[bool] = ...) -> None: ...

class ListReferencesResponse(_message.Message):
    __slots__ = ("references",)
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    references: _containers.RepeatedCompositeFieldContainer[Reference]
    def __init__(self, references: _Optional[_Iterable[_Union[Reference, _Mapping]]] = ...) -> None: ...

class AddReferenceHeader(_message.Message):
    __slots__ = ("reference", "replace")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REPLACE_FIELD_NUMBER: _ClassVar[int]
    reference: Reference
    replace: bool
    def __init__(self, reference: _Optional[_Union[Reference, _Mapping]] = ..., replace: _Optional[bool] = ...) -> None: ...

class AddReferenceRequest(_message.Message):
    __slots__ = ("header", "sequences_chunk", "taxonomy_chunk", "tree_chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_CHUNK_FIELD_NUMBER: _ClassVar[int]
    TAXONOMY_CHUNK_FIELD_NUMBER: _ClassVar[int]
    TREE_CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: AddReferenceHeader
    sequences_chunk: bytes
    taxonomy_chunk: bytes
    tree_chunk: bytes
    def __init__(self, header: _Optional[_Union[AddReferenceHeader, _Mapping]] = ..., sequences_chunk: _Optional[bytes] = ..., taxonomy_chunk: _Optional[bytes] = ..., tree_chunk: _Optional[bytes] = ...) -> None: ...

class AddReferenceResponse(_message.Message):
    __slots__ = ("progress", "reference")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    progress: _entry_pb2.Progress
    reference: Reference
    def __init__(self, progress: _Optional[_Union[_entry_pb2.Progress, _Mapping]] = ..., reference: _Optional[_Union[Reference, _Mapping]] = ...) -> None: ...

class RemoveReferenceRequest(_message.Message):
    __slots__ = ("digest",)
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    def __init__(self, digest: _Optional[bytes] = ...) -> None: ...

class RemoveReferenceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
