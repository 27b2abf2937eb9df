"""Results and their signals."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.backend import Window
from gateway.rendered import CODINGS, coding_for, entity_tag
from gateway.v1 import models
from gateway.v1.answers import PROBLEMS, answers, cache_status, json_answer
from gateway.v1.asking import JOB_ID_PATTERN, JobId, job_id_in
from gateway.v1.context import Context

_PATH = "/v1/results/{job_id}"
_KEEP_BUT_ASK = "private, no-cache"
_MOST_POINTS = 20_000
_DIGEST_CHARS = 64

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The result, in the coding that `Content-Encoding` names.",
        "content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
    },
    304: {"description": "It is the one that the caller has."},
    **PROBLEMS,
}

_JOB_ID_PARAMETER = {
    "parameters": [
        {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string", "pattern": JOB_ID_PATTERN}}
    ]
}


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    async def result(request: Request) -> Response:
        """Return the result of a job."""
        job_id = job_id_in(request)
        headers = request.headers
        coding = coding_for(headers.get("accept-encoding", ""))
        kept = headers.get("if-none-match", "")
        standing = await context.analyses.standing(job_id, _digest_in(kept))
        tag = entity_tag(standing.digest, coding)
        said = {
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "Cache-Control": _KEEP_BUT_ASK,
            "Cache-Status": cache_status(standing.tier),
        }
        if _matches(kept, tag):
            return Response(status_code=304, headers=said)
        coded = await context.analyses.coded(standing, coding)
        said["Repr-Digest"] = coded.repr_digest
        if coding != CODINGS[-1]:
            said["Content-Encoding"] = coding
        return Response(coded.body, 200, said, media_type="application/json")

    routes.get(_PATH, responses=_ANSWERS, openapi_extra=_JOB_ID_PARAMETER)(result)
    # The most asked address goes past the framework's resolving of parameters, which costs a third of an answer.
    routes.routes.insert(0, Route(_PATH, result, methods=["GET"]))

    @routes.get("/v1/results/{job_id}/signals", responses=answers(models.Signals, "The signals."))
    async def signals(
        job_id: JobId,
        label: Annotated[
            list[str] | None, Query(max_length=500, description="A channel, as it is written; may be repeated.")
        ] = None,
        labels: Annotated[str, Query(max_length=4000, description="Channels, joined by commas; all.")] = "",
        start_ms: Annotated[float, Query(ge=0, le=1e9, allow_inf_nan=False)] = 0.0,
        length_ms: Annotated[float | None, Query(ge=0.001, le=1e9, allow_inf_nan=False)] = None,
        max_points: Annotated[int, Query(ge=2, le=_MOST_POINTS, description="Of each signal, at most.")] = 4000,
    ) -> Response:
        """Return signals for a plot."""
        question = await context.analyses.question(job_id)
        wanted = [*(label or ()), *(item.strip() for item in labels.split(",") if item.strip())]
        window = Window(wanted, start_ms, length_ms, max_points)
        told = [signal async for signal in context.backend.signals(question, window)]
        return json_answer({"job_id": job_id, "signals": told})


def _digest_in(if_none_match: str) -> bytes:
    """Return the result's digest that an entity tag of ours holds; empty where it is none of ours."""
    text = if_none_match.strip().removeprefix("W/").lstrip('"')[:_DIGEST_CHARS]
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return b""
    return digest if len(digest) * 2 == _DIGEST_CHARS else b""


def _matches(if_none_match: str, tag: str) -> bool:
    """Tell whether one of the tags is this one, by the weak comparison that `If-None-Match` asks for."""
    if if_none_match.strip() == "*":
        return True
    return any(item.strip().removeprefix("W/") == tag for item in if_none_match.split(","))
