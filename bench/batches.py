"""BatchLookup of 1,000 parts a call against MGET of the same values by redis-py with hiredis, one caller each.

`python -m bench.batches [--quick]`. Goals: parts in memory faster than MGET, parts in Valkey at least half as fast.

Both callers end with the same values as a list of bytes, from servers that are processes of their own, over TCP on
loopback. Ours sends up to 65 B a part more (digest, size, index), and names a part by 32 B and its size where MGET has
70 B. Parts are asked for and answered by items, each a message, and by columns.
Beside the time the table gives how much of the processors a key used in all processes that take part, the caller's
included: other work on the machine moves that much less.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import EmbeddedValkey
from bench.pairs import Effort, cpu_seconds, effort_of, in_turns, show, spread
from bench.parts import asked, asked_by_columns, made, store
from bench.stack import announce, process_listening_on, running
from rpc.channels import connect_aio

KEYS = 1000
VALUE_BYTES = 512
GOALS = {"memory": 1.0, "hot": 0.5}

Values = Sequence[bytes | str | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a key took, in microseconds: of time, and of the processors."""

    time_us: float
    cpu_us: float


async def measured(call: Callable[[], Awaitable[Values]], expected: Values, rounds: int, pids: set[int]) -> Measured:
    """Call for the values again and again."""
    started, used = time.perf_counter(), sum(map(cpu_seconds, pids))
    for _ in range(rounds):
        values = await call()
        assert len(values) == len(expected)
        assert values[-1] == expected[-1]
    seconds, cpu = time.perf_counter() - started, sum(map(cpu_seconds, pids)) - used
    return Measured(1e6 * seconds / (rounds * len(expected)), 1e6 * cpu / (rounds * len(expected)))


async def looked_up(stub: Any, request: pb.BatchLookupRequest) -> Values:
    """Return the parts, which come in their order here."""
    values: list[bytes] = []
    async for answer in stub.BatchLookup(request):
        values += [item.hit.data for item in answer.items]
    return values


async def looked_up_by_columns(stub: Any, request: pb.BatchLookupRequest) -> Values:
    """Return the same, asked for by columns."""
    values: list[bytes] = []
    async for answer in stub.BatchLookup(request):
        for columns in answer.columns:
            data, ends = columns.data, list(accumulate(columns.data_sizes))
            values += [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return values


FORMS = {"items": (asked, looked_up), "columns": (asked_by_columns, looked_up_by_columns)}


async def compared(cache: str, redis_url: str, tier: str, form: str, effort: Effort) -> tuple[str, ...]:
    """Measure both in turns; return a row of the table."""
    ask, look_up = FORMS[form]
    rounds = 40 if effort.quick else 200
    parts = made(KEYS, VALUE_BYTES, seed=os.urandom(8))
    contents = [part.content for part in parts]
    names = [f"bench:{part.sha256.hex()}" for part in parts]
    server, valkey = process_listening_on(cache), process_listening_on(urlsplit(redis_url).netloc)
    async with connect_aio(cache) as channel, redis.asyncio.from_url(redis_url) as client:
        stub, request = CacheServiceStub(channel), ask(parts)
        await announce(stub)
        await store(stub, parts)
        await client.mset(dict(zip(names, contents, strict=True)))
        ours = {os.getpid(), server} | ({valkey} if tier == "hot" else set())
        pairs = await in_turns(
            lambda: measured(lambda: look_up(stub, request), contents, rounds, ours),
            lambda: measured(lambda: client.mget(names), contents, rounds, {os.getpid(), valkey}),
            effort.pairs,
        )
    return row_of(tier, form, pairs)


def row_of(tier: str, form: str, pairs: Sequence[tuple[Measured, Measured]]) -> tuple[str, ...]:
    """Return a row of the table."""
    return (
        tier,
        form,
        f"{statistics.median(ours.time_us for ours, _ in pairs):.1f} µs",
        f"{statistics.median(theirs.time_us for _, theirs in pairs):.1f} µs",
        spread([theirs.time_us / ours.time_us for ours, theirs in pairs]),
        spread([theirs.cpu_us / ours.cpu_us for ours, theirs in pairs]),
        f"{GOALS[tier]:.1f}",
    )


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    columns = ("parts in", "by", "BatchLookup, a key", "MGET, a key", "ratio of rates", "ratio of CPU a key", "goal")
    table = Table(*columns, title=f"{VALUE_BYTES} B")
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder) / "valkey") as valkey:
        for tier, memory_bytes in {"memory": 2**28, "hot": 0}.items():
            with running(redis_url=valkey.url, environment={"MEMORY_CACHE_BYTES": str(memory_bytes)}) as stack:
                for form in FORMS:
                    table.add_row(*asyncio.run(compared(stack.addresses.cache[0], valkey.url, tier, form, effort)))
    show(table)


if __name__ == "__main__":
    main()
