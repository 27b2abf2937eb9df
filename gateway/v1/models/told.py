"""What is answered about files, analyses and jobs."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gateway.backend import JobStatus
from gateway.v1.models.asked import Blob
from gateway.v1.models.types import Bytes, Free, JobId, MissReason, Sha256, Time


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
    reference: Annotated[Sha256 | None, Field(description="The digest of the reference database, if one is used.")]
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
