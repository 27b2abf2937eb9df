"""Cache and analysis services that answer from a script, over real sockets."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import zstandard
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.analysis.v1 import emg_pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import (
    AnalysisServiceServicer,
    add_AnalysisServiceServicer_to_server,
)
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceServicer, add_CacheServiceServicer_to_server
from rpc.errors import AssayError
from rpc.status import code_of, text_of, trailers_of

JOB_ID = "6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00"
SESSION = emg_pb2.EmgSession(profile=emg_pb2.EMG_PROFILE_STANDARD)
SESSION.recording.sample_count = 1234


def entry_of(tier: int, *, blob: identity_pb2.BlobRef | None = None) -> entry_pb2.Entry:
    """Return the one result, inline or as a blob to be fetched."""
    plain = SESSION.SerializeToString()
    payload = entry_pb2.Payload(
        data=b"" if blob else zstandard.compress(plain),
        encoding=entry_pb2.ENCODING_ZSTD,
        sha256=hashlib.sha256(plain).digest(),
        uncompressed_size_bytes=len(plain),
        message_type=SESSION.DESCRIPTOR.full_name,
        blob=blob,
    )
    return entry_pb2.Entry(identity=identity_of(b""), payload=payload, tier=tier)


def identity_of(content: bytes) -> identity_pb2.Identity:
    """Return what a question about some bytes resolves to."""
    return identity_pb2.Identity(
        job_id=JOB_ID,
        blob=identity_pb2.BlobRef(sha256=hashlib.sha256(content).digest(), size_bytes=len(content)),
        pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.0.0"),
    )


class ScriptedCache(CacheServiceServicer):
    """Keeps what it is told; misses unless `outcome` says otherwise."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.content = b""
        self.question = identity_pb2.Question()
        self.submission = identity_pb2.Submission()
        self.outcome: dict[str, Any] = {"miss": entry_pb2.Miss()}
        self.error: AssayError | None = None
        self.refuse_after_bytes: int | None = None
        self.broken_off = asyncio.Event()
        self.job_requests: list[cache_pb.GetJobRequest] = []
        self.job = cache_pb.GetJobResponse()
        self.tiers: list[cache_pb.TierStats] = []
        self.downloads: dict[bytes, bytes] = {}

    async def Ingest(self, requests: AsyncIterator[cache_pb.IngestRequest], context: Any) -> Any:
        try:
            async for request in requests:
                await self._take(request, context)
        finally:
            if "question" not in self.messages:  # a cancelled stream may look like one that ended
                self.broken_off.set()
        await self._fail(context)
        identity = identity_of(self.content)
        answer = cache_pb.LookupResponse(identity=identity, **self.outcome)
        return cache_pb.IngestResponse(blob=identity.blob, answer=answer)

    async def GetJob(self, request: cache_pb.GetJobRequest, context: Any) -> Any:
        self.job_requests.append(request)
        await self._fail(context)
        return self.job

    async def ListJobs(self, request: cache_pb.ListJobsRequest, _context: Any) -> Any:
        self.listing = request
        return cache_pb.ListJobsResponse(jobs=[jobs_pb2.Job(identity=identity_of(b""))], next_page_token="n")

    async def GetStats(self, _request: cache_pb.GetStatsRequest, _context: Any) -> Any:
        return cache_pb.GetStatsResponse(tiers=self.tiers)

    async def Download(self, request: cache_pb.DownloadRequest, _context: Any) -> AsyncIterator[Any]:
        content = self.downloads[request.blob.sha256]
        yield cache_pb.DownloadResponse(size_bytes=len(content))
        yield cache_pb.DownloadResponse(chunk=content[:5])
        yield cache_pb.DownloadResponse(chunk=content[5:])

    async def _take(self, request: cache_pb.IngestRequest, context: Any) -> None:
        kind = request.WhichOneof("message") or ""
        self.messages.append(kind)
        self.content += request.chunk
        if kind == "question":
            self.question.CopyFrom(request.question)
        if kind == "submission":
            self.submission.CopyFrom(request.submission)
        if self.refuse_after_bytes is not None and len(self.content) >= self.refuse_after_bytes:
            await self._fail(context)

    async def _fail(self, context: Any) -> None:
        if self.error is not None:
            await context.abort(code_of(self.error), text_of(self.error), trailers_of(self.error))


class ScriptedAnalysis(AnalysisServiceServicer):
    """Answers with its events; after them it fails, or hangs until it is cancelled, where it was told to."""

    def __init__(self) -> None:
        self.requests: list[analysis_pb.AnalyzeRequest] = []
        self.events: list[analysis_pb.AnalyzeResponse] = []
        self.error: AssayError | None = None
        self.hangs = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.cancelled = asyncio.Event()

    async def Analyze(self, request: analysis_pb.AnalyzeRequest, context: Any) -> AsyncIterator[Any]:
        self.requests.append(request)
        await self.may_answer.wait()
        try:
            for event in self.events:
                yield event
            if self.error is not None:
                await context.abort(code_of(self.error), text_of(self.error), trailers_of(self.error))
            if self.hangs:
                await asyncio.Event().wait()
        except (asyncio.CancelledError, GeneratorExit):  # the second: a caller who leaves while an event is being sent
            self.cancelled.set()
            raise


async def serve_scripted(*servicers: ScriptedCache | ScriptedAnalysis) -> tuple[grpc.aio.Server, str]:
    """Serve on any free loopback port; the caller stops the server."""
    server = grpc.aio.server()
    state = health.aio.HealthServicer()
    await state.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    for servicer in servicers:
        if isinstance(servicer, ScriptedCache):
            add_CacheServiceServicer_to_server(servicer, server)
        else:
            add_AnalysisServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"127.0.0.1:{port}"
