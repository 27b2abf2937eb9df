"""Uploads held in memory while they are hashed, as far as there is room for all of them together."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from gateway.backend import Blob
from gateway.joining import rechunked
from rpc.channels import CHUNK_BYTES


class Room:
    """How many bytes may be held by all uploads together."""

    def __init__(self, limit_bytes: int) -> None:
        self.free_bytes = limit_bytes

    @contextmanager
    def holding(self, pieces: AsyncIterator[bytes]) -> Iterator["Held"]:
        """Give room to an upload, as long as it is needed."""
        held = Held(self, pieces)
        try:
            yield held
        finally:
            self.free_bytes += held.size_bytes


class Held:
    """One upload, or its beginning."""

    def __init__(self, room: Room, pieces: AsyncIterator[bytes]) -> None:
        self.size_bytes = 0
        self._room = room
        self._pieces = pieces
        self._kept: list[bytes] = []
        self._over: list[bytes] = []

    async def measure(self) -> Blob | None:
        """Read all that arrives and return its name; None where it finds no room.

        What has arrived is hashed while more does.
        """
        hashing = _Hashing()
        try:
            async for piece in self._pieces:
                if len(piece) > self._room.free_bytes:
                    self._over.append(piece)
                    return None
                self._room.free_bytes -= len(piece)
                self.size_bytes += len(piece)
                self._kept.append(piece)
                await hashing.add(piece)
            return Blob(await hashing.digest(), self.size_bytes)
        finally:
            await hashing.wait()

    async def all(self) -> AsyncIterator[bytes]:
        """Yield what was read, and what still arrives, in chunks of `CHUNK_BYTES`."""
        async for chunk in rechunked(self._everything(), CHUNK_BYTES):
            yield chunk

    async def _everything(self) -> AsyncIterator[bytes]:
        for piece in (*self._kept, *self._over):
            yield piece
        async for piece in self._pieces:
            yield piece


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Hashing:
    """SHA-256 beside the event loop, of `CHUNK_BYTES` or more at a time, since each handing over has its price."""

    def __init__(self) -> None:
        self._hash: _Hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._running: asyncio.Future[None] | None = None

    async def add(self, piece: bytes) -> None:
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes >= CHUNK_BYTES:
            await self._hand_over()

    async def digest(self) -> bytes:
        await self._hand_over()
        await self.wait()
        return self._hash.digest()

    async def wait(self) -> None:
        """Wait until nothing is being hashed."""
        if self._running is not None:
            await self._running

    async def _hand_over(self) -> None:
        pieces, self._waiting, self._waiting_bytes = self._waiting, [], 0
        await self.wait()
        self._running = asyncio.ensure_future(asyncio.to_thread(_update, self._hash, pieces))


def _update(digest: _Hash, pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        digest.update(piece)
