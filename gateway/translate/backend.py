"""The backend over two gRPC channels."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.analysis.v1 import sequence_pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from gateway.backend import (
    Blob,
    Comparison,
    Event,
    Found,
    Health,
    Job,
    JobFilter,
    Missing,
    Page,
    PartState,
    Question,
    Report,
    Result,
    Selector,
    Submission,
    Task,
    TierState,
    Window,
)
from gateway.translate import reports, uploads
from gateway.translate.calls import ANALYSIS, CACHE, failures_of
from gateway.translate.messages import (
    blob_message,
    event_of,
    found_of,
    job_of,
    question_message,
    result_of,
    submission_message,
)
from gateway.translate.payloads import rendered
from rpc import errors
from rpc.access import namespace_to_name
from rpc.context import bearer, outgoing
from rpc.protojson import json_of, short_name


@dataclass(frozen=True)
class Timeouts:
    """How long calls may take, in seconds."""

    look_up: float
    upload: float
    analysis: float
    health: float


class GrpcBackend:
    """The services behind two channels; see `gateway.backend.Backend`."""

    def __init__(
        self, cache: grpc.aio.Channel, analysis: grpc.aio.Channel, timeouts: Timeouts, own_token: str = ""
    ) -> None:
        """`own_token` is shown when the gateway asks how the services are; for all other calls, the caller's."""
        self._cache: Any = CacheServiceStub(cache)  # the stub's types are those of synchronous channels
        self._analysis: Any = AnalysisServiceStub(analysis)
        self._analysis_health: Any = health_pb2_grpc.HealthStub(analysis)
        self._timeouts = timeouts
        self._own_credential = bearer(own_token)

    # -- bytes in ------------------------------------------------------------------------------------------------

    async def ingest(
        self, chunks: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Result | Missing:
        """Stream an upload in, then its question."""
        return await uploads.ingest(self._cache, self._timeouts.upload, chunks, ask)

    async def put_blob(self, sha256: bytes, size_bytes: int | None, chunks: AsyncIterator[bytes]) -> tuple[Blob, bool]:
        """Stream bytes in."""
        return await uploads.put(self._cache, self._timeouts.upload, sha256, size_bytes, chunks)

    async def head(self, blob: Blob, most_bytes: int) -> bytes:
        """Return a blob's first bytes: a download that is broken off."""
        request = cache_pb.DownloadRequest(namespace=namespace_to_name(), blob=blob_message(blob))
        call = self._cache.Download(request, **outgoing(self._timeouts.look_up))
        head = b""
        try:
            async with failures_of(CACHE):
                async for response in call:
                    head += response.chunk[:most_bytes]
                    if len(head) >= most_bytes:
                        break
        except (errors.NotFound, errors.FailedPrecondition):
            return b""
        finally:
            call.cancel()
        return head[:most_bytes]

    # -- questions and answers -----------------------------------------------------------------------------------

    async def lookup(self, question: Question, submission: Submission | None, known_digest: bytes) -> Found:
        """Look a question up."""
        request = cache_pb.LookupRequest(question=question_message(question), known_sha256=known_digest)
        if submission is not None:
            request.submission.CopyFrom(submission_message(submission))
        return found_of(await self._ask_cache("Lookup", request), question)

    async def analyze(self, question: Question, *, retry_failed: bool = False) -> AsyncIterator[Event]:
        """Yield what happens until the result."""
        request = analysis_pb.AnalyzeRequest(question=question_message(question), retry_failed=retry_failed)
        call = self._analysis.Analyze(request, **outgoing(self._timeouts.analysis))
        try:
            async with failures_of(ANALYSIS):
                async for response in call:
                    event = event_of(response)
                    if event is not None:
                        yield event
        finally:
            call.cancel()

    async def enqueue(self, question: Question, submission: Submission, idempotency_key: str, source_uri: str) -> Task:
        """Put work into the queue."""
        request = cache_pb.EnqueueRequest(
            question=question_message(question),
            source_uri=source_uri,
            submission=submission_message(submission),
            idempotency_key=idempotency_key,
        )
        response = await self._ask_cache("Enqueue", request)
        return Task(response.task_id, response.job_id, response.position)

    async def withdraw(self, job_id: str) -> bool:
        """Take a queued task out of the queue."""
        request = cache_pb.WithdrawRequest(namespace=namespace_to_name(), id=job_id)
        response = await self._ask_cache("Withdraw", request)
        return response.withdrawn and not response.left

    async def render(self, result: Result) -> bytes:
        """Return a result as JSON, computed beside the event loop."""
        payload = result.payload
        if payload is None:
            raise ValueError("a result without payload cannot be rendered")
        data = payload.data if payload.blob is None else await self._download(payload.blob)
        return await asyncio.to_thread(rendered, payload, data, result.digest)

    async def signals(self, question: Question, window: Window) -> AsyncIterator[Report]:
        """Yield signals."""
        request = analysis_pb.GetSignalsRequest(
            question=question_message(question), labels=window.labels, max_points=window.max_points
        )
        request.start.FromTimedelta(timedelta(milliseconds=window.start_ms))
        if window.length_ms is not None:
            request.length.FromTimedelta(timedelta(milliseconds=window.length_ms))
        call = self._analysis.GetSignals(request, **outgoing(self._timeouts.analysis))
        try:
            async with failures_of(ANALYSIS):
                async for response in call:
                    yield json_of(response)
        finally:
            call.cancel()

    async def compare(self, job_ids: list[str], measure: str, rank: str) -> Comparison:
        """Compare the results of several jobs."""
        request = analysis_pb.CompareRequest(namespace=namespace_to_name(), job_ids=job_ids, measure=measure)
        request.options.Pack(sequence_pb2.SequenceComparisonOptions(rank=rank))
        async with failures_of(ANALYSIS):
            response = await self._analysis.Compare(request, **outgoing(self._timeouts.analysis))
        details = sequence_pb2.SequenceComparison()
        response.details.Unpack(details)
        return Comparison(list(response.job_ids), response.measure, list(response.distances), json_of(details))

    # -- jobs ----------------------------------------------------------------------------------------------------

    async def jobs(self, wanted: JobFilter) -> Page:
        """List jobs."""
        request = cache_pb.ListJobsRequest(
            namespace=namespace_to_name(),
            page_size=wanted.limit,
            page_token=wanted.page_token,
            statuses=[f"JOB_STATUS_{status.upper()}" for status in wanted.statuses],
            blob_sha256=wanted.blob_sha256,
            file_name_contains=wanted.file_name_contains,
        )
        if wanted.pipeline.name:
            named = identity_pb2.PipelineRef(name=wanted.pipeline.name, version=wanted.pipeline.version)
            request.pipeline.CopyFrom(named)
        if wanted.updated_since is not None:
            request.updated_since.FromDatetime(wanted.updated_since)
        response = await self._ask_cache("ListJobs", request)
        return Page([job_of(job) for job in response.jobs], response.next_page_token)

    async def job(self, job_id: str, known_digest: bytes, *, with_result: bool = True) -> tuple[Job, Result | None]:
        """Return a job and its result."""
        request = cache_pb.GetJobRequest(
            namespace=namespace_to_name(), job_id=job_id, include_result=with_result, known_sha256=known_digest
        )
        response = await self._ask_cache("GetJob", request)
        return job_of(response.job), result_of(response.entry) if response.HasField("entry") else None

    def question_of(self, job: Job) -> Question:
        """Return the question that a job answers, with its parameters in the form that jobs tell them in."""
        return Question(job.pipeline, job.params, job.blob, from_job=True, reference=job.reference)

    # -- the services themselves ---------------------------------------------------------------------------------

    async def capabilities(self) -> Report:
        """Tell what the cache can do."""
        return reports.capabilities(await self._ask_cache("GetCapabilities", cache_pb.GetCapabilitiesRequest()))

    async def pipelines(self, *, for_anybody: bool = False) -> Sequence[Report]:
        """Describe the pipelines."""
        shown = self._own_credential if for_anybody else None
        async with failures_of(ANALYSIS):
            response = await self._analysis.ListPipelines(
                analysis_pb.ListPipelinesRequest(), **outgoing(self._timeouts.look_up, shown)
            )
        return [reports.pipeline(item) for item in response.pipelines]

    async def stats(self) -> Report:
        """Tell what the cache holds and has done."""
        request = cache_pb.GetStatsRequest(namespace=namespace_to_name())
        return reports.stats(await self._ask_cache("GetStats", request))

    async def explain(self, subject: Question | str) -> Report:
        """Tell why there is no answer."""
        request = cache_pb.ExplainRequest(namespace=namespace_to_name())
        if isinstance(subject, str):
            request.job_id = subject
        else:
            request.question.CopyFrom(question_message(subject))
        return reports.explanation(await self._ask_cache("Explain", request))

    async def invalidate(self, selector: Selector, note: str) -> Report:
        """Forget results."""
        request = cache_pb.InvalidateRequest(namespace=namespace_to_name(), note=note)
        if selector.job_id:
            request.job_id = selector.job_id
        elif selector.blob is not None:
            request.blob.CopyFrom(blob_message(selector.blob))
        elif selector.pipeline:
            request.pipeline.name = selector.pipeline
            request.pipeline.from_version = selector.from_version
            request.pipeline.to_version = selector.to_version
        else:
            request.whole_namespace = True
        return json_of(await self._ask_cache("Invalidate", request))

    async def erase(self, sha256: bytes, note: str) -> Report:
        """Erase a blob."""
        request = cache_pb.EraseBlobRequest(namespace=namespace_to_name(), sha256=sha256, note=note)
        return json_of(await self._ask_cache("EraseBlob", request))

    async def health(self) -> Health:
        """Ask both services at once."""
        cache, analysis = await asyncio.gather(self._cache_state(), self._analysis_state())
        return Health(cache, analysis)

    async def _cache_state(self) -> PartState:
        try:
            async with failures_of(CACHE):
                stats = await self._cache.GetStats(
                    cache_pb.GetStatsRequest(), **outgoing(self._timeouts.health, self._own_credential)
                )
        except (errors.Unauthenticated, errors.PermissionDenied):
            return PartState(available=True)  # it answers; without SERVICE_TOKEN it does not tell more
        except errors.AssayError as error:
            return PartState(available=False, problem=error.message)
        names = entry_pb2.Tier.DESCRIPTOR
        tiers = [
            TierState(short_name(names, tier.tier) or "unknown", tier.available)
            for tier in stats.tiers
            if tier.configured
        ]
        return PartState(available=True, tiers=tiers)

    async def _analysis_state(self) -> PartState:
        try:
            async with failures_of(ANALYSIS):
                answer = await self._analysis_health.Check(
                    health_pb2.HealthCheckRequest(), **outgoing(self._timeouts.health)
                )
        except errors.AssayError as error:
            return PartState(available=False, problem=error.message)
        serving = answer.status == health_pb2.HealthCheckResponse.SERVING
        return PartState(available=serving, problem="" if serving else f"{ANALYSIS} is not serving.")

    async def _ask_cache(self, method: str, request: Any) -> Any:
        async with failures_of(CACHE):
            return await getattr(self._cache, method)(request, **outgoing(self._timeouts.look_up))

    async def _download(self, blob: Blob) -> bytes:
        request = cache_pb.DownloadRequest(namespace=namespace_to_name(), blob=blob_message(blob))
        data = bytearray()
        call = self._cache.Download(request, **outgoing(self._timeouts.upload))
        try:
            async with failures_of(CACHE):
                async for response in call:
                    data += response.chunk
        finally:
            call.cancel()
        return bytes(data)
