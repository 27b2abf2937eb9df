"""Is there an answer, and must the file be uploaded?"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.backend import Failed, Found, Missing, Result
from gateway.v1 import models
from gateway.v1.answers import answers, json_answer, json_body, read_json, result_url
from gateway.v1.asking import question_of, submission_of
from gateway.v1.context import Context
from gateway.views import failure_view, time_view


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    @routes.post(
        "/v1/lookups",
        openapi_extra=json_body(models.Submitted),
        responses=answers(models.LookedUp, "What there is."),
    )
    async def look_up(request: Request) -> Response:
        """Look a question up; nothing is computed."""
        asked = await read_json(request, models.Submitted)
        question = await question_of(asked, context.kinds)
        found = await context.analyses.look_up(question, submission_of(asked))
        return json_answer(_view(found))


def _view(found: Found) -> dict[str, Any]:
    pipeline = found.question.pipeline if isinstance(found, Missing) else found.pipeline
    view: dict[str, Any] = {
        "job_id": found.job_id,
        "outcome": "miss",
        "blob_present": None,
        "miss_reason": None,
        "failure": None,
        "pipeline": pipeline.name,
        "pipeline_version": pipeline.version,
        "result": None,
    }
    if isinstance(found, Result):
        return {**view, "outcome": "hit", "result": _standing(found)}
    if isinstance(found, Failed):
        return {**view, "outcome": "failed", "failure": failure_view(found.failure)}
    return {**view, "blob_present": found.blob_present, "miss_reason": found.reason}


def _standing(result: Result) -> dict[str, Any]:
    return {
        "url": result_url(result.job_id),
        "sha256": result.digest.hex(),
        "tier": result.tier,
        "size_bytes": result.size_bytes,
        "compute_ms": result.compute_ms,
        "created_at": time_view(result.created),
        "age_seconds": result.age_seconds,
    }
