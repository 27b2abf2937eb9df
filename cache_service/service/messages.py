"""Plain values to messages of the contract, and back."""

import base64
import math
import time
from collections.abc import Iterable

import orjson
from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2

from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from cache_service import keys
from cache_service.entries import Failure, Payload, Progress, Record, Submission, Violation
from cache_service.jobs.face import Job, Status
from cache_service.service.questions import blob_of, digest_of
from rpc.errors import InvalidArgument, field_invalid
from rpc.reasons import Reason

TIERS = {"memory": entry_pb2.TIER_MEMORY, "hot": entry_pb2.TIER_HOT, "durable": entry_pb2.TIER_DURABLE}
DURABILITIES = {"durable": entry_pb2.DURABILITY_DURABLE, "volatile": entry_pb2.DURABILITY_VOLATILE}
MISSES = {
    "never_seen": entry_pb2.MISS_REASON_NEVER_SEEN,
    "in_progress": entry_pb2.MISS_REASON_IN_PROGRESS,
    "expired": entry_pb2.MISS_REASON_EXPIRED,
    "tier_away": entry_pb2.MISS_REASON_TIER_AWAY,
}
STATUSES = {
    Status.ASKED: jobs_pb2.JOB_STATUS_ASKED,
    Status.RUNNING: jobs_pb2.JOB_STATUS_RUNNING,
    Status.SUCCEEDED: jobs_pb2.JOB_STATUS_SUCCEEDED,
    Status.FAILED: jobs_pb2.JOB_STATUS_FAILED,
    Status.GONE: jobs_pb2.JOB_STATUS_GONE,
}
_ENCODINGS = {"identity": entry_pb2.ENCODING_IDENTITY, "zstd": entry_pb2.ENCODING_ZSTD}
_ENCODING_NAMES = {number: name for name, number in _ENCODINGS.items()}


def blob_message(blob: keys.Blob) -> identity_pb2.BlobRef:
    """Return a blob as a message."""
    return identity_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes)


def fill_identity(message: identity_pb2.Identity, identity: keys.Identity) -> None:
    """Write an identity into a message."""
    message.job_id = identity.job_id
    message.key = identity.key
    message.namespace = identity.namespace
    message.blob.sha256 = identity.blob.sha256
    message.blob.size_bytes = identity.blob.size_bytes
    message.pipeline.name = identity.pipeline.name
    message.pipeline.version = identity.pipeline.version
    message.reference_digest = identity.reference_digest


def fill_payload(message: entry_pb2.Payload, payload: Payload, *, with_data: bool = True) -> None:
    """Write a payload into a message."""
    if with_data:
        message.data = payload.data
    message.encoding = _ENCODINGS[payload.encoding]
    message.sha256 = payload.sha256
    message.uncompressed_size_bytes = payload.uncompressed_size_bytes
    message.message_type = payload.message_type
    if payload.blob is not None:
        message.blob.CopyFrom(blob_message(payload.blob))


def payload_of(message: entry_pb2.Payload) -> Payload:
    """Return a payload as a plain value.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    encoding = _ENCODING_NAMES.get(message.encoding)
    if encoding is None:
        raise field_invalid("payload.encoding", "must be IDENTITY or ZSTD")
    return Payload(
        data=message.data,
        encoding=encoding,
        sha256=digest_of(message.sha256, "payload.sha256"),
        uncompressed_size_bytes=message.uncompressed_size_bytes,
        message_type=message.message_type,
        blob=blob_of(message.blob, "payload.blob") if message.HasField("blob") else None,
    )


def fill_entry(
    entry: entry_pb2.Entry, identity: keys.Identity, record: Record, tier: str, known_sha256: bytes = b""
) -> None:
    """Write a record that is a result into an entry; without its data where the caller has it already.

    It writes in place: a payload of some size is copied once, not once a nesting.
    """
    payload = record.outcome
    if isinstance(payload, Failure):
        raise TypeError("a failure is not an entry")
    now = time.time()
    fill_identity(entry.identity, identity)
    fill_payload(entry.payload, payload, with_data=payload.sha256 != known_sha256)
    entry.tier = TIERS.get(tier, entry_pb2.TIER_COMPUTED)
    entry.compute_cost.FromNanoseconds(int(record.compute_cost_ms * 1e6))
    entry.created_time.FromMicroseconds(round(record.created_at * 1e6))
    entry.age.FromNanoseconds(int(max(0.0, now - record.created_at) * 1e9))
    entry.expires_in.FromNanoseconds(int(max(0.0, record.expires_at - now) * 1e9))


def failure_message(failure: Failure, expires_in_seconds: float = 0.0) -> entry_pb2.Failure:
    """Return a failure as a message."""
    return entry_pb2.Failure(
        reason=f"ERROR_REASON_{failure.reason}",
        message=failure.message,
        expires_in=duration(max(0.0, expires_in_seconds)),
        violations=[
            entry_pb2.FieldViolation(field=item.field, description=item.description) for item in failure.violations
        ],
    )


def failure_of(reason: int, message: str, violations: Iterable[entry_pb2.FieldViolation]) -> Failure:
    """Return a failure as a plain value."""
    try:
        name = errors_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    except ValueError as error:
        raise field_invalid("reason", "is not a reason of the contract") from error
    plain = tuple(Violation(item.field[:200], item.description[:500]) for item in violations)
    return Failure(name, message[:2000].replace("\x00", ""), plain)


def progress_message(progress: Progress) -> entry_pb2.Progress:
    """Return a progress as a message."""
    return entry_pb2.Progress(stage=progress.stage, fraction=progress.fraction)


def progress_of(message: entry_pb2.Progress) -> Progress:
    """Return a progress as a plain value, its fraction within 0 and 1."""
    fraction = message.fraction
    bounded = 0.0 if math.isnan(fraction) else min(1.0, max(0.0, fraction))
    return Progress(message.stage[:100].replace("\x00", ""), bounded)


def submission_message(submission: Submission) -> identity_pb2.Submission:
    """Return a submission as a message."""
    message = identity_pb2.Submission(
        file_name=submission.file_name, uploader=submission.uploader, seen_count=submission.seen_count
    )
    message.metadata.CopyFrom(json_format.ParseDict(submission.metadata, struct_pb2.Struct()))
    message.first_seen_time.CopyFrom(timestamp(submission.first_seen_at))
    message.last_seen_time.CopyFrom(timestamp(submission.last_seen_at))
    return message


def job_message(job: Job) -> jobs_pb2.Job:
    """Return a job as a message."""
    message = jobs_pb2.Job(
        status=STATUSES[job.status],
        submissions=[submission_message(item) for item in job.submissions],
        result_size_bytes=job.result_size_bytes,
        params_json=job.params_json,
        created_time=timestamp(job.created_at),
        updated_time=timestamp(job.updated_at),
    )
    fill_identity(message.identity, job.identity)
    if job.compute_cost_ms > 0:
        message.compute_cost.CopyFrom(duration(job.compute_cost_ms / 1000))
    if job.failure is not None:
        message.failure.CopyFrom(failure_message(job.failure))
    return message


def page_token(after: tuple[float, str] | None) -> str:
    """Return where the next page begins, as text."""
    return "" if after is None else base64.urlsafe_b64encode(orjson.dumps(after)).decode()


def page_of(token: str) -> tuple[float, str] | None:
    """Return where the next page begins.

    Raises:
        InvalidArgument: PAGE_TOKEN_INVALID.
    """
    if not token:
        return None
    try:
        at, job_id = orjson.loads(base64.urlsafe_b64decode(token))
        return float(at), job_uuid(job_id)
    except (ValueError, TypeError, InvalidArgument) as error:
        raise InvalidArgument(
            Reason.PAGE_TOKEN_INVALID, "The page token is not one of this listing.", metadata={"field": "page_token"}
        ) from error


def job_uuid(job_id: str) -> str:
    """Return a job id in its usual form.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    try:
        return keys.job_id_form(job_id)
    except (ValueError, AttributeError) as error:
        raise field_invalid("job_id", "must be a UUID") from error


def duration(seconds: float) -> duration_pb2.Duration:
    """Return a duration as a message."""
    message = duration_pb2.Duration()
    message.FromNanoseconds(int(seconds * 1e9))
    return message


def timestamp(seconds: float) -> timestamp_pb2.Timestamp:
    """Return a time as a message, to the microsecond."""
    message = timestamp_pb2.Timestamp()
    message.FromMicroseconds(round(seconds * 1e6))
    return message


def record_failure(record: Record) -> entry_pb2.Failure:
    """Return a record that is a failure as a message."""
    if not isinstance(record.outcome, Failure):
        raise TypeError("a result is not a failure")
    return failure_message(record.outcome, record.expires_at - time.time())
