"""What the gateway needs of the two services, in plain types: `translate` speaks them over gRPC, tests stand in."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


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
    """An analysis asked of a blob. `params` is the JSON that was sent; the blob is absent until measured."""

    pipeline: Pipeline
    params: Mapping[str, Any] = field(default_factory=dict)
    blob: Blob | None = None
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
    compute_seconds: float = 0.0


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


class Backend(Protocol):
    """The two services. Every method raises `AssayError`, and stops what it began when it is cancelled."""

    async def ingest(
        self, chunks: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Result | Missing:
        """Hand bytes in while they arrive; `ask` is called after the last one, and its question is looked up.

        A remembered failure is raised as the error that it is.
        """

    def analyze(self, question: Question) -> AsyncIterator[Event]:
        """Answer a question about a blob that the cache has: events, the result last."""

    async def render(self, result: Result) -> bytes:
        """Return a result, whose payload is present, as a JSON object."""

    async def jobs(self, limit: int, page_token: str, statuses: Sequence[str]) -> Page:
        """List jobs, last changed first."""

    async def job(self, job_id: str, known_digest: bytes) -> tuple[Job, Result | None]:
        """Return a job and its result; the result's payload is absent where its digest is the known one."""

    async def compare(self, job_ids: list[str], measure: str, rank: str) -> Comparison:
        """Compare the results of several jobs of sequences."""

    async def health(self) -> Health:
        """Ask both services how they are; never raises for their sake."""


JOB_STATUSES = ("queued", "asked", "running", "succeeded", "failed", "gone")
