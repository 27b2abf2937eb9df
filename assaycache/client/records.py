"""What the client answers, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaycache.client.pipelines import Result


class Tier(StrEnum):
    """Where an answer came from."""

    MEMORY = "memory"
    HOT = "hot"
    DURABLE = "durable"
    COMPUTED = "computed"


class Durability(StrEnum):
    """What the cache promises for a result that was just computed."""

    DURABLE = "durable"
    PENDING = "pending"
    VOLATILE = "volatile"


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    ASKED = "asked"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True)
class Event:
    """One step of an analysis, told to the caller's `progress`.

    `stage` is "hashing", "looking up", "uploading", "accepted", "queued", or what the analysis says it is doing.
    `fraction` is how much of that stage's own whole is done (0 to 1), where that is known.
    """

    stage: str
    fraction: float | None = None
    queue_position: int | None = None
    joined: bool = False
    """Somebody else computes the same already; this caller waits for that."""
    parts_done: int = 0
    """Of a result that is put together of parts (channels, unique sequences): how many of them are there."""
    parts_total: int = 0
    """Of how many; 0 where it is not of parts, or that is not known yet."""


@dataclass(frozen=True)
class Identity:
    """What a question resolved to; the same on every machine."""

    job_id: str
    key: str
    namespace: str
    blob_sha256: str
    blob_size_bytes: int
    pipeline: str
    pipeline_version: str
    reference_digest: str = ""


@dataclass(frozen=True)
class Analysis:
    """An answered question."""

    identity: Identity
    result: Result
    """The decoded message, for example an `EmgSession`."""
    result_sha256: str
    tier: Tier | None
    """Where the answer came from; None where a newer service names a tier that this client does not know."""
    durability: Durability | None
    """What was promised when it was committed; None where it came from the cache."""
    compute_seconds: float
    """What computing it cost, when it was computed."""
    age_seconds: float
    created: datetime | None
    file_name: str = ""
    """The name of *this* request."""

    @property
    def job_id(self) -> str:
        """The job: the same for the same bytes, pipeline version and parameters."""
        return self.identity.job_id

    @property
    def cached(self) -> bool:
        """Whether nothing was computed for this answer."""
        return self.tier is not Tier.COMPUTED

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in a form that JSON knows; `result` has the form that REST gives it."""
        from rpc.protojson import json_of

        return {
            "job_id": self.job_id,
            "cached": self.cached,
            "tier": self.tier,
            "durability": self.durability,
            "compute_seconds": self.compute_seconds,
            "file_name": self.file_name,
            "pipeline": self.identity.pipeline,
            "pipeline_version": self.identity.pipeline_version,
            "blob_sha256": self.identity.blob_sha256,
            "blob_size_bytes": self.identity.blob_size_bytes,
            "result_sha256": self.result_sha256,
            "result": json_of(self.result),
        }


@dataclass(frozen=True)
class Submission:
    """One handing-in of a file."""

    file_name: str
    uploader: str
    metadata: Mapping[str, Any]
    first_seen: datetime | None
    last_seen: datetime | None
    seen_count: int


@dataclass(frozen=True)
class Failure:
    """Why a job cannot be answered."""

    reason: str
    message: str


@dataclass(frozen=True)
class Job:
    """One question and what became of it."""

    identity: Identity
    status: JobStatus | None
    submissions: tuple[Submission, ...]
    """Last seen first; a listing has the newest only."""
    failure: Failure | None
    created: datetime | None
    updated: datetime | None
    compute_seconds: float
    result_size_bytes: int
    params_json: str
    fraction: float | None = None
    """How far it has come, while it is running."""
    task_id: str = ""
    """The task that the queue knows it by, where it came through the queue."""

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.identity.job_id


@dataclass(frozen=True)
class QueuedTask:
    """Work in the durable queue."""

    task_id: str
    """`Client.job` takes it and tells what became of it."""
    job_id: str
    """Empty while the bytes have not been fetched from their source."""
    position: int
    """How many tasks of the namespace wait before it."""


@dataclass(frozen=True)
class TierStats:
    """What one tier holds and has done."""

    tier: Tier | None
    configured: bool
    available: bool
    entries: int
    size_bytes: int
    limit_bytes: int
    """0: no bound."""
    hits: int


@dataclass(frozen=True)
class Stats:
    """What the cache holds and has done."""

    tiers: tuple[TierStats, ...]
    misses: Mapping[str, int]
    """By reason, since the answering process started."""
    blobs: int
    blob_size_bytes: int
    jobs: int
    running: int
    queued: int
    hits_total: int
    compute_saved_seconds: float


@dataclass(frozen=True)
class Difference:
    """One way in which another question about the same file differs from the one that was asked."""

    job_id: str
    field: str
    asked: str
    known: str


@dataclass(frozen=True)
class Explained:
    """Why a job has no result, or where it is."""

    explanation: str
    """"present", "never_seen", "expired", "evicted", "invalidated", "failed", "in_progress" or "other_question"."""
    message: str
    tiers: tuple[Tier, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Forgotten:
    """What was removed."""

    results: int
    parts: int
    leases: int
    blobs: int
    submissions: int
    pending: bool
    """Whether a tier is away, so that the rest is removed when it is back; none of it is served meanwhile."""
    unreached: tuple[str, ...]
    """What this cannot reach, as sentences."""


@dataclass(frozen=True)
class Capabilities:
    """What the cache service can do."""

    version: str
    tiers: tuple[Tier, ...]
    durable: bool
    """Whether results survive a restart of everything."""
    pipelines: tuple[str, ...]
    """As "name version", the active ones first."""
    not_built: tuple[str, ...]
    limits: Mapping[str, float] = field(default_factory=dict)
    """By the names of the contract, in bytes, items or seconds; a duration's name gets "_seconds"."""


@dataclass(frozen=True)
class ServiceHealth:
    """Whether a service serves."""

    service: str
    status: str
    """As gRPC's health protocol says it ("SERVING", "NOT_SERVING", …), or "UNREACHABLE"."""
    message: str = ""

    @property
    def serving(self) -> bool:
        """Whether it takes calls now."""
        return self.status == "SERVING"


class SignalKind(StrEnum):
    """What a signal shows."""

    RAW = "raw"
    FILTERED = "filtered"
    ENVELOPE = "envelope"


@dataclass(frozen=True)
class Signal:
    """A signal of one channel for a plot; each point stands for the samples from its time up to the next point's."""

    label: str
    kind: SignalKind | None
    time_ms: tuple[float, ...]
    minimum_uv: tuple[float, ...]
    maximum_uv: tuple[float, ...]
    threshold_uv: float | None
    """Above it a contraction begins; None where contractions are not found by this signal."""
    contractions_ms: tuple[tuple[float, float], ...]
    """Onset and offset of the contractions that reach into the stretch."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a pipeline."""

    name: str
    type: str
    unit: str
    default: str
    """As text; empty where there is none."""
    description: str
    source: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """A reference database that sequences are assigned by."""

    name: str
    digest: str
    """SHA-256 of its artefact, in hexadecimal: it is in the key of every result."""
    version: str
    sequences: int
    ranks: tuple[str, ...]
    """Highest first."""
    licence: str
    citation: str
    is_default: bool
    has_tree: bool = False
    """Whether a phylogenetic tree relates its sequences: Faith's diversity and UniFrac need one."""


@dataclass(frozen=True)
class Pipeline:
    """One version of a pipeline."""

    name: str
    version: str
    active: bool
    description: str
    input_formats: tuple[str, ...]
    parameters: tuple[Parameter, ...]
