"""Jobs as people see them, and what every place that keeps them can do. Any of it may raise TierAway."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import orjson

from cache_service.entries import Failure, Progress, Submission, scope_of
from cache_service.invalidations.face import Selector
from cache_service.keys import Blob, Identity, Pipeline


class Status(StrEnum):
    """Where a job stands. GONE is never written: it is SUCCEEDED without a result. Nor is QUEUED: the task tells it."""

    QUEUED = "queued"
    ASKED = "asked"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Job:
    """One question and what became of it. Times are seconds since 1970.

    Work whose bytes have not been fetched is a job without job id, key and blob: its task names it.
    """

    identity: Identity
    status: Status
    params_json: str = "{}"
    failure: Failure | None = None
    compute_cost_ms: float = 0.0
    result_size_bytes: int = 0
    created_at: float = 0.0
    updated_at: float = 0.0
    submissions: tuple[Submission, ...] = ()
    status_at: float = 0.0
    task_id: str = ""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job, to be written into the book."""

    identity: Identity
    at: float
    params_json: str = "{}"
    status: Status | None = None
    failure: Failure | None = None
    compute_cost_ms: float = 0.0
    result_size_bytes: int = 0
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs are wanted."""

    namespace: str
    statuses: frozenset[Status] = field(default_factory=frozenset)
    pipeline: Pipeline | None = None
    blob_sha256: bytes = b""
    file_name_contains: str = ""
    updated_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs, and where the next page begins: after this time and id. None: there is no next page."""

    jobs: Sequence[Job]
    after: tuple[float, str] | None


class JobBook(Protocol):
    """Where jobs are kept."""

    async def write(self, events: Sequence[Event]) -> None:
        """Write down what happened, in order."""
        ...

    async def find(self, namespace: str, job_id: str) -> Job | None:
        """Return a job with all its submissions."""
        ...

    async def list(self, wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
        """Return a page of jobs, last changed first, each with its newest submission."""
        ...

    async def count(self, namespace: str) -> int:
        """Return how many jobs there are."""
        ...

    async def keys(self, selector: Selector) -> Sequence[bytes]:
        """Return the keys of the jobs that a selector means; of a wide one, in PostgreSQL, those that are running."""
        ...

    async def erase(self, namespace: str, blob_sha256: bytes, until: float) -> int:
        """Remove the jobs of a blob and their submissions up to a time; return how many submissions there were."""
        ...


def submission_id(key: bytes, submission: Submission) -> bytes:
    """Return what makes a submission the same one when it comes again."""
    content = [submission.file_name, submission.uploader, submission.metadata]
    return hashlib.sha256(key + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def applied(job: Job | None, event: Event) -> Job:
    """Return a job after an event. A job that has succeeded or failed does not become merely asked again."""
    if job is None:
        job = Job(event.identity, Status.ASKED, event.params_json, created_at=event.at)
    if event.params_json != "{}":
        job = replace(job, params_json=event.params_json)
    if event.submission is not None:
        job = replace(job, submissions=_merged(job, event))
    updated_at = max(event.at, job.updated_at)
    if event.status is None or event.status is Status.ASKED or event.at < job.status_at:
        return replace(job, updated_at=updated_at)
    return replace(
        job,
        status=event.status,
        status_at=event.at,
        failure=event.failure,
        compute_cost_ms=event.compute_cost_ms or job.compute_cost_ms,
        result_size_bytes=event.result_size_bytes or job.result_size_bytes,
        updated_at=updated_at,
    )


def matches(job: Job, wanted: Filter) -> bool:
    """Return whether a job is wanted."""
    identity = job.identity
    pipeline = wanted.pipeline
    return (
        identity.namespace == wanted.namespace
        and (not wanted.statuses or job.status in wanted.statuses)
        and (pipeline is None or identity.pipeline.name == pipeline.name)
        and (pipeline is None or not pipeline.version or identity.pipeline.version == pipeline.version)
        and (not wanted.blob_sha256 or identity.blob.sha256 == wanted.blob_sha256)
        and job.updated_at >= wanted.updated_since
        and any(
            wanted.file_name_contains.lower() in item.file_name.lower() for item in job.submissions or (Submission(),)
        )
    )


def means(selector: Selector, job: Job) -> bool:
    """Return whether a selector means a job."""
    return selector.means(job.identity.key, scope_of(job.identity))


def page_of(jobs: Sequence[Job], wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
    """Return a page of jobs out of all of them."""

    def place(job: Job) -> tuple[float, str]:
        return (job.updated_at, job.identity.job_id)

    rows = sorted((job for job in jobs if matches(job, wanted)), key=place, reverse=True)
    if after is not None:
        rows = [job for job in rows if place(job) < after]
    page = [replace(job, submissions=job.submissions[:1]) for job in rows[:limit]]
    return Page(page, place(page[-1]) if len(rows) > limit else None)


def identity_json(identity: Identity) -> dict[str, object]:
    """Return an identity as plain JSON data."""
    return {
        "key": identity.key.hex(),
        "namespace": identity.namespace,
        "pipeline": [identity.pipeline.name, identity.pipeline.version],
        "params": identity.params.hex(),
        "reference": identity.reference_digest.hex(),
        "blob": [identity.blob.sha256.hex(), identity.blob.size_bytes],
        "job_id": identity.job_id,
    }


def identity_of(data: dict[str, object]) -> Identity:
    """Return the identity that `identity_json` wrote."""
    pipeline, blob = data["pipeline"], data["blob"]
    if not isinstance(pipeline, list) or not isinstance(blob, list):
        raise TypeError("an identity is not of the form that identity_json writes")
    return Identity(
        key=bytes.fromhex(str(data["key"])),
        job_id=str(data["job_id"]),
        namespace=str(data["namespace"]),
        pipeline=Pipeline(*pipeline),
        params=bytes.fromhex(str(data["params"])),
        reference_digest=bytes.fromhex(str(data["reference"])),
        blob=Blob(bytes.fromhex(blob[0]), blob[1]),
    )


def _merged(job: Job, event: Event) -> tuple[Submission, ...]:
    """Return a job's submissions with the event's one, last seen first."""
    new = event.submission
    if new is None:
        return job.submissions
    mark = submission_id(job.identity.key, new)
    known = next((item for item in job.submissions if submission_id(job.identity.key, item) == mark), None)
    first, count = (known.first_seen_at, known.seen_count) if known else (event.at, 0)
    seen = replace(new, first_seen_at=first, last_seen_at=event.at, seen_count=count + 1)
    others = [item for item in job.submissions if item is not known]
    return (seen, *others)
