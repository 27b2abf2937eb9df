"""The two services over gRPC, as the gateway's plain types: the only module that touches the generated messages."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import orjson
import zstandard
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.analysis.v1 import emg_pb2, sequence_pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.errors.v1 import errors_pb2
from gateway.backend import (
    Blob,
    Comparison,
    Event,
    Failure,
    Health,
    Job,
    Missing,
    Page,
    PartState,
    Payload,
    Pipeline,
    Progress,
    Question,
    Queued,
    Result,
    Submission,
    TierState,
    Violation,
)
from rpc import errors
from rpc.context import outgoing
from rpc.protojson import fill, json_of, short_name
from rpc.reasons import Reason
from rpc.status import error_of

_CACHE = "the cache service"
_ANALYSIS = "the analysis service"
_DIGEST = re.compile("[0-9a-f]{64}")

_MESSAGES: Mapping[str, tuple[type[Message], type[Message]]] = {
    "emg.session": (emg_pb2.EmgSessionParams, emg_pb2.EmgSession),
    "sequence.taxonomy": (sequence_pb2.SequenceTaxonomyParams, sequence_pb2.SequenceTaxonomy),
}
"""The params and the result message of each pipeline."""

_RESULTS = {result.DESCRIPTOR.full_name: result for _, result in _MESSAGES.values()}


@dataclass(frozen=True)
class Timeouts:
    """How long calls may take, in seconds."""

    look_up: float
    upload: float
    analysis: float
    health: float


class GrpcBackend:
    """The services behind two channels; see `gateway.backend.Backend`."""

    def __init__(self, cache: grpc.aio.Channel, analysis: grpc.aio.Channel, timeouts: Timeouts) -> None:
        self._cache: Any = CacheServiceStub(cache)  # the stub's types are those of synchronous channels
        self._analysis: Any = AnalysisServiceStub(analysis)
        self._analysis_health: Any = health_pb2_grpc.HealthStub(analysis)
        self._timeouts = timeouts

    async def ingest(
        self, chunks: AsyncIterator[bytes], ask: Callable[[], tuple[Question, Submission]]
    ) -> Result | Missing:
        """Stream an upload in, then its question; a call that fails half-way leaves nothing behind."""
        first = await anext(chunks, b"")  # a form that is refused at once costs no call
        call = self._cache.Ingest(**outgoing(self._timeouts.upload))
        ending = asyncio.create_task(_ending_of(call))
        try:
            await call.write(cache_pb.IngestRequest(header=cache_pb.IngestHeader()))
            if first:
                await call.write(cache_pb.IngestRequest(chunk=first))
            async for chunk in chunks:
                await call.write(cache_pb.IngestRequest(chunk=chunk))
            question, submission = ask()
            await call.write(cache_pb.IngestRequest(submission=_submission(submission)))
            await call.write(cache_pb.IngestRequest(question=_question(question)))  # last: see _ending_of
            await call.done_writing()
            response = await call
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            raise error_of(await ending, _CACHE) from None
        finally:
            ending.cancel()
            call.cancel()
        return _looked_up(response.answer, question)

    async def analyze(self, question: Question) -> AsyncIterator[Event]:
        """Yield what happens until the result."""
        request = analysis_pb.AnalyzeRequest(question=_question(question))
        call = self._analysis.Analyze(request, **outgoing(self._timeouts.analysis))
        try:
            async with _failures_of(_ANALYSIS):
                async for response in call:
                    event = _event(response)
                    if event is not None:
                        yield event
        finally:
            call.cancel()

    async def render(self, result: Result) -> bytes:
        """Return a result as JSON, computed beside the event loop."""
        payload = result.payload
        if payload is None:
            raise ValueError("a result without payload cannot be rendered")
        data = payload.data if payload.blob is None else await self._download(payload.blob)
        return await asyncio.to_thread(_rendered, payload, data, result.digest)

    async def jobs(self, limit: int, page_token: str, statuses: Sequence[str]) -> Page:
        """List jobs."""
        request = cache_pb.ListJobsRequest(
            page_size=limit,
            page_token=page_token,
            statuses=[f"JOB_STATUS_{status.upper()}" for status in statuses],
        )
        async with _failures_of(_CACHE):
            response = await self._cache.ListJobs(request, **outgoing(self._timeouts.look_up))
        return Page([_job(job) for job in response.jobs], response.next_page_token)

    async def job(self, job_id: str, known_digest: bytes) -> tuple[Job, Result | None]:
        """Return a job and its result."""
        request = cache_pb.GetJobRequest(job_id=job_id, include_result=True, known_sha256=known_digest)
        async with _failures_of(_CACHE):
            response = await self._cache.GetJob(request, **outgoing(self._timeouts.look_up))
        return _job(response.job), _result(response.entry) if response.HasField("entry") else None

    async def compare(self, job_ids: list[str], measure: str, rank: str) -> Comparison:
        """Compare the results of several jobs."""
        request = analysis_pb.CompareRequest(job_ids=job_ids, measure=measure)
        request.options.Pack(sequence_pb2.SequenceComparisonOptions(rank=rank))
        async with _failures_of(_ANALYSIS):
            response = await self._analysis.Compare(request, **outgoing(self._timeouts.analysis))
        details = sequence_pb2.SequenceComparison()
        response.details.Unpack(details)
        return Comparison(list(response.job_ids), response.measure, list(response.distances), json_of(details))

    async def health(self) -> Health:
        """Ask both services at once."""
        cache, analysis = await asyncio.gather(self._cache_state(), self._analysis_state())
        return Health(cache, analysis)

    async def _cache_state(self) -> PartState:
        try:
            async with _failures_of(_CACHE):
                stats = await self._cache.GetStats(cache_pb.GetStatsRequest(), **outgoing(self._timeouts.health))
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
            async with _failures_of(_ANALYSIS):
                answer = await self._analysis_health.Check(
                    health_pb2.HealthCheckRequest(), **outgoing(self._timeouts.health)
                )
        except errors.AssayError as error:
            return PartState(available=False, problem=error.message)
        serving = answer.status == health_pb2.HealthCheckResponse.SERVING
        return PartState(available=serving, problem="" if serving else f"{_ANALYSIS} is not serving.")

    async def _download(self, blob: Blob) -> bytes:
        request = cache_pb.DownloadRequest(blob=_blob_ref(blob))
        data = bytearray()
        call = self._cache.Download(request, **outgoing(self._timeouts.upload))
        try:
            async with _failures_of(_CACHE):
                async for response in call:
                    data += response.chunk
        finally:
            call.cancel()
        return bytes(data)


@asynccontextmanager
async def _failures_of(service: str) -> AsyncIterator[None]:
    """Raise failed calls as the errors that they stand for."""
    try:
        yield
    except grpc.aio.AioRpcError as failure:
        raise error_of(failure, service) from failure


async def _ending_of(call: Any) -> grpc.aio.AioRpcError:
    """Return how a call ended, as the service said it, where that can be known.

    A write that fails because the service has already refused the upload can overwrite that status with INTERNAL (grpc
    issue 36066). What waits for the status before sees it most of the time; else the upload was just broken off. What
    is refused for the last message is not concerned, since no write follows it.
    """
    code, details, trailers = await call.code(), await call.details(), await call.trailing_metadata()
    if code is grpc.StatusCode.INTERNAL and not trailers:
        code, details = grpc.StatusCode.UNAVAILABLE, "the upload was broken off"
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailers or grpc.aio.Metadata(), details)


def _question(question: Question) -> identity_pb2.Question:
    name = question.pipeline.name
    if name not in _MESSAGES:
        raise errors.InvalidArgument(
            Reason.PIPELINE_UNKNOWN,
            f"There is no pipeline {name[:80]!r}; there are: {', '.join(_MESSAGES)}.",
            metadata={"pipeline": name, "known": ", ".join(_MESSAGES)},
        )
    message = identity_pb2.Question(pipeline=identity_pb2.PipelineRef(name=name, version=question.pipeline.version))
    if question.blob is not None:
        message.blob.CopyFrom(_blob_ref(question.blob))
    if _DIGEST.fullmatch(question.reference):
        message.reference.digest = bytes.fromhex(question.reference)
    elif question.reference:
        message.reference.name = question.reference
    if question.params:
        params = _MESSAGES[name][0]()
        fill(params, question.params)
        message.params.Pack(params, deterministic=True)
    return message


def _submission(submission: Submission) -> identity_pb2.Submission:
    message = identity_pb2.Submission(file_name=submission.file_name, uploader=submission.uploader)
    if submission.metadata:
        message.metadata.update(submission.metadata)
    return message


def _blob_ref(blob: Blob) -> identity_pb2.BlobRef:
    return identity_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes)


def _blob(ref: identity_pb2.BlobRef) -> Blob:
    return Blob(ref.sha256, ref.size_bytes)


def _pipeline(ref: identity_pb2.PipelineRef) -> Pipeline:
    return Pipeline(ref.name, ref.version)


def _looked_up(answer: cache_pb.LookupResponse, question: Question) -> Result | Missing:
    if answer.HasField("hit"):
        return _result(answer.hit)
    if answer.HasField("failure"):
        raise _error_of_failure(_failure(answer.failure))
    identity = answer.identity
    reference = identity.reference_digest.hex()
    resolved = Question(_pipeline(identity.pipeline), question.params, _blob(identity.blob), reference)
    return Missing(identity.job_id, resolved)


def _event(response: analysis_pb.AnalyzeResponse) -> Event | None:
    if response.HasField("queued"):
        return Queued(response.queued.position, response.queued.joined)
    if response.HasField("progress"):
        return _progress(response.progress)
    return _result(response.result.entry) if response.HasField("result") else None


def _progress(progress: entry_pb2.Progress) -> Progress:
    return Progress(progress.stage, progress.fraction)


def _result(entry: entry_pb2.Entry) -> Result:
    payload = entry.payload
    return Result(
        job_id=entry.identity.job_id,
        pipeline=_pipeline(entry.identity.pipeline),
        digest=payload.sha256,
        payload=_payload(payload) if payload.data or payload.HasField("blob") else None,
        cached=entry.tier != entry_pb2.TIER_COMPUTED,
        compute_seconds=entry.compute_cost.ToNanoseconds() / 1e9,
    )


def _payload(payload: entry_pb2.Payload) -> Payload:
    return Payload(
        data=payload.data,
        compressed=payload.encoding == entry_pb2.ENCODING_ZSTD,
        size_bytes=payload.uncompressed_size_bytes,
        message_type=payload.message_type,
        blob=_blob(payload.blob) if payload.HasField("blob") else None,
    )


def _rendered(payload: Payload, data: bytes, digest: bytes) -> bytes:
    """Decode, verify and render a result."""
    plain = _decompressed(data, payload.size_bytes) if payload.compressed else data
    if hashlib.sha256(plain).digest() != digest:
        raise _damaged("its digest is not that of its bytes")
    kind = _RESULTS.get(payload.message_type)
    if kind is None:
        raise _damaged(f"it is a {payload.message_type}, which this gateway does not know")
    message = kind()
    try:
        message.ParseFromString(plain)
    except DecodeError as error:
        raise _damaged("it cannot be decoded") from error
    return orjson.dumps(json_of(message))


def _decompressed(data: bytes, size_bytes: int) -> bytes:
    try:
        plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=size_bytes)
    except zstandard.ZstdError as error:
        raise _damaged("it cannot be decompressed") from error
    return bytes(plain)


def _damaged(how: str) -> errors.Internal:
    return errors.Internal(Reason.PAYLOAD_INVALID, f"The result arrived damaged: {how}.")


def _job(job: jobs_pb2.Job) -> Job:
    return Job(
        job_id=job.identity.job_id,
        status=short_name(jobs_pb2.JobStatus.DESCRIPTOR, job.status) or "asked",
        pipeline=_pipeline(job.identity.pipeline),
        blob=_blob(job.identity.blob),
        submissions=[_submitted(item) for item in job.submissions],
        created=_time(job.created_time) if job.HasField("created_time") else None,
        updated=_time(job.updated_time) if job.HasField("updated_time") else None,
        compute_ms=job.compute_cost.ToNanoseconds() / 1e6 or None,
        result_size_bytes=job.result_size_bytes,
        params=orjson.loads(job.params_json) if job.params_json else {},
        failure=_failure(job.failure) if job.HasField("failure") else None,
        progress=_progress(job.progress) if job.HasField("progress") else None,
    )


def _submitted(submission: identity_pb2.Submission) -> Submission:
    return Submission(
        file_name=submission.file_name,
        metadata=MessageToDict(submission.metadata),
        uploader=submission.uploader,
        first_seen=_time(submission.first_seen_time) if submission.HasField("first_seen_time") else None,
        last_seen=_time(submission.last_seen_time) if submission.HasField("last_seen_time") else None,
        seen_count=submission.seen_count,
    )


def _time(time: Timestamp) -> datetime:
    return time.ToDatetime(tzinfo=UTC)


def _failure(failure: entry_pb2.Failure) -> Failure:
    name = (short_name(errors_pb2.ErrorReason.DESCRIPTOR, failure.reason) or "internal").upper()
    return Failure(name, failure.message, [Violation(item.field, item.description) for item in failure.violations])


def _error_of_failure(failure: Failure) -> errors.AssayError:
    if failure.reason not in Reason.__members__:
        return errors.Internal(Reason.INTERNAL, failure.message)
    violations = [errors.Violation(item.field, item.message) for item in failure.violations]
    return errors.InputError(Reason[failure.reason], failure.message, violations=violations)
