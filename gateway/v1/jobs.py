"""What was asked, by whom, and what became of it; and why there is no answer."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from gateway.backend import JOB_STATUSES, Job, JobFilter, Pipeline
from gateway.v1 import models
from gateway.v1.answers import answers, json_answer, json_body, read_json, result_url
from gateway.v1.asking import JobId, question_of
from gateway.v1.context import Context
from gateway.v1.models.types import Written
from gateway.views import job_view, statuses_in, submission_view
from rpc.errors import field_invalid

_STATUS = f"({'|'.join(JOB_STATUSES)})"
_STATUSES = f"^({_STATUS}(,{_STATUS})*)?$"


def _no_number(value: Any) -> Any:
    """Refuse seconds since 1970, which would be taken for a time too."""
    if isinstance(value, str) and "-" not in value[1:]:
        raise ValueError("must be a time in ISO 8601")
    return value


class _Wanted(BaseModel):
    """Which jobs are asked for, as the address says it."""

    limit: int = Field(50, ge=1, le=1000, description="How many at most.")
    page_token: str = Field("", description="`next_page_token` of the page before.")
    status: Annotated[str, Written(f"of {', '.join(JOB_STATUSES)}, joined by commas", _STATUSES)] = Field(
        "", description="Joined by commas."
    )
    pipeline: str = Field("", max_length=200, description="name or name@version")
    sha256: Annotated[str, Written("64 hexadecimal digits in lower case", "^([0-9a-f]{64})?$")] = Field(
        "", description="Jobs of this file."
    )
    file_name: str = Field("", max_length=255, description="A part of a file's name.")
    updated_since: Annotated[datetime | None, BeforeValidator(_no_number)] = Field(
        None, description="Changed at or after this time."
    )

    def filter(self) -> JobFilter:
        name, _, version = self.pipeline.partition("@")
        return JobFilter(
            limit=self.limit,
            page_token=self.page_token,
            statuses=statuses_in(self.status),
            pipeline=Pipeline(name, version),
            blob_sha256=bytes.fromhex(self.sha256),
            file_name_contains=self.file_name,
            updated_since=None if self.updated_since is None else _in_utc(self.updated_since),
        )


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    @routes.get("/v1/jobs", responses=answers(models.Jobs, "A page of jobs, last changed first."))
    async def jobs(request: Request, wanted: Annotated[_Wanted, Query()]) -> Response:
        """List jobs."""
        page = await context.backend.jobs(wanted.filter())
        token = page.next_page_token
        view = {"jobs": [_view(job) for job in page.jobs], "next_page_token": token or None}
        return json_answer(view, headers={"Link": _next(request, token)} if token else None)

    @routes.get("/v1/jobs/{job_id}", responses=answers(models.JobWithSubmissions, "The job."))
    async def job(job_id: JobId) -> Response:
        """Tell one job, by its id or by a task's."""
        told, _ = await context.backend.job(job_id, b"", with_result=False)
        return json_answer({**_view(told), "submissions": [submission_view(item) for item in told.submissions]})

    @routes.get("/v1/jobs/{job_id}/explanation", responses=answers(models.Explained, "Why, or where."))
    async def explain_job(job_id: JobId) -> Response:
        """Tell why a job has no result, or where that is."""
        return json_answer(await context.backend.explain(job_id))

    @routes.post(
        "/v1/explanations",
        openapi_extra=json_body(models.Question),
        responses=answers(models.Explained, "Why, or where."),
    )
    async def explain(request: Request) -> Response:
        """Tell why a question has no answer, or where that is."""
        asked = await read_json(request, models.Question)
        return json_answer(await context.backend.explain(await question_of(asked, context.kinds)))


def _view(job: Job) -> dict[str, Any]:
    url = result_url(job.job_id) if job.status == "succeeded" else None
    return {**job_view(job), "reference": job.reference or None, "task_id": job.task_id or None, "result_url": url}


def _next(request: Request, token: str) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "page_token"]
    return f'<{request.url.path}?{urlencode([*asked, ("page_token", token)])}>; rel="next"'


def _in_utc(time: datetime) -> datetime:
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise field_invalid("updated_since", "is beyond the years 1 to 9999") from None
