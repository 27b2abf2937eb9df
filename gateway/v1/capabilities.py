"""What this installation can do."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.v1 import models
from gateway.v1.answers import answers, json_answer
from gateway.v1.context import Context
from rpc.access import caller


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""
    limits = context.receiving.limits

    @routes.get("/v1/capabilities", responses=answers(models.Capabilities, "What can be done here."))
    async def capabilities() -> Response:
        """Tell limits, tiers and pipelines."""
        told = await context.backend.capabilities()
        largest = min(told.pop("max_blob_bytes"), limits.file_bytes)
        bounds = {"max_upload_bytes": largest, "max_metadata_bytes": limits.fields_bytes}
        who = {"namespace": caller.get().namespace, "role": caller.get().role} if context.access.guarded else None
        return json_answer({"version": told.pop("version"), "limits": bounds, **told, "caller": who})

    @routes.get("/v1/pipelines", responses=answers(models.Pipelines, "The analyses."))
    async def pipelines() -> Response:
        """Describe the analyses with all their parameters."""
        return json_answer({"pipelines": await context.backend.pipelines()})
