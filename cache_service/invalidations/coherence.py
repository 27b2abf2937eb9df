"""What this process knows of the log, and whether it is fresh enough to answer from memory.

Every place is looked at a few times a second. An answer from any tier needs a place to have confirmed the log within
the last CONFIRMED_SECONDS, Valkey only together with the blob store; who invalidates writes to every place and waits
that long before saying that it is done.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from cache_service.breaker import NOT_NOW
from cache_service.entries import Record, Scope
from cache_service.invalidations.face import Invalidation, Log
from cache_service.keys import job_id_of
from cache_service.manifests.face import ManifestChain
from rpc.logs import get_logger

log = get_logger(__name__)

CONFIRMED_SECONDS = 0.5
"""How old a confirmation may be, counted from before the question was asked."""

_LOOK_SECONDS = 0.2
"""Twice as often as needed, so that a look may come late; what is older is looked for by whoever needs it."""
_PATIENCE_SECONDS = 0.4
_REST_SECONDS = 0.5
_LATE_READER_SECONDS = 5.0
"""No read takes this long: who read before an erasure has put what it read into memory by then."""


class Coherence:
    """The entries of the log by what they mean."""

    def __init__(
        self,
        logs: Sequence[Log],
        stored: Log,
        manifests: ManifestChain,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._logs = logs
        self._stored = stored
        self._manifests = manifests
        self._clock = clock
        self._confirmed_at = self._durable_at = float("-inf")
        self._confirming: asyncio.Task[None] | None = None
        self._known: dict[str, Invalidation] = {}
        self._jobs: dict[str, int] = {}
        self._parts: dict[bytes, int] = {}
        self._blobs: dict[tuple[str, bytes], int] = {}
        self._wide: list[Invalidation] = []
        self._unreached: dict[str, Invalidation] = {}
        self._listeners: list[Callable[[], None]] = []
        self._part_listeners: list[Callable[[], None]] = []
        self.generation = 0

    # -- what is known -------------------------------------------------------------------------------------------

    @property
    def fresh(self) -> bool:
        """Whether the log was confirmed recently enough."""
        return self._clock() - self._confirmed_at < CONFIRMED_SECONDS

    @property
    def known_any(self) -> bool:
        """Whether there are entries at all."""
        return bool(self._known)

    @property
    def known(self) -> list[Invalidation]:
        """All entries, oldest first."""
        return sorted(self._known.values(), key=lambda entry: entry.generation)

    @property
    def age_seconds(self) -> float:
        """How long ago the log was confirmed."""
        return self._clock() - self._confirmed_at

    def bar(self, key: bytes, scope: Scope) -> int:
        """Return the generation that a job's record must have at least."""
        if not self._known:
            return 0
        bar = self._blobs.get((scope.namespace, scope.blob_sha256), 0)
        if self._jobs:
            bar = max(bar, self._jobs.get(job_id_of(key), 0))
        for entry in self._wide:
            if entry.generation > bar and entry.selector.means(key, scope):
                bar = entry.generation
        return bar

    def part_bar(self, key: bytes, scope: Scope) -> int:
        """Return the generation that a part must have at least.

        While the parts of a blob or job are not known, since no manifest could be read, all parts of the namespace are
        taken for them.
        """
        if not self._known:
            return 0
        bar = max(self._parts.get(key, 0), self.bar(key, scope))
        for entry in self._unreached.values():
            if entry.selector.namespace == scope.namespace:
                bar = max(bar, entry.generation)
        return bar

    def stands(self, record: Record) -> bool:
        """Return whether no invalidation means a job's record."""
        return not self._known or record.generation >= self.bar(record.key, record.scope)

    def part_stands(self, record: Record) -> bool:
        """Return whether no invalidation means a part."""
        return not self._known or record.generation >= self.part_bar(record.key, record.scope)

    def invalidated(self, key: bytes, scope: Scope) -> Invalidation | None:
        """Return the newest invalidation, not erasure, that means a job."""
        meant = [entry for entry in self._known.values() if not entry.erases and entry.selector.means(key, scope)]
        return max(meant, key=lambda entry: entry.generation, default=None)

    # -- keeping up ----------------------------------------------------------------------------------------------

    def on_news(self, listener: Callable[[], None]) -> None:
        """Call a listener when more records are known to stand no longer, before anything is answered."""
        self._listeners.append(listener)

    def on_news_of_parts(self, listener: Callable[[], None]) -> None:
        """Call a listener when more parts are known to stand no longer."""
        self._part_listeners.append(listener)

    def learn(self, entries: Iterable[Invalidation]) -> None:
        """Take entries in."""
        new = [entry for entry in entries if entry.id not in self._known]
        for entry in new:
            self._known[entry.id] = entry
            self._index(entry)
        if new:
            _call(self._listeners)
        if any(not entry.selector.by_manifest for entry in new):
            _call(self._part_listeners)

    async def confirm(self) -> bool:
        """Confirm the log now, together with all who want that at this moment; return whether it is fresh."""
        if self.fresh:
            return True
        if self._confirming is None or self._confirming.done():
            self._confirming = asyncio.create_task(self._ask_now())
        await asyncio.shield(self._confirming)
        return self.fresh

    async def start(self) -> None:
        """Learn what every place that answers has."""
        await asyncio.gather(*(self._look(place) for place in (*self._logs, self._stored)))

    async def run(self) -> None:
        """Keep up until cancelled; each cancellation reaches all of it again, since a driver may swallow one."""
        await asyncio.gather(*(self._keep_looking(place) for place in self._logs), self._keep_reaching())

    async def _ask_now(self) -> None:
        """Confirm by the first place that answers; by the blob store only where no other does."""
        asked = [asyncio.create_task(self._look(place)) for place in self._logs]
        try:
            for answer in asyncio.as_completed(asked):
                if await answer:
                    return
        finally:
            for task in asked:
                task.cancel()
        await self._look(self._stored)

    async def _keep_looking(self, place: Log) -> None:
        while True:
            answered = await self._look(place)
            await asyncio.sleep(_LOOK_SECONDS if answered else _REST_SECONDS)
            if answered:
                await self._mirror(place)

    async def _look(self, place: Log) -> bool:
        """Take a place's news in; return whether it answered.

        An invalidation is acknowledged once PostgreSQL or the blob store has it, while Valkey may have refused it: it
        was away, or full. So where PostgreSQL does not answer, Valkey's word counts together with the blob store's.
        """
        asked_at = self._clock()
        if not await self._read(place):
            return False
        if place.name == "durable":
            self._durable_at = max(self._durable_at, asked_at)
        elif asked_at - self._durable_at < CONFIRMED_SECONDS:
            return True
        elif place is not self._stored:
            await self._read(self._stored)  # where it does not answer either, nobody could add to it
        self._confirmed_at = max(self._confirmed_at, asked_at)
        return True

    async def _read(self, place: Log) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self.learn(await place.news())
        except (*NOT_NOW, TimeoutError):
            return False
        except Exception as error:
            log.error("a log of invalidations cannot be read", place=place.name, error=type(error).__name__)  # noqa: TRY400 - it may come a few times a second
            return False
        return True

    async def _mirror(self, place: Log) -> None:
        """Bring into a place what it does not have: it was away, or has lost it."""
        missing = [entry for entry in self.known if entry.id not in place.held]
        if missing:
            try:
                await place.copy(missing)
            except NOT_NOW:
                return  # it is tried again at the next look
            except Exception as error:
                log.error("a log of invalidations cannot be written", place=place.name, error=type(error).__name__)  # noqa: TRY400 - as above

    # -- parts ---------------------------------------------------------------------------------------------------

    async def reach_parts(self) -> None:
        """Find the parts of the entries whose manifests could not be read yet."""
        for entry in list(self._unreached.values()):
            reached = await self._manifests.parts_of(entry.selector)
            self._note_parts(entry, reached.parts)
            if reached.complete:
                self._unreached.pop(entry.id, None)
                _call(self._part_listeners)

    async def _keep_reaching(self) -> None:
        while True:
            try:
                await self.reach_parts()
            except Exception as error:
                log.error("the parts of an invalidation cannot be found", error=type(error).__name__)  # noqa: TRY400 - as above
            await asyncio.sleep(_LOOK_SECONDS if not self._unreached else _REST_SECONDS)

    def _note_parts(self, entry: Invalidation, parts: Iterable[bytes]) -> None:
        for key in parts:
            self._parts[key] = max(entry.generation, self._parts.get(key, 0))

    # -- bookkeeping ---------------------------------------------------------------------------------------------

    def forget(self, entries: Iterable[Invalidation]) -> None:
        """Know entries no longer: nothing that they mean is left anywhere."""
        for entry in entries:
            self._known.pop(entry.id, None)
            self._unreached.pop(entry.id, None)
        generations = {entry.generation for entry in self._known.values()}
        self._parts = {key: bar for key, bar in self._parts.items() if bar in generations}
        self._jobs, self._blobs, self._wide = {}, {}, []
        for entry in self.known:
            self._index(entry, fresh=False)

    def _index(self, entry: Invalidation, *, fresh: bool = True) -> None:
        selector = entry.selector
        self.generation = max(self.generation, entry.generation)
        if selector.job_id:
            self._jobs[selector.job_id] = max(entry.generation, self._jobs.get(selector.job_id, 0))
        elif selector.blob_sha256:
            blob = (selector.namespace, selector.blob_sha256)
            self._blobs[blob] = max(entry.generation, self._blobs.get(blob, 0))
        else:
            self._wide.append(entry)
        if fresh and selector.by_manifest:
            self._unreached[entry.id] = entry


def clearing(clear: Callable[[Callable[[Record], bool]], None], stands: Callable[[Record], bool]) -> Callable[[], None]:
    """Return a listener that clears a memory of what stands no longer, now and once more when late readers are done."""

    def remove() -> None:
        clear(lambda record: not stands(record))

    def on_news() -> None:
        remove()
        asyncio.get_running_loop().call_later(_LATE_READER_SECONDS, remove)

    return on_news


def _call(listeners: Iterable[Callable[[], None]]) -> None:
    for listener in listeners:
        listener()


class View:
    """The log as it concerns one kind of record."""

    def __init__(self, coherence: Coherence, stands: Callable[[Record], bool]) -> None:
        self._coherence = coherence
        self.stands = stands

    @property
    def fresh(self) -> bool:
        """Whether the log was confirmed recently enough."""
        return self._coherence.fresh

    def standing(self, records: dict[bytes, Record]) -> dict[bytes, Record]:
        """Return those of the records, by their keys, that no invalidation means."""
        if not self._coherence.known_any:
            return records
        return {key: record for key, record in records.items() if self.stands(record)}

    async def confirm(self) -> bool:
        """Confirm the log; return whether that was possible."""
        return await self._coherence.confirm()
