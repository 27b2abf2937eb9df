"""How long PostgreSQL keeps things: what is past its time goes, and what is over the quota, least recently used first.

Every statement touches a bounded number of rows, so that none runs long or holds many locks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cache_service.engines.postgres import Postgres, Row
from cache_service.sample_rows import SAMPLE_TABLES
from cache_service.tiers.durable import PARTS, RESULTS
from cache_service.upkeep import Upkeep

_BATCH = 500
_MOST_BATCHES = 200
"""How many batches one round removes at most; the next round goes on."""

_BATCH_BYTES = 64 * 1024 * 1024
"""How much one statement removes at most, if it is of several entries: the 100,000 sequences beside a result take some
tenths of a second."""

_PAGE = 20_000
"""How many entries of an index one statement adds up: some milliseconds."""

_GRACE_SECONDS = 60.0
"""How long a row stays past its time: a use that is not written down yet may still bring it back."""

# A job keeps in two columns why its result went, and nothing of the result.
_JOBS_REMEMBER = """
UPDATE analysis_jobs j SET gone_reason = %(reason)s, gone_at = now() FROM gone WHERE j.key = gone.key RETURNING 1
"""
# A computation that runs may be about to store the part again, and counts on its manifest.
_MANIFESTS_FORGET = """
DELETE FROM manifests m USING gone WHERE m.part_key = gone.key
    AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.job_key = m.job_key AND l.expires_at > now()) RETURNING 1
"""
_AFTERWARDS = {RESULTS: _JOBS_REMEMBER, PARTS: _MANIFESTS_FORGET}

_PAST_ITS_TIME = "expires_at < now() - make_interval(secs => %(grace)s) ORDER BY expires_at LIMIT %(limit)s"
_UNUSED_SINCE = "key = ANY(%(keys)s) AND last_used_at <= %(used_at)s ORDER BY key"
_CHOOSE = """
    SELECT key FROM (
        SELECT key, sum(stored_bytes) OVER (ROWS UNBOUNDED PRECEDING) - stored_bytes AS before_bytes
        FROM (SELECT key, stored_bytes FROM {table} WHERE {which} FOR UPDATE SKIP LOCKED) candidates
    ) summed WHERE before_bytes < %(most_bytes)s
"""
_REMOVE = """
WITH gone AS (
    DELETE FROM {table} WHERE key IN ({chosen})
    RETURNING key, stored_bytes
), afterwards AS ({afterwards})
SELECT count(*) AS count, coalesce(sum(stored_bytes), 0)::bigint AS bytes FROM gone
"""
_OLDEST = "SELECT key, last_used_at, stored_bytes FROM {table} ORDER BY last_used_at, key LIMIT %(limit)s"
_SUM_OF_PAGE = """
SELECT coalesce(sum(stored_bytes), 0)::bigint AS bytes, count(*) AS count,
       max(last_used_at) AS used_at, (array_agg(key ORDER BY last_used_at, key))[count(*)::int] AS key
FROM (SELECT last_used_at, key, stored_bytes FROM {table}
      WHERE %(used_at)s::timestamptz IS NULL OR (last_used_at, key) > (%(used_at)s, %(key)s)
      ORDER BY last_used_at, key LIMIT %(limit)s) page
"""
_TABLES = (RESULTS, PARTS, *SAMPLE_TABLES)
_SIZES = " + ".join(f"pg_total_relation_size('{table}')" for table in _TABLES)
_ON_DISK = f"SELECT ({_SIZES})::bigint AS bytes"
_STALE = (
    "DELETE FROM lease_waiters WHERE expires_at < now() - interval '1 minute'",
    "DELETE FROM leases WHERE expires_at < now() - interval '1 hour'",
    "DELETE FROM blob_uses WHERE path IN"
    " (SELECT path FROM blob_uses WHERE last_used_at < now() - interval '1 year' LIMIT 1000)",
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    table: str
    key: bytes
    used_at: datetime
    size_bytes: int


class DurableRetention:
    """Keeps the tables of results and parts within their time and their quota. Any of it may raise TierAway."""

    def __init__(self, database: Postgres, quota_bytes: int, upkeep: Upkeep) -> None:
        self._database = database
        self._quota_bytes = quota_bytes
        self._upkeep = upkeep

    async def expire(self) -> None:
        """Remove what is past its time."""
        for table in (RESULTS, PARTS):
            for _ in range(_MOST_BATCHES):
                removed = await self._remove(table, _PAST_ITS_TIME, "expired", grace=_GRACE_SECONDS, limit=_BATCH)
                self._upkeep.evicted("durable", "expired", removed["count"])
                if removed["count"] == 0:
                    break

    async def keep_quota(self) -> None:
        """Remove the least recently used until the rest is within the quota."""
        size_bytes = await self._on_disk_bytes()
        if self._quota_bytes and size_bytes > self._quota_bytes:
            # The tables' files never shrink by themselves, so what is in them has to be added up.
            size_bytes = await self._sum_bytes(RESULTS) + await self._sum_bytes(PARTS)
            for _ in range(_MOST_BATCHES):
                if size_bytes <= self._quota_bytes:
                    break
                removed_bytes = await self._evict(size_bytes - self._quota_bytes)
                size_bytes -= removed_bytes
                if removed_bytes == 0:
                    break  # somebody uses just these; the next round goes on
        self._upkeep.durable_bytes(size_bytes)

    async def tidy(self) -> None:
        """Remove what nobody counts on: waiters and leases long past their time, uses of blobs long gone."""
        for statement in _STALE:
            await self._database.fetch(statement)

    async def _evict(self, excess_bytes: int) -> int:
        """Remove about so many bytes, at most a batch; return how many went."""
        chosen: list[_Candidate] = []
        for candidate in await self._oldest():
            if excess_bytes <= 0:
                break
            chosen.append(candidate)
            excess_bytes -= candidate.size_bytes
        gone_bytes = 0
        for table in (RESULTS, PARTS):
            own = [candidate for candidate in chosen if candidate.table == table]
            if own:
                keys, used_at = [candidate.key for candidate in own], own[-1].used_at
                removed = await self._remove(table, _UNUSED_SINCE, "evicted", keys=keys, used_at=used_at)
                self._upkeep.evicted("durable", "quota", removed["count"])
                gone_bytes += removed["bytes"]
        return gone_bytes

    async def _oldest(self) -> list[_Candidate]:
        """Return the least recently used of both tables, a batch of them."""
        candidates = []
        for table in (RESULTS, PARTS):
            rows = await self._fetch(_OLDEST.format(table=table), limit=_BATCH)
            candidates += [
                _Candidate(table, bytes(row["key"]), row["last_used_at"], row["stored_bytes"]) for row in rows
            ]
        return sorted(candidates, key=lambda candidate: candidate.used_at)[:_BATCH]

    async def _on_disk_bytes(self) -> int:
        row = await self._database.fetch_one(_ON_DISK)
        return 0 if row is None else int(row["bytes"])

    async def _sum_bytes(self, table: str) -> int:
        total, count, used_at, key = 0, _PAGE, None, b""
        while count == _PAGE:
            [row] = await self._fetch(_SUM_OF_PAGE.format(table=table), used_at=used_at, key=key, limit=_PAGE)
            count, used_at, key = row["count"], row["used_at"], row["key"]
            total += row["bytes"]
        return total

    async def _remove(self, table: str, which: str, reason: str, **values: Any) -> Row:
        chosen = _CHOOSE.format(table=table, which=which)
        statement = _REMOVE.format(table=table, chosen=chosen, afterwards=_AFTERWARDS[table])
        [row] = await self._fetch(statement, reason=reason, most_bytes=_BATCH_BYTES, **values)
        return row

    async def _fetch(self, statement: str, **values: Any) -> list[Row]:
        async with self._database.transaction() as transaction:
            return await transaction.fetch_named(statement, **values)
