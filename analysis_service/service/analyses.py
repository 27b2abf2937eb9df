"""One call of Analyze, from the question to the result: from the cache, by waiting, or by computing."""

import uuid
from collections.abc import Callable, Generator, Iterator

from analysis_service.pipelines import Pipelines
from analysis_service.service.cache import REASON_PREFIX, Cache
from analysis_service.service.flights import Flights, Landed, Order, progress_of
from analysis_service.service.gathering import LEASE_ENDED
from analysis_service.workers.pool import Progress as Advance
from analysis_service.workers.pool import Queued
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.cache_service_pb2 import InProgress, ReserveResponse
from assaycache.cache.v1.entry_pb2 import TIER_COMPUTED, Entry, Failure, Progress
from assaycache.errors.v1.errors_pb2 import ErrorReason
from rpc.errors import AssayError, Cancelled, FailedPrecondition, InputError, Violation
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

_SLICE_SECONDS = 1.0
"""How long one Reserve waits: as often the caller hears how far the other one is, and leaves if it wants to."""


class Caller:
    """Whoever asked, as long as it is there."""

    def __init__(self, is_active: Callable[[], bool], on_leaving: Callable[[Callable[[], None]], bool]) -> None:
        self._is_active = is_active
        self._on_leaving = on_leaving

    def check(self) -> None:
        """Raise `Cancelled` if the caller has left."""
        if not self._is_active():
            raise Cancelled(Reason.CANCELLED, "The caller has left.")

    def when_left(self, act: Callable[[], None]) -> None:
        """Act when the caller leaves, at once if it has left."""
        if not self._on_leaving(act):
            act()


class Analyses:
    """Answers questions."""

    def __init__(self, cache: Cache, flights: Flights, pipelines: Pipelines) -> None:
        self._cache = cache
        self._flights = flights
        self._pipelines = pipelines

    def answer(self, request: pb2.AnalyzeRequest, caller: Caller) -> Iterator[pb2.AnalyzeResponse]:
        """Return the events of an analysis, the result last.

        Raises:
            AssayError: what the contract lists.
        """
        reserved = self._reserve(request, _owner(), 0.0)
        yield pb2.AnalyzeResponse(accepted=pb2.Accepted(identity=reserved.identity))
        try:
            yield from self._outcome(request, reserved, caller)
        except FailedPrecondition as error:
            if error.reason not in LEASE_ENDED:
                raise
            # What was computed may not be kept, so it is no answer: ask once more what stands.
            yield from self._outcome(request, self._reserve(request, _owner(), 0.0), caller)

    def remember(self, request: pb2.AnalyzeRequest, error: AssayError) -> None:
        """Record the job as failed, for a reason that shows before anything is computed."""
        try:
            reserved = self._reserve(request, _owner(), 0.0)
            if reserved.HasField("lease"):
                self._cache.fail(reserved.lease.token, error)
        except AssayError as failure:  # the caller is told of the parameters all the same
            log.info("a refusal was not recorded", reason=failure.reason)

    def _outcome(
        self, request: pb2.AnalyzeRequest, reserved: ReserveResponse, caller: Caller
    ) -> Iterator[pb2.AnalyzeResponse]:
        if reserved.HasField("in_progress"):
            reserved = yield from self._wait(request, reserved.in_progress, caller)
        if reserved.HasField("hit"):
            yield pb2.AnalyzeResponse(result=pb2.Analyzed(entry=reserved.hit))
        elif reserved.HasField("failure"):
            raise _error_of(reserved.failure)
        else:
            yield from self._lead(request, reserved, caller)

    def _wait(
        self, request: pb2.AnalyzeRequest, progress: InProgress, caller: Caller
    ) -> Generator[pb2.AnalyzeResponse, None, ReserveResponse]:
        """Wait for somebody else's computation, and return what comes of it or the right to take over."""
        owner_id = _owner()
        yield pb2.AnalyzeResponse(queued=pb2.Queued(joined=True))
        said = Progress()
        while True:
            if progress.progress != said:
                said = progress.progress
                yield pb2.AnalyzeResponse(progress=said)
            caller.check()
            self._flights.check()
            reserved = self._reserve(request, owner_id, _SLICE_SECONDS)
            if not reserved.HasField("in_progress"):
                return reserved
            progress = reserved.in_progress

    def _lead(
        self, request: pb2.AnalyzeRequest, reserved: ReserveResponse, caller: Caller
    ) -> Iterator[pb2.AnalyzeResponse]:
        """Compute under the lease."""
        try:
            # An empty version resolves to what another replica announced; what is not offered here must not be
            # computed under its name.
            pipeline = self._pipelines.find(reserved.identity.pipeline.name, reserved.identity.pipeline.version)
            order = Order(request.question, reserved.identity, pipeline, reserved.lease, request.detached)
        except AssayError:
            self._cache.release(reserved.lease.token)
            raise
        flight = self._flights.launch(order)
        caller.when_left(flight.leave)
        try:
            for event in flight.events():
                if isinstance(event, AssayError):
                    raise event
                yield _response(event)
        finally:
            flight.leave()
        caller.check()

    def _reserve(self, request: pb2.AnalyzeRequest, owner_id: str, wait_seconds: float) -> ReserveResponse:
        return self._cache.reserve(request.question, owner_id, wait_seconds, request.retry_failed)


def _owner() -> str:
    return uuid.uuid4().hex


def _response(event: Queued | Advance | Landed) -> pb2.AnalyzeResponse:
    if isinstance(event, Queued):
        return pb2.AnalyzeResponse(queued=pb2.Queued(position=event.position))
    if isinstance(event, Landed):
        return pb2.AnalyzeResponse(result=_analyzed(event))
    return pb2.AnalyzeResponse(progress=progress_of(event))


def _analyzed(landed: Landed) -> pb2.Analyzed:
    """Return what stands, with the payload that a commit of one's own leaves out."""
    entry = Entry()
    entry.CopyFrom(landed.response.entry)
    if not landed.response.superseded:
        entry.payload.CopyFrom(landed.payload)
        entry.tier = TIER_COMPUTED
    return pb2.Analyzed(entry=entry, durability=landed.response.durability)


def _error_of(failure: Failure) -> InputError:
    return InputError(
        Reason(ErrorReason.Name(failure.reason).removeprefix(REASON_PREFIX)),
        failure.message,
        violations=[Violation(item.field, item.description) for item in failure.violations],
    )
