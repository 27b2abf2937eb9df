"""Forgetting results."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.backend import Selector
from gateway.v1 import models
from gateway.v1.answers import answers, json_answer, json_body, read_json
from gateway.v1.asking import blob_of
from gateway.v1.context import Context


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    @routes.post(
        "/v1/invalidations",
        openapi_extra=json_body(models.Invalidation),
        responses=answers(models.Invalidated, "What was forgotten."),
    )
    async def invalidate(request: Request) -> Response:
        """Forget results: when this answers, no replica serves them any more."""
        asked = await read_json(request, models.Invalidation)
        return json_answer(await context.backend.invalidate(_selector(asked), asked.note))


def _selector(asked: models.Invalidation) -> Selector:
    named = asked.pipeline
    if named is not None:
        return Selector(pipeline=named.name, from_version=named.from_version or "", to_version=named.to_version or "")
    return Selector(job_id=asked.job_id or "", blob=None if asked.blob is None else blob_of(asked.blob))
