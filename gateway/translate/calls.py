"""How calls to the services fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from rpc.status import error_of

CACHE = "the cache service"
ANALYSIS = "the analysis service"


@asynccontextmanager
async def failures_of(service: str) -> AsyncIterator[None]:
    """Raise failed calls as the errors that they stand for."""
    try:
        yield
    except grpc.aio.AioRpcError as failure:
        raise error_of(failure, service) from failure


async def ending_of(call: Any) -> grpc.aio.AioRpcError:
    """Return how a call ended, as the service said it, where that can be known.

    A write that fails because the service has already refused the upload can overwrite that status with INTERNAL (grpc
    issue 36066). What waits for the status before sees it most of the time; else the upload was just broken off. What
    is refused for the last message is not concerned, since no write follows it.
    """
    code, details, trailers = await call.code(), await call.details(), await call.trailing_metadata()
    if code is grpc.StatusCode.INTERNAL and not trailers:
        code, details = grpc.StatusCode.UNAVAILABLE, "the upload was broken off"
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailers or grpc.aio.Metadata(), details)
