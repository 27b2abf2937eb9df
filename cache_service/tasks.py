"""The rules of the queue, over the place that keeps it and the waiting room. Plain values in and out."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cache_service.breaker import NOT_NOW, TierAway
from cache_service.entries import Failure
from cache_service.jobs.face import Event, Status
from cache_service.keys import Identity, Pipeline
from cache_service.queue.face import Claimed, Depth, Order, Place, Queue, Withdrawn
from cache_service.reservations import lease_lost
from cache_service.statistics import Statistics
from cache_service.tokens import TaskToken
from cache_service.waiting import WaitingRoom
from rpc.errors import Unavailable
from rpc.reasons import Reason

_BENCH = b"queue"
"""What all who wait for a task wait for; a job's key is longer."""

_TICK_SECONDS = 1.0
"""How often one of those who wait looks by itself: a claim may have lapsed, a pause be over, a word be lost."""

_LONG_TICK_SECONDS = 5.0
"""How often the others look: the one that looks may want other pipelines than they do."""

_LOOK_SECONDS = 5.0
"""How often the depth of the queue is measured, and what ended long ago is removed."""


class Tasks:
    """The durable queue; `queue` None where there is no database by choice."""

    def __init__(
        self,
        queue: Queue | None,
        room: WaitingRoom,
        statistics: Statistics,
        ended_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._queue = queue
        self._room = room
        self._statistics = statistics
        self._ended_seconds = ended_seconds
        self._clock = clock
        self._wall_clock = wall_clock

    async def enqueue(self, order: Order) -> Place:
        """Queue work and wake who waits for it.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        with _database_errors():
            place = await self._needed().put(order, self._wall_clock())
        if place.task_id == order.task_id:
            self._statistics.task("enqueued")
            await self._room.wake(_BENCH)
        return place

    async def withdraw(self, namespace: str, identifier: str) -> Withdrawn:
        """Take a task that nobody has begun out of the queue, by its id or by its job's.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        if self._queue is None:
            return Withdrawn(done=False, left=0)
        with _database_errors():
            withdrawn = await self._queue.withdraw(namespace, identifier)
        if withdrawn.done:
            self._statistics.task("withdrawn")
        return withdrawn

    async def claim(self, owner_id: str, wait_seconds: float, pipelines: Sequence[Pipeline]) -> Claimed | None:
        """Take the next task, waiting for one; None where there is none after the wait.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        queue = self._needed()
        until = self._clock() + wait_seconds
        with self._room.waiter(_BENCH) as waiter:
            while True:
                with _database_errors():
                    claimed = await queue.claim(owner_id, pipelines)
                if claimed is not None:
                    self._statistics.task("claimed")
                    return claimed
                left = until - self._clock()
                if left <= 0:
                    return None
                await waiter.sleep(min(left, _LONG_TICK_SECONDS), _TICK_SECONDS)

    async def join(self, token: TaskToken, identity: Identity, params_json: str) -> None:
        """Note which job a task turned out to be; left out where that cannot be written just now."""
        if self._queue is not None:
            asked = Event(identity, self._wall_clock(), params_json, status=Status.ASKED)
            with contextlib.suppress(*NOT_NOW):
                await self._queue.join(token.task_id, token.nonce, asked)

    async def extend(self, token: TaskToken) -> None:
        """Let a claim last on.

        Raises:
            FailedPrecondition: LEASE_LOST.
            Unavailable: DATABASE_UNAVAILABLE.
        """
        with _database_errors():
            if not await self._needed().extend(token.task_id, token.nonce):
                raise lease_lost()

    async def release(self, token: TaskToken, error: Failure | None) -> None:
        """Put a task back, untried or after an error.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        with _database_errors():
            await self._needed().release(token.task_id, token.nonce, error)
        self._statistics.task("released")
        await self._room.wake(_BENCH)

    async def settle(self, token: TaskToken, outcome: str | Failure) -> None:
        """End a task with the id of the job that answers it, or with a failure.

        Raises:
            FailedPrecondition: LEASE_LOST.
            Unavailable: DATABASE_UNAVAILABLE.
        """
        with _database_errors():
            if not await self._needed().settle(token.task_id, token.nonce, outcome):
                raise lease_lost()
        self._statistics.task("failed" if isinstance(outcome, Failure) else "done")

    async def waiting(self, namespace: str) -> int:
        """Return how many tasks wait; 0 where that cannot be told just now."""
        if self._queue is None:
            return 0
        try:
            return (await self._queue.depth(namespace)).waiting
        except NOT_NOW:
            return 0

    async def run(self) -> None:
        """Show the depth of the queue and remove what ended long ago, until cancelled."""
        queue = self._queue
        while queue is not None:
            depth = None
            with contextlib.suppress(*NOT_NOW):
                depth = await queue.depth(None)
                await queue.forget(self._ended_seconds)
            self._show(depth)
            await asyncio.sleep(_LOOK_SECONDS)

    def _show(self, depth: Depth | None) -> None:
        if depth is None:
            self._statistics.queue(math.nan, math.nan, math.nan)
        else:
            self._statistics.queue(depth.waiting, depth.claimed, depth.oldest_seconds)

    def _needed(self) -> Queue:
        if self._queue is None:
            raise Unavailable(
                Reason.DATABASE_UNAVAILABLE,
                "There is no queue without a database: run the cache service with DATABASE_URL and without"
                " USE_DATABASE=false, or call Analyze and wait for the answer.",
            )
        return self._queue


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except TierAway as error:
        raise Unavailable(
            Reason.DATABASE_UNAVAILABLE,
            "The database does not answer, and the queue is kept there; what is queued is safe. Try again later, or"
            " call Analyze and wait for the answer.",
        ) from error
