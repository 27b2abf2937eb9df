"""From a question to the JSON of its result: look up, wait for the analysis, render once."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakValueDictionary

from gateway.backend import Backend, Blob, Event, Failed, Found, Job, Missing, Question, Result, Submission
from gateway.failures import error_of_failure
from gateway.flights import Flights
from gateway.holding import Room
from gateway.rendered import Coded, Rendered, Rendering
from gateway.rounds import Rounds
from rpc.context import credential
from rpc.errors import AssayError, Internal, NotFound
from rpc.reasons import Reason

_MOST_ASKED = 10_000
"""How many questions are remembered by their job's id; one is a few hundred bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, and its JSON."""

    result: Result
    rendering: Rendering

    @property
    def job_id(self) -> str:
        return self.result.job_id

    @property
    def cached(self) -> bool:
        """Whether nothing was computed for it."""
        return self.result.cached

    @property
    def result_json(self) -> bytes:
        return self.rendering.plain


class Analyses:
    """What the routes do, free of HTTP."""

    def __init__(self, backend: Backend, rendered: Rendered, room: Room) -> None:
        self._backend = backend
        self._room = room
        self._rounds: Rounds[Found] = Rounds()
        self._rendered = rendered
        self._flights = Flights()
        self._asked = _Asked()
        self._background: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()  # so that equals render once

    # -- questions -----------------------------------------------------------------------------------------------

    async def ingest(
        self, pieces: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Answer | Missing:
        """Hand an upload in; the answer where there is one already.

        Where there is room to hold it while it is hashed, what the cache service knows is not sent there again.
        """
        with self._room.holding(pieces) as held:
            blob = await held.measure()
            if blob is None or not blob.size_bytes:
                found = await self._backend.ingest(held.all(), ask)
            else:
                found = await self._asked_before_sent(blob, held.all(), *ask())
        return found if isinstance(found, Missing) else await self.answer(found)

    async def _asked_before_sent(
        self, blob: Blob, chunks: AsyncIterator[bytes], question: Question, submission: Submission
    ) -> Result | Missing:
        found = await self._backend.lookup(replace(question, blob=blob), submission, b"")
        if isinstance(found, Failed):
            raise error_of_failure(found.failure)
        if isinstance(found, Missing) and not found.blob_present:
            await self._backend.put_blob(blob.sha256, blob.size_bytes, chunks)
        return found

    async def look_up(self, question: Question, submission: Submission | None) -> Found:
        """Look a question up."""
        found = await self._backend.lookup(question, submission, b"")
        self._asked.note(found.job_id, question)
        return found

    async def compute(self, missing: Missing, *, retry_failed: bool = False) -> Answer:
        """Wait for the analysis of what was handed in; equal ones share one call."""
        async with aclosing(self.follow(missing, retry_failed=retry_failed)) as events:
            async for event in events:
                if isinstance(event, Result):
                    return await self.answer(event)
        raise Internal(Reason.INTERNAL, "The analysis ended without a result.")

    def follow(self, missing: Missing, *, retry_failed: bool = False) -> AsyncGenerator[Event, None]:
        """Follow the analysis of what was handed in, from its beginning."""
        begin = partial(self._backend.analyze, missing.question, retry_failed=retry_failed)
        return self._flights.follow(missing.job_id, begin)

    def compute_in_background(self, missing: Missing, *, retry_failed: bool = False) -> None:
        """Let an analysis go on although nobody waits; it lasts no longer than this process."""
        task = asyncio.create_task(self._run(missing, retry_failed=retry_failed))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _run(self, missing: Missing, *, retry_failed: bool) -> None:
        with suppress(AssayError):  # it is the job's, and told to who asks for that
            await self.compute(missing, retry_failed=retry_failed)

    def running(self, job_id: str) -> AsyncIterator[Event] | None:
        """Follow what this process waits for; None where it does not."""
        return self._flights.join(job_id)

    def stop(self, job_id: str) -> bool:
        """End the waiting for a job here; False where nobody waited."""
        return self._flights.stop(job_id)

    # -- results -------------------------------------------------------------------------------------------------

    async def standing(self, job_id: str, known_digest: bytes = b"") -> Result:
        """Return the result of a job as the cache service tells it now.

        It has no payload where it is rendered here, or is the one that the caller knows.

        Raises:
            NotFound: JOB_UNKNOWN, RESULT_MISSING.
        """
        known = self._known_digest(job_id) or known_digest
        question = self._asked.question(job_id)
        if question is not None:
            look = partial(self._backend.lookup, question, None, known)
            found = await self._rounds.ask((job_id, known, credential.get()), look)
            if isinstance(found, Result) and found.job_id == job_id:  # of another namespace it may be another job
                self._asked.note_digest(job_id, found.digest)
                return found
        job, result = await self._backend.job(job_id, known)
        if result is None:
            raise _result_missing(job)
        self._note(job, result)
        return result

    async def job(self, job_id: str) -> tuple[Job, Answer | None]:
        """Return a job and its result, where it stands."""
        job, result = await self._backend.job(job_id, self._known_digest(job_id))
        if result is None:
            return job, None
        self._note(job, result)
        return job, await self.answer(result)

    async def question(self, job_id: str) -> Question:
        """Return the question of a job.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        job, _ = await self._backend.job(job_id, b"", with_result=False)
        return self._backend.question_of(job)

    async def answer(self, result: Result) -> Answer:
        """Return a result with its JSON, rendering it the first time."""
        rendering = self._rendered.get(result.digest)
        if rendering is None:
            async with self._locks.setdefault(result.digest, asyncio.Lock()):
                rendering = self._rendered.get(result.digest) or await self._render(result)
        self._asked.note_digest(result.job_id, result.digest)
        return Answer(result, rendering)

    async def coded(self, result: Result, coding: str) -> Coded:
        """Return the JSON of a result in a content coding."""
        rendering = (await self.answer(result)).rendering
        if rendering.has(coding):
            return rendering.coded(coding)
        coded = await asyncio.to_thread(rendering.coded, coding)
        self._rendered.put(rendering)
        return coded

    async def _render(self, result: Result) -> Rendering:
        if result.payload is None:  # it was known when asked, and made room for another one meanwhile
            _, again = await self._backend.job(result.job_id, b"")
            if again is None or again.payload is None:
                raise Internal(Reason.INTERNAL, "The result is no longer there.")
            result = again
        rendering = await asyncio.to_thread(Rendering, result.digest, await self._backend.render(result))
        self._rendered.put(rendering)
        return rendering

    def _known_digest(self, job_id: str) -> bytes:
        digest = self._asked.digest(job_id)
        return digest if digest in self._rendered else b""

    def _note(self, job: Job, result: Result) -> None:
        self._asked.note(job.job_id, self._backend.question_of(job))
        self._asked.note_digest(job.job_id, result.digest)


class _Asked:
    """What each job asks, and the digest of the result that was last seen: names only, nothing that can go stale."""

    def __init__(self) -> None:
        self._questions: OrderedDict[str, Question] = OrderedDict()
        self._digests: OrderedDict[str, bytes] = OrderedDict()

    def note(self, job_id: str, question: Question) -> None:
        self._questions[job_id] = question
        _bound(self._questions)

    def note_digest(self, job_id: str, digest: bytes) -> None:
        self._digests[job_id] = digest
        _bound(self._digests)

    def question(self, job_id: str) -> Question | None:
        return self._questions.get(job_id)

    def digest(self, job_id: str) -> bytes:
        return self._digests.get(job_id, b"")


def _bound(kept: OrderedDict[str, Question] | OrderedDict[str, bytes]) -> None:
    while len(kept) > _MOST_ASKED:
        kept.popitem(last=False)


def _result_missing(job: Job) -> NotFound:
    return NotFound(
        Reason.RESULT_MISSING,
        f"The job is {job.status}: there is no result of it now.",
        metadata={"job_id": job.job_id, "status": job.status},
    )
