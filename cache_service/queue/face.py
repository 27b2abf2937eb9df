"""Queued work, and what the place that keeps it can do. Any of it may raise TierAway."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cache_service.entries import Failure, Submission
from cache_service.jobs.face import Event
from cache_service.keys import Identity, Pipeline

CLAIM_SECONDS = 10.0
"""How long a claim lasts without a heartbeat. Longer than a lease: a second claimant gains nothing while the lease of
the first one's computation lasts, and a fail-over of the database should cost nobody an attempt."""

_FIRST_PAUSE_SECONDS = 2.0
_PAUSE_GROWTH = 4.0
_LONGEST_PAUSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Order:
    """Work to be queued. Question, submission and context are messages that the queue does not look into.

    `identity` is what the question resolved to where its blob is known; it and who asks are written into the job book.
    """

    task_id: str
    namespace: str
    pipeline: Pipeline
    question: bytes
    source_uri: str = ""
    submission_message: bytes = b""
    context: bytes = b""
    idempotency_key: str = ""
    identity: Identity | None = None
    params_json: str = "{}"
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task stands in its namespace: how many wait before it, and its job, where that is known."""

    task_id: str
    job_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whether a task was taken out of the queue, and how many of the same job are left."""

    done: bool
    left: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that is the caller's for a while; the nonce proves it."""

    task_id: str
    nonce: bytes
    question: bytes
    source_uri: str
    submission_message: bytes
    context: bytes
    attempt: int
    waited_seconds: float


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits, how much is claimed, and how long the oldest waiting task has waited."""

    waiting: int
    claimed: int
    oldest_seconds: float


class Queue(Protocol):
    """Where tasks are kept."""

    async def put(self, order: Order, at: float) -> Place:
        """Queue work; the same idempotency key gives the same task."""
        ...

    async def withdraw(self, namespace: str, identifier: str) -> Withdrawn:
        """End a task that nobody works on: the one of this id, or the last one of the job of this id."""
        ...

    async def claim(self, owner_id: str, pipelines: Sequence[Pipeline]) -> Claimed | None:
        """Take the next task of these pipelines (none: of all); the same owner gets the same task again."""
        ...

    async def join(self, task_id: str, nonce: bytes, asked: Event) -> None:
        """Note which job a task turned out to be; without effect where the claim is lost."""
        ...

    async def extend(self, task_id: str, nonce: bytes) -> bool:
        """Let a claim last on; False where it is lost."""
        ...

    async def release(self, task_id: str, nonce: bytes, error: Failure | None) -> None:
        """Put a task back: untried, or after an error, which uses up an attempt."""
        ...

    async def settle(self, task_id: str, nonce: bytes, outcome: str | Failure) -> bool:
        """End a task with the id of its job, or a failure; False where the claim is lost."""
        ...

    async def depth(self, namespace: str | None) -> Depth:
        """Return how much there is to do in a namespace, or in all."""
        ...

    async def forget(self, ended_seconds: float) -> int:
        """Remove some of the tasks that ended so long ago; return how many."""
        ...


def withdrawal() -> Failure:
    """Return the failure of a task that somebody took out of the queue."""
    return Failure("CANCELLED", "Taken out of the queue before it was begun.")


def pause_seconds(attempts: int) -> float:
    """Return how long a task rests after so many attempts: 2, 8, 32, 128 s, so that a source may be away a while."""
    return min(_FIRST_PAUSE_SECONDS * _PAUSE_GROWTH ** min(attempts - 1, 10), _LONGEST_PAUSE_SECONDS)


def given_up(attempts: int, last: Failure | None) -> Failure:
    """Return the failure of a task whose attempts are used up."""
    if last is None:
        return Failure("WORKER_LOST", f"Given up after {attempts} attempts: whoever tried fell silent each time.")
    return Failure(last.reason, f"Given up after {attempts} attempts. The last one: {last.message}", last.violations)
