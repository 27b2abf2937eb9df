"""Gathering the parts of one plan: from the cache where it has them, from the workers where it has not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from analysis_service.service.cache import Cache
from analysis_service.service.part_columns import Contents, columns_of, write_parts
from analysis_service.service.steps import in_slices
from analysis_service.service.tasks import Computing, Tasks
from analysis_service.workers.pool import Listener, Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.cache.v1.cache_service_pb2 import (
    BatchLookupColumns,
    BatchLookupRequest,
    BatchStoreContext,
    BatchStoreItem,
    BatchStoreItems,
)
from rpc.errors import AssayError
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

LEASE_ENDED = frozenset({Reason.LEASE_LOST, Reason.LEASE_VOIDED})

_LOOKUP_PARTS = 5_000
"""How many parts one look-up asks for: a few hundred kB, so that workers soon have what to do."""

_Running = tuple[Sequence[int], Computing]
"""The indexes of some parts, and the task that computes them."""


@dataclass(frozen=True)
class Ways:
    """What gathering parts goes through."""

    cache: Cache
    tasks: Tasks
    tell: Callable[[Queued | Progress], None]
    count: Callable[[str, int], None]
    """Counts parts by where they came from."""
    check: Callable[[], None]
    """Raises where the work is to stop."""


class Gathering:
    """Writes every part of a plan into a file.

    `wanted` is the plan's request with the lease's token and namespace; `task_of` returns the task that computes the
    parts of some indexes. A cache that is away costs time, never the analysis: what cannot be looked up is computed.
    """

    def __init__(
        self,
        ways: Ways,
        wanted: BatchLookupRequest,
        file: BinaryIO,
        task_of: Callable[[Sequence[int]], Task],
        parts_a_task: int,
    ) -> None:
        self._ways = ways
        self._wanted = wanted
        self._file = file
        self._task_of = task_of
        self._parts_a_task = parts_a_task
        self._contents = Contents(wanted.part_columns)
        self._counts = _Counts(total=len(self._contents))
        self._is_asking = True
        self._is_keeping = True

    def gather(self) -> None:
        """Write every part: those that the cache has, and the others, which workers compute while the cache is still
        asked for the rest.

        Raises:
            AssayError: of a job or of the pool; LEASE_LOST, LEASE_VOIDED.
        """
        with self._cancelling():
            running: list[_Running] = []
            for start in range(0, self._counts.total, _LOOKUP_PARTS):
                self._ways.check()
                running += self._started(self._look_up(start))
            self._finish(running)

    def compute(self, indexes: Sequence[int]) -> None:
        """Compute parts that were gathered before anew.

        Raises:
            AssayError: of a job or of the pool; LEASE_LOST, LEASE_VOIDED.
        """
        self._counts.done -= len(indexes)
        with self._cancelling():
            self._finish(self._started(indexes))

    def _look_up(self, start: int) -> list[int]:
        """Write the parts of one slice that the cache has; return the indexes of those that it has not."""
        end = min(start + _LOOKUP_PARTS, self._counts.total)
        missing = set(range(end - start))
        try:
            for columns in self._found(start, end):
                if missing.issuperset(columns.indexes):
                    missing.difference_update(columns.indexes)
                    write_parts(self._file, start, columns)
        except AssayError as error:
            self._is_asking = False
            self._ways.check()
            tolerate(error, "parts could not be looked up and are computed")
        known = end - start - len(missing)
        self._counts.known += known
        self._counts.done += known
        self._ways.count("cached", known)
        self._ways.tell(self._counts.progress("parts"))
        return [start + index for index in sorted(missing)]

    def _found(self, start: int, end: int) -> Iterable[BatchLookupColumns]:
        """Ask the cache for parts; after it has failed once, it is spared the rest."""
        if not self._is_asking:
            return ()
        asked = BatchLookupRequest(
            namespace=self._wanted.namespace,
            pipeline=self._wanted.pipeline,
            params=self._wanted.params,
            reference=self._wanted.reference if self._wanted.HasField("reference") else None,
            part_columns=self._contents.some(start, end),
            lease_token=self._wanted.lease_token,
            answer_columns=True,
        )
        return self._ways.cache.find_parts(asked)

    def _started(self, indexes: Sequence[int]) -> list[_Running]:
        slices = in_slices(indexes, self._parts_a_task)
        return [(part, self._ways.tasks.start(self._task_of(part), self._listener(part))) for part in slices]

    def _finish(self, running: Iterable[_Running]) -> None:
        for part, ticket in running:
            self._take(part, self._ways.tasks.wait(ticket))

    @contextmanager
    def _cancelling(self) -> Iterator[None]:
        """Stop the tasks that run where one of them, or the cache, ends the work."""
        try:
            yield
        except BaseException:
            self._ways.tasks.cancel_all()
            raise

    def _take(self, indexes: Sequence[int], output: bytes) -> None:
        """Write the parts of one task, and give them to the cache."""
        items = BatchStoreItems.FromString(output).items
        for index, item in zip(indexes, items, strict=True):
            item.part.CopyFrom(self._contents.one(index))
        for columns in columns_of((index, item.payload) for index, item in zip(indexes, items, strict=True)):
            write_parts(self._file, 0, columns)
        self._counts.done += len(items)
        self._counts.running.pop(indexes[0], None)
        self._ways.count("computed", len(items))
        self._ways.tell(self._counts.progress("parts"))
        self._ways.check()
        self._store(items)

    def _store(self, items: Sequence[BatchStoreItem]) -> None:
        """Give parts to the cache; after it has failed once, it is spared the rest."""
        if not self._is_keeping:
            return
        context = BatchStoreContext(
            namespace=self._wanted.namespace,
            pipeline=self._wanted.pipeline,
            params=self._wanted.params,
            reference=self._wanted.reference if self._wanted.HasField("reference") else None,
            lease_token=self._wanted.lease_token,
        )
        try:
            answer = self._ways.cache.store_parts(context, items)
        except AssayError as error:
            self._is_keeping = False
            tolerate(error, "parts could not be kept")
            return
        for refused in answer.errors[:1]:
            log.warning("parts were not kept", count=len(answer.errors), reason=refused.reason, text=refused.message)

    def _listener(self, indexes: Sequence[int]) -> Listener:
        """Return what hears of one task: how much of its parts is done, and, before any runs, its place in line."""

        def hear(event: Queued | Progress) -> None:
            if isinstance(event, Progress):
                self._counts.running[indexes[0]] = event.fraction * len(indexes)
                self._ways.tell(self._counts.progress(event.stage))
            elif event.position and not self._counts.running and not self._counts.done:
                self._ways.tell(event)

        return hear


@dataclass
class _Counts:
    """How many parts there are and are done; the tasks that run say how much of theirs is, by their first index."""

    total: int
    known: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        self.running: dict[int, float] = {}

    def progress(self, stage: str) -> Progress:
        """Return how far the parts have come."""
        done = self.done + sum(list(self.running.values()))
        return Progress(stage, min(1.0, done / (self.total or 1)), self.total, self.done, self.known)


def tolerate(error: AssayError, event: str) -> None:
    """Log what the analysis can do without; a lease that has ended it cannot."""
    if error.reason in LEASE_ENDED:
        raise error
    log.warning(event, reason=error.reason, text=error.message)
