"""The connection to Valkey or Redis: short time-outs, no retries of the driver's own, a circuit breaker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import hiredis
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, WatchError

from cache_service.breaker import Breaker, TierAway, TierBusy
from rpc.logs import get_logger

log = get_logger(__name__)

Answer = TypeVar("Answer")

_TIMEOUT_SECONDS = 0.5
"""A hit takes about a millisecond; whoever needs longer than this is asked no more for a while."""

_CONNECTIONS = 64
_QUEUE_SECONDS = 2.0
"""How long a command waits for its turn while all connections are in use."""


def _packing(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """Return a kind of connection that lets hiredis write commands, as the driver's own does only where it blocks.

    In Python that takes longer than all the rest of an MGET of many keys.
    """

    class Packing(kind):  # type: ignore[valid-type, misc] # it is known when the URL is read
        def pack_command(self, *args: Any) -> list[bytes]:
            name, *others = args
            words = name.encode().split() if isinstance(name, str) else name.split()
            return [hiredis.pack_command((*words, *others))]

    return Packing


class Valkey:
    """One pool of connections; every failure of the driver becomes TierAway."""

    conflict = WatchError
    """What a transaction ends with when somebody else wrote meanwhile."""

    def __init__(self, url: str) -> None:
        self.breaker = Breaker("valkey")
        self._turns = asyncio.Semaphore(_CONNECTIONS)
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=2 * _CONNECTIONS,  # never reached: a command has its turn, a process subscribes once
        )
        pool.connection_class = _packing(pool.connection_class)
        self._client: Redis = Redis.from_pool(pool)

    async def call(self, command: Any) -> Any:
        """Run `command(client)`, which uses one connection at a time, and return its answer.

        Raises:
            TierAway: if Valkey does not answer, or did not just now.
            TierBusy: if no connection became free in time.
        """
        self.breaker.check()
        await self._take_turn()
        try:
            answer = await _in_time(command(self._client))
        except (RedisError, OSError, TimeoutError) as error:
            if self.breaker.available:
                log.warning("valkey does not answer", error=type(error).__name__)
            self.breaker.failed()
            raise TierAway("valkey") from error
        finally:
            self._turns.release()
        self.breaker.succeeded()
        return answer

    async def _take_turn(self) -> None:
        """Wait for one of the connections: the driver's own pool would fail where all are in use."""
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(_QUEUE_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise (TierBusy("valkey") if self.breaker.available else TierAway("valkey")) from error
        if not self.breaker.available:  # those who were before this caller have found it away
            self._turns.release()
            raise TierAway("valkey")

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
