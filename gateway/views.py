"""Jobs, health and results as the frontends read them."""

from datetime import datetime
from typing import Any

import orjson

from gateway import sequence_view
from gateway.analyses import Answer
from gateway.backend import JOB_STATUSES, Failure, Health, Job, Page, PartState, Submission
from gateway.formats import SEQUENCE_TAXONOMY
from rpc.errors import field_invalid


def answer_json(answer: Answer, submission: Submission) -> bytes:
    """Return the answer to an upload, with the name and the metadata of this request around the result."""
    head = orjson.dumps({"status": "success", "job_id": answer.job_id, "cached": answer.cached})
    return _with_data(head, data_of(answer, submission))


def job_json(job: Job, answer: Answer | None) -> bytes:
    """Return a job with all its submissions, and its result or null."""
    head = orjson.dumps({**job_view(job), "submissions": [submission_view(item) for item in job.submissions]})
    data = b"null" if answer is None else data_of(answer, _newest(job))
    return _with_data(head, data)


def data_of(answer: Answer, submission: Submission) -> bytes:
    """Return a result in the form that the frontends have for its pipeline."""
    if answer.result.pipeline.name == SEQUENCE_TAXONOMY:
        return _sequence_data(answer, submission)
    return data_json(answer.result_json, submission)


def _sequence_data(answer: Answer, submission: Submission) -> bytes:
    result = orjson.loads(answer.result_json)
    metadata = {
        "sampleName": submission.file_name,
        **sequence_view.metadata_of(result),
        "processingTime": f"{(answer.result.compute_ms or 0.0) / 1000:.1f}s",
    }
    if submission.metadata:
        metadata["userMetadata"] = submission.metadata
    return orjson.dumps({"metadata": metadata, **sequence_view.frontend_data(result)})


def data_json(result_json: bytes, submission: Submission) -> bytes:
    """Return a result's JSON object with the name and metadata of a submission before its own fields."""
    own = orjson.dumps({"file_name": submission.file_name, "user_metadata": submission.metadata})
    rest = result_json.removeprefix(b"{")
    return own[:-1] + (b"" if rest == b"}" else b",") + rest


def statuses_in(joined: str) -> list[str]:
    """Return the job statuses that a query parameter names.

    Raises:
        InvalidArgument: FIELD_INVALID.
    """
    wanted = [part.strip().lower() for part in joined.split(",") if part.strip()]
    for status in wanted:
        if status not in JOB_STATUSES:
            raise field_invalid("status", f"must be one of {', '.join(JOB_STATUSES)}")
    return wanted


def page_view(page: Page) -> dict[str, Any]:
    """Return a page of jobs; the token is null on the last one."""
    return {"jobs": [job_view(job) for job in page.jobs], "next_page_token": page.next_page_token or None}


def job_view(job: Job) -> dict[str, Any]:
    """Return a job without its result, under the name that it was last handed in by."""
    return {
        "job_id": job.job_id,
        "status": job.status,
        "file_name": _newest(job).file_name,
        "pipeline": job.pipeline.name,
        "pipeline_version": job.pipeline.version,
        "params": job.params,
        "sha256": job.blob.sha256.hex(),
        "size_bytes": job.blob.size_bytes,
        "created_at": time_view(job.created),
        "updated_at": time_view(job.updated),
        "compute_ms": job.compute_ms,
        "result_size_bytes": job.result_size_bytes,
        "failure": None if job.failure is None else failure_view(job.failure),
        "progress": None if job.progress is None else {"stage": job.progress.stage, "fraction": job.progress.fraction},
    }


def health_view(health: Health) -> dict[str, Any]:
    """Return how the whole is and how its parts are."""
    return {
        "status": health.status,
        "parts": {
            "gateway": {"status": "ok"},
            "cache": _part_view(health.cache),
            "analysis": _part_view(health.analysis),
        },
    }


def _part_view(part: PartState) -> dict[str, Any]:
    if not part.available:
        return {"status": "down", "message": part.problem}
    tiers = {tier.name: "ok" if tier.available else "down" for tier in part.tiers}
    status = "degraded" if "down" in tiers.values() else "ok"
    return {"status": status, **({"tiers": tiers} if tiers else {})}


def submission_view(submission: Submission) -> dict[str, Any]:
    """Return one handing-in."""
    return {
        "file_name": submission.file_name,
        "uploader": submission.uploader or None,
        "metadata": submission.metadata,
        "first_seen_at": time_view(submission.first_seen),
        "last_seen_at": time_view(submission.last_seen),
        "seen_count": submission.seen_count,
    }


def failure_view(failure: Failure) -> dict[str, Any]:
    """Return a remembered failure."""
    violations = [{"field": item.field, "message": item.message} for item in failure.violations]
    return {"reason": failure.reason, "message": failure.message, "violations": violations}


def _newest(job: Job) -> Submission:
    return job.submissions[0] if job.submissions else Submission(file_name="")


def time_view(time: datetime | None) -> str | None:
    """Return a time in ISO 8601, UTC."""
    return None if time is None else time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_data(head: bytes, data: bytes) -> bytes:
    return b"".join((head[:-1], b',"data":', data, b"}"))
