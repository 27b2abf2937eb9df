"""What travels with a call: the request id, and the time that is left."""

import time
import uuid
from contextvars import ContextVar
from typing import Any

REQUEST_ID_KEY = "x-request-id"
MARGIN_SECONDS = 0.05
"""How much earlier than its own caller a service's callee must answer, so that the service can still say so."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""On the clock of `time.monotonic`."""

_MAX_REQUEST_ID_CHARS = 64


def new_request_id() -> str:
    """Return a fresh request id."""
    return uuid.uuid4().hex[:16]


def accepted_request_id(offered: object) -> str:
    """Return the caller's request id if it is short, printable ASCII, else a fresh one."""
    if not isinstance(offered, str) or not 0 < len(offered) <= _MAX_REQUEST_ID_CHARS:
        return new_request_id()
    return offered if offered.isascii() and offered.isprintable() else new_request_id()


def remaining_seconds() -> float | None:
    """Return how long the current caller still waits; None where nobody set a deadline."""
    until = deadline.get()
    return None if until is None else max(0.0, until - time.monotonic())


def outgoing(timeout_seconds: float) -> dict[str, Any]:
    """Return the keyword arguments of a call to another service: its deadline and the request id.

    The deadline is `timeout_seconds`, or what the current caller has left less a margin, if that is shorter.
    """
    left = remaining_seconds()
    timeout = timeout_seconds if left is None else max(0.001, min(timeout_seconds, left - MARGIN_SECONDS))
    return {"timeout": timeout, "metadata": ((REQUEST_ID_KEY, request_id.get() or new_request_id()),)}
