"""Uploads held in memory while they are hashed, as far as there is room for all of them together."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from gateway.backend import Blob


class Room:
    """How many bytes may be held by all uploads together."""

    def __init__(self, limit_bytes: int) -> None:
        self.free_bytes = limit_bytes

    @contextmanager
    def holding(self, chunks: AsyncIterator[bytes]) -> Iterator["Held"]:
        """Give room to an upload, as long as it is needed."""
        held = Held(self, chunks)
        try:
            yield held
        finally:
            self.free_bytes += held.size_bytes


class Held:
    """One upload, or its beginning."""

    def __init__(self, room: Room, chunks: AsyncIterator[bytes]) -> None:
        self.size_bytes = 0
        self._room = room
        self._chunks = chunks
        self._kept: list[bytes] = []
        self._over: list[bytes] = []

    async def measure(self) -> Blob | None:
        """Read all that arrives and return its name; None where it finds no room.

        One chunk is hashed while the next arrives.
        """
        digest = hashlib.sha256()
        hashing: asyncio.Future[None] | None = None
        try:
            async for chunk in self._chunks:
                if len(chunk) > self._room.free_bytes:
                    self._over.append(chunk)
                    return None
                self._room.free_bytes -= len(chunk)
                self.size_bytes += len(chunk)
                self._kept.append(chunk)
                if hashing is not None:
                    await hashing
                hashing = asyncio.ensure_future(asyncio.to_thread(digest.update, chunk))
        finally:
            if hashing is not None:
                await hashing
        return Blob(digest.digest(), self.size_bytes)

    async def all(self) -> AsyncIterator[bytes]:
        """Yield what was read, and what still arrives."""
        for chunk in (*self._kept, *self._over):
            yield chunk
        async for chunk in self._chunks:
            yield chunk
