"""What every authority of leases can do. Any of it may raise TierAway."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from cache_service.entries import Progress

LEASE_SECONDS = 4.0
"""How long a lease lasts without a heartbeat. Leaders send one every second; a waiter that wakes when it ends
replaces a crashed leader within 5 s of its last heartbeat."""

WAITER_SECONDS = 3.0
"""How long a party of waiters counts without saying so again; it says so at least once a second."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The lease is the caller's."""

    nonce: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """The lease is somebody else's."""

    waiters: int
    expires_in_seconds: float
    progress: Progress


@dataclass(frozen=True, slots=True)
class Standing:
    """A result stands by now: look it up."""


@dataclass(frozen=True, slots=True)
class Extended:
    """The lease lasts on."""

    waiters: int


class Leases(Protocol):
    """Leases by job key. A nonce proves who holds one."""

    authority: str

    async def acquire(self, key: bytes, owner_id: str, *, again: bool, bar: int = 0) -> Granted | Held | Standing:
        """Take the lease unless a result stands or another owner has it.

        The same owner gets the same lease again. `again` takes it although a failure stands. What is of a generation
        below `bar` does not stand.
        """
        ...

    async def wait(self, key: bytes, party: str, count: int) -> None:
        """Count a party of so many as waiting for this key, for WAITER_SECONDS or until it leaves."""
        ...

    async def leave(self, key: bytes, party: str) -> None:
        """Count the party no longer."""
        ...

    async def extend(
        self, key: bytes, owner_id: str, nonce: bytes, progress: Progress, bar: int = 0
    ) -> Extended | None:
        """Let the lease last on, anew if nobody holds it; None if another owner holds it or a result stands."""
        ...

    async def holds(self, key: bytes, nonce: bytes) -> bool:
        """Return whether the nonce's lease stands, or could be had anew since nobody holds it."""
        ...

    async def release(self, key: bytes, nonce: bytes) -> None:
        """End the lease, if it is this nonce's."""
        ...

    async def void(self, keys: Collection[bytes]) -> int:
        """End whoever's leases of these keys; return how many there were, as far as can be told."""
        ...

    async def progress(self, key: bytes) -> Progress | None:
        """Return how far the holder of the lease has come; None where nobody has it."""
        ...

    async def running(self) -> int:
        """Return how many leases stand."""
        ...
