"""Equal look-ups that arrive together, asked as one, though none is answered by what was asked before it came."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Rounds(Generic[Answer]):
    """One look-up a key at a time: who comes while it is under way waits for the next, which all of them share.

    So an answer is always to a question that was asked after its caller came: what was erased before is not told.
    """

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[Answer]] = {}
        self._running: dict[Hashable, asyncio.Task[Answer]] = {}

    async def ask(self, key: Hashable, look: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return what `look`, or that of another who came before it was called, answers."""
        coming = self._next.get(key)
        if coming is None:
            coming = self._next[key] = asyncio.create_task(self._round(key, look))
            coming.add_done_callback(_heard)
        return await asyncio.shield(coming)

    async def _round(self, key: Hashable, look: Callable[[], Awaitable[Answer]]) -> Answer:
        if before := self._running.get(key):
            await asyncio.wait({before})
        mine = self._running[key] = self._next.pop(key)
        try:
            return await look()
        finally:
            if self._running.get(key) is mine:
                del self._running[key]


def _heard(task: asyncio.Task[Answer]) -> None:
    """Take note of a failure that all who wanted to hear of it have left before."""
    if not task.cancelled():
        task.exception()
