"""Leases in PostgreSQL, on its clock, checked in the same transaction as the commit."""

import secrets
from collections.abc import Collection

from cache_service.engines.postgres import Postgres, Row, Transaction
from cache_service.entries import Progress
from cache_service.leases.face import LEASE_SECONDS, WAITER_SECONDS, Extended, Granted, Held, Standing

_STANDS = """
SELECT 1 FROM analysis_results
WHERE key = %s AND expires_at > now() AND (failure IS NULL OR NOT %s) AND generation >= %s
"""
# Taken if it is free, past its time, or the owner's already; nothing is returned where somebody else holds it.
_ACQUIRE = """
INSERT INTO leases (job_key, nonce, owner_id, expires_at)
VALUES (%s, %s, %s, now() + make_interval(secs => %s))
ON CONFLICT (job_key) DO UPDATE SET
    nonce = CASE WHEN leases.owner_id = excluded.owner_id THEN leases.nonce ELSE excluded.nonce END,
    stage = CASE WHEN leases.owner_id = excluded.owner_id THEN leases.stage ELSE '' END,
    fraction = CASE WHEN leases.owner_id = excluded.owner_id THEN leases.fraction ELSE 0 END,
    owner_id = excluded.owner_id,
    expires_at = excluded.expires_at
WHERE leases.expires_at <= now() OR leases.owner_id = excluded.owner_id
RETURNING nonce
"""
_HELD = """
SELECT greatest(extract(epoch FROM expires_at - now()), 0)::float8 AS expires_in, owner_id, stage, fraction,
       (SELECT coalesce(sum(w.waiters), 0)::bigint FROM lease_waiters w
        WHERE w.job_key = leases.job_key AND w.expires_at > now()) AS waiters
FROM leases WHERE job_key = %s
"""
_WAIT = """
INSERT INTO lease_waiters (job_key, party, waiters, expires_at)
VALUES (%s, %s, %s, now() + make_interval(secs => %s))
ON CONFLICT (job_key, party) DO UPDATE SET waiters = excluded.waiters, expires_at = excluded.expires_at
"""
_EXTEND = """
INSERT INTO leases (job_key, nonce, owner_id, expires_at, stage, fraction)
SELECT %(key)s, %(nonce)s, %(owner)s, now() + make_interval(secs => %(seconds)s), %(stage)s, %(fraction)s
WHERE EXISTS (SELECT 1 FROM leases WHERE job_key = %(key)s)
   OR NOT EXISTS (SELECT 1 FROM analysis_results
                  WHERE key = %(key)s AND expires_at > now() AND generation >= %(bar)s)
ON CONFLICT (job_key) DO UPDATE SET
    nonce = excluded.nonce, owner_id = excluded.owner_id, expires_at = excluded.expires_at,
    stage = excluded.stage, fraction = excluded.fraction
WHERE leases.nonce = excluded.nonce OR leases.expires_at <= now()
RETURNING (SELECT coalesce(sum(w.waiters), 0)::bigint FROM lease_waiters w
           WHERE w.job_key = %(key)s AND w.expires_at > now()) AS waiters
"""


def _held(row: Row) -> Held:
    return Held(row["waiters"], row["expires_in"], Progress(row["stage"], row["fraction"]))


class DurableLeases:
    """Leases as rows."""

    authority = "durable"

    def __init__(self, database: Postgres) -> None:
        self._database = database

    async def acquire(self, key: bytes, owner_id: str, *, again: bool, bar: int = 0) -> Granted | Held | Standing:
        """Take the lease unless a result stands or another owner has it."""
        async with self._database.transaction() as transaction:
            # Most who ask find it held: they read, and lock nothing.
            held = await transaction.fetch_one(_HELD, key)
            if held is not None and held["expires_in"] > 0 and held["owner_id"] != owner_id:
                return _held(held)
            # The lease is locked before the results are read: a commit ends its lease in the same transaction as it
            # writes its result, so that whoever gets the lease after it also sees the result.
            row = await transaction.fetch_one(_ACQUIRE, key, secrets.token_bytes(16), owner_id, LEASE_SECONDS)
            if row is None:
                held = await transaction.fetch_one(_HELD, key)
                return Held(0, 0.0, Progress()) if held is None else _held(held)
            if await transaction.fetch_one(_STANDS, key, again, bar):
                await transaction.fetch("DELETE FROM leases WHERE job_key = %s", key)
                return Standing()
            return Granted(bytes(row["nonce"]))

    async def wait(self, key: bytes, party: str, count: int) -> None:
        """Count a party as waiting."""
        await self._database.fetch(_WAIT, key, party, count, WAITER_SECONDS)

    async def leave(self, key: bytes, party: str) -> None:
        """Count the party no longer, nor any whose time is past."""
        await self._database.fetch(
            "DELETE FROM lease_waiters WHERE job_key = %s AND (party = %s OR expires_at <= now())", key, party
        )

    async def extend(
        self, key: bytes, owner_id: str, nonce: bytes, progress: Progress, bar: int = 0
    ) -> Extended | None:
        """Let the lease last on."""
        async with self._database.transaction() as transaction:
            rows = await transaction.fetch_named(
                _EXTEND,
                key=key,
                nonce=nonce,
                owner=owner_id,
                seconds=LEASE_SECONDS,
                stage=progress.stage,
                fraction=progress.fraction,
                bar=bar,
            )
        return Extended(rows[0]["waiters"]) if rows else None

    async def holds(self, key: bytes, nonce: bytes) -> bool:
        """Return whether the nonce's lease stands, or nobody's does."""
        async with self._database.transaction() as transaction:
            return await self.holds_in(transaction, key, nonce)

    async def holds_in(self, transaction: Transaction, key: bytes, nonce: bytes) -> bool:
        """Return the same in a running transaction, which keeps it so until its end.

        Where nobody holds the lease it is taken for this nonce, so that two late commits meet on one row.
        """
        row = await transaction.fetch_one(_ACQUIRE, key, nonce, f"commit-{nonce.hex()}", LEASE_SECONDS)
        if row is not None:
            return True
        held = await transaction.fetch_one("SELECT nonce FROM leases WHERE job_key = %s FOR UPDATE", key)
        return held is None or bytes(held["nonce"]) == nonce

    async def release(self, key: bytes, nonce: bytes) -> None:
        """End the lease, if it is this nonce's."""
        await self._database.fetch("DELETE FROM leases WHERE job_key = %s AND nonce = %s", key, nonce)

    async def release_in(self, transaction: Transaction, key: bytes) -> None:
        """End the lease in a running transaction that knows whose it is."""
        await transaction.fetch("DELETE FROM leases WHERE job_key = %s", key)

    async def void(self, keys: Collection[bytes]) -> int:
        """End whoever's leases of these keys; return how many there were."""
        rows = await self._database.fetch(
            "DELETE FROM leases WHERE job_key = ANY(%s) AND expires_at > now() RETURNING job_key", list(keys)
        )
        return len(rows)

    async def progress(self, key: bytes) -> Progress | None:
        """Return how far the holder of the lease has come."""
        row = await self._database.fetch_one(
            "SELECT stage, fraction FROM leases WHERE job_key = %s AND expires_at > now()", key
        )
        return None if row is None else Progress(row["stage"], row["fraction"])

    async def running(self) -> int:
        """Return how many leases stand."""
        row = await self._database.fetch_one("SELECT count(*) AS count FROM leases WHERE expires_at > now()")
        return 0 if row is None else int(row["count"])
