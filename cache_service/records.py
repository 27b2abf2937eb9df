"""Records over all tiers: read from the fastest that has it and promote upward; write the most durable first.

A result is immutable, so any tier may be believed. A remembered failure gives way to a result, so it is believed only
from the slowest tier that answers, and memory, which no other replica can reach, holds none unless it is all there is.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cache_service.blobs import BlobStore
from cache_service.breaker import NOT_NOW, TierAway
from cache_service.entries import Payload, Record
from cache_service.invalidations.coherence import View
from cache_service.keys import job_id_of
from cache_service.pending import PENDING, PendingLog
from cache_service.tiers.durable import DurableTier
from cache_service.tiers.face import FastTier, Tier
from cache_service.tiers.memory import MemoryTier
from rpc.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A record and the tier that had it."""

    record: Record
    tier: str


FoundByTier = dict[str, dict[bytes, Record]]
"""Records by key, by the name of the tier that had them."""


@dataclass(frozen=True, slots=True)
class Absent:
    """No record. `tier_away` says that a tier which may have it did not answer."""

    tier_away: bool


class Records:
    """The tiers, fastest first. A tier that is away is passed over."""

    def __init__(
        self,
        memory: MemoryTier,
        hot: FastTier | None,
        durable: DurableTier | None,
        view: View,
        pending: PendingLog | None = None,
        blobs: BlobStore | None = None,
    ) -> None:
        self.memory = memory
        self.hot = hot
        self.durable = durable
        self._view = view
        self._pending = pending
        self._blobs = blobs
        self._slower: list[Tier] = [tier for tier in (hot, durable) if tier is not None]

    @property
    def tiers(self) -> list[Tier]:
        """All tiers that are configured, fastest first."""
        return [self.memory, *self._slower]

    async def find(self, key: bytes, namespace: str = "") -> Found | Absent:
        """Return the record under a key; with a namespace also one that still waits for PostgreSQL.

        A result whose payload is a blob that has vanished is removed, so that it is computed again.
        """
        if not self._view.fresh and not await self._view.confirm():
            return Absent(tier_away=True)
        record = self.memory.peek(key)
        found = Found(record, self.memory.name) if record is not None and self._view.stands(record) else None
        away = False
        if found is None:
            slower, away = await self._find_slower([key])
            found = _first(slower, key) or await self._find_pending(key, namespace, away=away)
        if found is None or (namespace and not await self._is_whole(found.record, namespace)):
            return Absent(away)
        return found

    async def find_many(self, keys: Sequence[bytes]) -> FoundByTier:
        """Return the records that there are, by one round trip a tier."""
        if not self._view.fresh and not await self._view.confirm():
            return {}
        found = self._view.standing(await self.memory.get_many(keys))
        if len(found) == len(keys):
            return {self.memory.name: found}
        slower, _ = await self._find_slower([key for key in keys if key not in found])
        return {self.memory.name: found, **slower}

    async def keep(self, records: Sequence[Record], *, durably: bool) -> bool:
        """Write records into the tiers; return whether the durable one took them.

        `durably` False leaves the durable tier out, whose part the caller has done already.
        """
        kept = False
        if durably and self.durable is not None:
            kept = await _try_put(self.durable, records)
        if self.hot is not None:
            await _try_put(self.hot, records)
        await self.memory.put_many(self._for_memory(records))
        return kept

    async def keep_first(self, record: Record, bar: int) -> bool:
        """Keep a record, outside the durable tier, unless a result stands; return whether it was kept."""
        if self.hot is not None:
            try:
                if not await self.hot.put_if_absent(record, bar):
                    return False
            except TierAway:
                log.debug("valkey is away: memory is all there is")
        standing = self.memory.peek(record.key)
        if standing is not None and not standing.failed and standing.generation >= bar:
            return False
        await self.memory.put_many(self._for_memory([record]))
        return True

    async def stands(self, key: bytes, bar: int, *, failures: bool) -> bool:
        """Return whether a result of a generation, or a failure if that counts, is in a tier that answers."""
        found = await self.find(key)
        return isinstance(found, Found) and found.record.generation >= bar and (failures or not found.record.failed)

    async def _find_slower(self, keys: Sequence[bytes]) -> tuple[FoundByTier, bool]:
        """Return what the tiers behind memory have, and whether one of them did not answer."""
        found: FoundByTier = {}
        wanted = keys
        away = False
        for tier in self._slower:
            if not wanted:
                break
            try:
                records = self._view.standing(await tier.get_many(wanted))
            except NOT_NOW:
                away = True
                continue
            for faster in found.values():
                for key in faster.keys() & set(wanted):
                    del faster[key]  # a failure: this slower tier knows it too, or it is no longer believed
            found[tier.name] = records
            wanted = [key for key in wanted if (record := records.get(key)) is None or record.failed]
        await self._promote(found)
        return found, away

    async def _find_pending(self, key: bytes, namespace: str, *, away: bool) -> Found | None:
        pending = self._pending
        if pending is None or not namespace or not (away or pending.maybe):
            return None
        pending.maybe = True
        try:
            record = await pending.find(namespace, key)
        except TierAway:
            return None
        if record is None or not self._view.stands(record):
            return None
        await self._promote({PENDING: {key: record}})
        return Found(record, PENDING)

    async def _is_whole(self, record: Record, namespace: str) -> bool:
        """Return whether a record's payload is there; if it was a blob and is gone, the record goes too."""
        blob = record.outcome.blob if isinstance(record.outcome, Payload) else None
        if blob is None or self._blobs is None:
            return True
        try:
            if await self._blobs.has(namespace, blob):
                return True
        except TierAway:
            return True  # nobody can tell; whoever fetches it will be told
        log.warning("a result's payload has vanished; the result is removed", job_id=job_id_of(record.key))
        await self._forget(record, namespace)
        return False

    async def _forget(self, record: Record, namespace: str) -> None:
        """Remove this very record from all tiers that answer; a better one may have come in its place."""
        if self.durable is not None:
            with contextlib.suppress(*NOT_NOW):
                await self.durable.remove_damaged(record.key, record.created_at)
        if self._pending is not None:
            with contextlib.suppress(TierAway):
                await self._pending.remove(namespace, record.key)
        for tier in (self.hot, self.memory):
            if tier is not None:
                with contextlib.suppress(*NOT_NOW):
                    await tier.remove(record.key)

    async def _promote(self, found: FoundByTier) -> None:
        if self.hot is not None:
            from_slower = [record for tier, of in found.items() if tier != self.hot.name for record in of.values()]
            if from_slower:
                with contextlib.suppress(*NOT_NOW):  # then it is promoted next time
                    await self.hot.promote_many(from_slower)
        if self.memory.keeps:
            for records in found.values():
                await self.memory.promote_many(self._for_memory(records.values()))

    def _for_memory(self, records: Iterable[Record]) -> list[Record]:
        return [record for record in records if not record.failed or not self._slower]


def _first(found: FoundByTier, key: bytes) -> Found | None:
    for tier, records in found.items():
        if key in records:
            return Found(records[key], tier)
    return None


async def _try_put(tier: Tier, records: Sequence[Record]) -> bool:
    try:
        await tier.put_many(records)
    except NOT_NOW:
        return False
    return True
