"""Uses of results and parts, counted here and written down in batches: a hit costs the database nothing."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

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
        self._noted: dict[str, dict[bytes, tuple[float, int]]] = {RESULTS: {}, PARTS: {}}

    def note_result(self, key: bytes) -> None:
        """Count a use of a result."""
        self._note(self._noted[RESULTS], key)

    def note_part(self, key: bytes) -> None:
        """Count a use of a part."""
        self._note(self._noted[PARTS], key)

    def _note(self, noted: dict[bytes, tuple[float, int]], key: bytes) -> None:
        known = noted.get(key)
        if known is None and len(noted) >= _MOST_NOTED:
            self._upkeep.use_dropped()
            return
        noted[key] = (self._clock(), 1 if known is None else known[1] + 1)

    async def flush(self) -> None:
        """Write down what was noted before this call.

        Raises:
            TierAway: if PostgreSQL does not answer; what was not written stays noted.
        """
        for table, noted in self._noted.items():
            for _ in range(-(-len(noted) // _SLICE)):
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

    async def _write(self, table: str, noted: dict[bytes, tuple[float, int]]) -> None:
        some = {key: noted[key] for key in list(noted)[:_SLICE]}
        keys = list(some)
        times = [_time(at) for at, _ in some.values()]
        counts = [count for _, count in some.values()]
        await self._database.fetch(_WRITE.format(table=table), keys, times, counts, keys)
        for key, (_, count) in some.items():
            at, counted = noted.pop(key)
            if counted > count:  # used again while this was written
                noted[key] = (at, counted - count)

    async def _write_blobs(self) -> None:
        some = dict(list(self._blobs.unwritten.items())[:_SLICE])
        await self._database.fetch(_WRITE_BLOBS, list(some), [_time(at) for at in some.values()])
        for path, at in some.items():
            if self._blobs.unwritten.get(path) == at:
                del self._blobs.unwritten[path]


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
