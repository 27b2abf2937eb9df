"""What crashed processes left aside in the blob folder: found by its age, since who still writes keeps it young."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from cache_service.blobs import BlobStore
from cache_service.objects import INCOMING
from cache_service.upkeep import Upkeep

REFRESH_SECONDS = 5.0
ABANDONED_SECONDS = 30.0
"""Six refreshes: no process that lives misses so many. One that was stopped for longer finds its upload gone, says that
the blob store is unavailable, and is asked again."""


class Leftovers:
    """Files written aside in a local folder, of this process and of others."""

    def __init__(self, blobs: BlobStore, folder: Path, upkeep: Upkeep) -> None:
        self._blobs = blobs
        self._folder = folder
        self._upkeep = upkeep

    async def refresh(self) -> None:
        """Keep this process's own uploads young, however slowly their bytes come."""
        await asyncio.to_thread(self._refresh, set(self._blobs.uploading))

    async def sweep(self) -> None:
        """Remove what nobody kept young."""
        await self.refresh()
        self._upkeep.swept(await asyncio.to_thread(self._sweep))

    def _refresh(self, paths: set[str]) -> None:
        names: dict[Path, set[str]] = defaultdict(set)
        for path in paths:
            whole = self._folder / path
            names[whole.parent].add(whole.name)
        for folder, own in names.items():
            for file in _files(folder):
                if file.name.split("#")[0] in own:  # obstore writes the parts of a file "x" as "x#1"
                    _touch(file)

    def _sweep(self) -> int:
        now = folder_time(self._folder)
        swept = 0
        for folder in self._folder.glob(f"*/{INCOMING}"):
            for file in _files(folder):
                if _is_older(file, now - ABANDONED_SECONDS):
                    file.unlink(missing_ok=True)
                    swept += 1
        return swept


def folder_time(folder: Path) -> float:
    """Return the time by the clock that stamps the files of a folder, which may be another machine's."""
    os.utime(folder)
    return folder.stat().st_mtime


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from [Path(entry.path) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return


def _is_older(file: Path, time: float) -> bool:
    try:
        return file.stat().st_mtime < time
    except FileNotFoundError:
        return False


def _touch(file: Path) -> None:
    try:
        os.utime(file)
    except FileNotFoundError:
        return  # renamed or removed just now
