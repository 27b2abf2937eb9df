"""BatchLookup of 1,000 parts a call against MGET of the same values by redis-py with hiredis, one caller each.

`python -m bench.batches [--quick]`. Goals: parts in memory faster than MGET, parts in Valkey at least half as fast.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import redis.asyncio
from rich.table import Table

from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import EmbeddedValkey
from bench.pairs import Effort, effort_of, in_turns, show, spread
from bench.parts import Part, asked, found, made, store
from bench.stack import announce, running
from rpc.channels import connect_aio

KEYS = 1000
VALUE_BYTES = 512
GOALS = {"memory": 1.0, "hot": 0.5}


async def looked_up(stub: CacheServiceStub, parts: Sequence[Part], rounds: int) -> float:
    """Return the time of a part, in microseconds."""
    request = asked(parts)
    started = time.perf_counter()
    for _ in range(rounds):
        assert await found(stub, request) == len(parts)
    return 1e6 * (time.perf_counter() - started) / (rounds * len(parts))


async def got(client: "redis.asyncio.Redis", names: Sequence[str], rounds: int) -> float:
    """Return the time of a value, in microseconds."""
    started = time.perf_counter()
    for _ in range(rounds):
        values = await client.mget(names)
        assert all(values)
    return 1e6 * (time.perf_counter() - started) / (rounds * len(names))


async def compared(cache: str, redis_url: str, tier: str, effort: Effort) -> tuple[str, ...]:
    """Measure both in turns; return a row of the table."""
    rounds = 5 if effort.quick else 20
    parts = made(KEYS, VALUE_BYTES, seed=os.urandom(8))
    names = [f"bench:{part.sha256.hex()}" for part in parts]
    async with connect_aio(cache) as channel, redis.asyncio.from_url(redis_url) as client:
        stub = CacheServiceStub(channel)
        await announce(stub)
        await store(stub, parts)
        await client.mset(dict(zip(names, (part.content for part in parts), strict=True)))
        pairs = await in_turns(lambda: looked_up(stub, parts, rounds), lambda: got(client, names, rounds), effort.pairs)
    return (
        tier,
        f"{statistics.median(ours for ours, _ in pairs):.1f} µs",
        f"{statistics.median(theirs for _, theirs in pairs):.1f} µs",
        spread([theirs / ours for ours, theirs in pairs]),
        f"{GOALS[tier]:.1f}",
    )


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    table = Table("parts in", "BatchLookup, a key", "MGET, a key", "ratio of rates", "goal", title=f"{VALUE_BYTES} B")
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder) / "valkey") as valkey:
        for tier, memory_bytes in {"memory": 2**28, "hot": 0}.items():
            with running(redis_url=valkey.url, environment={"MEMORY_CACHE_BYTES": str(memory_bytes)}) as stack:
                table.add_row(*asyncio.run(compared(stack.addresses.cache[0], valkey.url, tier, effort)))
    show(table)


if __name__ == "__main__":
    main()
