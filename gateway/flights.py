"""Analyses in flight: equal ones share one call, and everybody who asked follows its events from the first."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from gateway.backend import Event
from rpc.errors import Cancelled
from rpc.reasons import Reason


class Flights:
    """The running analyses by job id. One that nobody follows any more is cancelled."""

    def __init__(self) -> None:
        self._running: dict[str, _Flight] = {}

    async def follow(self, job_id: str, begin: Callable[[], AsyncIterator[Event]]) -> AsyncGenerator[Event, None]:
        """Yield the events of a job's analysis, which `begin` starts unless it is running.

        The error that ends the analysis is raised to every follower.
        """
        flight = self._running.get(job_id)
        if flight is None:
            flight = self._running[job_id] = _Flight(begin())
        async for event in self._followed(job_id, flight):
            yield event

    def join(self, job_id: str) -> AsyncIterator[Event] | None:
        """Follow what is running; None where nothing is."""
        flight = self._running.get(job_id)
        return None if flight is None else self._followed(job_id, flight)

    def stop(self, job_id: str) -> bool:
        """Cancel a job's analysis; its followers are told so. False where none is running."""
        flight = self._running.pop(job_id, None)
        if flight is None:
            return False
        flight.stop()
        return True

    async def _followed(self, job_id: str, flight: "_Flight") -> AsyncIterator[Event]:
        flight.followers += 1
        try:
            async for event in flight.events():
                yield event
        finally:
            flight.followers -= 1
            if not flight.followers or flight.ended:
                flight.cancel()
                if self._running.get(job_id) is flight:
                    del self._running[job_id]


class _Flight:
    """One running analysis."""

    def __init__(self, source: AsyncIterator[Event]) -> None:
        self.followers = 0
        self.ended = False
        self._error: Exception | None = None
        self._seen: list[Event] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run(source))

    def cancel(self) -> None:
        self._task.cancel()

    def stop(self) -> None:
        self._error = Cancelled(Reason.CANCELLED, "The analysis was stopped by a caller.")
        self._task.cancel()

    async def events(self) -> AsyncIterator[Event]:
        index = 0
        while True:
            news, ended = self._news, self.ended
            while index < len(self._seen):
                yield self._seen[index]
                index += 1
            if ended:
                break
            await news.wait()
        if self._error is not None:
            raise self._error

    async def _run(self, source: AsyncIterator[Event]) -> None:
        try:
            async for event in source:
                self._seen.append(event)
                self._tell()
        except Exception as error:  # whatever it is, the followers raise it
            self._error = error
        finally:
            self.ended = True
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
