"""The interface under /v1: one file a resource. `docs/rest.md` describes it."""

from fastapi import APIRouter

from gateway.v1 import analyses, blobs, capabilities, events, jobs, lookups, results, statistics, upkeep
from gateway.v1.context import Context


def router(context: Context) -> APIRouter:
    """Return all routes under /v1."""
    whole = APIRouter(prefix="/v1")
    for resource in (capabilities, lookups, blobs, analyses, events, results, jobs, upkeep, statistics):
        whole.include_router(resource.router(context))
    return whole
