"""The events of an analysis, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.sse import format_sse_event
from starlette.responses import Response, StreamingResponse

from gateway.v1 import models
from gateway.v1.answers import PROBLEMS
from gateway.v1.asking import JobId
from gateway.v1.context import Context
from gateway.watching import FINAL, State, Watch

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events until the analysis has ended.",
        "content": {"text/event-stream": {"schema": models.ref(models.Event)}},
    },
    204: {"description": "The caller knows the end already."},
    **PROBLEMS,
}


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""
    watch = Watch(context.backend, context.analyses)

    @routes.get("/v1/analyses/{job_id}/events", responses=_ANSWERS, response_class=StreamingResponse)
    async def events(request: Request, job_id: JobId) -> Response:
        """Follow an analysis, from the state after `Last-Event-ID` on."""
        known = request.headers.get("last-event-id", "")
        first = await watch.now(job_id)  # a job that is not known is not found before anything is streamed
        if known in FINAL and known == first.id:
            return Response(status_code=204)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        told = _written(watch.states(job_id, first, known))
        return StreamingResponse(told, headers=headers, media_type="text/event-stream")


async def _written(states: AsyncIterator[State | None]) -> AsyncIterator[bytes]:
    async for state in states:
        if state is None:
            yield b": still here\n\n"
        else:
            yield format_sse_event(data_str=orjson.dumps(state.data).decode(), event=state.event, id=state.id)
