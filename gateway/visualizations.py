"""Views for charts: of one sample from its result in the cache, of several by the analysis service."""

from collections.abc import Callable
from typing import Annotated, Any, Protocol

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway import openapi, sequence_view
from gateway.analyses import Analyses
from gateway.backend import Comparison
from gateway.formats import SEQUENCE_TAXONOMY
from rpc.errors import NotFound, field_invalid, field_missing
from rpc.reasons import Reason

Rank = Annotated[str, Query(description="One of the reference's ranks; by default the one that suits the view.")]
JobIds = Annotated[str, Query(description="The jobs, joined by commas.")]

_VIEWS: dict[str, Callable[[sequence_view.Json, str], dict[str, Any]]] = {
    "composition": sequence_view.composition,
    "hierarchy": sequence_view.hierarchy,
    "sankey": sequence_view.sankey,
}


class Comparing(Protocol):
    """What compares samples: see `Backend`."""

    async def compare(self, job_ids: list[str], measure: str, rank: str) -> Comparison:
        """See `Backend.compare`."""


class Visualizations:
    """Answers the chart requests of the frontends."""

    def __init__(self, analyses: Analyses, backend: Comparing) -> None:
        self._analyses = analyses
        self._backend = backend

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add = router.add_api_route
        add("/visualizations/heatmap", self.heatmap, methods=["GET"], responses=openapi.VIEW_ANSWERS)
        add("/visualizations/diversity", self.diversity, methods=["GET"], responses=openapi.VIEW_ANSWERS)
        add("/visualizations/{view}/{job_id}", self.view, methods=["GET"], responses=openapi.VIEW_ANSWERS)

    async def view(self, view: str, job_id: str, rank: Rank = "") -> Response:
        """Show one sample: its composition, the hierarchy of its taxa, or the flows between ranks (sankey)."""
        draw = _VIEWS.get(view)
        if draw is None:
            raise field_invalid("view", f"must be one of {', '.join(_VIEWS)}")
        job, answer = await self._analyses.job(job_id.lower())
        if job.pipeline.name != SEQUENCE_TAXONOMY:
            raise field_invalid("job_id", f"is of {job.pipeline.name}, which has no such view")
        if answer is None:
            raise NotFound(Reason.JOB_UNKNOWN, "The job has no result now; analyse its file again.")
        return _answered({"view": view, "job_id": job_id.lower(), **draw(orjson.loads(answer.result_json), rank)})

    async def heatmap(self, job_ids: JobIds = "", rank: Rank = "") -> Response:
        """Show the taxa of several samples side by side, as shares of their reads."""
        found = await self._backend.compare(_listed(job_ids), "", rank)
        details = found.details
        return _answered(
            {
                "job_ids": found.job_ids,
                "rank": details["rank"],
                "taxa": [row["taxon"] for row in details["heatmap"]],
                "shares": [row["shares"] for row in details["heatmap"]],
                "reads": [row["reads"] for row in details["heatmap"]],
                "unassigned": details["unassigned"],
            }
        )

    async def diversity(
        self,
        job_ids: JobIds = "",
        measure: Annotated[
            str, Query(description="bray_curtis, jaccard, unweighted_unifrac or weighted_unifrac.")
        ] = "",
    ) -> Response:
        """Show how diverse samples are, how much they differ, and where they lie in principal coordinates."""
        found = await self._backend.compare(_listed(job_ids), measure, "")
        details, count = found.details, len(found.job_ids)
        axes = [details[name] for name in ("axis_1", "axis_2", "axis_3") if details[name]]
        return _answered(
            {
                "job_ids": found.job_ids,
                "measure": found.measure,
                "diversity": details["diversities"],
                "distances": [found.distances[row * count : (row + 1) * count] for row in range(count)],
                "pcoa": {"points": list(zip(*axes, strict=True)), "explained": details["explained"]},
            }
        )


def _listed(joined: str) -> list[str]:
    found = [item.strip().lower() for item in joined.split(",") if item.strip()]
    if not found:
        raise field_missing("job_ids")
    return found


def _answered(view: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"}  # it may be a patient's
    return Response(orjson.dumps({"status": "success", "data": view}), 200, headers, media_type="application/json")
