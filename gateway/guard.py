"""What stands around every request: its id, its metrics, the checks that it passes, and how errors are told."""

import time
from collections.abc import Sequence
from typing import Protocol

from starlette.datastructures import Headers
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


class Guard:
    """The one pass of a request through all checks, in their order, and then to an application."""

    def __init__(
        self, metrics: CallMetrics, max_seconds: float, checks: Sequence[Check], tracer: Tracer | None = None
    ) -> None:
        """Without `tracer` nothing is traced."""
        self._metrics = metrics
        self._tracer = tracer
        self._max_seconds = max_seconds
        self._checks = checks
        self._running = 0
        metrics.running.set_function(lambda: self._running)

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        identifier = accepted_request_id(first_header(scope, _REQUEST_ID))
        request_id.set(identifier)
        as_problem.set(scope["path"].startswith(PROBLEM_FACE))
        deadline.set(time.monotonic() + self._max_seconds)
        started = time.perf_counter()
        span = None if self._tracer is None else self._tracer.begin(scope["method"], Headers(scope=scope))
        sending = _Sending(send, identifier)
        self._running += 1
        try:
            for rule in self._checks:
                await rule.check(scope)
            await app(scope, receive, sending)
        except Exception as error:
            if sending.status:
                raise  # the answer has begun: all that is left is to break it off
            told = error if isinstance(error, AssayError) else opaque(_label(scope), error)
            await error_answer(told)(scope, receive, sending)
        finally:
            self._running -= 1
            label, code = _label(scope), str(sending.status or "aborted")
            self._metrics.observe(label, code, time.perf_counter() - started)
            if span is not None:
                span.end(label, code)


class Guarded:
    """An application whose requests pass a guard; anything but HTTP passes through."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self._guard.answer(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)


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
