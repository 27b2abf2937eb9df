"""Valkey: TTL and eviction are its own; what it returns is checked."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from cache_service.engines.valkey import Valkey
from cache_service.entries import CorruptRecordError, Record, Usage, generation_digits, packed, unpacked
from cache_service.keys import job_id_of, job_ids_of
from rpc.logs import get_logger

log = get_logger(__name__)

_CHECK_IN_THREAD_BYTES = 256 * 1024


def record_name(key: bytes) -> str:
    """Return the name of a record in Valkey; the hash tag keeps all that belongs to a job on one node."""
    return f"ac:{{{job_id_of(key)}}}:record"


def record_names(keys: Sequence[bytes]) -> list[bytes]:
    """Return the names of many records, as `record_name` makes each."""
    return [b"ac:{%b-%b-%b-%b-%b}:record" % job_id for job_id in job_ids_of(keys)]


# KEYS: record. ARGV: the new record, its TTL in ms, the generation that a standing one must have at least.
# A record's fourth byte tells a result from a failure; its generation, in digits, follows.
_PUT_IF_ABSENT = """
if redis.call('GETRANGE', KEYS[1], 3, 3) == 'R' and redis.call('GETRANGE', KEYS[1], 4, 23) >= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

# KEYS: record. ARGV: the generation that a record must have at least to stay.
_REMOVE_OLDER = """
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('GETRANGE', KEYS[1], 4, 23) >= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
"""


class HotTier:
    """Records as strings of bytes with a TTL."""

    name = "hot"

    def __init__(
        self,
        valkey: Valkey,
        ttl_seconds: int,
        on_corrupt: Callable[[str], None] = lambda _tier: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._valkey = valkey
        self._ttl_seconds = ttl_seconds
        self._on_corrupt = on_corrupt
        self._clock = clock

    @property
    def available(self) -> bool:
        """Whether Valkey answered when it was last asked."""
        return self._valkey.breaker.available

    async def get(self, key: bytes) -> Record | None:
        """Return the record under a key; a damaged one is removed."""
        return (await self.get_many([key])).get(key)

    async def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the records that there are under these keys, in one round trip."""
        if not keys:
            return {}
        names = record_names(keys)
        raws: list[bytes | None] = await self._valkey.call(lambda client: client.mget(names))
        found, now = {}, self._clock()
        for key, raw in zip(keys, raws, strict=True):
            if raw is None:
                continue
            try:
                large = len(raw) > _CHECK_IN_THREAD_BYTES
                record = await asyncio.to_thread(unpacked, raw, key) if large else unpacked(raw, key)
            except CorruptRecordError as error:
                await self._remove_corrupt(key, error)
                continue
            if record.expires_at > now:
                found[key] = record
        return found

    async def put(self, record: Record) -> None:
        """Keep a record for the tier's TTL, or its own if that ends earlier."""
        await self.put_many([record])

    async def put_many(self, records: Iterable[Record]) -> None:
        """Keep many records, in one round trip."""
        await self._store_many(records, only_new=False)

    async def promote_many(self, records: Iterable[Record]) -> None:
        """Keep records that a slower tier had, unless something stands under their keys by now.

        A record that was read before a commit must not take the place of what was committed meanwhile.
        """
        await self._store_many(records, only_new=True)

    async def _store_many(self, records: Iterable[Record], *, only_new: bool) -> None:
        kept = [(record, self._ttl_ms(record)) for record in records]

        async def store(client: object) -> None:
            pipe = client.pipeline(transaction=False)  # type: ignore[attr-defined] # the driver's type stays in engines/
            for record, ttl_ms in kept:
                if ttl_ms > 0:
                    pipe.set(record_name(record.key), packed(record), px=ttl_ms, nx=only_new)
            await pipe.execute()

        if kept:
            await self._valkey.call(store)

    async def put_if_absent(self, record: Record, bar: int = 0) -> bool:
        """Keep a record unless a result of that generation stands; return whether it was kept.

        A failure that stands gives way.
        """
        script, name = _PUT_IF_ABSENT, record_name(record.key)
        kept = await self._valkey.call(
            lambda client: client.eval(
                script, 1, name, packed(record), max(1, self._ttl_ms(record)), generation_digits(bar)
            )
        )
        return bool(kept)

    async def remove(self, key: bytes) -> None:
        """Remove the record under a key."""
        await self._valkey.call(lambda client: client.delete(record_name(key)))

    async def remove_older(self, keys: Sequence[bytes], generation: int) -> int:
        """Remove the records of an older generation under these keys; return how many there were."""
        digits = generation_digits(generation)

        async def unlink(client: object) -> list[int]:
            pipe = client.pipeline(transaction=False)  # type: ignore[attr-defined] # the driver's type stays in engines/
            for key in keys:
                pipe.eval(_REMOVE_OLDER, 1, record_name(key), digits)
            return list(await pipe.execute())

        return sum(await self._valkey.call(unlink)) if keys else 0

    async def usage(self) -> Usage:
        """Return what Valkey holds in all: it counts keys, not records, and all the memory of their values."""

        async def ask(client: object) -> Usage:
            memory = await client.info("memory")  # type: ignore[attr-defined] # the driver's type stays in engines/
            keys = await client.dbsize()  # type: ignore[attr-defined] # the driver's type stays in engines/
            return Usage(int(keys), int(memory["used_memory"]), int(memory.get("maxmemory", 0)))

        usage: Usage = await self._valkey.call(ask)
        return usage

    async def _remove_corrupt(self, key: bytes, error: CorruptRecordError) -> None:
        log.warning("corrupt record removed", tier=self.name, job_id=job_id_of(key), error=str(error))
        self._on_corrupt(self.name)
        await self.remove(key)

    def _ttl_ms(self, record: Record) -> int:
        return int(1000 * min(self._ttl_seconds, record.expires_at - self._clock()))
