"""Who asks: what the caller said of itself, handed on to the services as it came."""

from contextvars import ContextVar
from typing import Any

from rpc.context import outgoing

authorization: ContextVar[str] = ContextVar("authorization", default="")
"""The `Authorization` header of the request that is being answered; empty where there is none."""


def on_behalf(timeout_seconds: float) -> dict[str, Any]:
    """Return the keyword arguments of a call to a service: deadline, request id, and the caller's authorization."""
    arguments = outgoing(timeout_seconds)
    said = authorization.get()
    if said:
        arguments["metadata"] = (*arguments["metadata"], ("authorization", said))
    return arguments
