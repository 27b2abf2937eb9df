"""Records over all tiers: read from the fastest that has it and promote upward; write the most durable first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cache_service.breaker import TierAway
from cache_service.entries import Record
from cache_service.tiers.durable import DurableTier
from cache_service.tiers.face import Tier
from cache_service.tiers.memory import MemoryTier


@dataclass(frozen=True, slots=True)
class Found:
    """A record and the tier that had it."""

    record: Record
    tier: str


@dataclass(frozen=True, slots=True)
class Absent:
    """No record. `tier_away` says that a tier which may have it did not answer."""

    tier_away: bool


class Records:
    """The tiers, fastest first. A tier that is away is passed over."""

    def __init__(self, memory: MemoryTier, hot: Tier | None, durable: DurableTier | None) -> None:
        self.memory = memory
        self.hot = hot
        self.durable = durable
        self._slower: list[Tier] = [tier for tier in (hot, durable) if tier is not None]

    @property
    def tiers(self) -> list[Tier]:
        """All tiers that are configured, fastest first."""
        return [self.memory, *self._slower]

    async def find(self, key: bytes) -> Found | Absent:
        """Return the record under a key."""
        record = self.memory.peek(key)
        if record is not None:
            return Found(record, self.memory.name)
        away = False
        for depth, tier in enumerate(self._slower):
            try:
                record = await tier.get(key)
            except TierAway:
                away = True
                continue
            if record is not None:
                await self._promote([record], depth)
                return Found(record, tier.name)
        return Absent(away)

    async def find_many(self, keys: Sequence[bytes]) -> dict[bytes, Found]:
        """Return the records that there are, by one round trip a tier."""
        found = {key: Found(record, self.memory.name) for key, record in (await self.memory.get_many(keys)).items()}
        for depth, tier in enumerate(self._slower):
            wanted = [key for key in keys if key not in found]
            if not wanted:
                break
            try:
                records = await tier.get_many(wanted)
            except TierAway:
                continue
            await self._promote(records.values(), depth)
            found.update({key: Found(record, tier.name) for key, record in records.items()})
        return found

    async def keep(self, records: Sequence[Record], *, durably: bool) -> bool:
        """Write records into the tiers; return whether the durable one took them.

        `durably` False leaves the durable tier out, whose part the caller has done already.
        """
        kept = False
        if durably and self.durable is not None:
            kept = await _try_put(self.durable, records)
        if self.hot is not None:
            await _try_put(self.hot, records)
        await self.memory.put_many(records)
        return kept

    async def _promote(self, records: Iterable[Record], depth: int) -> None:
        """Put records into the tiers that are faster than the one of this depth."""
        kept = list(records)
        for tier in reversed(self._slower[:depth]):
            await _try_put(tier, kept)
        await self.memory.put_many(kept)


async def _try_put(tier: Tier, records: Sequence[Record]) -> bool:
    try:
        await tier.put_many(records)
    except TierAway:
        return False
    return True
