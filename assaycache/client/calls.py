"""Calls to a service: their deadline, their request id, and failures as our errors."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import grpc

from assaycache.client.translate import classified
from rpc import context
from rpc.errors import DeadlineExceeded
from rpc.reasons import Reason
from rpc.status import error_of

CACHE = "The cache service"
ANALYSIS = "The analysis service"


class Patience:
    """How long the caller still waits, over all the calls of one request."""

    def __init__(self, timeout_seconds: float, token: str = "") -> None:
        """`token` is shown with every call; empty: none is."""
        self._credential = context.bearer(token)
        self._seconds = timeout_seconds
        self._until = time.monotonic() + timeout_seconds

    def call(self) -> dict[str, Any]:
        """Return the keyword arguments of the next call: what is left, the request id, and the token.

        Raises:
            DeadlineExceeded: if nothing is left.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(Reason.DEADLINE_EXCEEDED, f"No answer within {self._seconds:g} s.")
        return context.outgoing(left, self._credential)


@contextlib.contextmanager
def one_request() -> Iterator[None]:
    """Give all calls inside one request id, by which the services' logs tell them together."""
    token = context.request_id.set(context.request_id.get() or context.new_request_id())
    try:
        yield
    finally:
        context.request_id.reset(token)


@contextlib.contextmanager
def errors_of(service: str) -> Iterator[None]:
    """Raise a failed call to `service` as the `AssayError` that it stands for."""
    try:
        yield
    except grpc.RpcError as failure:
        raise classified(error_of(failure, service)) from failure
