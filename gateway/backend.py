"""What the gateway needs of the two services, in plain types: `translate` speaks them over gRPC, tests stand in."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args


@dataclass(frozen=True, slots=True)
class Blob:
    """Input bytes, named by their content."""

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An analysis; an empty version is the active one."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """An analysis asked of a blob, which is absent until measured.

    `params` is the JSON that was sent; `from_job` says that it is a job's, whose values have protobuf's own JSON form.
    """

    pipeline: Pipeline
    params: Mapping[str, Any] = field(default_factory=dict)
    blob: Blob | None = None
    from_job: bool = False
    reference: str = ""
    """The name of a reference database, or its digest in hexadecimal; empty for the default one."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One handing-in of a file. Times and count are set in what the services answer only."""

    file_name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    uploader: str = ""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    seen_count: int = 0


@dataclass(frozen=True, slots=True)
class Payload:
    """A result's bytes as they travelled; `blob` is set where they must be fetched instead."""

    data: bytes
    compressed: bool
    size_bytes: int
    message_type: str
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A result that stands. `digest` names its bytes; `payload` is absent where the asker said that it knows them."""

    job_id: str
    pipeline: Pipeline
    digest: bytes
    payload: Payload | None
    cached: bool
    tier: str = ""
    size_bytes: int = 0
    compute_ms: float | None = None
    created: datetime | None = None
    age_seconds: float = 0.0
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several results against each other; `distances` row after row, `details` as JSON."""

    job_ids: list[str]
    measure: str
    distances: list[float]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Missing:
    """The absence of a result, with the question as it resolved."""

    job_id: str
    question: Question
    reason: str = ""
    blob_present: bool = True


@dataclass(frozen=True, slots=True)
class Queued:
    """The work waits; `joined` says that somebody else computes the same already."""

    position: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The work goes on; `fraction` is from 0 to 1."""

    stage: str
    fraction: float


Event = Queued | Progress | Result


@dataclass(frozen=True, slots=True)
class Violation:
    """A field at fault and how."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A remembered failure."""

    reason: str
    message: str
    violations: Sequence[Violation] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The memory of a failure, with the question as it resolved."""

    job_id: str
    pipeline: Pipeline
    failure: Failure


Found = Result | Missing | Failed


@dataclass(frozen=True, slots=True)
class Task:
    """Queued work. `job_id` is empty until the file is known; `position` counts the tasks before it."""

    task_id: str
    job_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Job:
    """One question and what became of it; submissions last seen first."""

    job_id: str
    status: str
    pipeline: Pipeline
    blob: Blob
    submissions: Sequence[Submission]
    created: datetime | None
    updated: datetime | None
    compute_ms: float | None
    result_size_bytes: int
    params: Mapping[str, Any]
    failure: Failure | None = None
    progress: Progress | None = None
    task_id: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are listed; what is empty is no condition."""

    limit: int = 50
    page_token: str = ""
    statuses: Sequence[str] = ()
    pipeline: Pipeline = Pipeline("")
    blob_sha256: bytes = b""
    file_name_contains: str = ""
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Which signals, from when and how long, in how many points a channel; 0 and empty leave it to the service."""

    labels: Sequence[str] = ()
    start_ms: float = 0.0
    length_ms: float | None = None
    max_points: int = 0


@dataclass(frozen=True, slots=True)
class Selector:
    """What to invalidate: the first of these that is there."""

    job_id: str = ""
    blob: Blob | None = None
    pipeline: str = ""
    from_version: str = ""
    to_version: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the jobs; an empty token ends the listing."""

    jobs: Sequence[Job]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class TierState:
    """A tier of the cache that is configured, and whether it answers."""

    name: str
    available: bool


@dataclass(frozen=True, slots=True)
class PartState:
    """A service, and whether it answers; `problem` says why it does not."""

    available: bool
    tiers: Sequence[TierState] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How the services are."""

    cache: PartState
    analysis: PartState

    @property
    def status(self) -> str:
        """ok; degraded where a tier is away; down where analyses cannot be answered."""
        if not (self.cache.available and self.analysis.available):
            return "down"
        return "ok" if all(tier.available for tier in self.cache.tiers) else "degraded"


Report = dict[str, Any]
"""What a service tells, field by field as its message names them, ready to be JSON."""

Bytes = AsyncIterator[bytes]


class Backend(Protocol):
    """The two services. Every method raises `AssayError`, and stops what it began when it is cancelled."""

    async def ingest(self, chunks: Bytes, ask: Callable[[], tuple[Question, Submission]]) -> Result | Missing:
        """Hand bytes in while they arrive; `ask` is called after the last one, and its question is looked up.

        A remembered failure is raised as the error that it is.
        """

    async def put_blob(self, sha256: bytes, size_bytes: int | None, chunks: Bytes) -> tuple[Blob, bool]:
        """Hand bytes of a claimed digest in while they arrive; return them, and if they were here before."""

    async def head(self, blob: Blob, most_bytes: int) -> bytes:
        """Return the first bytes of a blob; none where it is not here."""

    async def lookup(self, question: Question, submission: Submission | None, known_digest: bytes) -> Found:
        """Look a question up; a result's payload is absent where its digest is the known one."""

    def analyze(self, question: Question, *, retry_failed: bool = False) -> AsyncIterator[Event]:
        """Answer a question about a blob that the cache has: events, the result last."""

    async def enqueue(self, question: Question, submission: Submission, idempotency_key: str, source_uri: str) -> Task:
        """Put work into the durable queue; the same key gives the same task. `source_uri` stands in for the blob."""

    async def withdraw(self, job_id: str) -> bool:
        """Take a task out of the queue, by its id or its job's; False where the job is done all the same, or was."""

    async def render(self, result: Result) -> bytes:
        """Return a result, whose payload is present, as a JSON object."""

    async def jobs(self, wanted: JobFilter) -> Page:
        """List jobs, last changed first."""

    async def job(self, job_id: str, known_digest: bytes, *, with_result: bool = True) -> tuple[Job, Result | None]:
        """Return a job and its result; the result's payload is absent where its digest is the known one."""

    def question_of(self, job: Job) -> Question:
        """Return the question that a job answers."""

    def signals(self, question: Question, window: Window) -> AsyncIterator[Report]:
        """Yield signals for a plot."""

    async def capabilities(self) -> Report:
        """Tell what the cache can do."""

    async def pipelines(self, *, for_anybody: bool = False) -> Sequence[Report]:
        """Describe the pipelines with all their parameters, for the caller, or `for_anybody` by the gateway's token."""

    async def stats(self) -> Report:
        """Tell what the cache holds and has done."""

    async def explain(self, subject: Question | str) -> Report:
        """Tell why a question, or the job of an id, has no answer, or where that is."""

    async def invalidate(self, selector: Selector, note: str) -> Report:
        """Forget results; an empty selector means all of the namespace."""

    async def erase(self, sha256: bytes, note: str) -> Report:
        """Erase a blob and all that was derived from it."""

    async def compare(self, job_ids: list[str], measure: str, rank: str) -> Comparison:
        """Compare the results of several jobs of sequences."""

    async def health(self) -> Health:
        """Ask both services how they are; never raises for their sake."""


JobStatus = Literal["queued", "asked", "running", "succeeded", "failed", "gone"]
JOB_STATUSES: tuple[str, ...] = get_args(JobStatus)
