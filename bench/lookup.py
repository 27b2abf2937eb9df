"""Unary Lookup of a result in memory, one process, against a bare grpc.aio echo of the same size.

`python -m bench.lookup [--quick]`. Goal: 0.75 of the echo's throughput. Beside the throughput the table gives how much
of a processor the server used for a call: other work on the machine moves that much less.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from bench.pairs import Effort, cpu_seconds, effort_of, show, spread
from bench.stack import announce, bare_server, process_listening_on, running, standing
from rpc.channels import connect_aio

IN_FLIGHT = 32
SIZES = (1024, 64 * 1024)
LOOKUP = "/assaycache.cache.v1.CacheService/Lookup"

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one server did for some seconds."""

    rate: float
    p99_ms: float
    cpu_us: float


async def measured(call: Call, pid: int, seconds: float) -> Measured:
    """Call with 32 in flight for some seconds."""
    until = time.perf_counter() + seconds
    times: list[float] = []

    async def caller() -> None:
        while (started := time.perf_counter()) < until:
            await call()
            times.append(time.perf_counter() - started)

    started, used = time.perf_counter(), cpu_seconds(pid)
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    rate = len(times) / (time.perf_counter() - started)
    cpu_us = 1e6 * (cpu_seconds(pid) - used) / len(times)
    return Measured(rate, 1000 * statistics.quantiles(times, n=100)[98], cpu_us)


async def compared(cache: str, payload_bytes: int, effort: Effort) -> tuple[str, ...]:
    """Measure both servers in turns; return a row of the table."""
    seconds = 0.7 if effort.quick else 2.0
    async with connect_aio(cache) as ours:
        stub = CacheServiceStub(ours)
        await announce(stub)
        request = pb.LookupRequest(question=await standing(stub, os.urandom(payload_bytes)))
        size = len((await stub.Lookup(request)).SerializeToString())
        with bare_server(str(size)) as (address, bare_pid):
            async with connect_aio(address) as bare:
                # Both callers leave the answer as bytes: what reading it costs is no matter of the servers.
                lookup, echo = (
                    partial(channel.unary_unary(LOOKUP, pb.LookupRequest.SerializeToString), request)
                    for channel in (ours, bare)
                )
                pid = process_listening_on(cache)
                pairs = [
                    (await measured(lookup, pid, seconds), await measured(echo, bare_pid, seconds))
                    for _ in range(effort.pairs + 1)
                ][1:]
    return row_of(payload_bytes, pairs)


def row_of(payload_bytes: int, pairs: list[tuple[Measured, Measured]]) -> tuple[str, ...]:
    """Return a row of the table."""
    ours, bare = zip(*pairs, strict=True)
    return (
        f"{payload_bytes // 1024} KB",
        f"{statistics.median(each.rate for each in ours):,.0f}/s",
        f"{statistics.median(each.rate for each in bare):,.0f}/s",
        spread([our.rate / echo.rate for our, echo in pairs]),
        spread([echo.cpu_us / our.cpu_us for our, echo in pairs]),
        f"{statistics.median(each.p99_ms for each in ours):.1f} ms",
        f"{statistics.median(each.p99_ms for each in bare):.1f} ms",
    )


def main() -> None:
    """Start a cache service, measure, print."""
    effort = effort_of(__doc__)
    table = Table("payload", "memory hit", "bare echo", "ratio of rates", "ratio of CPU a call", "p99", "p99 echo")
    with running() as stack:
        for size in SIZES:
            table.add_row(*asyncio.run(compared(stack.addresses.cache[0], size, effort)))
    show(table)


if __name__ == "__main__":
    main()
