"""The connection to Valkey or Redis: short time-outs, no retries of the driver's own, a circuit breaker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cache_service.breaker import Breaker, TierAway
from rpc.logs import get_logger

log = get_logger(__name__)

Answer = TypeVar("Answer")

_TIMEOUT_SECONDS = 0.5
"""A hit takes about a millisecond; whoever needs longer than this is asked no more for a while."""


class Valkey:
    """One pool of connections; every failure of the driver becomes TierAway."""

    def __init__(self, url: str) -> None:
        self.breaker = Breaker("valkey")
        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=64,
        )

    async def call(self, command: Any) -> Any:
        """Run `command(client)` and return its answer.

        Raises:
            TierAway: if Valkey does not answer, or did not just now.
        """
        self.breaker.check()
        try:
            answer = await _in_time(command(self._client))
        except (RedisError, OSError, TimeoutError) as error:
            if self.breaker.available:
                log.warning("valkey does not answer", error=type(error).__name__)
            self.breaker.failed()
            raise TierAway("valkey") from error
        self.breaker.succeeded()
        return answer

    @asynccontextmanager
    async def subscribed(self, channel: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Subscribe to a channel; the body iterates over its messages until the connection breaks.

        Raises:
            TierAway: if the subscription cannot be made, or breaks.
        """
        pubsub = self._client.pubsub()
        try:
            await pubsub.subscribe(channel)
            yield self._messages(pubsub)
        except (RedisError, OSError, TimeoutError) as error:
            raise TierAway("valkey") from error
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call] # the driver left it untyped

    async def _messages(self, pubsub: Any) -> AsyncIterator[bytes]:
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5.0)
            if message is not None:
                yield message["data"]

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


async def _in_time(answer: Awaitable[Answer]) -> Answer:
    async with asyncio.timeout(_TIMEOUT_SECONDS * 2):
        return await answer
