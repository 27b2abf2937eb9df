"""Reservations: one caller computes, the others wait."""

import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from cache_service.breaker import NOT_NOW, TierAway, TierBusy
from cache_service.entries import Progress, scope_of
from cache_service.invalidations.coherence import Coherence
from cache_service.keys import Identity
from cache_service.leases.face import Extended, Granted, Held, Leases, Standing
from cache_service.records import Found, Records
from cache_service.tokens import Token
from cache_service.waiting import Waiter, WaitingRoom
from rpc.errors import FailedPrecondition
from rpc.reasons import Reason

_TICK_SECONDS = 1.0
"""How often a waiter looks by itself, in case no word reached it."""

_LEAST_SLEEP_SECONDS = 0.02

_UNREADABLE_SECONDS = 0.2
"""How long to let be a result that stands but could not be read just now."""


@dataclass(frozen=True, slots=True)
class Leased:
    """The right to compute."""

    token: Token


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else is still computing."""

    waiters: int
    expires_in_seconds: float
    progress: Progress


Outcome = Found | Leased | Busy


class Reservations:
    """Leases of the first authority that answers: PostgreSQL, Valkey, this process."""

    def __init__(
        self,
        records: Records,
        authorities: dict[str, Leases],
        room: WaitingRoom,
        coherence: Coherence,
        process_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._authorities = authorities
        self._room = room
        self._coherence = coherence
        self._process_id = process_id
        self._clock = clock

    async def reserve(self, identity: Identity, owner_id: str, wait_seconds: float, *, retry_failed: bool) -> Outcome:
        """Return what stands, or a lease, or after the wait the news that somebody else computes."""
        until = self._clock() + wait_seconds
        key = identity.key
        waited_at: Leases | None = None
        with self._room.waiter(key) as waiter:
            try:
                while True:
                    found = await self._records.find(key, identity.namespace)
                    if isinstance(found, Found) and not (found.record.failed and retry_failed):
                        return found
                    generation = self._coherence.generation
                    try:
                        leases, answer = await self._acquire(identity, owner_id, again=retry_failed)
                    except TierBusy:
                        if until - self._clock() < _TICK_SECONDS:
                            raise
                        await waiter.sleep(_TICK_SECONDS, _TICK_SECONDS)  # who came to wait asks again a little later
                        continue
                    if isinstance(answer, Granted):
                        return Leased(Token(leases.authority, owner_id, answer.nonce, identity, generation))
                    left = until - self._clock()
                    if left <= 0:
                        return _busy(answer)
                    waited_at = leases
                    await self._wait(leases, key, waiter, answer, left)
            finally:
                if waited_at is not None:
                    await self._leave(waited_at, key, waiter)

    async def extend(self, token: Token, progress: Progress) -> int:
        """Let a lease last on; return how many wait.

        Raises:
            FailedPrecondition: LEASE_LOST, LEASE_VOIDED.
        """
        await self.check(token)
        key = token.identity.key
        bar = self._coherence.bar(key, scope_of(token.identity))
        for leases in self._from(token.authority):
            try:
                extended = await leases.extend(key, token.owner_id, token.nonce, progress, bar)
            except TierAway:
                continue
            if isinstance(extended, Extended):
                return extended.waiters
            break
        raise lease_lost()

    async def check(self, token: Token) -> None:
        """Refuse a token that an invalidation has voided.

        Raises:
            FailedPrecondition: LEASE_VOIDED.
        """
        await self._coherence.confirm()
        if self._coherence.bar(token.identity.key, scope_of(token.identity)) > token.generation:
            raise lease_voided()

    async def void(self, keys: Collection[bytes]) -> int:
        """End whoever's leases of these keys, and let the waiters ask again; return how many there were."""
        ended = 0
        for leases in self._authorities.values():
            with contextlib.suppress(*NOT_NOW):  # then they end by themselves; their tokens are void all the same
                ended += await leases.void(keys)
        for key in keys:
            await self._room.wake(key)
        return ended

    async def release(self, token: Token) -> None:
        """End a lease and let a waiter take over."""
        for leases in self._authorities.values():
            try:
                await leases.release(token.identity.key, token.nonce)
            except NOT_NOW:
                continue  # it ends by itself
        await self._room.wake(token.identity.key)

    async def progress(self, key: bytes) -> Progress | None:
        """Return how far whoever computes this has come; None where nobody does, as far as can be told."""
        for leases in self._authorities.values():
            with contextlib.suppress(*NOT_NOW):
                progress = await leases.progress(key)
                if progress is not None:
                    return progress
        return None

    async def running(self) -> int:
        """Return how many computations are running, as far as can be told."""
        for leases in self._authorities.values():
            try:
                return await leases.running()
            except NOT_NOW:
                continue
        return 0

    async def _acquire(
        self, identity: Identity, owner_id: str, *, again: bool
    ) -> tuple[Leases, Granted | Held | Standing]:
        bar = self._coherence.bar(identity.key, scope_of(identity))
        for leases in self._authorities.values():
            try:
                return leases, await leases.acquire(identity.key, owner_id, again=again, bar=bar)
            except TierAway:
                continue
        raise AssertionError("the process's own leases are always there")

    async def _wait(
        self, leases: Leases, key: bytes, waiter: Waiter, answer: Held | Standing, left_seconds: float
    ) -> None:
        if isinstance(answer, Standing):
            await waiter.sleep(min(left_seconds, _UNREADABLE_SECONDS), _UNREADABLE_SECONDS)
            return
        with contextlib.suppress(*NOT_NOW):  # uncounted, it waits all the same
            await leases.wait(key, self._process_id, waiter.party)
        ends = max(answer.expires_in_seconds, 0.0) + _LEAST_SLEEP_SECONDS
        await waiter.sleep(left_seconds, min(_TICK_SECONDS, ends))

    async def _leave(self, leases: Leases, key: bytes, waiter: Waiter) -> None:
        """Take the party's count back with its last member; the watch says the smaller one of the others."""
        if waiter.party == 1:
            with contextlib.suppress(*NOT_NOW):  # then the count lapses by itself
                await leases.leave(key, self._process_id)

    def _from(self, authority: str) -> list[Leases]:
        """Return the authorities, the one named first."""
        named = [leases for leases in self._authorities.values() if leases.authority == authority]
        others = [leases for leases in self._authorities.values() if leases.authority != authority]
        return named + others


def _busy(answer: Held | Standing) -> Busy:
    if isinstance(answer, Held):
        return Busy(answer.waiters, answer.expires_in_seconds, answer.progress)
    return Busy(0, 0.0, Progress())


def lease_lost() -> FailedPrecondition:
    """Return the error for a lease that is another owner's by now, or has ended."""
    return FailedPrecondition(
        Reason.LEASE_LOST, "The lease is no longer yours: it expired and another owner took it, or it has ended."
    )


def lease_voided() -> FailedPrecondition:
    """Return the error for a lease whose question has been invalidated, or whose input has been erased."""
    return FailedPrecondition(
        Reason.LEASE_VOIDED, "What this lease is for was invalidated or erased meanwhile; nothing was kept."
    )
