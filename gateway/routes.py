"""The routes of the frontends' contract."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway import openapi, views
from gateway.analyses import Analyses, Answer
from gateway.backend import JOB_STATUSES, Backend, Missing, Pipeline, Question, Submission
from gateway.formats import pipeline_for
from gateway.presence import while_present
from gateway.uploads import UploadForm, UploadLimits, broken, object_in
from rpc.errors import AssayError, NotFound, field_invalid
from rpc.gates import Gate, overloaded
from rpc.reasons import Reason

_DRAIN_SECONDS = 5.0
"""How long a refused upload is still read, so that its sender, who answers only when done, sees why."""

ADDRESSES = {
    "POST /analyze": "a recording or sequences (multipart field file) to the analysis",
    "GET /visualizations/{composition,hierarchy,sankey}/{job_id}": "a sample of sequences for a chart; ?rank=",
    "GET /visualizations/{heatmap,diversity}": "samples against each other; ?job_ids=a,b",
    "GET /jobs": "what was analysed",
    "GET /jobs/{job_id}": "one job with its result",
    "GET /health": "how the parts are",
    "GET /metrics": "Prometheus metrics",
    "GET /docs": "this interface, described; also as /openapi.json",
}


class Routes:
    """Answers requests from the analyses and the services behind them."""

    def __init__(
        self,
        analyses: Analyses,
        backend: Backend,
        limits: UploadLimits,
        max_uploads: int,
        registry: CollectorRegistry,
    ) -> None:
        self._analyses = analyses
        self._backend = backend
        self._limits = limits
        self._gate = Gate(max_uploads)
        self._registry = registry

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter()
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
        return router

    async def home(self) -> Response:
        """Name the addresses."""
        return _json(orjson.dumps({"name": "Assaycache", "addresses": ADDRESSES}))

    async def analyze(self, request: Request) -> Response:
        """Analyse a file, or answer from the cache if that was done before."""
        if not self._gate.enter():
            raise overloaded(self._gate)
        try:
            found, submission = await self._ingest(request)
        finally:
            self._gate.leave()
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
        page = await self._backend.jobs(limit, page_token, _statuses(status))
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

    async def _ingest(self, request: Request) -> tuple[Answer | Missing, Submission]:
        body = _body_of(request)
        form = UploadForm(request.headers.get("content-type", ""), body, self._limits)
        reading = _Reading(form)
        try:
            self._limits.check_declared(request.headers.get("content-length", ""))
            found = await self._analyses.ingest(form.chunks(), reading.ask)
        except AssayError:
            if "expect" not in request.headers:  # who asked before sending has sent nothing yet, or stops now
                await form.drain(_DRAIN_SECONDS)
            raise
        return found, reading.submission


class _Reading:
    """What a form says beside its file, read when the form has ended."""

    def __init__(self, form: UploadForm) -> None:
        self._form = form
        self.submission = Submission(file_name="")

    def ask(self) -> tuple[Question, Submission]:
        """Return the question and the submission."""
        form = self._form
        metadata = object_in(form.text("metadata"), "metadata", Reason.METADATA_INVALID)
        params = object_in(form.text("params"), "params", Reason.PARAMETER_INVALID)
        name, _, version = form.text("pipeline").partition("@")
        pipeline = Pipeline(name or pipeline_for(form.head, form.file_name), version)
        self.submission = Submission(form.file_name, metadata)
        return Question(pipeline, params, reference=form.text("reference")), self.submission


async def _body_of(request: Request) -> AsyncIterator[bytes]:
    try:
        async for data in request.stream():
            yield data
    except ClientDisconnect as error:
        raise broken("The connection was closed before the form was complete.") from error


def _statuses(joined: str) -> list[str]:
    wanted = [part.strip().lower() for part in joined.split(",") if part.strip()]
    for status in wanted:
        if status not in JOB_STATUSES:
            raise field_invalid("status", f"must be one of {', '.join(JOB_STATUSES)}")
    return wanted


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _json(body: bytes, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}  # it may be a patient's
    return Response(body, status, headers, media_type="application/json")
