"""The janitor: keeps the tiers in order, each duty in one replica at a time.

Who does a duty in PostgreSQL holds a row there; who does one in a local folder holds a lock on it. Neither outlives
its holder, and both work behind a transaction pooler and without a database.
"""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cache_service.breaker import NOT_NOW
from cache_service.engines.postgres import Postgres
from cache_service.upkeep import Upkeep
from rpc.logs import get_logger

log = get_logger(__name__)

_TICK_SECONDS = 0.5
_HELD_SECONDS = 30.0
"""How long a duty is its holder's: a crashed one is replaced after it. Said again at every round."""

_TAKE = """
INSERT INTO janitor (duty, holder, expires_at) VALUES (%s, %s, now() + make_interval(secs => %s))
ON CONFLICT (duty) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE janitor.holder = excluded.holder OR janitor.expires_at <= now()
RETURNING duty
"""

Guard = Callable[[], AbstractAsyncContextManager[bool]]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so many seconds, at once at first. `guard` says whether it is this process's turn."""

    name: str
    period_seconds: float
    guard: Guard
    work: Callable[[], Awaitable[None]]


class Janitor:
    """Does its duties, each in its own time; one that fails is tried again, and keeps no other from being done."""

    def __init__(self, duties: Sequence[Duty], upkeep: Upkeep, clock: Callable[[], float] = time.monotonic) -> None:
        self._duties = duties
        self._upkeep = upkeep
        self._clock = clock

    async def run(self) -> None:
        """Do the duties until cancelled."""
        await asyncio.gather(*(self._repeat(duty) for duty in self._duties))

    async def _repeat(self, duty: Duty) -> None:
        while True:
            began = self._clock()
            await self.attempt(duty)
            took = self._clock() - began
            await asyncio.sleep(max(_TICK_SECONDS, duty.period_seconds - took, took))  # half of the time at most

    async def attempt(self, duty: Duty) -> None:
        """Do a duty once, if it is this process's turn."""
        outcome = "done"
        try:
            async with duty.guard() as mine:
                if mine:
                    await duty.work()
                else:
                    outcome = "not_mine"
        except (*NOT_NOW, OSError):
            outcome = "away"
        except Exception as error:
            log.error("a duty of the janitor failed", duty=duty.name, error=type(error).__name__)  # noqa: TRY400 - the text may quote what it worked on
            outcome = "failed"
        self._upkeep.round(duty.name, outcome)


@asynccontextmanager
async def everybody() -> AsyncIterator[bool]:
    """Guard a duty that every process does for itself."""
    yield True


def by_row(database: Postgres, duty: str, holder: str) -> Guard:
    """Guard a duty by a row in PostgreSQL."""

    @asynccontextmanager
    async def guard() -> AsyncIterator[bool]:
        yield bool(await database.fetch(_TAKE, duty, holder, _HELD_SECONDS))

    return guard


def by_lock(folder: Path) -> Guard:
    """Guard a duty by a lock on a local folder, for one round at a time."""

    @asynccontextmanager
    async def guard() -> AsyncIterator[bool]:
        descriptor = await asyncio.to_thread(os.open, folder, os.O_RDONLY)
        try:
            mine = False
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mine = True
            yield mine
        finally:
            os.close(descriptor)

    return guard
