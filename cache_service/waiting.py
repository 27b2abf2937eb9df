"""How those who wait for a computation wake: at once by a word from this process or from Valkey, else by the clock.

Of all who wait for one key in this process only one, the watch, looks by the clock; when it leaves, the next takes
over. So a thousand waiters cost the database what one costs.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cache_service.breaker import NOT_NOW, TierAway
from cache_service.engines.valkey import Valkey
from rpc.logs import get_logger

log = get_logger(__name__)

_CHANNEL = "ac:wake"
_RECONNECT_SECONDS = 1.0


@dataclass
class _Bench:
    """All who wait for one key."""

    words: int = 0
    inside: int = 0
    watch: "Waiter | None" = None
    asleep: "dict[Waiter, asyncio.Future[None]]" = field(default_factory=dict)

    def rouse(self, waiters: "list[Waiter]") -> None:
        """Wake these."""
        for waiter in waiters:
            sleep = self.asleep.pop(waiter, None)
            if sleep is not None and not sleep.done():
                sleep.set_result(None)


class WaitingRoom:
    """A bench for each key that somebody in this process waits for."""

    def __init__(self, valkey: Valkey | None) -> None:
        self._valkey = valkey
        self._benches: dict[bytes, _Bench] = {}
        self.inside = 0
        """How many are in it, whatever they wait for."""

    @contextmanager
    def waiter(self, key: bytes) -> Iterator["Waiter"]:
        """Be one who waits for a key; whoever is inside misses no word that comes later."""
        bench = self._benches.setdefault(key, _Bench())
        waiter = Waiter(bench)
        bench.inside += 1
        self.inside += 1
        try:
            yield waiter
        finally:
            bench.inside -= 1
            self.inside -= 1
            waiter.leave()
            if bench.inside == 0:
                del self._benches[key]

    async def wake(self, key: bytes) -> None:
        """Wake all who wait for a key, here and, where Valkey answers, in the other replicas."""
        self._wake_here(key)
        if self._valkey is not None:
            try:
                await self._valkey.call(lambda client: client.publish(_CHANNEL, key))
            except NOT_NOW:
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
        bench = self._benches.get(key)
        if bench is not None:
            bench.words += 1
            bench.rouse(list(bench.asleep))


class Waiter:
    """One who waits for a key."""

    def __init__(self, bench: _Bench) -> None:
        self._bench = bench
        self._heard = bench.words

    @property
    def party(self) -> int:
        """How many wait here, this one included."""
        return self._bench.inside

    async def sleep(self, seconds: float, tick_seconds: float) -> None:
        """Return at the next word since the last sleep, or after so many seconds; the watch after a tick."""
        bench = self._bench
        if bench.words == self._heard:
            bench.watch = bench.watch or self
            limit = min(seconds, tick_seconds) if bench.watch is self else seconds
            bench.asleep[self] = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait({bench.asleep[self]}, timeout=limit)
            finally:
                bench.asleep.pop(self, None)
        self._heard = bench.words

    def leave(self) -> None:
        """Hand the watch to the next one, if it was this one's; that one may leave before it has slept again."""
        if self._bench.watch is self:
            heirs = list(self._bench.asleep)[:1]
            self._bench.watch = heirs[0] if heirs else None
            self._bench.rouse(heirs)
