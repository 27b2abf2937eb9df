"""The log in Valkey: the authority where there is no database, a copy where there is one. Valkey may evict it."""

from collections.abc import Sequence
from typing import Any

import orjson

from cache_service.engines.valkey import Valkey
from cache_service.invalidations.face import (
    Invalidation,
    Selector,
    invalidation_json,
    invalidation_of,
    new_invalidation,
)
from rpc.logs import get_logger

log = get_logger(__name__)

_NAMES = ("ac:{invalidations}:last", "ac:{invalidations}:log")
_MOST_ENTRIES = 100_000

# A damaged `last` counts as none: the time and what the caller knows keep the generation from restarting lower.
# KEYS: last, log. ARGV: lowest generation allowed, the most entries, the entry without its generation.
# The time in microseconds is far below 2^53, so that Lua's numbers hold it exactly.
_MAKE = """
local now = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local generation = math.max(last + 1, tonumber(ARGV[1]), now[1] * 1000000 + now[2])
local digits = string.format('%.0f', generation)
redis.call('SET', KEYS[1], digits)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'generation', digits, 'entry', ARGV[3])
return digits
"""
# KEYS: last, log. ARGV: generation, the most entries, the entry.
_COPY = """
local last = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if last < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'generation', ARGV[1], 'entry', ARGV[3])
return 1
"""


class HotLog:
    """Entries as a stream."""

    name = "hot"

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey
        self._cursor = ""
        self._read = 0
        self.held: set[str] = set()

    async def make(self, selector: Selector, *, erases: bool, note: str, above: int) -> Invalidation:
        """Add an entry with the next generation."""
        draft = new_invalidation(selector, 0, erases=erases, note=note)
        digits = await self._script(_MAKE, above + 1, draft)
        self.held.add(draft.id)
        return _with_generation(draft, int(digits))

    async def copy(self, entries: Sequence[Invalidation]) -> None:
        """Add entries that were made elsewhere."""
        for entry in entries:
            await self._script(_COPY, entry.generation, entry)
            self.held.add(entry.id)

    async def news(self) -> list[Invalidation]:
        """Return what has been added since this was asked last; everything, where some of it has gone."""
        length, rows = await self._after(self._cursor)
        if length < self._read + len(rows):  # evicted, flushed or trimmed
            self.held.clear()
            self._read = 0
            length, rows = await self._after("")
        self._read += len(rows)
        self._cursor = rows[-1][0].decode() if rows else self._cursor
        entries = [entry for _, fields in rows if (entry := _unpacked(fields)) is not None]
        self.held.update(entry.id for entry in entries)
        return entries

    async def drop(self, entries: Sequence[Invalidation]) -> None:
        """Remove the entries that are as old as these, which are the oldest."""
        oldest = int(max(entry.made_at for entry in entries) * 1000) + 1
        await self._valkey.call(lambda client: client.xtrim(_NAMES[1], minid=f"{oldest}-0", approximate=False))
        self.held.difference_update(entry.id for entry in entries)

    async def _after(self, cursor: str) -> tuple[int, list[tuple[bytes, dict[bytes, bytes]]]]:
        async def ask(client: Any) -> Any:
            pipe = client.pipeline(transaction=True)
            pipe.xlen(_NAMES[1])
            pipe.xrange(_NAMES[1], min=f"({cursor}" if cursor else "-")
            return await pipe.execute()

        length, rows = await self._valkey.call(ask)
        return length, rows

    async def _script(self, script: str, generation: int, entry: Invalidation) -> Any:
        values = [generation, _MOST_ENTRIES, orjson.dumps(invalidation_json(entry))]
        return await self._valkey.call(lambda client: client.eval(script, len(_NAMES), *_NAMES, *values))


def _unpacked(fields: dict[bytes, bytes]) -> Invalidation | None:
    try:
        return _with_generation(invalidation_of(orjson.loads(fields[b"entry"])), int(fields[b"generation"]))
    except (ValueError, LookupError, TypeError) as error:
        # Who knows it from another place, or from before, finds it missing here and brings it back.
        log.error("an entry of the log of invalidations is damaged", place="valkey", error=type(error).__name__)  # noqa: TRY400 - one line says it
        return None


def _with_generation(entry: Invalidation, generation: int) -> Invalidation:
    return Invalidation(entry.id, generation, entry.selector, entry.erases, entry.note, entry.made_at)
