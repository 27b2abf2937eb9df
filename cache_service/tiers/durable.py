"""PostgreSQL: records in a table of their own, so that listing jobs never reads a payload."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from cache_service.engines.postgres import Postgres, Row, Transaction, json_value
from cache_service.entries import (
    CorruptRecordError,
    Failure,
    Payload,
    Record,
    Scope,
    Usage,
    check_payload,
    failure_json,
    failure_of,
)
from cache_service.keys import Blob, Pipeline, job_id_of
from rpc.logs import get_logger

log = get_logger(__name__)

RESULTS = "analysis_results"
PARTS = "analysis_parts"

_TYPES = {
    "key": "bytea",
    "payload": "bytea",
    "encoding": "text",
    "sha256": "bytea",
    "size_bytes": "bigint",
    "message_type": "text",
    "payload_blob": "jsonb",
    "failure": "jsonb",
    "compute_cost_ms": "float8",
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
    "generation": "bigint",
    "namespace": "text",
    "pipeline": "text",
    "pipeline_version": "text",
    "blob_sha256": "bytea",
}
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in _TYPES.values())
_ANEW = "last_used_at = DEFAULT, use_count = DEFAULT, retention_seconds = DEFAULT"
"""What a record that takes another one's place does not inherit."""
_CHECK_IN_THREAD_BYTES = 256 * 1024
_COUNTED_ROWS = 100_000  # counting more takes longer than telling statistics should


class DurableTier:
    """Records in one table: RESULTS or PARTS."""

    name = "durable"

    def __init__(
        self,
        database: Postgres,
        table: str,
        on_corrupt: Callable[[str], None] = lambda _tier: None,
        limit_bytes: int = 0,
    ) -> None:
        self._database = database
        self._limit_bytes = limit_bytes
        self._on_corrupt = on_corrupt
        self._table = table
        self._select = f"SELECT {_COLUMNS} FROM {table} WHERE key = ANY(%s) AND expires_at > now()"  # noqa: S608 - constants
        self._delete = f"DELETE FROM {table} WHERE key = %s"  # noqa: S608 - constants
        self._usage = (
            f"SELECT CASE WHEN reltuples > {_COUNTED_ROWS} THEN reltuples::bigint"  # noqa: S608 - constants
            f" ELSE (SELECT count(*) FROM {table}) END AS entries, pg_total_relation_size(oid) AS size_bytes"
            " FROM pg_class WHERE oid = %s::regclass"
        )
        assignments = ", ".join(f"{name} = excluded.{name}" for name in list(_TYPES)[1:])
        self._insert = (
            f"INSERT INTO {table} ({_COLUMNS}) SELECT * FROM unnest({_ARRAYS})"  # noqa: S608 - constants
            f" ON CONFLICT (key) DO UPDATE SET {assignments}, {_ANEW}"
        )
        self._insert_if_absent = (
            f"{self._insert} WHERE {table}.failure IS NOT NULL OR {table}.expires_at <= now()"
            f" OR {table}.generation < %s RETURNING key"
        )

    @property
    def available(self) -> bool:
        """Whether PostgreSQL answered when it was last asked."""
        return self._database.breaker.available

    async def get(self, key: bytes) -> Record | None:
        """Return the record under a key; a damaged one is removed."""
        return (await self.get_many([key])).get(key)

    async def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the records that there are under these keys, by one statement."""
        if not keys:
            return {}
        rows = await self._database.fetch(self._select, list(keys))
        found = {}
        for row in rows:
            record = await self._checked(row)
            if record is not None:
                found[record.key] = record
        return found

    async def put(self, record: Record) -> None:
        """Keep a record."""
        await self.put_many([record])

    async def put_many(self, records: Iterable[Record]) -> None:
        """Keep many records by one statement, in key order so that two writers never deadlock."""
        kept = {record.key: record for record in records}
        if kept:
            await self._database.fetch(self._insert, *_arrays([kept[key] for key in sorted(kept)]))

    async def put_if_absent(self, transaction: Transaction, record: Record, bar: int = 0) -> Record:
        """Keep a result in a running transaction unless another of that generation stands; return what stands.

        A failure that stands gives way.
        """
        if await transaction.fetch(self._insert_if_absent, *_arrays([record]), bar):
            return record
        standing = await self.standing_in(transaction, record.key, bar)
        if standing is None:  # what stood was damaged, and has been removed
            await transaction.fetch(self._insert, *_arrays([record]))
        return standing or record

    async def standing_in(self, transaction: Transaction, key: bytes, bar: int = 0) -> Record | None:
        """Return the result of that generation that stands, as a running transaction sees it."""
        rows = await transaction.fetch(self._select, [key])
        standing = await self._checked(rows[0]) if rows else None
        return None if standing is None or standing.failed or standing.generation < bar else standing

    async def absence(self, key: bytes) -> str:
        """Return why there is no result under a key: "in_progress", why it went ("expired", …), or "never_seen"."""
        row = await self._database.fetch_one(
            "SELECT EXISTS (SELECT 1 FROM leases WHERE job_key = %s AND expires_at > now()) AS running,"
            " EXISTS (SELECT 1 FROM analysis_results WHERE key = %s AND expires_at <= now()) AS expired,"
            " (SELECT gone_reason FROM analysis_jobs WHERE key = %s) AS gone_reason",
            key,
            key,
            key,
        )
        if row is None:
            return "never_seen"
        if row["running"]:
            return "in_progress"
        return "expired" if row["expired"] else row["gone_reason"] or "never_seen"

    async def remove(self, key: bytes) -> None:
        """Remove the record under a key."""
        await self._database.fetch(self._delete, key)

    async def remove_damaged(self, key: bytes, created_at: float) -> None:
        """Remove the very record that was read: a good one may have come in its place."""
        await self._database.fetch(
            f"WITH gone AS ({self._delete} AND created_at = %s RETURNING key)"  # noqa: S608 - constants
            " UPDATE analysis_jobs SET gone_reason = 'corrupt', gone_at = now()"
            " FROM gone WHERE analysis_jobs.key = gone.key",
            key,
            _time(created_at),
        )

    async def usage(self) -> Usage:
        """Return what the table holds: its size on disk, its rows counted if few, else by the planner's estimate."""
        row = await self._database.fetch_one(self._usage, self._table)
        return Usage() if row is None else Usage(row["entries"], row["size_bytes"], self._limit_bytes)

    async def _checked(self, row: Row) -> Record | None:
        try:
            record = _record(row)
            if isinstance(record.outcome, Payload):
                if len(record.outcome.data) > _CHECK_IN_THREAD_BYTES:
                    await asyncio.to_thread(check_payload, record.outcome)
                else:
                    check_payload(record.outcome)
        except CorruptRecordError as error:
            key = bytes(row["key"])
            log.warning("corrupt record removed", tier=self.name, job_id=job_id_of(key), error=str(error))
            self._on_corrupt(self.name)
            await self.remove_damaged(key, row["created_at"].timestamp())
            return None
        return record


def _arrays(records: Sequence[Record]) -> list[list[object]]:
    """Return records as one list a column."""
    return [list(column) for column in zip(*map(_values, records), strict=True)]


def _values(record: Record) -> tuple[object, ...]:
    outcome, scope = record.outcome, record.scope
    rest = (
        record.compute_cost_ms,
        _time(record.created_at),
        _time(record.expires_at),
        record.generation,
        scope.namespace,
        scope.pipeline.name,
        scope.pipeline.version,
        scope.blob_sha256,
    )
    if isinstance(outcome, Failure):
        return (record.key, None, None, None, None, None, None, json_value(failure_json(outcome)), *rest)
    blob = [outcome.blob.sha256.hex(), outcome.blob.size_bytes] if outcome.blob else None
    return (
        record.key,
        outcome.data,
        outcome.encoding,
        outcome.sha256,
        outcome.uncompressed_size_bytes,
        outcome.message_type,
        None if blob is None else json_value(blob),
        None,
        *rest,
    )


def _record(row: Row) -> Record:
    scope = Scope(row["namespace"], Pipeline(row["pipeline"], row["pipeline_version"]), bytes(row["blob_sha256"]))
    rest = (
        row["compute_cost_ms"],
        row["created_at"].timestamp(),
        row["expires_at"].timestamp(),
        row["generation"],
        scope,
    )
    if row["failure"] is not None:
        return Record(bytes(row["key"]), failure_of(row["failure"]), *rest)
    blob = row["payload_blob"]
    payload = Payload(
        bytes(row["payload"]),
        row["encoding"],
        bytes(row["sha256"]),
        row["size_bytes"],
        row["message_type"],
        Blob(bytes.fromhex(blob[0]), blob[1]) if blob else None,
    )
    return Record(bytes(row["key"]), payload, *rest)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
