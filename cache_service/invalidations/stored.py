"""The log beside the blobs: what is acknowledged while PostgreSQL is away survives here."""

from collections.abc import Sequence

import orjson

from cache_service.invalidations.face import (
    Invalidation,
    Selector,
    invalidation_json,
    invalidation_of,
    new_invalidation,
    next_generation,
)
from cache_service.objects import Objects
from rpc.logs import get_logger

log = get_logger(__name__)

_FOLDER = ".invalidations"
"""No namespace begins with a dot."""


class StoredLog:
    """Each entry as a file."""

    name = "blobs"

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._seen: set[str] = set()
        self._untold: list[Invalidation] = []  # read by a call that was given up before its end
        self.held: set[str] = set()

    async def make(self, selector: Selector, *, erases: bool, note: str, above: int) -> Invalidation:
        """Add an entry with the next generation by this machine's clock."""
        last = max([above, *(entry.generation for entry in await self.news())])
        entry = new_invalidation(selector, next_generation(last), erases=erases, note=note)
        await self.copy([entry])
        return entry

    async def copy(self, entries: Sequence[Invalidation]) -> None:
        """Add entries that were made elsewhere."""
        for entry in entries:
            await self._objects.put_new(_path(entry), orjson.dumps(invalidation_json(entry)))
            self._seen.add(_path(entry))
            self.held.add(entry.id)

    async def news(self) -> list[Invalidation]:
        """Return what has been added since this was asked last."""
        for name in await self._objects.names(_FOLDER):
            path = f"{_FOLDER}/{name}"
            if path not in self._seen:
                entry = await self._read(path)
                self._seen.add(path)
                if entry is not None:
                    self._untold.append(entry)
                    self.held.add(entry.id)
        told, self._untold = self._untold, []
        return told

    async def drop(self, entries: Sequence[Invalidation]) -> None:
        """Remove entries."""
        for entry in entries:
            await self._objects.delete(_path(entry))
            self._seen.discard(_path(entry))
            self.held.discard(entry.id)

    async def _read(self, path: str) -> Invalidation | None:
        content = await self._objects.fetch(path)
        if content is None:  # dropped since it was listed
            return None
        try:
            return invalidation_of(orjson.loads(content))
        except (ValueError, LookupError, TypeError) as error:
            log.error("an entry of the log of invalidations is damaged", path=path, error=type(error).__name__)  # noqa: TRY400 - one line says it
            return None


def _path(entry: Invalidation) -> str:
    return f"{_FOLDER}/{entry.generation:020d}-{entry.id}"
