"""How those who wait for a computation wake: at once by a word from this process or from Valkey, else by the clock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from cache_service.breaker import TierAway
from cache_service.engines.valkey import Valkey
from rpc.logs import get_logger

log = get_logger(__name__)

_CHANNEL = "ac:wake"
_RECONNECT_SECONDS = 1.0


class WaitingRoom:
    """One event for each key that somebody in this process waits for."""

    def __init__(self, valkey: Valkey | None) -> None:
        self._valkey = valkey
        self._events: dict[bytes, asyncio.Event] = {}
        self._inside: dict[bytes, int] = {}

    @contextmanager
    def waiter(self, key: bytes) -> Iterator["Waiter"]:
        """Be one who waits for a key; whoever is inside misses no word that comes later."""
        self._events.setdefault(key, asyncio.Event())
        self._inside[key] = self._inside.get(key, 0) + 1
        try:
            yield Waiter(self, key)
        finally:
            self._inside[key] -= 1
            if self._inside[key] == 0:
                del self._inside[key], self._events[key]

    def event(self, key: bytes) -> asyncio.Event:
        """Return the event that the next word sets."""
        return self._events[key]

    async def wake(self, key: bytes) -> None:
        """Wake all who wait for a key, here and, where Valkey answers, in the other replicas."""
        self._wake_here(key)
        if self._valkey is not None:
            try:
                await self._valkey.call(lambda client: client.publish(_CHANNEL, key))
            except TierAway:
                return  # they wake by the clock

    async def listen(self) -> None:
        """Hear the other replicas' words until cancelled. A word missed is made up for by the clock."""
        if self._valkey is None:
            return
        while True:
            try:
                async with self._valkey.subscribed(_CHANNEL) as words:
                    async for key in words:
                        self._wake_here(key)
            except TierAway:
                await asyncio.sleep(_RECONNECT_SECONDS)

    def _wake_here(self, key: bytes) -> None:
        event = self._events.get(key)
        if event is not None:
            self._events[key] = asyncio.Event()
            event.set()


class Waiter:
    """One who waits for a key."""

    def __init__(self, room: WaitingRoom, key: bytes) -> None:
        self._room = room
        self._key = key
        self._event = room.event(key)

    async def sleep(self, seconds: float) -> None:
        """Return at the next word since the last sleep, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event = self._room.event(self._key)
