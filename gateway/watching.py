"""How an analysis goes on, state by state: by what this process waits for, else by what the cache says of the job."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.analyses import Analyses
from gateway.backend import Backend, Event, Job, Queued, Result
from gateway.failures import error_of_failure
from gateway.problems import problem_of
from rpc.errors import AssayError, DeadlineExceeded, NotFound, Unavailable

_POLL_SECONDS = 0.25
"""How often a job is looked at: a person sees no difference, and a hundred watchers are 400 look-ups a second."""

_AWAY_SECONDS = 1.0
_STILL_HERE_SECONDS = 15.0
"""Proxies close what is silent for longer than 30 to 60 s."""

_PATIENCE_SECONDS = 15.0
"""How long a job may be asked without being computed, as it is between a look-up and the question."""

_GONE = "gone"
FINAL = frozenset({"succeeded", "failed", _GONE})
"""The ids of the states after which there is nothing more."""


@dataclass(frozen=True, slots=True)
class State:
    """Where an analysis stands; the id names the state, so that any process can go on after it."""

    id: str
    event: str
    data: dict[str, Any]


class Watch:
    """Tells states to those who follow."""

    def __init__(self, backend: Backend, analyses: Analyses) -> None:
        self._backend = backend
        self._analyses = analyses

    async def now(self, job_id: str) -> State:
        """Return the present state.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        job, _ = await self._backend.job(job_id, b"", with_result=False)
        return _state_of_job(job)

    async def states(self, job_id: str, first: State, known: str) -> AsyncIterator[State | None]:
        """Yield states until the last, leaving out the known one; None says that nothing has changed for a while."""
        news: asyncio.Queue[State] = asyncio.Queue()
        looking = asyncio.create_task(self._look(job_id, first, news))
        try:
            told = known
            while told not in FINAL:
                state = await _next(news)
                if state is None:
                    yield None
                elif state.id != told:
                    yield state
                    told = state.id
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self, job_id: str, first: State, news: asyncio.Queue[State]) -> None:
        state, since = first, time.monotonic()
        if state.id in FINAL and await self._follow(job_id, news):  # what failed is being tried again
            state = await self._later(job_id, state)
        while True:
            news.put_nowait(state)
            if state.id in FINAL:
                return
            if state.id != "asked":
                since = time.monotonic()
            followed = await self._follow(job_id, news)
            if not followed:
                await asyncio.sleep(_POLL_SECONDS)
            state = await self._later(job_id, state)
            if state.id == "asked" and (followed or time.monotonic() - since > _PATIENCE_SECONDS):
                state = _gone(job_id)

    async def _follow(self, job_id: str, news: asyncio.Queue[State]) -> bool:
        """Follow what this process waits for; False where it does not."""
        events = self._analyses.running(job_id)
        if events is None:
            return False
        with suppress(AssayError):  # the job tells how it ended
            async for event in events:
                if not isinstance(event, Result):  # so is the result
                    news.put_nowait(_state_of_event(job_id, event))
        return True

    async def _later(self, job_id: str, before: State) -> State:
        """Return the present state; the one before while a service is away."""
        try:
            return await self.now(job_id)
        except (Unavailable, DeadlineExceeded):
            await asyncio.sleep(_AWAY_SECONDS)
            return before
        except NotFound:
            return _gone(job_id)
        except AssayError as error:
            return State("failed", "failed", problem_of(error))


async def _next(news: asyncio.Queue[State]) -> State | None:
    try:
        async with asyncio.timeout(_STILL_HERE_SECONDS):
            return await news.get()
    except TimeoutError:
        return None


def _state_of_job(job: Job) -> State:
    if job.status == "succeeded":
        done = {"job_id": job.job_id, "status": "succeeded", "result_url": f"/v1/results/{job.job_id}"}
        return State("succeeded", "result", done)
    if job.status == "failed" and job.failure is not None:
        return State("failed", "failed", {"job_id": job.job_id, **problem_of(error_of_failure(job.failure))})
    if job.status == "running":
        stage, fraction = ("", 0.0) if job.progress is None else (job.progress.stage, job.progress.fraction)
        return _progress(job.job_id, stage, fraction)
    if job.status == "gone":
        return _gone(job.job_id)
    return State(job.status, "queued", {"job_id": job.job_id, "status": job.status, "position": None, "joined": False})


def _state_of_event(job_id: str, event: Event) -> State:
    assert not isinstance(event, Result)  # noqa: S101 - tells the type checker what the caller has checked
    if isinstance(event, Queued):
        waiting = {"job_id": job_id, "status": "queued", "position": event.position, "joined": event.joined}
        return State(f"queued-{event.position}", "queued", waiting)
    return _progress(job_id, event.stage, event.fraction)


def _progress(job_id: str, stage: str, fraction: float) -> State:
    told = {"job_id": job_id, "status": "running", "stage": stage, "fraction": fraction}
    return State(f"running-{fraction:.6f}-{'-'.join(stage.split())}", "progress", told)


def _gone(job_id: str) -> State:
    return State(_GONE, _GONE, {"job_id": job_id, "status": _GONE})
