"""Messages of the contract to the client's plain values."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from assaycache.analysis.v1 import analysis_service_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2, jobs_pb2
from assaycache.client import records
from assaycache.errors.v1 import errors_pb2
from rpc.errors import AssayError, InputError, InvalidArgument, Violation
from rpc.protojson import short_name
from rpc.reasons import Reason

Named = TypeVar("Named", bound=StrEnum)

_MISSES = entry_pb2.MissReason.DESCRIPTOR
_EXPLANATIONS = cache_service_pb2.Explanation.DESCRIPTOR


def tier_of(value: int) -> records.Tier | None:
    """Return a tier, None for one that this client does not know."""
    return _named(records.Tier, entry_pb2.Tier, value)


def durability_of(value: int) -> records.Durability | None:
    """Return a durability, None where it is not said."""
    return _named(records.Durability, entry_pb2.Durability, value)


def signal_of(message: analysis_service_pb2.GetSignalsResponse) -> records.Signal:
    """Return a signal as a plain value."""
    return records.Signal(
        label=message.label,
        kind=_named(records.SignalKind, analysis_service_pb2.SignalKind, message.kind),
        time_ms=tuple(message.time_ms),
        minimum_uv=tuple(message.minimum_uv),
        maximum_uv=tuple(message.maximum_uv),
        threshold_uv=message.threshold_uv if message.HasField("threshold_uv") else None,
        contractions_ms=tuple(zip(message.onset_ms, message.offset_ms, strict=True)),
    )


def pipeline_of(message: analysis_service_pb2.Pipeline) -> records.Pipeline:
    """Return a pipeline as a plain value."""
    return records.Pipeline(
        name=message.pipeline.name,
        version=message.pipeline.version,
        active=message.active,
        description=message.description,
        input_formats=tuple(message.input_formats),
        parameters=tuple(_parameter_of(parameter) for parameter in message.parameters),
    )


def _parameter_of(message: analysis_service_pb2.Parameter) -> records.Parameter:
    return records.Parameter(
        name=message.name,
        type=message.type,
        unit=message.unit,
        default=message.default_value,
        description=message.description,
        source=message.source,
        minimum=message.minimum if message.HasField("minimum") else None,
        maximum=message.maximum if message.HasField("maximum") else None,
        choices=tuple(message.choices),
    )


def seconds_of(duration: Duration) -> float:
    """Return a duration in seconds."""
    return duration.seconds + duration.nanos / 1e9


def identity_of(message: identity_pb2.Identity) -> records.Identity:
    """Return an identity, its digests in lower-case hex."""
    return records.Identity(
        job_id=message.job_id,
        key=message.key.hex(),
        namespace=message.namespace,
        blob_sha256=message.blob.sha256.hex(),
        blob_size_bytes=message.blob.size_bytes,
        pipeline=message.pipeline.name,
        pipeline_version=message.pipeline.version,
        reference_digest=message.reference_digest.hex(),
    )


def error_of_failure(failure: entry_pb2.Failure) -> AssayError:
    """Return the error that a remembered failure stands for."""
    reason = reason_of(failure.reason)
    violations = [Violation(item.field, item.description) for item in failure.violations]
    return classified(InvalidArgument(reason, failure.message, violations=violations))


def classified(error: AssayError) -> AssayError:
    """Return the error, as an `InputError` where the file is at fault."""
    if isinstance(error, InvalidArgument) and error.reason.startswith("FILE_"):
        return InputError(error.reason, error.message, metadata=error.metadata, violations=error.violations)
    return error


def reason_of(value: int) -> Reason:
    """Return the reason that the contract's number stands for."""
    name = (short_name(errors_pb2.ErrorReason.DESCRIPTOR, value) or "").upper()
    return Reason(name) if name in Reason.__members__ else Reason.INTERNAL


def job_of(message: jobs_pb2.Job) -> records.Job:
    """Return a job."""
    failed = message.HasField("failure")
    return records.Job(
        identity=identity_of(message.identity),
        status=_named(records.JobStatus, jobs_pb2.JobStatus, message.status),
        submissions=tuple(_submission_of(item) for item in message.submissions),
        failure=records.Failure(reason_of(message.failure.reason), message.failure.message) if failed else None,
        created=time_of(message.created_time) if message.HasField("created_time") else None,
        updated=time_of(message.updated_time) if message.HasField("updated_time") else None,
        compute_seconds=seconds_of(message.compute_cost),
        result_size_bytes=message.result_size_bytes,
        params_json=message.params_json,
        fraction=message.progress.fraction if message.HasField("progress") else None,
        task_id=message.task_id,
    )


def stats_of(message: cache_service_pb2.GetStatsResponse) -> records.Stats:
    """Return the cache's statistics."""
    return records.Stats(
        tiers=tuple(_tier_stats_of(item) for item in message.tiers),
        misses={short_name(_MISSES, miss.reason) or "unspecified": miss.count for miss in message.misses},
        blobs=message.blobs,
        blob_size_bytes=message.blob_size_bytes,
        jobs=message.jobs,
        running=message.running,
        queued=message.queued,
        hits_total=message.hits_total,
        compute_saved_seconds=seconds_of(message.compute_saved),
    )


def explained_of(message: cache_service_pb2.ExplainResponse) -> records.Explained:
    """Return why a job has no result, or where it is."""
    return records.Explained(
        explanation=short_name(_EXPLANATIONS, message.explanation) or "unspecified",
        message=message.message,
        tiers=tuple(tier for tier in map(tier_of, message.tiers) if tier is not None),
        differences=tuple(
            records.Difference(item.job_id, item.field, item.asked, item.known) for item in message.differences
        ),
    )


def invalidated_of(message: cache_service_pb2.InvalidateResponse) -> records.Forgotten:
    """Return what an invalidation removed."""
    return records.Forgotten(
        message.removed_results, message.removed_parts, message.voided_leases, 0, 0, False, tuple(message.unreached)
    )


def erased_of(message: cache_service_pb2.EraseBlobResponse) -> records.Forgotten:
    """Return what an erasure removed."""
    return records.Forgotten(
        message.removed_results,
        message.removed_parts,
        message.voided_leases,
        message.removed_blobs,
        message.removed_submissions,
        message.pending,
        tuple(message.unreached),
    )


def capabilities_of(message: cache_service_pb2.GetCapabilitiesResponse) -> records.Capabilities:
    """Return what the cache can do."""
    pipelines = sorted(message.pipelines, key=lambda known: (not known.active, known.pipeline.name))
    return records.Capabilities(
        version=message.version,
        tiers=tuple(tier for tier in map(tier_of, message.tiers) if tier is not None),
        durable=message.durable,
        pipelines=tuple(f"{known.pipeline.name} {known.pipeline.version}" for known in pipelines),
        not_built=tuple(message.not_built),
        limits=_limits_of(message.limits),
    )


def time_of(timestamp: Timestamp) -> datetime:
    """Return a time, aware, in UTC."""
    return timestamp.ToDatetime(tzinfo=UTC)


def _tier_stats_of(message: cache_service_pb2.TierStats) -> records.TierStats:
    return records.TierStats(
        tier=tier_of(message.tier),
        configured=message.configured,
        available=message.available,
        entries=message.entries,
        size_bytes=message.size_bytes,
        limit_bytes=message.limit_bytes,
        hits=message.hits,
    )


def _submission_of(message: identity_pb2.Submission) -> records.Submission:
    return records.Submission(
        file_name=message.file_name,
        uploader=message.uploader,
        metadata=MessageToDict(message.metadata),
        first_seen=time_of(message.first_seen_time) if message.HasField("first_seen_time") else None,
        last_seen=time_of(message.last_seen_time) if message.HasField("last_seen_time") else None,
        seen_count=message.seen_count,
    )


def _limits_of(message: cache_service_pb2.Limits) -> dict[str, float]:
    limits: dict[str, float] = {}
    for field, value in message.ListFields():
        if isinstance(value, Duration):
            limits[f"{field.name}_seconds"] = seconds_of(value)
        else:
            limits[field.name] = value
    return limits


def _named(kind: type[Named], enum: Any, value: int) -> Named | None:
    """Return the member of `kind` that a number of a contract's enum stands for, None where there is none."""
    name = short_name(enum.DESCRIPTOR, value)
    return next((member for member in kind if member.value == name), None)
