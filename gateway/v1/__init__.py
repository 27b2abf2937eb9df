"""The interface under /v1: one file a resource. `docs/rest.md` describes it."""

from fastapi import APIRouter

from gateway.v1 import analyses, blobs, capabilities, events, jobs, lookups, results, statistics, upkeep
from gateway.v1.context import Context
from gateway.v1.results import shortcut

__all__ = ["add", "shortcut"]


def add(routes: APIRouter, context: Context) -> None:
    """Add all routes under /v1; the most asked first, since routes are tried in their order.

    They are added to the application's own router: each router within a router doubles what finding a route costs.
    """
    for resource in (results, analyses, lookups, blobs, events, jobs, upkeep, statistics, capabilities):
        resource.add(routes, context)
