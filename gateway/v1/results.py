"""Results and their signals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.analyses import Analyses
from gateway.backend import Window
from gateway.front import Shortcut
from gateway.guard import Guard, Guarded
from gateway.headers import first_header
from gateway.rendered import CODINGS, Coded, coding_for, entity_tag
from gateway.v1 import models
from gateway.v1.answers import PROBLEMS, answers, cache_status, json_answer
from gateway.v1.asking import JobId
from gateway.v1.context import Context
from gateway.v1.models.types import AS_JOB_ID

_PATH = "/v1/results/{job_id}"
_VARY_ORIGIN = (b"vary", b"Origin")
"""Said of every answer by what knows CORS, which this way leads past."""

_KEEP_BUT_ASK = b"private, no-cache"
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

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, free of any framework."""

    status: int
    headers: Sequence[Header]
    body: bytes


class Results:
    """Answers with the results of jobs."""

    def __init__(self, analyses: Analyses) -> None:
        self._analyses = analyses

    async def answer(self, job_id: str, accept_encoding: str, if_none_match: str) -> Told:
        """Return the answer to a request that has these headers; empty where it has not."""
        coding = coding_for(accept_encoding)
        standing = await self._analyses.standing(job_id, _digest_in(if_none_match))
        headers = _told_of(standing.digest, coding, standing.tier)
        if if_none_match and _matches(if_none_match, entity_tag(standing.digest, coding)):
            return Told(HTTPStatus.NOT_MODIFIED, headers, b"")
        coded = await self._analyses.coded(standing, coding)
        return Told(HTTPStatus.OK, (*headers, *_told_of_body(coded)), coded.body)


class _Endpoint:
    """Results without a framework around them."""

    def __init__(self, results: Results) -> None:
        self._results = results

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        accepted, kept = first_header(scope, b"accept-encoding"), first_header(scope, b"if-none-match")
        told = await self._results.answer(scope["path"].rpartition("/")[2], accepted or "", kept or "")
        await send({"type": "http.response.start", "status": told.status, "headers": (*told.headers, _VARY_ORIGIN)})
        await send({"type": "http.response.body", "body": told.body})


@lru_cache(maxsize=1024)
def _told_of(digest: bytes, coding: str, tier: str) -> tuple[Header, ...]:
    return (
        (b"etag", entity_tag(digest, coding).encode()),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", _KEEP_BUT_ASK),
        (b"cache-status", cache_status(tier).encode()),
    )


def _told_of_body(coded: Coded) -> list[Header]:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(coded.body)),
        (b"repr-digest", coded.repr_digest.encode()),
    ]
    return headers if coded.coding == CODINGS[-1] else [*headers, (b"content-encoding", coded.coding.encode())]


def shortcut(analyses: Analyses, guard: Guard) -> Shortcut:
    """Return the way to results past the framework."""
    paths = re.compile(_PATH.format(job_id=AS_JOB_ID.pattern.strip("^$")))
    return Shortcut(_PATH, paths, Guarded(_Endpoint(Results(analyses)), guard))


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""
    results = Results(context.analyses)

    @routes.get(_PATH, responses=_ANSWERS)
    async def result(request: Request, job_id: JobId) -> Response:
        """Return the result of a job."""
        headers = request.headers
        told = await results.answer(job_id, headers.get("accept-encoding", ""), headers.get("if-none-match", ""))
        response = Response(told.body, told.status)
        response.raw_headers = [*told.headers]
        return response

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
