"""Forgetting: invalidations and erasures, in every tier and on every replica.

First the log, in every place that answers: from then on no replica that has confirmed it serves what is meant. Then the
time within which every replica confirms it. Then the removal itself, which may take longer, and is finished later
where a tier is away.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from cache_service.blobs import BlobStore
from cache_service.breaker import NOT_NOW
from cache_service.invalidations.coherence import CONFIRMED_SECONDS, Coherence
from cache_service.invalidations.durable import DurableLog
from cache_service.invalidations.face import Invalidation, Log, Selector
from cache_service.jobs.face import JobBook
from cache_service.journal import Journal
from cache_service.keys import Blob, Pipeline
from cache_service.manifests.face import ManifestChain
from cache_service.pending import PendingLog
from cache_service.reservations import Reservations
from cache_service.sweep import DurableSweep, Removed
from cache_service.tiers.hot import HotTier
from rpc.errors import Unavailable
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

_SLICE = 5000
_FINISH_SECONDS = 1.0
_SETTLED_SECONDS = 60.0
"""By then whoever had read before an invalidation has written what it read: what is removed now stays removed."""

_LOG_SECONDS = 3600.0
"""How much longer than Valkey keeps a record an entry is kept."""

_AWAY = {
    "durable": "PostgreSQL does not answer: what it holds is not served, and is removed when it is back.",
    "hot": "Valkey does not answer: what it holds is not served, and is removed when it is back.",
    "blobs": "The blob store does not answer: what it holds of this is removed when it is back.",
}
_BACKUPS = "Backups of the database and of the blob store, and what callers have kept, are out of reach."
_EVICTED = "Without a database the manifests of parts are in Valkey only, which may have evicted them."


@dataclass
class Forgotten:
    """What was removed, and what could not be reached just now."""

    results: int = 0
    parts: int = 0
    submissions: int = 0
    blobs: int = 0
    leases: int = 0
    away: set[str] = field(default_factory=set)
    without_database: bool = False

    @property
    def pending(self) -> bool:
        """Whether a tier is away, so that the rest follows later."""
        return bool(self.away)

    @property
    def nothing(self) -> bool:
        """Whether nothing was there, as far as can be told."""
        return not (self.results or self.parts or self.submissions or self.blobs or self.leases or self.away)

    @property
    def unreached(self) -> list[str]:
        """What could not be reached, as sentences for people."""
        said = [_AWAY[name] for name in sorted(self.away)]
        return [*said, *([_EVICTED] if self.without_database else []), _BACKUPS]


@dataclass(frozen=True)
class Sweeps:
    """The places that are removed from."""

    results: DurableSweep | None
    parts: DurableSweep | None
    hot: HotTier | None
    blobs: BlobStore
    pending: PendingLog | None = None


class Forgetting:
    """Invalidates, erases, and finishes what was begun. `logs` are all places of the log, `durable` one of them."""

    def __init__(
        self,
        *,
        coherence: Coherence,
        durable: DurableLog | None,
        logs: Sequence[Log],
        manifests: ManifestChain,
        sweeps: Sweeps,
        reservations: Reservations,
        book: JobBook,
        journal: Journal,
        hot_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._coherence = coherence
        self._logs = logs
        self._lasting = {place.name for place in logs if place.name != "hot"}
        self._durable = durable
        self._manifests = manifests
        self._sweeps = sweeps
        self._reservations = reservations
        self._book = book
        self._journal = journal
        self._keep_seconds = hot_seconds + _LOG_SECONDS
        self._book_place = "durable" if self._durable is not None else "hot"
        self._pending: dict[str, Invalidation] = {}
        self._clock = clock

    async def invalidate(self, selector: Selector, note: str) -> Forgotten:
        """Forget results and parts; blobs and submissions stay.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE: no place took it down.
        """
        selectors = [selector]
        if selector.pipeline:
            parts = await self._manifests.part_pipelines(selector)
            selectors += [_of_pipeline(selector.namespace, pipeline) for pipeline in sorted(parts, key=str)]
        return await self._forget(selectors, note, erases=False)

    async def erase(self, namespace: str, blob_sha256: bytes, note: str) -> Forgotten:
        """Forget a blob and all that follows from it, with the names and metadata that came with it.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE: no place took it down.
        """
        return await self._forget([Selector(namespace, blob_sha256=blob_sha256)], note, erases=True)

    async def run(self) -> None:
        """Finish what was begun, until cancelled."""
        while True:
            await asyncio.sleep(_FINISH_SECONDS)
            try:
                await self._finish()
            except NOT_NOW:
                continue  # at the next turn
            except Exception:
                log.exception("an invalidation could not be finished")

    # -- one after the other -------------------------------------------------------------------------------------

    async def _forget(self, selectors: Sequence[Selector], note: str, *, erases: bool) -> Forgotten:
        forgotten = Forgotten(without_database=self._durable is None and self._sweeps.hot is not None)
        entries = [await self._write_down(selector, note, forgotten, erases=erases) for selector in selectors]
        self._coherence.learn(entries)
        await asyncio.sleep(CONFIRMED_SECONDS)
        try:
            await self._journal.flush()
        except NOT_NOW:
            forgotten.away.add(self._book_place)
        for entry in entries:
            await self._sweep(entry, forgotten)
            if forgotten.pending:
                self._pending[entry.id] = entry
        log.info(
            "erased" if erases else "invalidated",
            results=forgotten.results,
            parts=forgotten.parts,
            pending=forgotten.pending,
        )
        return forgotten

    async def _write_down(self, selector: Selector, note: str, forgotten: Forgotten, *, erases: bool) -> Invalidation:
        """Make an entry in the first place that answers, and copy it into the others."""
        await self._coherence.confirm()
        entry: Invalidation | None = None
        for place in self._logs:
            try:
                if entry is None:
                    above = self._coherence.generation
                    entry = await place.make(selector, erases=erases, note=note, above=above)
                else:
                    await place.copy([entry])
            except NOT_NOW:
                forgotten.away.add(place.name)
        if entry is None or forgotten.away >= self._lasting:
            raise Unavailable(
                Reason.DATABASE_UNAVAILABLE,
                "Neither the database nor the journal beside the blobs could be written; try again later.",
            )
        return entry

    async def _sweep(self, entry: Invalidation, forgotten: Forgotten, *, again: bool = False) -> None:
        """Remove what an entry means, wherever a place answers."""
        jobs: Sequence[bytes] = ()
        parts: frozenset[bytes] = frozenset()
        try:
            jobs = await self._book.keys(entry.selector)
        except NOT_NOW:
            forgotten.away.add(self._book_place)
        if entry.selector.by_manifest:
            reached = await self._manifests.parts_of(entry.selector)
            parts = reached.parts
            if not reached.complete:
                forgotten.away.add(self._book_place)
        if not again:
            forgotten.leases += await self._reservations.void(jobs)
        removed = await self._sweep_durable(entry, parts, forgotten)
        await self._sweep_hot(entry, {*jobs, *removed.keys}, parts, forgotten)
        await self._remove_pending(entry, forgotten)
        blobs = removed.blobs
        if entry.erases:
            await self._erase_jobs(entry, forgotten)
            blobs = [Blob(entry.selector.blob_sha256, 0), *blobs]
        await self._remove_blobs(entry, blobs, forgotten)

    async def _sweep_durable(self, entry: Invalidation, parts: Collection[bytes], forgotten: Forgotten) -> Removed:
        results, of_parts = Removed(), Removed()
        if self._sweeps.results is None or self._sweeps.parts is None:
            return results
        try:
            results = await self._sweeps.results.remove_meant(entry)
            if entry.selector.by_manifest:
                of_parts = await self._sweeps.parts.remove_keys(sorted(parts), entry.generation)
            else:
                of_parts = await self._sweeps.parts.remove_meant(entry)
        except NOT_NOW:
            forgotten.away.add("durable")
        forgotten.results += len(results.keys)
        forgotten.parts += len(of_parts.keys)
        return Removed(results.keys + of_parts.keys, results.blobs + of_parts.blobs)

    async def _sweep_hot(
        self, entry: Invalidation, results: Collection[bytes], parts: Collection[bytes], forgotten: Forgotten
    ) -> None:
        hot = self._sweeps.hot
        if hot is None:
            return
        try:
            of_results = await _removed(hot, results, entry.generation)
            of_parts = await _removed(hot, parts, entry.generation)
        except NOT_NOW:
            forgotten.away.add("hot")
            return
        if self._durable is None:
            forgotten.results += of_results
            forgotten.parts += of_parts

    async def _erase_jobs(self, entry: Invalidation, forgotten: Forgotten) -> None:
        namespace, sha256 = entry.selector.namespace, entry.selector.blob_sha256
        await self._journal.drop(namespace, sha256)
        try:
            forgotten.submissions += await self._book.erase(namespace, sha256, entry.made_at + CONFIRMED_SECONDS)
        except NOT_NOW:
            forgotten.away.add(self._book_place)

    async def _remove_pending(self, entry: Invalidation, forgotten: Forgotten) -> None:
        if self._sweeps.pending is None:
            return
        try:
            forgotten.results += await self._sweeps.pending.remove_meant(entry)
        except NOT_NOW:
            forgotten.away.add("blobs")

    async def _remove_blobs(self, entry: Invalidation, blobs: Sequence[Blob], forgotten: Forgotten) -> None:
        """Remove blobs. One that was uploaded since the entry was made has a life of its own, and stays."""
        until = entry.made_at + CONFIRMED_SECONDS
        try:
            for blob in blobs:
                forgotten.blobs += await self._sweeps.blobs.remove(entry.selector.namespace, blob.sha256, until)
        except NOT_NOW:
            forgotten.away.add("blobs")

    # -- finishing -----------------------------------------------------------------------------------------------

    async def _finish(self) -> None:
        """Sweep what is pending, and once more what has settled by now; drop what has been finished long ago."""
        for entry in list(self._pending.values()):
            await self._sweep_again(entry)
        if self._durable is not None:
            while (settled := await self._durable.claim(_SETTLED_SECONDS)) is not None:
                await self._sweep_again(settled)
                if settled.id not in self._pending:
                    await self._manifests.forget(settled.selector, settled.made_at)
                    await self._durable.finish(settled)
        await self._drop_old()

    async def _sweep_again(self, entry: Invalidation) -> None:
        forgotten = Forgotten()
        await self._sweep(entry, forgotten, again=True)
        if forgotten.pending:
            self._pending[entry.id] = entry
        else:
            self._pending.pop(entry.id, None)

    async def _drop_old(self) -> None:
        """Take out of the log what is finished and too old to matter."""
        oldest = self._clock() - self._keep_seconds
        old = [entry for entry in self._coherence.known if entry.made_at < oldest and entry.id not in self._pending]
        if not old:
            return
        if self._durable is not None:
            finished = await self._durable.finished(old)
            old = [entry for entry in old if entry.id in finished]
        for place in self._logs if old else []:
            await place.drop(old)
        self._coherence.forget(old)


async def _removed(hot: HotTier, keys: Collection[bytes], generation: int) -> int:
    listed, count = list(keys), 0
    for start in range(0, len(listed), _SLICE):
        count += await hot.remove_older(listed[start : start + _SLICE], generation)
    return count


def _of_pipeline(namespace: str, pipeline: Pipeline) -> Selector:
    return Selector(namespace, pipeline=pipeline.name, from_version=pipeline.version, to_version=pipeline.version)
