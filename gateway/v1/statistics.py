"""What the cache holds and has done."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.v1 import models
from gateway.v1.answers import answers, json_answer
from gateway.v1.context import Context


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    @routes.get("/v1/stats", responses=answers(models.Stats, "The statistics."))
    async def stats() -> Response:
        """Tell what the cache holds and has done."""
        return json_answer(await context.backend.stats())
