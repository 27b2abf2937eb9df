"""A backend that answers by itself, and forms to send to the gateway."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import orjson

from gateway.backend import (
    Blob,
    Event,
    Health,
    Job,
    Missing,
    Page,
    PartState,
    Payload,
    Pipeline,
    Progress,
    Question,
    Result,
    Submission,
    TierState,
)
from rpc.errors import AssayError, NotFound
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
        self.renderings = 0
        self.known_digests: list[bytes] = []
        self.listed: list[tuple[int, str, Sequence[str]]] = []
        self.results: dict[str, Result] = {}
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.began = asyncio.Event()
        self.failure: Exception | None = None
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

    async def analyze(self, question: Question) -> AsyncIterator[Event]:
        """Take part of the way, wait for leave to finish, finish."""
        self.analyses_begun += 1
        self.began.set()
        try:
            yield Progress("filtering", 0.5)
            await self.may_finish.wait()
            assert question.blob is not None
            result = result_of({"bytes": question.blob.size_bytes}, cached=False)
            self.results[JOB_ID] = Result(result.job_id, result.pipeline, result.digest, result.payload, cached=True)
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

    async def jobs(self, limit: int, page_token: str, statuses: Sequence[str]) -> Page:
        """List one job."""
        self.listed.append((limit, page_token, statuses))
        return Page([job_of("succeeded")], "more")

    async def job(self, job_id: str, known_digest: bytes) -> tuple[Job, Result | None]:
        """Tell the one job there is."""
        self.known_digests.append(known_digest)
        if job_id != JOB_ID:
            raise NotFound(Reason.JOB_UNKNOWN, "There is no such job.")
        result = self.results.get(job_id)
        if result is not None and result.digest == known_digest:
            result = Result(result.job_id, result.pipeline, result.digest, None, cached=True)
        return job_of("succeeded" if result else "running"), result

    async def health(self) -> Health:
        """Tell how it was told to be."""
        if isinstance(self.failure, Exception) and not isinstance(self.failure, AssayError):
            raise self.failure
        return self.state


def result_of(value: dict[str, object], *, cached: bool) -> Result:
    """Return a result whose payload is JSON."""
    data = orjson.dumps(value)
    payload = Payload(data, False, len(data), "test.Result")
    return Result(JOB_ID, Pipeline("emg.session", "1.0.0"), hashlib.sha256(data).digest(), payload, cached)


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
