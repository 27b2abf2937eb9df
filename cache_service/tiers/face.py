"""What every tier of records can do. Any of it may raise TierAway."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from cache_service.entries import Record, Usage


class Tier(Protocol):
    """Records by key. A record past its time, or damaged, is not there."""

    name: str

    @property
    def available(self) -> bool:
        """Whether the tier answered when it was last asked."""
        ...

    async def get(self, key: bytes) -> Record | None:
        """Return the record under a key."""
        ...

    async def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the records that there are under these keys."""
        ...

    async def put(self, record: Record) -> None:
        """Keep a record, in place of one that stands."""
        ...

    async def put_many(self, records: Iterable[Record]) -> None:
        """Keep many records."""
        ...

    async def remove(self, key: bytes) -> None:
        """Remove the record under a key, if there is one."""
        ...

    async def usage(self) -> Usage:
        """Return what the tier holds."""
        ...


class FastTier(Tier, Protocol):
    """A tier with a slower one behind it."""

    async def put_if_absent(self, record: Record, bar: int = 0) -> bool:
        """Keep a record unless a result of that generation stands; return whether it was kept.

        A failure that stands gives way.
        """
        ...

    async def promote_many(self, records: Iterable[Record]) -> None:
        """Keep records that a slower tier had, unless something stands under their keys by now."""
        ...
