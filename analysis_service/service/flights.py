"""Flights: leased computations. One lives on when its caller leaves, as long as somebody waits for its result."""

import hashlib
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from analysis_service.metrics import ComputationMetrics
from analysis_service.pipelines import Pipeline
from analysis_service.service.cache import Cache
from analysis_service.service.computation import Assignment, Computation, Source
from analysis_service.service.gathering import LEASE_ENDED
from analysis_service.service.tasks import Pool, Tasks
from analysis_service.workers.pool import Progress as Advance
from analysis_service.workers.pool import Queued
from assaycache.cache.v1.cache_service_pb2 import CommitResponse, Lease
from assaycache.cache.v1.entry_pb2 import Payload, Progress
from assaycache.cache.v1.identity_pb2 import Identity, Question
from rpc.context import credential, request_id, trace
from rpc.errors import AssayError, Cancelled, FailedPrecondition, ResourceExhausted, Unavailable
from rpc.logs import get_logger
from rpc.reasons import REMEMBERED, Reason
from rpc.status import opaque

log = get_logger(__name__)

_LONGEST_PULSE_SECONDS = 1.0
_BEATS_A_LEASE = 4
"""Three heartbeats may get lost before the lease does."""

_IDLE_BEATS = 2
"""Waiters ask again and again, and are not counted for the moment between: one count of nobody is not enough."""


@dataclass(frozen=True)
class Order:
    """What is to be computed, under which lease."""

    question: Question
    identity: Identity
    pipeline: Pipeline
    lease: Lease
    detached: bool


@dataclass(frozen=True)
class Landed:
    """A result that stands."""

    response: CommitResponse
    payload: Payload


Event = Queued | Advance | Landed | AssayError


class Flight:
    """One leased computation, with a thread that works and one that keeps the lease alive."""

    def __init__(
        self, order: Order, cache: Cache, pool: Pool, metrics: ComputationMetrics, ended: Callable[["Flight"], None]
    ) -> None:
        self._order = order
        self._cache = cache
        self._tasks = Tasks(pool)
        self._stages = _Stages(metrics, order.identity.pipeline.name)
        self._metrics = metrics
        self._on_end = ended
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._progress = Progress()
        self._lock = threading.Lock()
        self._stopped_by: AssayError | None = None
        self._has_left = threading.Event()
        self._has_ended = threading.Event()
        self._request_id = request_id.get()
        self._trace = trace.get()
        self._credential = credential.get()  # the work may outlive the call, and is still the caller's
        self._worker = threading.Thread(target=self._work, name="flight", daemon=True)
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._heart.start()
        self._worker.start()

    def events(self) -> Iterator[Event]:
        """Return what happens, to its end or until the caller has left."""
        while (event := self._events.get()) is not None:
            yield event

    def leave(self) -> None:
        """The caller has left: the work goes on only as long as somebody else waits, or as it was asked to."""
        self._has_left.set()
        self._events.put(None)

    def stop(self, why: AssayError) -> None:
        """Stop the work wherever it is, and give the lease back; what is committed stays."""
        with self._lock:
            self._stopped_by = self._stopped_by or why
        self._tasks.cancel()

    def join(self) -> None:
        """Wait for the end."""
        self._worker.join()
        self._heart.join()

    def _work(self) -> None:
        self._enter_context()
        name = self._order.identity.pipeline.name
        self._metrics.started(name)
        end: Event
        try:
            end = self._fly()
            outcome = "superseded" if end.response.superseded else "committed"
        except Exception as error:  # the caller's thread raises it again
            end = error if isinstance(error, AssayError) else opaque("Analyze", error)
            outcome = end.reason
        self._has_ended.set()
        self._stages.end()
        self._metrics.ended(name, outcome)
        if isinstance(end, AssayError):
            self._give_back(end)
        self._on_end(self)
        self._events.put(end)
        self._events.put(None)

    def _fly(self) -> Landed:
        with tempfile.TemporaryFile() as file:
            payload, cost_seconds = self._compute(Source(file, self._download))
        self._advance(Advance("storing", 1.0))
        payload = self._placed(payload)
        self._check()
        response = self._cache.commit(self._order.lease.token, payload, cost_seconds)
        return Landed(response, payload)

    def _download(self, file: BinaryIO) -> None:
        self._advance(Advance("downloading", 0.0))
        for chunk in self._cache.download(self._order.identity.namespace, self._order.identity.blob):
            self._check()
            file.write(chunk)

    def _compute(self, source: Source) -> tuple[Payload, float]:
        order = self._order
        assignment = Assignment(order.question, order.identity, order.pipeline, order.lease.token)
        computation = Computation(assignment, self._cache, self._tasks, self._metrics, self._hear, self._check)
        try:
            return computation.payload(source), self._tasks.cost_seconds
        except Cancelled:
            self._check()  # why it was cancelled says more than that it was
            raise

    def _placed(self, payload: Payload) -> Payload:
        """Put what is too large to travel inline beside the inputs."""
        if len(payload.data) <= self._cache.inline_limit_bytes():
            return payload
        digest = hashlib.sha256(payload.data).digest()
        blob = self._cache.upload(self._order.identity.namespace, payload.data, digest)
        placed = Payload(blob=blob)
        placed.MergeFrom(payload)
        placed.ClearField("data")
        return placed

    def _give_back(self, error: AssayError) -> None:
        """End the lease, so that nobody waits for it to run out."""
        token = self._order.lease.token
        if error.reason in LEASE_ENDED:
            return
        self._heart.join()  # a heartbeat that came after would create the lease anew
        try:
            if error.reason in REMEMBERED:
                self._cache.fail(token, error)
            else:
                self._cache.release(token)
        except AssayError as refused:
            log.warning("a lease could not be given back; it ends by itself", reason=refused.reason)

    def _hear(self, event: Queued | Advance) -> None:
        if isinstance(event, Queued):
            self._stages.enter("queued")
            self._tell(event)
        else:
            self._advance(event)

    def _advance(self, event: Advance) -> None:
        self._stages.enter(event.stage)
        self._progress = progress_of(event)
        self._tell(event)

    def _tell(self, event: Event) -> None:
        if not self._has_left.is_set():
            self._events.put(event)

    def _enter_context(self) -> None:
        request_id.set(self._request_id)
        trace.set(self._trace)
        credential.set(self._credential)

    def _check(self) -> None:
        if self._stopped_by is not None:
            raise self._stopped_by

    def _beat(self) -> None:
        """Extend the lease until the end; stop the work when the lease is lost or nobody wants it."""
        self._enter_context()
        expires = self._order.lease.expires_in
        pulse = min(_LONGEST_PULSE_SECONDS, (expires.seconds + expires.nanos / 1e9) / _BEATS_A_LEASE)
        idle_beats = 0
        while not self._has_ended.wait(pulse):
            try:
                waiters = self._cache.extend(self._order.lease.token, self._progress)
            except FailedPrecondition as error:
                self.stop(error)
                return
            except AssayError as error:
                log.warning("a heartbeat got lost", reason=error.reason)
                continue
            is_wanted = waiters or self._order.detached or not self._has_left.is_set()
            idle_beats = 0 if is_wanted else idle_beats + 1
            if idle_beats >= _IDLE_BEATS:
                self.stop(Cancelled(Reason.CANCELLED, "Nobody waits for the analysis any more."))
                return


class _Stages:
    """Times the stages of one computation."""

    def __init__(self, metrics: ComputationMetrics, pipeline: str) -> None:
        self._metrics = metrics
        self._pipeline = pipeline
        self._stage = ""
        self._since = 0.0

    def enter(self, stage: str) -> None:
        """Begin a stage, where it is not the one that is on."""
        if stage != self._stage:
            self.end()
            self._stage, self._since = stage, time.monotonic()

    def end(self) -> None:
        """End the stage that is on."""
        if self._stage:
            self._metrics.stage(self._pipeline, self._stage, time.monotonic() - self._since)
        self._stage = ""


class Flights:
    """The flights of this process: a bounded number, and an orderly end."""

    def __init__(self, cache: Cache, pool: Pool, metrics: ComputationMetrics, limit: int) -> None:
        self._cache = cache
        self._pool = pool
        self._metrics = metrics
        self._limit = limit
        self._changed = threading.Condition()
        self._flying: set[Flight] = set()
        self._is_stopping = False

    def launch(self, order: Order) -> Flight:
        """Start computing under a lease; one that cannot be used is given back.

        Raises:
            Unavailable: SHUTTING_DOWN.
            ResourceExhausted: OVERLOADED: too many go on without their callers.
        """
        flight = Flight(order, self._cache, self._pool, self._metrics, self._landed)
        refusal = self._admit(flight)
        if refusal is not None:
            self._cache.release(order.lease.token)
            raise refusal
        flight.start()
        return flight

    def check(self) -> None:
        """Raise SHUTTING_DOWN once the time to land is over."""
        if self._is_stopping:
            raise shutting_down()

    def stop(self, seconds: float) -> None:
        """Let flights land for so long, then stop those that are left, and wait until their leases are given back."""
        with self._changed:
            self._changed.wait_for(lambda: not self._flying, seconds)
            self._is_stopping = True
            left = list(self._flying)
        for flight in left:
            flight.stop(shutting_down())
        for flight in left:
            flight.join()

    def _admit(self, flight: Flight) -> AssayError | None:
        with self._changed:
            if self._is_stopping:
                return shutting_down()
            if len(self._flying) >= self._limit:
                return ResourceExhausted(
                    Reason.OVERLOADED,
                    f"{self._limit} analyses are running already; try again after a pause.",
                    metadata={"limit": str(self._limit)},
                )
            self._flying.add(flight)
            return None

    def _landed(self, flight: Flight) -> None:
        with self._changed:
            self._flying.discard(flight)
            self._changed.notify_all()


def progress_of(event: Advance) -> Progress:
    """Return how far a computation has come, as the contract says it."""
    return Progress(
        stage=event.stage,
        fraction=event.fraction,
        parts_total=event.parts_total,
        parts_done=event.parts_done,
        parts_known=event.parts_known,
    )


def shutting_down() -> Unavailable:
    """Return the error for what this process will not finish."""
    return Unavailable(Reason.SHUTTING_DOWN, "The service is shutting down.")
