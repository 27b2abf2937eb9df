"""The log in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cache_service.engines.postgres import Postgres, Row, Transaction, json_value
from cache_service.invalidations.face import (
    Invalidation,
    Selector,
    new_invalidation,
    next_generation,
    selector_json,
    selector_of,
)

LOCK_NUMBER = 7_214_530_113
"""Held exclusively by who adds to the log, shared by who writes a manifest, each to the end of its transaction."""

_COLUMNS = "position, id, generation, selector, erases, note, made_at"
_ADD = """
INSERT INTO invalidations (id, generation, namespace, selector, erases, note, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING
"""
_CLAIM = f"""
UPDATE invalidations SET claimed_until = now() + interval '60 seconds'
WHERE id = (
    SELECT id FROM invalidations
    WHERE finished_at IS NULL AND claimed_until < now() AND made_at < now() - make_interval(secs => %s)
    ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {_COLUMNS}
"""  # noqa: S608 - constants


class DurableLog:
    """Entries as rows, in the order in which they became visible."""

    name = "durable"

    def __init__(self, database: Postgres) -> None:
        self._database = database
        self._position = 0
        self.held: set[str] = set()

    async def make(self, selector: Selector, *, erases: bool, note: str, above: int) -> Invalidation:
        """Add an entry with the next generation."""
        async with self._database.transaction() as transaction:
            await transaction.fetch("SELECT pg_advisory_xact_lock(%s)", LOCK_NUMBER)
            row = await transaction.fetch_one("SELECT coalesce(max(generation), 0) AS last FROM invalidations")
            last = max(above, 0 if row is None else row["last"])
            entry = new_invalidation(selector, next_generation(last), erases=erases, note=note)
            await transaction.fetch(_ADD, *_values(entry))
        self.held.add(entry.id)
        return entry

    async def copy(self, entries: Sequence[Invalidation]) -> None:
        """Add entries that were made elsewhere."""
        async with self._database.transaction() as transaction:
            await transaction.fetch("SELECT pg_advisory_xact_lock(%s)", LOCK_NUMBER)
            await transaction.run_many(_ADD, [_values(entry) for entry in entries])
        self.held.update(entry.id for entry in entries)

    async def news(self) -> list[Invalidation]:
        """Return what has been added since this was asked last."""
        async with self._database.transaction(of_one_statement=True) as transaction:
            entries = await self.after(transaction, self._position)
        if entries:
            self._position = entries[-1][0]
        self.held.update(entry.id for _, entry in entries)
        return [entry for _, entry in entries]

    async def unseen(self, transaction: Transaction) -> list[Invalidation]:
        """Keep the log as it is to the end of a transaction; return what `news` has not yet told."""
        await transaction.fetch("SELECT pg_advisory_xact_lock_shared(%s)", LOCK_NUMBER)
        return [entry for _, entry in await self.after(transaction, self._position)]

    async def after(self, transaction: Transaction, position: int) -> list[tuple[int, Invalidation]]:
        """Return the entries behind a position."""
        rows = await transaction.fetch(
            f"SELECT {_COLUMNS} FROM invalidations WHERE position > %s ORDER BY position",  # noqa: S608 - constants
            position,
        )
        return [(row["position"], _entry(row)) for row in rows]

    async def drop(self, entries: Sequence[Invalidation]) -> None:
        """Remove entries."""
        ids = [entry.id for entry in entries]
        await self._database.fetch("DELETE FROM invalidations WHERE id = ANY(%s::uuid[])", ids)
        self.held.difference_update(ids)

    async def finished(self, entries: Sequence[Invalidation]) -> set[str]:
        """Return the ids of those of the entries that are finished."""
        ids = [entry.id for entry in entries]
        rows = await self._database.fetch(
            "SELECT id FROM invalidations WHERE id = ANY(%s::uuid[]) AND finished_at IS NULL", ids
        )
        return set(ids) - {str(row["id"]) for row in rows}

    async def claim(self, older_than_seconds: float) -> Invalidation | None:
        """Take an entry that is to be finished; another replica gets it no sooner than a minute later."""
        row = await self._database.fetch_one(_CLAIM, older_than_seconds)
        return None if row is None else _entry(row)

    async def finish(self, entry: Invalidation) -> None:
        """Note that all that an entry means is gone from every tier."""
        await self._database.fetch("UPDATE invalidations SET finished_at = now() WHERE id = %s", entry.id)


def _values(entry: Invalidation) -> tuple[object, ...]:
    return (
        entry.id,
        entry.generation,
        entry.selector.namespace,
        json_value(selector_json(entry.selector)),
        entry.erases,
        entry.note,
        datetime.fromtimestamp(entry.made_at, UTC),
    )


def _entry(row: Row) -> Invalidation:
    return Invalidation(
        str(row["id"]),
        row["generation"],
        selector_of(row["selector"]),
        row["erases"],
        row["note"],
        row["made_at"].timestamp(),
    )
