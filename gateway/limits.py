"""Refuses callers that ask more often than they may."""

import hashlib
import math
import time

from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import Scope

from gateway.rates import rate_of
from rpc.access import NOBODY_ASKED, caller
from rpc.context import credential
from rpc.errors import ResourceExhausted
from rpc.reasons import Reason

_UNCOUNTED = frozenset({"/health", "/metrics"})


class RateLimit:
    """Counts requests by token, or by address where none is known; each replica for itself."""

    def __init__(self, rate: str) -> None:
        self._rate = rate_of(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def check(self, scope: Scope) -> None:
        """Count a request.

        Raises:
            ResourceExhausted: RATE_LIMITED.
        """
        if scope["path"] in _UNCOUNTED:
            return
        asker = _asker_of(scope)
        if not await self._limiter.hit(self._rate, asker):
            raise await self._refusal(asker)

    async def _refusal(self, asker: str) -> ResourceExhausted:
        window = await self._limiter.get_window_stats(self._rate, asker)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        return ResourceExhausted(
            Reason.RATE_LIMITED,
            f"More than {self._rate} was asked; ask again in {seconds} s.",
            metadata={"retry_after_seconds": str(seconds)},
        )


def _asker_of(scope: Scope) -> str:
    token = credential.get()
    if token and caller.get() is not NOBODY_ASKED:  # one that was not checked could be made up for each request
        return hashlib.sha256(token.encode()).hexdigest()  # tokens are secrets, and are kept nowhere
    address, _ = scope["client"] or ("unknown", 0)
    return str(address)
