"""Ingest of 64 MB against a bare grpc.aio stream that only hashes.

`python -m bench.ingest [--quick]`. Goal: half of the bare stream's throughput. Every upload is new to the cache, so it
is written, brought to the disk and renamed; on a slow disk that is most of the time, and the ratio is the disk's.
"""

import asyncio
import os
import statistics
import time

from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from bench.pairs import Effort, effort_of, in_turns, show, spread
from bench.stack import bare_server, running, upload_of
from rpc.channels import connect_aio

MEGABYTE = 1_000_000
SIZE = 64 * MEGABYTE
INGEST = "/assaycache.cache.v1.CacheService/Ingest"


async def compared(cache: str, bare: str, effort: Effort) -> tuple[str, ...]:
    """Measure both in turns; return a row of the table."""
    rest = os.urandom(SIZE - 16)
    async with connect_aio(cache) as ours, connect_aio(bare) as theirs:
        stub = CacheServiceStub(ours)
        hashed = theirs.stream_unary(INGEST, request_serializer=pb.IngestRequest.SerializeToString)

        async def ingested() -> float:
            content = os.urandom(16) + rest
            started = time.perf_counter()
            answer = await stub.Ingest(upload_of(content))
            assert not answer.existed
            return time.perf_counter() - started

        async def only_hashed() -> float:
            content = os.urandom(16) + rest
            started = time.perf_counter()
            await hashed(upload_of(content))
            return time.perf_counter() - started

        pairs = await in_turns(ingested, only_hashed, effort.pairs)
    return (
        f"{SIZE // MEGABYTE} MB",
        f"{SIZE / MEGABYTE / statistics.median(ours for ours, _ in pairs):,.0f} MB/s",
        f"{SIZE / MEGABYTE / statistics.median(theirs for _, theirs in pairs):,.0f} MB/s",
        spread([theirs / ours for ours, theirs in pairs]),
    )


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    table = Table("upload", "Ingest", "bare stream that hashes", "ratio of rates")
    with running() as stack, bare_server("0") as (bare, _):
        table.add_row(*asyncio.run(compared(stack.addresses.cache[0], bare, effort)))
    show(table)


if __name__ == "__main__":
    main()
