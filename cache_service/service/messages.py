"""Plain values to messages of the contract, and back."""

import base64
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import orjson
from google.protobuf import duration_pb2, timestamp_pb2
from google.protobuf.message import Message

from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from cache_service import keys
from cache_service.entries import Failure, Payload, Progress, Record, Submission, Violation
from cache_service.explaining import Explained
from cache_service.jobs.face import Job, Page, Status
from cache_service.service.fields import LAST_SECOND, blob_of, digest_of, size_of, text_of
from cache_service.service.submissions import fill_submission
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.errors import InvalidArgument, field_invalid
from rpc.reasons import Reason

TIERS = {
    "memory": entry_pb2.TIER_MEMORY,
    "hot": entry_pb2.TIER_HOT,
    "durable": entry_pb2.TIER_DURABLE,
    "pending": entry_pb2.TIER_DURABLE,  # on its way there
}
DURABILITIES = {
    "durable": entry_pb2.DURABILITY_DURABLE,
    "pending": entry_pb2.DURABILITY_PENDING,
    "volatile": entry_pb2.DURABILITY_VOLATILE,
}
MISSES = {
    "never_seen": entry_pb2.MISS_REASON_NEVER_SEEN,
    "in_progress": entry_pb2.MISS_REASON_IN_PROGRESS,
    "expired": entry_pb2.MISS_REASON_EXPIRED,
    "evicted": entry_pb2.MISS_REASON_EVICTED,
    "invalidated": entry_pb2.MISS_REASON_INVALIDATED,
    "corrupt": entry_pb2.MISS_REASON_CORRUPT,
    "tier_away": entry_pb2.MISS_REASON_TIER_AWAY,
}
EXPLANATIONS = {
    "present": cache_service_pb2.EXPLANATION_PRESENT,
    "never_seen": cache_service_pb2.EXPLANATION_NEVER_SEEN,
    "tier_away": cache_service_pb2.EXPLANATION_UNSPECIFIED,
    "expired": cache_service_pb2.EXPLANATION_EXPIRED,
    "evicted": cache_service_pb2.EXPLANATION_EVICTED,
    "invalidated": cache_service_pb2.EXPLANATION_INVALIDATED,
    "failed": cache_service_pb2.EXPLANATION_FAILED,
    "in_progress": cache_service_pb2.EXPLANATION_IN_PROGRESS,
    "other_question": cache_service_pb2.EXPLANATION_OTHER_QUESTION,
}
STATUSES = {
    Status.QUEUED: jobs_pb2.JOB_STATUS_QUEUED,
    Status.ASKED: jobs_pb2.JOB_STATUS_ASKED,
    Status.RUNNING: jobs_pb2.JOB_STATUS_RUNNING,
    Status.SUCCEEDED: jobs_pb2.JOB_STATUS_SUCCEEDED,
    Status.FAILED: jobs_pb2.JOB_STATUS_FAILED,
    Status.GONE: jobs_pb2.JOB_STATUS_GONE,
}
Fitting = TypeVar("Fitting", bound=Message)

_ANSWER_BYTES = MAX_MESSAGE_BYTES // 4
"""How large the lists in an answer may grow: a result of 1 MiB beside them fits in, whatever its nesting costs."""

_NESTED_BYTES = 6
"""The most that a message inside another costs beside its own bytes: a tag, and its length."""

_MAX_FAILURE_CHARS = 2000
_MAX_VIOLATIONS = 50
_MOST_DURATION_SECONDS = 315_576_000_000.0
"""Protobuf's own limit: ten thousand years."""

ENCODINGS = {"identity": entry_pb2.ENCODING_IDENTITY, "zstd": entry_pb2.ENCODING_ZSTD}
_ENCODING_NAMES = {number: name for name, number in ENCODINGS.items()}


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
    message.encoding = ENCODINGS[payload.encoding]
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
        uncompressed_size_bytes=size_of(message.uncompressed_size_bytes, "payload.uncompressed_size_bytes"),
        message_type=text_of(message.message_type, "payload.message_type", 200),
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
    _fill_duration(entry.compute_cost, record.compute_cost_ms / 1000)
    _fill_timestamp(entry.created_time, record.created_at)
    _fill_duration(entry.age, max(0.0, now - record.created_at))
    _fill_duration(entry.expires_in, max(0.0, record.expires_at - now))


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
    """Return a failure as a plain value, with its first violations.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    try:
        name = errors_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    except ValueError as error:
        raise field_invalid("reason", "is not a reason of the contract") from error
    plain = tuple(
        Violation(
            text_of(item.field, "violations.field", 200), text_of(item.description, "violations.description", 500)
        )
        for item in itertools.islice(violations, _MAX_VIOLATIONS)
    )
    return Failure(name, text_of(message, "message", _MAX_FAILURE_CHARS), plain)


def progress_message(progress: Progress) -> entry_pb2.Progress:
    """Return a progress as a message."""
    return entry_pb2.Progress(stage=progress.stage, fraction=progress.fraction)


def progress_of(message: entry_pb2.Progress) -> Progress:
    """Return a progress as a plain value, its fraction within 0 and 1.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    fraction = message.fraction
    bounded = 0.0 if math.isnan(fraction) else min(1.0, max(0.0, fraction))
    return Progress(text_of(message.stage, "progress.stage", 100), bounded)


def submission_message(submission: Submission) -> identity_pb2.Submission:
    """Return a submission as a message."""
    message = identity_pb2.Submission()
    fill_submission(message, submission)
    _fill_timestamp(message.first_seen_time, submission.first_seen_at)
    _fill_timestamp(message.last_seen_time, submission.last_seen_at)
    return message


def job_message(job: Job, most_bytes: int = _ANSWER_BYTES) -> jobs_pb2.Job:
    """Return a job as a message, with the newest of its submissions, as many as fit into so many bytes."""
    message = jobs_pb2.Job(
        status=STATUSES[job.status],
        result_size_bytes=job.result_size_bytes,
        params_json=job.params_json,
        task_id=job.task_id,
        created_time=timestamp(job.created_at),
        updated_time=timestamp(job.updated_at),
    )
    fill_identity(message.identity, job.identity)
    if not job.identity.key:
        message.identity.ClearField("blob")
    if job.compute_cost_ms > 0:
        _fill_duration(message.compute_cost, job.compute_cost_ms / 1000)
    if job.failure is not None:
        message.failure.CopyFrom(failure_message(job.failure))
    if job.progress is not None:
        message.progress.CopyFrom(progress_message(job.progress))
    submissions = (submission_message(item) for item in job.submissions)
    message.submissions.extend(_fitting(submissions, most_bytes - message.ByteSize()))
    return message


def jobs_message(page: Page) -> cache_service_pb2.ListJobsResponse:
    """Return a page of jobs as a message; of a page too large for one, the jobs that fit, one at least."""
    jobs = list(_fitting((job_message(job) for job in page.jobs), _ANSWER_BYTES))
    if not jobs and page.jobs:
        jobs = [job_message(page.jobs[0])]
    after = page.after
    if len(jobs) < len(page.jobs):
        last = page.jobs[len(jobs) - 1]
        after = (last.updated_at, last.identity.job_id or last.task_id)
    return cache_service_pb2.ListJobsResponse(jobs=jobs, next_page_token=page_token(after))


def explained_message(identity: keys.Identity, explained: Explained) -> cache_service_pb2.ExplainResponse:
    """Return an explanation as a message."""
    message = cache_service_pb2.ExplainResponse(
        explanation=EXPLANATIONS[explained.explanation],
        message=explained.message,
        tiers=[TIERS[name] for name in explained.tiers],
        differences=[
            cache_service_pb2.Difference(job_id=item.job_id, field=item.field, asked=item.asked, known=item.known)
            for item in explained.differences
        ],
    )
    fill_identity(message.identity, identity)
    if explained.failed is not None:
        message.failure.CopyFrom(record_failure(explained.failed))
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
        if not 0 <= float(at) <= LAST_SECOND:
            raise ValueError("no time of a job")
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
    """Return a duration as a message; one that is too long for it is the longest that it can say."""
    message = duration_pb2.Duration()
    _fill_duration(message, seconds)
    return message


def timestamp(seconds: float) -> timestamp_pb2.Timestamp:
    """Return a time as a message, to the microsecond."""
    message = timestamp_pb2.Timestamp()
    _fill_timestamp(message, seconds)
    return message


def record_failure(record: Record) -> entry_pb2.Failure:
    """Return a record that is a failure as a message."""
    if not isinstance(record.outcome, Failure):
        raise TypeError("a result is not a failure")
    return failure_message(record.outcome, record.expires_at - time.time())


def _fill_duration(message: duration_pb2.Duration, seconds: float) -> None:
    fraction, whole = math.modf(min(max(seconds, -_MOST_DURATION_SECONDS), _MOST_DURATION_SECONDS))
    message.seconds, message.nanos = int(whole), int(fraction * 1e9)


def _fill_timestamp(message: timestamp_pb2.Timestamp, seconds: float) -> None:
    whole, micros = divmod(round(min(max(seconds, 0.0), LAST_SECOND) * 1e6), 1_000_000)
    message.seconds, message.nanos = whole, micros * 1000


def _fitting(messages: Iterable[Fitting], most_bytes: int) -> Iterator[Fitting]:
    """Yield messages from the first on, as many as fit into so many bytes."""
    for message in messages:
        most_bytes -= message.ByteSize() + _NESTED_BYTES
        if most_bytes < 0:
            return
        yield message
