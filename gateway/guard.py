"""What stands around every request: its id, its metrics, and an opaque answer to what nobody expected."""

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import as_problem, error_answer
from rpc.context import accepted_request_id, deadline, request_id
from rpc.metrics import CallMetrics
from rpc.status import opaque
from rpc.tracing import CallSpan, Tracer

REQUEST_ID_HEADER = "X-Request-ID"
PROBLEM_FACE = "/v1/"
"""Addresses whose errors are problem+json; the others keep the present frontends' form."""


class RequestGuard:
    """The outermost middleware but CORS."""

    def __init__(self, app: ASGIApp, metrics: CallMetrics, max_seconds: float, tracer: Tracer | None = None) -> None:
        """Without `tracer` nothing is traced."""
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self._max_seconds = max_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        identifier = accepted_request_id(headers.get(REQUEST_ID_HEADER))
        request_id.set(identifier)
        as_problem.set(scope["path"].startswith(PROBLEM_FACE))
        deadline.set(time.monotonic() + self._max_seconds)
        span = None if self._tracer is None else self._tracer.begin(scope["method"], headers)
        await _Exchange(self._app, self._metrics, scope, identifier, span).run(receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, app: ASGIApp, metrics: CallMetrics, scope: Scope, identifier: str, span: CallSpan | None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._scope = scope
        self._identifier = identifier
        self._span = span
        self._status = 0

    async def run(self, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = self._identifier
            await send(message)

        self._metrics.running.inc()
        try:
            await self._app(self._scope, receive, sending)
        except Exception as error:
            if self._status:
                raise  # the answer has begun: all that is left is to break it off
            await error_answer(opaque(self._route, error))(self._scope, receive, sending)
        finally:
            code = str(self._status or "aborted")
            if self._span is not None:
                self._span.end(self._route, code)
            self._metrics.running.dec()
            self._metrics.observe(self._route, code, time.perf_counter() - started)

    @property
    def _route(self) -> str:
        route = getattr(self._scope.get("route"), "path", "unmatched")
        return f"{self._scope['method']} {route}"
