"""From an upload to the JSON of its result: look up, wait for the analysis, render once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from weakref import WeakValueDictionary

from gateway.backend import Backend, Job, Missing, Question, Result, Submission
from gateway.flights import Flights
from gateway.rendered import Rendered
from rpc.errors import Internal
from rpc.reasons import Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """A result as JSON. `cached` says that nothing was computed for it."""

    job_id: str
    cached: bool
    result_json: bytes
    pipeline: str = ""
    compute_seconds: float = 0.0


class Analyses:
    """What the routes do, free of HTTP."""

    def __init__(self, backend: Backend, rendered: Rendered) -> None:
        self._backend = backend
        self._rendered = rendered
        self._flights = Flights()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # so that equals render once

    async def ingest(
        self, chunks: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Answer | Missing:
        """Hand an upload in; the answer where there is one already."""
        found = await self._backend.ingest(chunks, ask)
        return found if isinstance(found, Missing) else await self._answer(found)

    async def compute(self, missing: Missing) -> Answer:
        """Wait for the analysis of what was handed in; equal ones share one call."""
        events = self._flights.follow(missing.job_id, lambda: self._backend.analyze(missing.question))
        async with aclosing(events):  # type: ignore[type-var]  # an async generator, typed as what it is used as
            async for event in events:
                if isinstance(event, Result):
                    return await self._answer(event)
        raise Internal(Reason.INTERNAL, "The analysis ended without a result.")

    async def job(self, job_id: str) -> tuple[Job, Answer | None]:
        """Return a job and its result, where it stands."""
        job, result = await self._backend.job(job_id, self._rendered.known_digest(job_id))
        return job, None if result is None else await self._answer(result)

    async def _answer(self, result: Result) -> Answer:
        async with self._locks.setdefault(result.job_id, asyncio.Lock()):
            rendered = self._rendered.get(result.job_id, result.digest)
            if rendered is None:
                rendered = await self._render(result)
        return Answer(result.job_id, result.cached, rendered, result.pipeline.name, result.compute_seconds)

    async def _render(self, result: Result) -> bytes:
        if result.payload is None:  # it was known when asked, and made room for another one meanwhile
            _, again = await self._backend.job(result.job_id, b"")
            if again is None or again.payload is None:
                raise Internal(Reason.INTERNAL, "The result is no longer there.")
            result = again
        rendered = await self._backend.render(result)
        self._rendered.put(result.job_id, result.digest, rendered)
        return rendered
