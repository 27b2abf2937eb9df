"""What stands around every request: its id, its metrics, the checks that it passes, and how errors are told."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.headers import first_header
from gateway.problems import as_problem, error_answer
from rpc.context import accepted_request_id, deadline, request_id
from rpc.errors import AssayError
from rpc.metrics import CallMetrics
from rpc.status import opaque
from rpc.tracing import Tracer

REQUEST_ID_HEADER = "X-Request-ID"
PROBLEM_FACE = "/v1/"
"""Addresses whose errors are problem+json; the others keep the present frontends' form."""

_REQUEST_ID = REQUEST_ID_HEADER.lower().encode()


class Check(Protocol):
    """A rule that a request must keep to be answered."""

    async def check(self, scope: Scope) -> None:
        """Raise the `AssayError` by which a request is refused."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A route that is asked more than all others, and the paths that it is sure to answer."""

    paths: re.Pattern[str]
    route: Route


class RequestGuard:
    """The outermost middleware but CORS: the one pass of a request through all checks, in their order.

    Then it is answered past the search for a route, if it is for that of `shortcut`, else by the application.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: CallMetrics,
        max_seconds: float,
        checks: Sequence[Check],
        shortcut: Shortcut,
        tracer: Tracer | None = None,
    ) -> None:
        """Without `tracer` nothing is traced."""
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self._max_seconds = max_seconds
        self._checks = checks
        self._shortcut = shortcut
        self._running = 0
        metrics.running.set_function(lambda: self._running)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = accepted_request_id(first_header(scope, _REQUEST_ID))
        request_id.set(identifier)
        as_problem.set(scope["path"].startswith(PROBLEM_FACE))
        deadline.set(time.monotonic() + self._max_seconds)
        started = time.perf_counter()
        span = None if self._tracer is None else self._tracer.begin(scope["method"], Headers(scope=scope))
        sending = _Sending(send, identifier)
        self._running += 1
        try:
            await self._answer(scope, receive, sending)
        finally:
            self._running -= 1
            label, code = _label(scope), str(sending.status or "aborted")
            self._metrics.observe(label, code, time.perf_counter() - started)
            if span is not None:
                span.end(label, code)

    async def _answer(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        try:
            for rule in self._checks:
                await rule.check(scope)
            await self._app_for(scope)(scope, receive, sending)
        except Exception as error:
            if sending.status:
                raise  # the answer has begun: all that is left is to break it off
            told = error if isinstance(error, AssayError) else opaque(_label(scope), error)
            await error_answer(told)(scope, receive, sending)

    def _app_for(self, scope: Scope) -> ASGIApp:
        route = self._shortcut.route
        if scope["method"] not in (route.methods or ()) or not self._shortcut.paths.fullmatch(scope["path"]):
            return self._app
        scope["route"] = route
        return route.app


class _Sending:
    """What sends an answer with its request's id, and remembers how it began."""

    __slots__ = ("_identifier", "_send", "status")

    def __init__(self, send: Send, identifier: str) -> None:
        self.status = 0
        self._send = send
        self._identifier = (_REQUEST_ID, identifier.encode("ascii"))

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], self._identifier]}
        await self._send(message)


def _label(scope: Scope) -> str:
    route = getattr(scope.get("route"), "path", "unmatched")
    return f"{scope['method']} {route}"
