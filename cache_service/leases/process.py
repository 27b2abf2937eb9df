"""Leases in this process: the last resort, when neither PostgreSQL nor Valkey answers."""

import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from cache_service.entries import Progress
from cache_service.leases.face import LEASE_SECONDS, WAITER_SECONDS, Extended, Granted, Held, Standing

_SWEEP_AT = 1000


@dataclass
class _Lease:
    owner_id: str
    nonce: bytes
    expires_at: float
    progress: Progress = field(default_factory=Progress)


class ProcessLeases:
    """Leases in a dictionary. `stands(key, failures, bar)` tells whether a record stands in the tiers that are left."""

    authority = "process"

    def __init__(
        self,
        stands: Callable[[bytes, bool, int], Awaitable[bool]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stands = stands
        self._clock = clock
        self._leases: dict[bytes, _Lease] = {}
        self._waiters: dict[bytes, dict[str, tuple[float, int]]] = {}

    async def acquire(self, key: bytes, owner_id: str, *, again: bool, bar: int = 0) -> Granted | Held | Standing:
        """Take the lease unless a result stands or another owner has it."""
        if await self._stands(key, not again, bar):
            return Standing()
        lease = self._current(key)
        if lease is not None and lease.owner_id != owner_id:
            return Held(self._count(key), lease.expires_at - self._clock(), lease.progress)
        self._sweep()
        nonce = lease.nonce if lease is not None else secrets.token_bytes(16)
        self._leases[key] = _Lease(owner_id, nonce, self._clock() + LEASE_SECONDS)
        return Granted(nonce)

    async def wait(self, key: bytes, party: str, count: int) -> None:
        """Count a party as waiting."""
        self._waiters.setdefault(key, {})[party] = (self._clock() + WAITER_SECONDS, count)

    async def leave(self, key: bytes, party: str) -> None:
        """Count the party no longer."""
        waiters = self._waiters.get(key, {})
        waiters.pop(party, None)
        if not waiters:
            self._waiters.pop(key, None)

    async def extend(
        self, key: bytes, owner_id: str, nonce: bytes, progress: Progress, bar: int = 0
    ) -> Extended | None:
        """Let the lease last on."""
        lease = self._current(key)
        if lease is not None and lease.nonce != nonce:
            return None
        if lease is None and await self._stands(key, True, bar):
            return None
        self._leases[key] = _Lease(owner_id, nonce, self._clock() + LEASE_SECONDS, progress)
        return Extended(self._count(key))

    async def holds(self, key: bytes, nonce: bytes) -> bool:
        """Return whether the nonce's lease stands, or nobody's does."""
        lease = self._current(key)
        return lease is None or lease.nonce == nonce

    async def release(self, key: bytes, nonce: bytes) -> None:
        """End the lease, if it is this nonce's."""
        lease = self._leases.get(key)
        if lease is not None and lease.nonce == nonce:
            del self._leases[key]

    async def void(self, keys: Collection[bytes]) -> int:
        """End whoever's leases of these keys; return how many there were."""
        ended = [key for key in keys if self._current(key) is not None]
        for key in ended:
            del self._leases[key]
        return len(ended)

    async def progress(self, key: bytes) -> Progress | None:
        """Return how far the holder of the lease has come."""
        lease = self._current(key)
        return None if lease is None else lease.progress

    async def running(self) -> int:
        """Return how many leases stand."""
        return sum(lease.expires_at > self._clock() for lease in self._leases.values())

    def _current(self, key: bytes) -> _Lease | None:
        lease = self._leases.get(key)
        if lease is not None and lease.expires_at <= self._clock():
            del self._leases[key]
            return None
        return lease

    def _sweep(self) -> None:
        """Drop the leases that nobody renewed and the parties that nobody counts, so that neither grows for ever."""
        now = self._clock()
        if len(self._leases) >= _SWEEP_AT:
            self._leases = {key: lease for key, lease in self._leases.items() if lease.expires_at > now}
        if len(self._waiters) >= _SWEEP_AT:
            self._waiters = {
                key: parties
                for key, parties in self._waiters.items()
                if any(until > now for until, _ in parties.values())
            }

    def _count(self, key: bytes) -> int:
        now = self._clock()
        return sum(count for until, count in self._waiters.get(key, {}).values() if until > now)
