"""Leases in Valkey: the authority where there is no database, by choice or by failure."""

import secrets
import time
from collections.abc import Collection
from typing import Any

from cache_service.engines.valkey import Valkey
from cache_service.entries import Progress, generation_digits
from cache_service.keys import job_id_of
from cache_service.leases.face import LEASE_SECONDS, WAITER_SECONDS, Extended, Granted, Held, Standing
from cache_service.tiers.hot import record_name

# Each script works on the keys of one job only, which the hash tag keeps on one node.
# KEYS: lease, record. ARGV: owner, fresh nonce, lease ms, "1" to take it although a failure stands, the generation that
# a record must have at least. A record's fourth byte tells a result from a failure; its generation, in digits, follows.
_ACQUIRE = """
local kind = redis.call('GETRANGE', KEYS[2], 4, 23) >= ARGV[5] and redis.call('GETRANGE', KEYS[2], 3, 3)
if kind == 'R' or (kind == 'F' and ARGV[4] ~= '1') then return {'standing'} end
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] then
  return {'held', redis.call('PTTL', KEYS[1]), redis.call('HGET', KEYS[1], 'stage') or '',
          redis.call('HGET', KEYS[1], 'fraction') or '0'}
end
if not owner then redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'nonce', ARGV[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'granted', redis.call('HGET', KEYS[1], 'nonce')}
"""
# KEYS: lease, record. ARGV: owner, nonce, lease ms, stage, fraction, the generation that a record must have at least.
_EXTEND = """
local nonce = redis.call('HGET', KEYS[1], 'nonce')
if nonce and nonce ~= ARGV[2] then return 0 end
local stands = redis.call('EXISTS', KEYS[2]) == 1 and redis.call('GETRANGE', KEYS[2], 4, 23) >= ARGV[6]
if not nonce and stands then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'nonce', ARGV[2], 'stage', ARGV[4], 'fraction', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
_RELEASE = """
if redis.call('HGET', KEYS[1], 'nonce') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


class HotLeases:
    """Leases as hashes with a TTL; waiters as a hash of parties, each until when and how many."""

    authority = "hot"

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def acquire(self, key: bytes, owner_id: str, *, again: bool, bar: int = 0) -> Granted | Held | Standing:
        """Take the lease unless a result stands or another owner has it."""
        answer = await self._script(
            _ACQUIRE,
            [_lease_name(key), record_name(key)],
            [
                owner_id,
                secrets.token_bytes(16),
                int(LEASE_SECONDS * 1000),
                "1" if again else "0",
                generation_digits(bar),
            ],
        )
        if answer[0] == b"standing":
            return Standing()
        if answer[0] == b"granted":
            return Granted(answer[1])
        return Held(await self._count(key), answer[1] / 1000, _progress(answer[2], answer[3]))

    async def wait(self, key: bytes, party: str, count: int) -> None:
        """Count a party as waiting."""
        name = _waiters_name(key)

        async def add(client: object) -> None:
            pipe = client.pipeline(transaction=False)  # type: ignore[attr-defined] # the driver's type stays in engines/
            pipe.hset(name, party, f"{time.time() + WAITER_SECONDS} {count}")
            pipe.pexpire(name, int(WAITER_SECONDS * 1000))
            await pipe.execute()

        await self._valkey.call(add)

    async def leave(self, key: bytes, party: str) -> None:
        """Count the party no longer."""
        await self._valkey.call(lambda client: client.hdel(_waiters_name(key), party))

    async def extend(
        self, key: bytes, owner_id: str, nonce: bytes, progress: Progress, bar: int = 0
    ) -> Extended | None:
        """Let the lease last on."""
        names = [_lease_name(key), record_name(key)]
        lease_ms = int(LEASE_SECONDS * 1000)
        values = [owner_id, nonce, lease_ms, progress.stage, repr(progress.fraction), generation_digits(bar)]
        if not await self._script(_EXTEND, names, values):
            return None
        return Extended(await self._count(key))

    async def holds(self, key: bytes, nonce: bytes) -> bool:
        """Return whether the nonce's lease stands, or nobody's does."""
        held = await self._valkey.call(lambda client: client.hget(_lease_name(key), "nonce"))
        return held is None or held == nonce

    async def release(self, key: bytes, nonce: bytes) -> None:
        """End the lease, if it is this nonce's."""
        await self._script(_RELEASE, [_lease_name(key)], [nonce])

    async def void(self, keys: Collection[bytes]) -> int:
        """End whoever's leases of these keys."""
        ended = 0
        for key in keys:
            name = _lease_name(key)
            ended += await self._valkey.call(lambda client, name=name: client.unlink(name))
        return ended

    async def progress(self, key: bytes) -> Progress | None:
        """Return how far the holder of the lease has come."""
        nonce, stage, fraction = await self._valkey.call(
            lambda client: client.hmget(_lease_name(key), ["nonce", "stage", "fraction"])
        )
        return None if nonce is None else _progress(stage or b"", fraction or b"0")

    async def running(self) -> int:
        """Return 0: Valkey cannot count the leases without a scan over everything."""
        return 0

    async def _count(self, key: bytes) -> int:
        parties = await self._valkey.call(lambda client: client.hvals(_waiters_name(key)))
        now = time.time()
        return sum(_waiting(party, now) for party in parties)

    async def _script(self, script: str, names: list[str], values: list[object]) -> list[Any]:
        answer: list[Any] = await self._valkey.call(lambda client: client.eval(script, len(names), *names, *values))
        return answer


def _lease_name(key: bytes) -> str:
    return f"ac:{{{job_id_of(key)}}}:lease"


def _waiters_name(key: bytes) -> str:
    return f"ac:{{{job_id_of(key)}}}:waiters"


def _progress(stage: bytes, fraction: bytes) -> Progress:
    """Return how far a holder has come; nowhere, where what it said is damaged."""
    try:
        return Progress(stage.decode(), float(fraction))
    except ValueError:
        return Progress()


def _waiting(party: bytes, now: float) -> int:
    """Return how many wait in a party; nobody, where what it said is damaged."""
    try:
        until, count = party.split()
        return int(count) if float(until) > now else 0
    except ValueError:
        return 0
