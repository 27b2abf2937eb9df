"""A backend that answers by itself, and forms to send to the gateway."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import orjson

from gateway.backend import (
    Blob,
    Event,
    Failed,
    Failure,
    Found,
    Health,
    Job,
    JobFilter,
    Missing,
    Page,
    PartState,
    Payload,
    Pipeline,
    Progress,
    Question,
    Report,
    Result,
    Selector,
    Submission,
    Task,
    TierState,
    Window,
)
from rpc.errors import AssayError, InvalidArgument, NotBuilt, NotFound
from rpc.reasons import Reason

C3D = b"\x02\x50" + bytes(510) + b"the rest of a recording"
BOUNDARY = "x-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
JOB_ID = "6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00"
MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

ALL_WELL = Health(
    cache=PartState(available=True, tiers=[TierState("memory", True), TierState("durable", True)]),
    analysis=PartState(available=True),
)


def part(name: str, content: bytes, file_name: str | None = None) -> bytes:
    """Return one part of a form."""
    disposition = f'form-data; name="{name}"'
    if file_name is not None:
        disposition += f'; filename="{file_name}"\r\nContent-Type: application/octet-stream'
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class StandIn:
    """Keeps what it was asked; analyses everything to {"bytes": size}."""

    def __init__(self) -> None:
        self.ingested: list[tuple[bytes, Question, Submission]] = []
        self.chunk_sizes: list[int] = []
        self.given_up = 0
        self.analyses_begun = 0
        self.analyses_stopped = 0
        self.retried = 0
        self.renderings = 0
        self.known_digests: list[bytes] = []
        self.listed: list[JobFilter] = []
        self.looked_up: list[tuple[Question, Submission | None, bytes]] = []
        self.queued: list[tuple[Question, Submission, str, str]] = []
        self.blobs: list[Blob] = []
        self.heads: dict[bytes, bytes] = {}
        self.job_pipeline = "emg.session"
        self.windows: list[tuple[Question, Window]] = []
        self.subjects: list[object] = []
        self.has_queue = True
        self.queue_failure: AssayError | None = None
        self.queued_job_id = JOB_ID
        self.erasure_pending = False
        self.remembered: Failure | None = None
        self.job_status = ""
        self.results: dict[str, Result] = {}
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.began = asyncio.Event()
        self.failure: Exception | None = None
        self.parameters: list[Report] = []
        self.state = ALL_WELL

    async def ingest(
        self, chunks: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Result | Missing:
        """Take the bytes in; answer from what was analysed before."""
        data = b""
        try:
            async for chunk in chunks:
                self.chunk_sizes.append(len(chunk))
                data += chunk
            question, submission = ask()
        except BaseException:
            self.given_up += 1
            raise
        if self.failure is not None:
            raise self.failure
        self.ingested.append((data, question, submission))
        blob = Blob(hashlib.sha256(data).digest(), len(data))
        if JOB_ID in self.results:
            return self.results[JOB_ID]
        return Missing(JOB_ID, Question(question.pipeline, question.params, blob))

    async def analyze(self, question: Question, *, retry_failed: bool = False) -> AsyncIterator[Event]:
        """Take part of the way, wait for leave to finish, finish."""
        self.analyses_begun += 1
        self.retried += retry_failed
        self.began.set()
        try:
            yield Progress("filtering", 0.5)
            await self.may_finish.wait()
            assert question.blob is not None
            result = result_of({"bytes": question.blob.size_bytes}, cached=False)
            self.results[JOB_ID] = replace(result, cached=True, tier="memory")
            yield result
        except asyncio.CancelledError:
            self.analyses_stopped += 1
            raise

    async def render(self, result: Result) -> bytes:
        """Return the payload, which is JSON here."""
        self.renderings += 1
        await asyncio.sleep(0)
        assert result.payload is not None
        return result.payload.data

    async def jobs(self, wanted: JobFilter) -> Page:
        """List one job."""
        self.listed.append(wanted)
        job = job_of("succeeded")
        return Page([replace(job, pipeline=Pipeline(self.job_pipeline, "1.0.0"))], "more")

    async def job(self, job_id: str, known_digest: bytes, *, with_result: bool = True) -> tuple[Job, Result | None]:
        """Tell the one job there is."""
        if job_id != JOB_ID:
            raise NotFound(Reason.JOB_UNKNOWN, "There is no such job.")
        result = self.results.get(job_id)
        if with_result:
            self.known_digests.append(known_digest)
        job = job_of(self.job_status or ("succeeded" if result else "running"))
        if self.remembered is not None:
            job = replace(job, status="failed", failure=self.remembered)
        return job, _without(result, known_digest) if with_result else None

    def question_of(self, job: Job) -> Question:
        """Return the question of a job."""
        return Question(job.pipeline, job.params, job.blob, from_job=True)

    async def put_blob(self, sha256: bytes, size_bytes: int | None, chunks: AsyncIterator[bytes]) -> tuple[Blob, bool]:
        """Keep bytes."""
        data = b"".join([chunk async for chunk in chunks])
        blob = Blob(hashlib.sha256(data).digest(), len(data))
        if size_bytes not in (None, len(data)):
            raise InvalidArgument(Reason.SIZE_MISMATCH, "These are more or fewer bytes.")
        if blob.sha256 != sha256:
            raise InvalidArgument(Reason.DIGEST_MISMATCH, "These are other bytes.")
        existed = blob in self.blobs
        self.blobs.append(blob)
        return blob, existed

    async def head(self, blob: Blob, most_bytes: int) -> bytes:
        """Return how a file begins that is here."""
        return self.heads.get(blob.sha256, b"")[:most_bytes]

    async def lookup(self, question: Question, submission: Submission | None, known_digest: bytes) -> Found:
        """Answer from what was analysed before."""
        if self.failure is not None:
            raise self.failure
        self.looked_up.append((question, submission, known_digest))
        if self.remembered is not None:
            return Failed(JOB_ID, question.pipeline, self.remembered)
        result = _without(self.results.get(JOB_ID), known_digest)
        return result or Missing(JOB_ID, question, "never_seen", question.blob in self.blobs)

    async def enqueue(self, question: Question, submission: Submission, idempotency_key: str, source_uri: str) -> Task:
        """Keep the task, where there is a queue."""
        if not self.has_queue:
            raise NotBuilt(Reason.NOT_BUILT, "Enqueue is not built in this version.")
        if self.queue_failure is not None:
            raise self.queue_failure
        self.queued.append((question, submission, idempotency_key, source_uri))
        return Task(
            "9e3c4c52-9a07-4d8e-8d1c-0a4a5b1f6f00", "" if source_uri else self.queued_job_id, len(self.queued) - 1
        )

    async def withdraw(self, job_id: str) -> bool:
        """Take out what waits."""
        waits = bool(self.queued)
        self.queued.clear()
        return waits

    async def signals(self, question: Question, window: Window) -> AsyncIterator[Report]:
        """Yield one signal."""
        self.windows.append((question, window))
        yield {"label": "CH1", "kind": "raw", "time_ms": [0.0], "minimum_uv": [1.0], "maximum_uv": [2.0]}

    async def capabilities(self) -> Report:
        """Tell a limit."""
        return {"version": "1", "max_blob_bytes": 1000, "tiers": ["memory"], "durable": False, "pipelines": []}

    async def pipelines(self, *, for_anybody: bool = False) -> Sequence[Report]:
        """Describe one."""
        if self.failure is not None and for_anybody:
            raise self.failure
        return [{"name": "emg.session", "version": "1", "description": "Analyses.", "parameters": self.parameters}]

    async def stats(self) -> Report:
        """Tell a number."""
        return {"hits_total": 1}

    async def explain(self, subject: Question | str) -> Report:
        """Explain nothing."""
        self.subjects.append(subject)
        return {"job_id": JOB_ID, "explanation": "never_seen"}

    async def invalidate(self, selector: Selector, note: str) -> Report:
        """Forget nothing."""
        self.subjects.append((selector, note))
        return {"removed_results": 1}

    async def erase(self, sha256: bytes, note: str) -> Report:
        """Erase nothing."""
        self.subjects.append((sha256, note))
        return {"pending": self.erasure_pending}

    async def health(self) -> Health:
        """Tell how it was told to be."""
        if isinstance(self.failure, Exception) and not isinstance(self.failure, AssayError):
            raise self.failure
        return self.state


def result_of(value: dict[str, object], *, cached: bool) -> Result:
    """Return a result whose payload is JSON."""
    data = orjson.dumps(value)
    payload = Payload(data, False, len(data), "test.Result")
    digest = hashlib.sha256(data).digest()
    tier = "memory" if cached else "computed"
    return Result(JOB_ID, Pipeline("emg.session", "1.0.0"), digest, payload, cached, tier, len(data), 12.5, MOMENT)


def _without(result: Result | None, known_digest: bytes) -> Result | None:
    return result if result is None or result.digest != known_digest else replace(result, payload=None)


def job_of(status: str) -> Job:
    """Return a job with two submissions."""
    return Job(
        job_id=JOB_ID,
        status=status,
        pipeline=Pipeline("emg.session", "1.0.0"),
        blob=Blob(bytes(32), 12),
        submissions=[
            Submission("new.c3d", {"patient": "P2"}, "lab", MOMENT, MOMENT, 3),
            Submission("old.c3d", {}, "", MOMENT, MOMENT, 1),
        ],
        created=MOMENT,
        updated=MOMENT,
        compute_ms=12.5,
        result_size_bytes=14,
        params={"threshold_k": 4},
        progress=Progress("filtering", 0.5) if status == "running" else None,
    )
