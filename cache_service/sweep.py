"""Removing from PostgreSQL and Valkey what an invalidation means."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cache_service.engines.postgres import Postgres, Row
from cache_service.invalidations.face import Invalidation
from cache_service.invalidations.statements import meant, values_of
from cache_service.keys import Blob

_SLICE = 2000
"""How many rows one statement removes: some milliseconds, far from any time-out."""

_SLICE_BYTES = 64 * 1024 * 1024
"""How much one statement removes at most, if it is of several rows: those beside a result may be many."""

_REMOVE_MEANT = """
DELETE FROM {table} WHERE key IN (
    SELECT key FROM (
        SELECT key, sum(stored_bytes) OVER (ROWS UNBOUNDED PRECEDING) - stored_bytes AS before_bytes
        FROM (SELECT key, stored_bytes FROM {table} WHERE generation < %(generation)s AND {meant} LIMIT %(slice)s) found
    ) summed WHERE before_bytes < %(slice_bytes)s
) RETURNING key, payload_blob
"""
_REMOVE_KEYS = """
DELETE FROM {table} WHERE key = ANY(%s) AND generation < %s
RETURNING key, payload_blob
"""


@dataclass
class Removed:
    """What was removed from a table."""

    keys: list[bytes] = field(default_factory=list)
    blobs: list[Blob] = field(default_factory=list)

    def add(self, rows: Sequence[Row]) -> None:
        """Count rows."""
        for row in rows:
            self.keys.append(bytes(row["key"]))
            blob = row["payload_blob"]
            if isinstance(blob, list):
                self.blobs.append(Blob(bytes.fromhex(blob[0]), blob[1]))


class DurableSweep:
    """Removes rows of RESULTS or PARTS, a slice at a time. Each slice is a transaction of its own."""

    def __init__(self, database: Postgres, table: str) -> None:
        self._database = database
        self._meant = _REMOVE_MEANT.format(table=table, meant=meant("key"))
        self._keys = _REMOVE_KEYS.format(table=table)

    async def remove_meant(self, entry: Invalidation) -> Removed:
        """Remove what an invalidation means by the row's own columns."""
        removed = Removed()
        values = values_of(entry.selector) | {
            "generation": entry.generation,
            "slice": _SLICE,
            "slice_bytes": _SLICE_BYTES,
        }
        while True:
            async with self._database.transaction() as transaction:
                rows = await transaction.fetch_named(self._meant, **values)
            removed.add(rows)
            if not rows:
                return removed

    async def remove_keys(self, keys: Sequence[bytes], generation: int) -> Removed:
        """Remove older rows under these keys."""
        removed = Removed()
        for start in range(0, len(keys), _SLICE):
            some = list(keys[start : start + _SLICE])
            removed.add(await self._database.fetch(self._keys, some, generation))
        return removed
