"""Plain types to messages and back."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import orjson
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.analysis.v1 import emg_pb2, sequence_pb2
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from gateway.backend import (
    Blob,
    Event,
    Failed,
    Failure,
    Found,
    Job,
    Missing,
    Payload,
    Pipeline,
    Progress,
    Question,
    Queued,
    Result,
    Submission,
    Violation,
)
from rpc import errors
from rpc.access import namespace_to_name
from rpc.protojson import fill, short_name
from rpc.reasons import Reason

_MESSAGES: Mapping[str, tuple[type[Message], type[Message]]] = {
    "emg.session": (emg_pb2.EmgSessionParams, emg_pb2.EmgSession),
    "sequence.taxonomy": (sequence_pb2.SequenceTaxonomyParams, sequence_pb2.SequenceTaxonomy),
}
"""The params and the result message of each pipeline."""

RESULTS = {result.DESCRIPTOR.full_name: result for _, result in _MESSAGES.values()}


_DIGEST = re.compile("[0-9a-f]{64}")


def question_message(question: Question) -> identity_pb2.Question:
    """Return a question as the services take it, of the caller's namespace.

    Raises:
        InvalidArgument: PIPELINE_UNKNOWN, PARAMETER_UNKNOWN, PARAMETER_INVALID.
    """
    name = question.pipeline.name
    if name not in _MESSAGES:
        raise errors.InvalidArgument(
            Reason.PIPELINE_UNKNOWN,
            f"There is no pipeline {name[:80]!r}; there are: {', '.join(_MESSAGES)}.",
            metadata={"pipeline": name, "known": ", ".join(_MESSAGES)},
        )
    message = identity_pb2.Question(
        namespace=namespace_to_name(),
        pipeline=identity_pb2.PipelineRef(name=name, version=question.pipeline.version),
    )
    if question.blob is not None:
        message.blob.CopyFrom(blob_message(question.blob))
    if _DIGEST.fullmatch(question.reference):
        message.reference.digest = bytes.fromhex(question.reference)
    elif question.reference:
        message.reference.name = question.reference
    if question.params:
        params = _MESSAGES[name][0]()
        if question.from_job:
            ParseDict(dict(question.params), params)
        else:
            fill(params, question.params)
        message.params.Pack(params, deterministic=True)
    return message


def submission_message(submission: Submission) -> identity_pb2.Submission:
    """Return a submission as the services take it."""
    message = identity_pb2.Submission(file_name=submission.file_name, uploader=submission.uploader)
    if submission.metadata:
        message.metadata.update(submission.metadata)
    return message


def blob_message(blob: Blob) -> identity_pb2.BlobRef:
    """Return a blob's name as the services take it."""
    return identity_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes)


def blob_of(ref: identity_pb2.BlobRef) -> Blob:
    """Return the name of a blob."""
    return Blob(ref.sha256, ref.size_bytes)


def pipeline_of(ref: identity_pb2.PipelineRef) -> Pipeline:
    """Return the name of a pipeline."""
    return Pipeline(ref.name, ref.version)


def found_of(answer: cache_pb.LookupResponse, question: Question) -> Found:
    """Return what a look-up found."""
    if answer.HasField("hit"):
        return result_of(answer.hit)
    identity = answer.identity
    if answer.HasField("failure"):
        return Failed(identity.job_id, pipeline_of(identity.pipeline), failure_of(answer.failure))
    resolved = replace(
        question,
        pipeline=pipeline_of(identity.pipeline),
        blob=blob_of(identity.blob),
        reference=identity.reference_digest.hex(),
    )
    reason = short_name(entry_pb2.MissReason.DESCRIPTOR, answer.miss.reason) or "never_seen"
    return Missing(identity.job_id, resolved, reason, answer.miss.blob_present)


def event_of(response: analysis_pb.AnalyzeResponse) -> Event | None:
    """Return what an analysis says, if that is for callers."""
    if response.HasField("queued"):
        return Queued(response.queued.position, response.queued.joined)
    if response.HasField("progress"):
        return progress_of(response.progress)
    return result_of(response.result.entry) if response.HasField("result") else None


def progress_of(progress: entry_pb2.Progress) -> Progress:
    """Return a progress."""
    return Progress(progress.stage, progress.fraction)


def result_of(entry: entry_pb2.Entry) -> Result:
    """Return a result."""
    payload = entry.payload
    return Result(
        job_id=entry.identity.job_id,
        pipeline=pipeline_of(entry.identity.pipeline),
        digest=payload.sha256,
        payload=_payload(payload) if payload.data or payload.HasField("blob") else None,
        cached=entry.tier != entry_pb2.TIER_COMPUTED,
        tier=short_name(entry_pb2.Tier.DESCRIPTOR, entry.tier) or "",
        size_bytes=payload.uncompressed_size_bytes,
        compute_ms=entry.compute_cost.ToNanoseconds() / 1e6 if entry.HasField("compute_cost") else None,
        created=_time(entry.created_time) if entry.HasField("created_time") else None,
        age_seconds=entry.age.ToNanoseconds() / 1e9 if entry.HasField("age") else 0.0,
        blob=blob_of(entry.identity.blob),
    )


def _payload(payload: entry_pb2.Payload) -> Payload:
    return Payload(
        data=payload.data,
        compressed=payload.encoding == entry_pb2.ENCODING_ZSTD,
        size_bytes=payload.uncompressed_size_bytes,
        message_type=payload.message_type,
        blob=blob_of(payload.blob) if payload.HasField("blob") else None,
    )


def job_of(job: jobs_pb2.Job) -> Job:
    """Return a job."""
    return Job(
        job_id=job.identity.job_id or job.task_id,  # a file that has not been fetched has a task only
        status=short_name(jobs_pb2.JobStatus.DESCRIPTOR, job.status) or "asked",
        pipeline=pipeline_of(job.identity.pipeline),
        blob=blob_of(job.identity.blob),
        reference=job.identity.reference_digest.hex(),
        submissions=[_submitted(item) for item in job.submissions],
        created=_time(job.created_time) if job.HasField("created_time") else None,
        updated=_time(job.updated_time) if job.HasField("updated_time") else None,
        compute_ms=job.compute_cost.ToNanoseconds() / 1e6 or None,
        result_size_bytes=job.result_size_bytes,
        params=orjson.loads(job.params_json) if job.params_json else {},
        failure=failure_of(job.failure) if job.HasField("failure") else None,
        progress=progress_of(job.progress) if job.HasField("progress") else None,
        task_id=job.task_id,
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


def failure_of(failure: entry_pb2.Failure) -> Failure:
    """Return a remembered failure."""
    name = (short_name(errors_pb2.ErrorReason.DESCRIPTOR, failure.reason) or "internal").upper()
    return Failure(name, failure.message, [Violation(item.field, item.description) for item in failure.violations])
