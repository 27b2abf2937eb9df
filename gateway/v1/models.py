"""What is sent to /v1 and what it answers, as models: they check what arrives and describe both in `/openapi.json`."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema, models_json_schema

from gateway.backend import JOB_STATUSES
from gateway.formats import EMG_SESSION

REF_TEMPLATE = "#/components/schemas/{model}"


def _whole(value: Any) -> Any:
    """Return a whole number as an integer, however JSON says it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal, lower case.")]
Bytes = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=255)]
Note = Annotated[str, Field(max_length=500, description="Why, for the audit.")]
JobId = Annotated[
    str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", json_schema_extra={"format": "uuid"})
]
Free = dict[str, Any]
Time = Annotated[str | None, Field(json_schema_extra={"format": "date-time"})]
Absent = SkipJsonSchema[None]
JobStatus = Literal["queued", "asked", "running", "succeeded", "failed", "gone"]
MissReason = Literal["never_seen", "in_progress", "expired", "evicted", "invalidated", "corrupt", "tier_away"]
assert set(JOB_STATUSES) == set(JobStatus.__args__)  # type: ignore[attr-defined]  # noqa: S101


class Asked(BaseModel):
    """What arrives: names that are not known are refused, and so are values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Blob(Asked):
    """Bytes, named by their content."""

    sha256: Sha256
    size_bytes: Bytes


class Question(Asked):
    """What is asked of which bytes."""

    blob: Blob
    pipeline: str = Field(EMG_SESSION, max_length=100, description="One of GET /v1/pipelines.")
    version: str | None = Field(None, max_length=100, description="Absent: the active one.")
    params: Free = Field({}, description="Parameters that differ from the defaults, by name.")


class Submitted(Question):
    """A question, and who asks."""

    file_name: Text | None = None
    metadata: Free = Field({}, description="Anything to be kept with this submission.")
    uploader: Text | None = None


class Analysis(Submitted):
    """A question to be answered."""

    retry_failed: bool = Field(False, description="Compute again although a failure is remembered.")


class PipelineRange(Asked):
    """Versions of a pipeline, both ends among them."""

    name: str = Field(min_length=1, max_length=100)
    from_version: str | None = Field(None, max_length=100)
    to_version: str | None = Field(None, max_length=100)


class Invalidation(Asked):
    """What to forget: exactly one of job_id, blob, pipeline and everything."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("job_id", "blob", "pipeline", "everything")]}
    )

    job_id: JobId | Absent = None
    blob: Blob | Absent = None
    pipeline: PipelineRange | Absent = None
    everything: Literal[True] | Absent = None
    note: Note = ""

    @model_validator(mode="after")
    def _one_selector(self) -> Self:
        if len(self.model_fields_set - {"note"}) != 1 or not any(
            (self.job_id, self.blob, self.pipeline, self.everything)
        ):
            raise ValueError("exactly one of job_id, blob, pipeline and everything must be given")
        return self


class Violation(BaseModel):
    """A field at fault."""

    field: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `reason` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    request_id: str
    violations: list[Violation]


class Failure(BaseModel):
    """A remembered failure."""

    reason: str
    message: str
    violations: list[Violation]


class Standing(BaseModel):
    """A result that stands."""

    url: str
    sha256: Sha256
    tier: str
    size_bytes: Bytes
    compute_ms: float | None
    created_at: Time
    age_seconds: float


class LookedUp(BaseModel):
    """What a look-up found."""

    job_id: JobId
    outcome: Literal["hit", "miss", "failed"]
    blob_present: bool | None
    miss_reason: MissReason | None
    failure: Failure | None
    pipeline: str
    pipeline_version: str
    result: Standing | None


class Uploaded(BaseModel):
    """Bytes that are kept."""

    sha256: Sha256
    size_bytes: Bytes
    existed: bool


class Analysed(BaseModel):
    """An analysis, with its result where that is there and wanted."""

    job_id: JobId
    status: JobStatus
    cached: bool
    pipeline: str
    pipeline_version: str
    blob: Blob
    file_name: str
    result_url: str
    events_url: str
    result: Free | None


class Event(BaseModel):
    """One server-sent event; `data` is a JSON object."""

    id: str
    event: Literal["queued", "progress", "result", "failed", "gone"]
    data: str


class Stopped(BaseModel):
    """Whether something was stopped."""

    job_id: JobId
    stopped: bool


class Signal(BaseModel):
    """One signal of one channel, thinned by minimum and maximum."""

    label: str
    kind: Literal["raw", "filtered", "envelope"] | None
    time_ms: list[float]
    minimum_uv: list[float]
    maximum_uv: list[float]
    threshold_uv: float | None
    onset_ms: list[float]
    offset_ms: list[float]


class Signals(BaseModel):
    """The signals of a job."""

    job_id: JobId
    signals: list[Signal]


class Submission(BaseModel):
    """One handing-in."""

    file_name: str
    uploader: str | None
    metadata: Free
    first_seen_at: Time
    last_seen_at: Time
    seen_count: int


class Stage(BaseModel):
    """How far a computation has come."""

    stage: str
    fraction: float


class Job(BaseModel):
    """One question and what became of it."""

    job_id: JobId
    status: JobStatus
    file_name: str
    pipeline: str
    pipeline_version: str
    params: Free
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
    size_bytes: Bytes
    created_at: Time
    updated_at: Time
    compute_ms: float | None
    result_size_bytes: Bytes
    failure: Failure | None
    progress: Stage | None
    task_id: str | None
    result_url: str | None


class JobWithSubmissions(Job):
    """A job and who handed it in, last seen first."""

    submissions: list[Submission]


class Jobs(BaseModel):
    """A page of jobs."""

    jobs: list[Job]
    next_page_token: str | None


class Difference(BaseModel):
    """How another question about the same bytes differs."""

    job_id: str
    field: str
    asked: str
    known: str


class Explained(BaseModel):
    """Why there is no answer, or where it is."""

    job_id: str
    explanation: str | None
    message: str
    tiers: list[str]
    differences: list[Difference]
    failure: Failure | None


class Invalidated(BaseModel):
    """What was forgotten."""

    removed_results: Bytes
    removed_parts: Bytes
    voided_leases: Bytes
    unreached: list[str]


class Erased(Invalidated):
    """What was erased."""

    removed_blobs: Bytes
    removed_submissions: Bytes
    pending: bool


class Limits(BaseModel):
    """What requests must keep to."""

    max_upload_bytes: Bytes
    max_metadata_bytes: Bytes


class KnownPipeline(BaseModel):
    """A version of a pipeline."""

    name: str
    version: str
    active: bool


class Capabilities(BaseModel):
    """What this installation can do."""

    version: str
    limits: Limits
    tiers: list[str]
    durable: bool
    pipelines: list[KnownPipeline]
    not_built: list[str]


class Parameter(BaseModel):
    """A parameter of a pipeline."""

    name: str
    type: str
    unit: str | None
    default: str | None
    description: str
    source: str | None
    minimum: float | None
    maximum: float | None
    choices: list[str]


class Pipeline(KnownPipeline):
    """A pipeline with its parameters."""

    description: str
    input_formats: list[str]
    params_type: str
    result_type: str
    parameters: list[Parameter]


class Pipelines(BaseModel):
    """The pipelines."""

    pipelines: list[Pipeline]


class Tier(BaseModel):
    """What a tier holds."""

    name: str
    configured: bool
    available: bool
    entries: Bytes
    size_bytes: Bytes
    limit_bytes: Bytes
    hits: Bytes


class Stats(BaseModel):
    """What the cache holds and has done."""

    tiers: list[Tier]
    misses: dict[str, int]
    blobs: Bytes
    blob_size_bytes: Bytes
    jobs: Bytes
    running: Bytes
    queued: Bytes
    hits_total: Bytes
    compute_saved_seconds: float


_ASKED = (Question, Submitted, Analysis, Invalidation)
_ANSWERED = (
    Problem, LookedUp, Uploaded, Analysed, Event, Stopped, Signals, Jobs, JobWithSubmissions, Explained, Invalidated,
    Erased, Capabilities, Pipelines, Stats,
)  # fmt: skip


def components() -> dict[str, Any]:
    """Return the schemas of all models, for `components` of the description."""
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _ASKED),
        *((model, "serialization") for model in _ANSWERED),
    ]
    _, described = models_json_schema(modes, ref_template=REF_TEMPLATE)
    schemas: dict[str, Any] = described["$defs"]
    return schemas


def ref(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference to a model's schema."""
    return {"$ref": REF_TEMPLATE.format(model=model.__name__)}
