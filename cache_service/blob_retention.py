"""How long blobs stay: those unused for their time go, and those over the quota, least recently used first.

A blob that was used within the last hour never goes. Whoever is told that a blob is here counts as using it, and so
does a computation that runs, by its heartbeats.
"""

import asyncio
import heapq
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import obstore

from cache_service.blobs import is_blob_path
from cache_service.engines.postgres import Postgres
from cache_service.leftovers import folder_time
from cache_service.objects import INCOMING, guarded
from cache_service.upkeep import Upkeep

KEPT_SECONDS = 3600.0 + 600.0
"""The hour that is guaranteed, and twice the five minutes for which a use is not noted again."""

_MOST_AT_ONCE = 10_000
"""How many blobs one round looks at, the least recently used; the next round goes on."""

_ASKED_AT_ONCE = 1000
_USES = "SELECT path, last_used_at FROM blob_uses WHERE path = ANY(%s)"
_FORGET = "DELETE FROM blob_uses WHERE path = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may stay, and for how long after its last use; 0 bytes: no limit."""

    quota_bytes: int
    ttl_seconds: float


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A blob as it was found."""

    used_at: float
    path: str
    size_bytes: int


def to_go(oldest: Iterable[Seen], total_bytes: int, limits: Limits, now: float) -> Iterator[tuple[Seen, str]]:
    """Yield what has to go and why, out of the least recently used in their order."""
    for seen in oldest:
        unused_seconds = now - seen.used_at
        if unused_seconds < KEPT_SECONDS:
            return
        if unused_seconds >= limits.ttl_seconds:
            reason = "expired"
        elif limits.quota_bytes and total_bytes > limits.quota_bytes:
            reason = "quota"
        else:
            return
        total_bytes -= seen.size_bytes
        yield seen, reason


class FolderRetention:
    """Blobs in a local folder, where the time of a file's last change is that of its last use."""

    def __init__(self, folder: Path, limits: Limits, upkeep: Upkeep) -> None:
        self._folder = folder
        self._limits = limits
        self._upkeep = upkeep

    async def keep(self) -> None:
        """Remove what has to go."""
        await asyncio.to_thread(self._keep)

    def _keep(self) -> None:
        total_bytes = 0

        def counted() -> Iterator[Seen]:
            nonlocal total_bytes
            for seen in _walk(self._folder):
                total_bytes += seen.size_bytes
                yield seen

        oldest = heapq.nsmallest(_MOST_AT_ONCE, counted())
        left_bytes = total_bytes
        for seen, reason in to_go(oldest, total_bytes, self._limits, folder_time(self._folder)):
            if self._remove(seen):
                left_bytes -= seen.size_bytes
                self._upkeep.evicted("blobs", reason)
        self._upkeep.blob_bytes(left_bytes)

    def _remove(self, seen: Seen) -> bool:
        path = self._folder / seen.path
        try:
            if path.stat().st_mtime > seen.used_at:
                return False  # used since it was seen
            path.unlink()
        except FileNotFoundError:
            return False
        return True


def _walk(folder: Path) -> Iterator[Seen]:
    for namespace in _folders(folder):
        for shard in _folders(namespace):
            if len(Path(shard).name) != 2:
                continue
            for entry in os.scandir(shard):
                path = os.path.relpath(entry.path, folder)
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if is_blob_path(path):
                    yield Seen(found.st_mtime, path, found.st_size)


def _folders(folder: str | Path) -> list[str]:
    return [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]


class StoreRetention:
    """Blobs in an object store, whose last uses are in PostgreSQL."""

    def __init__(self, store: Any, database: Postgres, limits: Limits, upkeep: Upkeep) -> None:
        self._store = store
        self._database = database
        self._limits = limits
        self._upkeep = upkeep

    async def keep(self) -> None:
        """Remove what has to go, and what uploads left aside.

        Raises:
            TierAway: if the store or PostgreSQL does not answer.
        """
        oldest, total_bytes = await self._listed()
        used = sorted(await self._with_uses(oldest))
        going = list(to_go(used, total_bytes, self._limits, time.time()))
        for start in range(0, len(going), _ASKED_AT_ONCE):
            total_bytes -= await self._remove(going[start : start + _ASKED_AT_ONCE])
        self._upkeep.blob_bytes(total_bytes)

    async def _listed(self) -> tuple[list[Seen], int]:
        """Return the oldest blobs, and the bytes of all; remove what crashed uploads left."""
        oldest: list[Seen] = []
        total_bytes = 0
        with guarded():
            async for page in obstore.list(self._store):
                for item in page:
                    seen = Seen(item["last_modified"].timestamp(), item["path"], item["size"])
                    if is_blob_path(seen.path):
                        total_bytes += seen.size_bytes
                        oldest.append(seen)
                    elif f"/{INCOMING}/" in seen.path and time.time() - seen.used_at > KEPT_SECONDS:
                        await obstore.delete_async(self._store, seen.path)
                        self._upkeep.swept(1)
                if len(oldest) > 2 * _MOST_AT_ONCE:
                    oldest = heapq.nsmallest(_MOST_AT_ONCE, oldest)
        return heapq.nsmallest(_MOST_AT_ONCE, oldest), total_bytes

    async def _with_uses(self, blobs: list[Seen]) -> list[Seen]:
        used_at: dict[str, float] = {}
        for start in range(0, len(blobs), _ASKED_AT_ONCE):
            paths = [seen.path for seen in blobs[start : start + _ASKED_AT_ONCE]]
            rows = await self._database.fetch(_USES, paths)
            used_at |= {row["path"]: row["last_used_at"].timestamp() for row in rows}
        return [replace(seen, used_at=max(seen.used_at, used_at.get(seen.path, 0.0))) for seen in blobs]

    async def _remove(self, going: list[tuple[Seen, str]]) -> int:
        """Remove blobs unless they were used meanwhile; return how many bytes went."""
        now = {seen.path: seen for seen in await self._with_uses([seen for seen, _ in going])}
        gone = [(seen, reason) for seen, reason in going if now[seen.path].used_at == seen.used_at]
        if not gone:
            return 0
        with guarded():
            await obstore.delete_async(self._store, [seen.path for seen, _ in gone])
        for _, reason in gone:
            self._upkeep.evicted("blobs", reason)
        await self._database.fetch(_FORGET, [seen.path for seen, _ in gone])
        return sum(seen.size_bytes for seen, _ in gone)
