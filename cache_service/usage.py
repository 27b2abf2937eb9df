"""Uses of results and parts, counted here and written down in batches: a hit costs the database nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice

from cache_service.blob_uses import BlobUses
from cache_service.breaker import NOT_NOW
from cache_service.engines.postgres import Postgres
from cache_service.tiers.durable import PARTS, RESULTS
from cache_service.upkeep import Upkeep
from rpc.logs import get_logger

log = get_logger(__name__)

FLUSH_SECONDS = 5.0
"""How late PostgreSQL learns of a use; whoever keeps results for less than some of it loses them while in use."""

_SLICE = 1000
"""How many rows one statement changes: some ten milliseconds, far from any time-out."""

_MOST_NOTED = 200_000
"""How many keys may wait to be written, about 50 MB of them, while PostgreSQL is away."""

# The rows are locked in key order, so that two replicas that write at once never deadlock. A failure does not slide.
_WRITE = """
WITH used AS (
    SELECT * FROM unnest(%s::bytea[], %s::timestamptz[], %s::bigint[]) AS u (key, at, count)
), locked AS (
    SELECT t.key, coalesce(t.retention_seconds, extract(epoch FROM t.expires_at - t.created_at)) AS retention_seconds
    FROM {table} t WHERE t.key = ANY(%s) AND t.failure IS NULL ORDER BY t.key FOR NO KEY UPDATE
)
UPDATE {table} t SET
    last_used_at = greatest(t.last_used_at, used.at),
    use_count = t.use_count + used.count,
    retention_seconds = locked.retention_seconds,
    expires_at = greatest(t.expires_at, used.at + make_interval(secs => locked.retention_seconds::float8))
FROM used JOIN locked ON locked.key = used.key
WHERE t.key = used.key
"""
_WRITE_BLOBS = """
INSERT INTO blob_uses (path, last_used_at)
SELECT path, at FROM unnest(%s::text[], %s::timestamptz[]) AS u (path, at) ORDER BY path
ON CONFLICT (path) DO UPDATE SET last_used_at = greatest(blob_uses.last_used_at, excluded.last_used_at)
"""


class _Noted:
    """How often each key was used, and when last."""

    def __init__(self) -> None:
        self.counts: Counter[bytes] = Counter()
        self.last_at: dict[bytes, float] = {}


class Uses:
    """Uses on their way into PostgreSQL. While it is away they wait, a bounded number of them."""

    def __init__(
        self,
        database: Postgres,
        blobs: BlobUses,
        upkeep: Upkeep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._upkeep = upkeep
        self._clock = clock
        self._noted = {RESULTS: _Noted(), PARTS: _Noted()}

    def note_result(self, key: bytes) -> None:
        """Count a use of a result."""
        noted = self._noted[RESULTS]
        if key in noted.counts:
            noted.counts[key] += 1
            noted.last_at[key] = self._clock()
        else:
            self._note(noted, [key])

    def note_parts(self, keys: Iterable[bytes]) -> None:
        """Count a use of each of these parts."""
        self._note(self._noted[PARTS], list(keys))

    def _note(self, noted: _Noted, keys: list[bytes]) -> None:
        if len(noted.counts) + len(keys) > _MOST_NOTED:
            keys = self._fitting(noted, keys)
        noted.counts.update(keys)
        noted.last_at.update(dict.fromkeys(keys, self._clock()))

    def _fitting(self, noted: _Noted, keys: list[bytes]) -> list[bytes]:
        """Return the keys that are noted already, and as many new ones as there is room for."""
        room = _MOST_NOTED - len(noted.counts)
        new = [key for key in keys if key not in noted.counts]
        dropped = set(new[room:])
        for _ in dropped:
            self._upkeep.use_dropped()
        return [key for key in keys if key not in dropped]

    async def flush(self) -> None:
        """Write down what was noted before this call.

        Raises:
            TierAway: if PostgreSQL does not answer; what was not written stays noted.
        """
        for table, noted in self._noted.items():
            for _ in range(-(-len(noted.counts) // _SLICE)):
                await self._write(table, noted)
        for _ in range(-(-len(self._blobs.unwritten) // _SLICE)):
            await self._write_blobs()

    async def run(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except NOT_NOW:
                continue  # they stay noted
            except Exception as error:
                log.error("uses could not be written", error=type(error).__name__)  # noqa: TRY400 - the type says it

    async def _write(self, table: str, noted: _Noted) -> None:
        keys = list(islice(noted.counts, _SLICE))
        times = [_time(noted.last_at[key]) for key in keys]
        counts = [noted.counts[key] for key in keys]
        await self._database.fetch(_WRITE.format(table=table), keys, times, counts, keys)
        for key, written in zip(keys, counts, strict=True):
            at, counted = noted.last_at.pop(key), noted.counts.pop(key)
            if counted > written:  # used again while this was written
                noted.last_at[key], noted.counts[key] = at, counted - written

    async def _write_blobs(self) -> None:
        some = dict(list(self._blobs.unwritten.items())[:_SLICE])
        await self._database.fetch(_WRITE_BLOBS, list(some), [_time(at) for at in some.values()])
        for path, at in some.items():
            if self._blobs.unwritten.get(path) == at:
                del self._blobs.unwritten[path]


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
