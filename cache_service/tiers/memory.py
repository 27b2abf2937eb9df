"""The memory of this process: bounded in bytes, least recently used out first."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import cast

from cache_service.entries import Record, Usage

_expires_at = attrgetter("expires_at")


class MemoryTier:
    """Records in the order of their use."""

    name = "memory"
    available = True

    def __init__(
        self,
        limit_bytes: int,
        clock: Callable[[], float] = time.time,
        on_evicted: Callable[[str, str], None] = lambda _tier, _reason: None,
    ) -> None:
        self._limit_bytes = limit_bytes
        self._on_evicted = on_evicted
        self._clock = clock
        self._records: OrderedDict[bytes, Record] = OrderedDict()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much is held."""
        return self._size_bytes

    @property
    def keeps(self) -> bool:
        """Whether there is room for anything at all."""
        return self._limit_bytes > 0

    def peek(self, key: bytes) -> Record | None:
        """Return the record under a key, without leaving the event loop."""
        record = self._records.get(key)
        if record is None:
            return None
        if record.expires_at <= self._clock():
            self._expire(key)
            return None
        self._records.move_to_end(key)
        return record

    async def get(self, key: bytes) -> Record | None:
        """Return the record under a key."""
        return self.peek(key)

    async def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the records that there are under these keys."""
        known, touch, now = self._records, self._records.move_to_end, self._clock()
        records = list(map(known.get, keys))
        if records and all(records) and min(map(_expires_at, records)) > now:  # mostly so, and then twice as fast
            deque(map(touch, keys), maxlen=0)
            return dict(zip(keys, cast("list[Record]", records), strict=True))
        found = {}
        for key in keys:
            record = known.get(key)
            if record is not None and record.expires_at > now:
                touch(key)
                found[key] = record
            elif record is not None:
                self._expire(key)
        return found

    async def put(self, record: Record) -> None:
        """Keep a record; one that is larger than the whole tier is not kept."""
        self._keep(record)

    async def put_many(self, records: Iterable[Record]) -> None:
        """Keep many records."""
        for record in records:
            self._keep(record)

    async def promote_many(self, records: Iterable[Record]) -> None:
        """Keep records that a slower tier had."""
        for record in records:
            if self.peek(record.key) is None:
                self._keep(record)

    async def remove(self, key: bytes) -> None:
        """Remove the record under a key."""
        self._drop(key)

    def remove_where(self, meant: Callable[[Record], bool]) -> None:
        """Remove all records that are meant."""
        for key in [key for key, record in self._records.items() if meant(record)]:
            self._drop(key)

    async def usage(self) -> Usage:
        """Return what is held."""
        return Usage(len(self._records), self._size_bytes, self._limit_bytes)

    def _keep(self, record: Record) -> None:
        self._drop(record.key)
        size_bytes = record.size_bytes
        if size_bytes > self._limit_bytes:
            return
        self._records[record.key] = record
        self._size_bytes += size_bytes
        while self._size_bytes > self._limit_bytes:
            self._drop(next(iter(self._records)))
            self._on_evicted(self.name, "quota")

    def _expire(self, key: bytes) -> None:
        self._drop(key)
        self._on_evicted(self.name, "expired")

    def _drop(self, key: bytes) -> None:
        record = self._records.pop(key, None)
        if record is not None:
            self._size_bytes -= record.size_bytes
