"""What each namespace has had of this process's answers: all of GetStats that its admins may see."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from assaycache.cache.v1 import cache_service_pb2 as pb
from cache_service.entries import Record
from cache_service.records import Found
from cache_service.service.messages import MISSES, TIERS, duration

_MOST_NAMESPACES = 10_000
"""Beyond it the one counted first is forgotten; only services name namespaces, so nobody gets there by asking."""


@dataclass
class Share:
    """One namespace's hits by tier, misses by reason, and the time that its hits saved."""

    hits: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)
    compute_saved_ms: float = 0.0


class Shares:
    """The shares of all namespaces."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}

    def of(self, namespace: str) -> Share:
        """Return a namespace's share."""
        share = self._shares.get(namespace)
        if share is None:
            if len(self._shares) >= _MOST_NAMESPACES:
                del self._shares[next(iter(self._shares))]
            share = self._shares[namespace] = Share()
        return share

    def hit(self, namespace: str, found: Found) -> None:
        """Count an answer."""
        share = self.of(namespace)
        share.hits[found.tier] += 1
        share.compute_saved_ms += 0.0 if found.record.failed else found.record.compute_cost_ms

    def hits(self, namespace: str, tier: str, records: Collection[Record]) -> None:
        """Count the answers of a batch, which are results."""
        share = self.of(namespace)
        share.hits[tier] += len(records)
        share.compute_saved_ms += sum([record.compute_cost_ms for record in records])

    def miss(self, namespace: str, reason: str, count: int = 1) -> None:
        """Count what was not answered."""
        if count:
            self.of(namespace).misses[reason] += count


def narrowed(full: pb.GetStatsResponse, share: Share, running: int) -> pb.GetStatsResponse:
    """Return of the statistics what one namespace may see: nothing is taken over that is not its own."""
    names = {number: name for name, number in TIERS.items()}
    own = pb.GetStatsResponse(
        blobs=full.blobs,
        blob_size_bytes=full.blob_size_bytes,
        jobs=full.jobs,
        running=running,
        queued=full.queued,
        compute_saved=duration(share.compute_saved_ms / 1000),
        hits_total=sum(share.hits.values()),
    )
    for tier in full.tiers:
        hits = share.hits[names[tier.tier]]
        own.tiers.add(tier=tier.tier, configured=tier.configured, available=tier.available, hits=hits)
    for reason, count in sorted(share.misses.items()):
        own.misses.add(reason=MISSES[reason], count=count)
    return own
