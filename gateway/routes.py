"""The routes of the frontends' contract."""

import uuid
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from gateway import openapi, views
from gateway.analyses import Analyses
from gateway.backend import JOB_STATUSES, Backend, JobFilter, Missing
from gateway.console import Console, is_browser
from gateway.presence import while_present
from gateway.receiving import Receiving
from rpc.errors import NotFound
from rpc.reasons import Reason

ADDRESSES = {
    "POST /analyze": "a recording or sequences (multipart field file) to the analysis",
    "GET /visualizations/{composition,hierarchy,sankey}/{job_id}": "a sample of sequences for a chart; ?rank=",
    "GET /visualizations/{heatmap,diversity}": "samples against each other; ?job_ids=a,b",
    "GET /jobs": "what was analysed",
    "GET /jobs/{job_id}": "one job with its result",
    "GET /health": "how the parts are",
    "GET /metrics": "Prometheus metrics",
    "GET /v1/capabilities": "what else there is: the interface for programs and pages, under /v1",
    "GET /problems": "what errors mean, and what to do about them",
    "GET /docs": "this interface, described; also as /openapi.json",
}


class Routes:
    """Answers requests from the analyses and the services behind them."""

    def __init__(
        self,
        analyses: Analyses,
        backend: Backend,
        receiving: Receiving,
        registry: CollectorRegistry,
        console: Console,
    ) -> None:
        self._analyses = analyses
        self._backend = backend
        self._receiving = receiving
        self._registry = registry
        self._console = console

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add = router.add_api_route
        add("/", self.home, methods=["GET"], include_in_schema=False)
        add(
            "/analyze",
            self.analyze,
            methods=["POST"],
            openapi_extra=openapi.ANALYZE_BODY,
            responses=openapi.ANALYZE_ANSWERS,
        )
        add("/jobs", self.jobs, methods=["GET"], responses=openapi.JOBS_ANSWERS)
        add("/jobs/{job_id}", self.job, methods=["GET"], responses=openapi.JOB_ANSWERS)
        add("/health", self.health, methods=["GET"], responses=openapi.HEALTH_ANSWERS)
        add("/metrics", self.metrics, methods=["GET"], include_in_schema=False)

    async def home(self, request: Request) -> Response:
        """Show the console to a browser; name the addresses to a program."""
        if is_browser(request):
            answer = self._console.home(request)
        else:
            answer = _json(orjson.dumps({"name": "Assaycache", "addresses": ADDRESSES}))
        answer.headers["Vary"] = "Accept"
        return answer

    async def analyze(self, request: Request) -> Response:
        """Analyse a file, or answer from the cache if that was done before."""
        found, _, submission = await self._receiving.form(request, self._analyses)
        if isinstance(found, Missing):
            found = await while_present(request.receive, self._analyses.compute(found))
        return _json(views.answer_json(found, submission))

    async def jobs(
        self,
        limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
        page_token: Annotated[str, Query(description="`next_page_token` of the page before.")] = "",
        status: Annotated[
            str, Query(description=f"Only jobs of these, joined by commas: {', '.join(JOB_STATUSES)}.")
        ] = "",
    ) -> Response:
        """List jobs, last changed first."""
        page = await self._backend.jobs(JobFilter(limit, page_token, views.statuses_in(status)))
        return _json(orjson.dumps(views.page_view(page)))

    async def job(self, job_id: str) -> Response:
        """Tell one job: who handed it in, what became of it, and its result where it stands."""
        if not _is_uuid(job_id):
            raise NotFound(Reason.JOB_UNKNOWN, "There is no such job; a job id is a UUID.")
        job, answer = await self._analyses.job(job_id.lower())
        return _json(views.job_json(job, answer))

    async def health(self) -> Response:
        """Tell how the parts are."""
        health = await self._backend.health()
        return _json(orjson.dumps(views.health_view(health)), 503 if health.status == "down" else 200)

    async def metrics(self) -> Response:
        """Show the metrics."""
        return Response(generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _json(body: bytes, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}  # it may be a patient's
    return Response(body, status, headers, media_type="application/json")
