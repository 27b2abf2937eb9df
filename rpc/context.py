"""What travels with a call: the request id, the caller's credential, and the time that is left."""

import os
import time
from contextvars import ContextVar
from typing import Any

REQUEST_ID_KEY = "x-request-id"
CREDENTIAL_KEY = "authorization"
TRACE_KEY = "traceparent"
MARGIN_SECONDS = 0.05
"""How much earlier than its own caller a service's callee must answer, so that the service can still say so."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
credential: ContextVar[str] = ContextVar("credential", default="")
"""The caller's `authorization` as it came, to be forwarded; work that outlives its call takes it along."""
trace: ContextVar[str] = ContextVar("trace", default="")
"""The `traceparent` of the current call's span, to be handed on; empty where nothing is traced."""
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""On the clock of `time.monotonic`."""

_MAX_REQUEST_ID_CHARS = 64


def new_request_id() -> str:
    """Return a fresh request id."""
    return os.urandom(8).hex()


def accepted_request_id(offered: object) -> str:
    """Return the caller's request id if it is short, printable ASCII, else a fresh one."""
    if not isinstance(offered, str) or not 0 < len(offered) <= _MAX_REQUEST_ID_CHARS:
        return new_request_id()
    return offered if offered.isascii() and offered.isprintable() else new_request_id()


def remaining_seconds() -> float | None:
    """Return how long the current caller still waits; None where nobody set a deadline."""
    until = deadline.get()
    return None if until is None else max(0.0, until - time.monotonic())


def bearer(token: str) -> str:
    """Return the `authorization` that a token makes; none for no token."""
    return f"Bearer {token}" if token else ""


def outgoing(timeout_seconds: float, own_credential: str | None = None) -> dict[str, Any]:
    """Return the keyword arguments of a call to another service: its deadline, the request id, the credential.

    The deadline is `timeout_seconds`, or what the current caller has left less a margin, if that is shorter. The
    credential is the current caller's, unless `own_credential` says that the call is made on one's own behalf.
    """
    left = remaining_seconds()
    timeout = timeout_seconds if left is None else max(0.001, min(timeout_seconds, left - MARGIN_SECONDS))
    metadata: tuple[tuple[str, str], ...] = ((REQUEST_ID_KEY, request_id.get() or new_request_id()),)
    shown = credential.get() if own_credential is None else own_credential
    if shown:
        metadata += ((CREDENTIAL_KEY, shown),)
    if traced := trace.get():
        metadata += ((TRACE_KEY, traced),)
    return {"timeout": timeout, "metadata": metadata}
