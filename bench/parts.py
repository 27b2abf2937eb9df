"""A batch of 100,000 parts through BatchStore and BatchLookup: the time of a part in each tier, memory and disk of one.

`python -m bench.parts [--quick]`. The tiers are told apart by three cache services over the same engines: one with all
tiers, one without memory, and one that has PostgreSQL alone.
"""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from bench.pairs import Effort, effort_of, resident_bytes, show, spread
from bench.stack import PIPELINE, announce, payload_of, process_listening_on, running
from rpc.channels import connect_aio

PART_BYTES = 512
_STORED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A part: the digest of what it was computed from, and its content."""

    sha256: bytes
    content: bytes

    @property
    def ref(self) -> entry_pb2.PartRef:
        """The part as it is asked for."""
        return entry_pb2.PartRef(sha256=self.sha256, size_bytes=len(self.content))


def made(count: int, size_bytes: int, seed: bytes) -> list[Part]:
    """Return parts, different for each seed."""
    digests = (hashlib.sha256(seed + number.to_bytes(8, "big")).digest() for number in range(count))
    return [Part(digest, (digest * (size_bytes // len(digest) + 1))[:size_bytes]) for digest in digests]


async def store(stub: CacheServiceStub, parts: Sequence[Part]) -> None:
    """Keep parts by one call of BatchStore."""

    async def messages() -> AsyncIterator[pb.BatchStoreRequest]:
        yield pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=PIPELINE))
        for start in range(0, len(parts), _STORED_AT_ONCE):
            some = parts[start : start + _STORED_AT_ONCE]
            items = [pb.BatchStoreItem(part=part.ref, payload=payload_of(part.content)) for part in some]
            yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items))

    answer = await stub.BatchStore(messages())
    assert answer.stored_count == len(parts), answer


def asked(parts: Sequence[Part]) -> pb.BatchLookupRequest:
    """Return the request for parts."""
    return pb.BatchLookupRequest(pipeline=PIPELINE, parts=[part.ref for part in parts])


def asked_by_columns(parts: Sequence[Part]) -> pb.BatchLookupRequest:
    """Return the same request by columns, for answers by columns."""
    columns = pb.PartColumns(
        sha256s=b"".join(part.sha256 for part in parts), size_bytes=[len(part.content) for part in parts]
    )
    return pb.BatchLookupRequest(pipeline=PIPELINE, part_columns=columns, answer_columns=True)


async def found(stub: CacheServiceStub, request: pb.BatchLookupRequest) -> int:
    """Ask for parts by one call of BatchLookup; return how many there are."""
    hits = 0
    async for answer in stub.BatchLookup(request):
        hits += sum(item.HasField("hit") for item in answer.items)
    return hits


async def storing(cache: str, batches: Sequence[Sequence[Part]]) -> list[float]:
    """Return the time of a part in each batch that is stored, in microseconds."""
    async with connect_aio(cache) as channel:
        stub = CacheServiceStub(channel)
        await announce(stub)
        times = []
        for parts in batches:
            started = time.perf_counter()
            await store(stub, parts)
            times.append(1e6 * (time.perf_counter() - started) / len(parts))
    return times


async def asking(cache: str, batches: Sequence[Sequence[Part]]) -> list[float]:
    """Return the time of a part in each batch that is asked for, in microseconds."""
    async with connect_aio(cache) as channel:
        stub = CacheServiceStub(channel)
        await announce(stub)
        times = []
        for parts in batches:
            request = asked(parts)
            started = time.perf_counter()
            hits = await found(stub, request)
            times.append(1e6 * (time.perf_counter() - started) / len(parts))
            assert hits == len(parts), f"{hits} of {len(parts)} parts were found"
    return times


def measure(table: Table, effort: Effort) -> None:
    """Add a row for each way of a batch."""
    count = 10_000 if effort.quick else 100_000
    batches = [made(count, PART_BYTES, os.urandom(8)) for _ in range(1 if effort.quick else 3)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "valkey", maxmemory_bytes=2**30))
        engines = {"database_url": postgres.url, "redis_url": valkey.url}

        def row(way: str, times: Sequence[float]) -> None:
            table.add_row(way, f"{count:,}", f"{spread(times, '.1f')} µs", f"{1e6 / min(times):,.0f}/s")

        with running(**engines, environment={"MEMORY_CACHE_BYTES": str(2**30)}) as all_tiers:
            cache = all_tiers.addresses.cache[0]
            process = process_listening_on(cache)
            before = resident_bytes(process)
            row("BatchStore into all tiers", asyncio.run(storing(cache, batches)))
            grown = (resident_bytes(process) - before) / (count * len(batches))
            row("BatchLookup, memory", asyncio.run(asking(cache, batches)))
        with running(**engines, environment={"MEMORY_CACHE_BYTES": "0"}) as no_memory:
            row("BatchLookup, Valkey", asyncio.run(asking(no_memory.addresses.cache[0], batches)))
        only_database = {"database_url": postgres.url, "redis_url": ""}
        with running(**only_database, environment={"MEMORY_CACHE_BYTES": "0"}) as database:
            row("BatchLookup, PostgreSQL", asyncio.run(asking(database.addresses.cache[0], batches)))
    table.title = f"parts of {PART_BYTES} B; the cache's process grew by {grown:,.0f} B a part"


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    table = Table("call", "parts", "time of a part (spread)", "best rate")
    measure(table, effort)
    show(table)


if __name__ == "__main__":
    main()
