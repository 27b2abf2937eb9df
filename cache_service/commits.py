"""Commits: under which conditions what was computed stands, and how durably."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cache_service.breaker import NOT_NOW, TierAway
from cache_service.engines.postgres import Postgres, Transaction
from cache_service.entries import Payload, Record
from cache_service.invalidations.coherence import Coherence
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event
from cache_service.journal import Journal
from cache_service.leases.durable import DurableLeases
from cache_service.leases.face import Leases
from cache_service.pending import PendingLog
from cache_service.records import Absent, Records
from cache_service.sample_tables import Rows, SampleTables, seconds_for
from cache_service.tiers.durable import DurableTier
from cache_service.tokens import Token

DURABLE = "durable"
PENDING = "pending"
VOLATILE = "volatile"


@dataclass(frozen=True, slots=True)
class Committed:
    """The record that stands after a commit."""

    record: Record
    durability: str
    superseded: bool


@dataclass(frozen=True, slots=True)
class DurableSide:
    """What a commit needs of PostgreSQL, all in one transaction."""

    database: Postgres
    results: DurableTier
    leases: DurableLeases
    jobs: DurableJobs
    samples: SampleTables

    async def commit(self, token: Token, record: Record, event: Event, *, bar: int, check: bool) -> Record | None:
        """Keep the record unless one stands; return what stands, None where the lease is lost and nothing does."""
        key = token.identity.key
        async with self._transaction(record, bar) as (transaction, rows):
            if check and not await self.leases.holds_in(transaction, key, token.nonce):
                await rows.undo(transaction)
                return await self.results.standing_in(transaction, key, bar)
            standing = await self._keep_in(transaction, record, event, rows, bar)
            await self.leases.release_in(transaction, key)
            return standing

    async def settle(self, record: Record, event: Event, bar: int = 0) -> None:
        """Keep a record that has waited, unless one stands. Doing it twice changes nothing."""
        async with self._transaction(record, bar) as (transaction, rows):
            await self._keep_in(transaction, record, event, rows, bar)

    @asynccontextmanager
    async def _transaction(self, record: Record, bar: int) -> AsyncIterator[tuple[Transaction, Rows]]:
        """Begin with the rows, if the result has such a form: they take longest, and nothing is locked meanwhile."""
        sample = await self.samples.read(record)
        async with self.database.transaction(seconds_for(sample)) as transaction:
            if sample is not None and await self.results.standing_in(transaction, record.key, bar) is not None:
                sample = None
            yield transaction, await self.samples.write_in(transaction, record, sample)

    async def _keep_in(self, transaction: Transaction, record: Record, event: Event, rows: Rows, bar: int) -> Record:
        standing = await self.results.put_if_absent(transaction, record, bar)
        if standing is record:
            await rows.keep(transaction)
            await self.jobs.write_in(transaction, event)
        else:
            await rows.undo(transaction)
        return standing


class Commits:
    """Commits through PostgreSQL where it answers, else into the tiers that are left. The first commit wins."""

    def __init__(
        self,
        records: Records,
        durable: DurableSide | None,
        authorities: dict[str, Leases],
        journal: Journal,
        coherence: Coherence,
        pending: PendingLog | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._records = records
        self._durable = durable
        self._authorities = authorities
        self._journal = journal
        self._coherence = coherence
        self._pending = pending
        self._clock = clock

    async def commit(self, token: Token, record: Record, event: Event) -> Committed | None:
        """Let a record stand; None where the lease is lost and nothing stands."""
        committed = await self._durably(token, record, event)
        if committed == "away":
            committed = await self._volatile(token, record, event)
        if not isinstance(committed, Committed):
            return None
        if committed.durability == DURABLE:
            await self._records.keep([committed.record], durably=False)
        return committed

    async def _durably(self, token: Token, record: Record, event: Event) -> Committed | str | None:
        if self._durable is None:
            return "away"
        own = token.authority == self._durable.leases.authority
        try:
            if not own and not await self._held_elsewhere(token):
                return _as_committed(record, await self._standing(token), VOLATILE)
            standing = await self._durable.commit(token, record, event, bar=self._bar(record), check=own)
        except TierAway:
            return "away"
        if not own:
            await self._release(token)
        return _as_committed(record, standing, DURABLE)

    async def _volatile(self, token: Token, record: Record, event: Event) -> Committed | None:
        standing = await self._standing(token)
        if standing is None and not await self._held_elsewhere(token):
            return None
        waiting = await self._keep_pending(standing or record, event)
        if waiting is not None:
            await self._release(token)
            return _as_committed(record, waiting, PENDING)
        if standing is not None:
            await self._release(token)
            return _as_committed(record, standing, VOLATILE)
        # Kept before the lease ends, so that whoever gets the lease next finds it.
        if await self._records.keep_first(record, self._bar(record)):
            self._journal.note(event)
            await self._release(token)
            return Committed(record, VOLATILE, superseded=False)
        await self._release(token)
        return _as_committed(record, await self._standing(token), VOLATILE)

    async def settle(self, record: Record, event: Event) -> None:
        """Bring a commit that has waited into PostgreSQL, unless it has been invalidated meanwhile."""
        await self._coherence.confirm()
        if self._durable is not None and self._coherence.stands(record):
            await self._durable.settle(record, event, self._bar(record))

    def _bar(self, record: Record) -> int:
        return self._coherence.bar(record.key, record.scope)

    async def _keep_pending(self, record: Record, event: Event) -> Record | None:
        """Let a result wait on the disk for PostgreSQL; return what stands there, None where it cannot wait."""
        if self._pending is None or record.failed:
            return None
        try:
            standing = await self._pending.keep(record, event)
            if not self._coherence.stands(standing):
                await self._pending.remove(event.identity.namespace, record.key)
                standing = await self._pending.keep(record, event)
        except TierAway:
            return None
        # Kept in the other tiers before the lease ends, so that whoever gets the lease next finds it.
        await self._records.keep([standing], durably=False)
        if standing is record:
            self._journal.note(event)
        return standing

    async def _standing(self, token: Token) -> Record | None:
        found = await self._records.find(token.identity.key, token.identity.namespace)
        return None if isinstance(found, Absent) or found.record.failed else found.record

    async def _held_elsewhere(self, token: Token) -> bool:
        """Return whether the token's own authority, if it answers, lets this commit through."""
        authority = self._authorities.get(token.authority)
        if authority is None:
            return True
        try:
            return await authority.holds(token.identity.key, token.nonce)
        except TierAway:
            return True  # nobody can say otherwise; the first commit wins

    async def _release(self, token: Token) -> None:
        authority = self._authorities.get(token.authority)
        if authority is None:
            return
        try:
            await authority.release(token.identity.key, token.nonce)
        except NOT_NOW:
            return  # it ends by itself


def _as_committed(record: Record, standing: Record | None, durability: str) -> Committed | None:
    if standing is None:
        return None
    return Committed(standing, durability, superseded=not _same(standing, record))


def _same(one: Record, other: Record) -> bool:
    if isinstance(one.outcome, Payload) and isinstance(other.outcome, Payload):
        return one.outcome.sha256 == other.outcome.sha256
    return one.outcome == other.outcome
