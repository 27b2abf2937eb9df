"""Unary Lookup of a result in memory, one process, against a bare grpc.aio echo of the same size.

`python -m bench.lookup [--seconds S] [--pairs N]`. The two servers are measured in alternating pairs; the table gives
the median ratio of throughput over the pairs with its spread, and the 99th percentile of the times to answer.
"""

import argparse
import asyncio
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from rich.console import Console
from rich.table import Table

from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, pipelines_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import Stack, StackOptions
from rpc.channels import connect_aio

IN_FLIGHT = 32
SIZES = (1024, 64 * 1024)
LOOKUP = "/assaycache.cache.v1.CacheService/Lookup"

Call = Callable[[], Awaitable[object]]


async def measured(call: Call, seconds: float) -> tuple[float, float]:
    """Return calls a second with 32 in flight, and the 99th percentile of their times in milliseconds."""
    until = time.perf_counter() + seconds
    times: list[float] = []

    async def caller() -> None:
        while (started := time.perf_counter()) < until:
            await call()
            times.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    rate = len(times) / (time.perf_counter() - started)
    return rate, 1000 * statistics.quantiles(times, n=100)[98]


async def prepared(stub: CacheServiceStub, payload_bytes: int) -> pb.LookupRequest:
    """Let a result of this size stand, and return the request that it answers."""
    described = FileDescriptorProto()
    emg_pb2.DESCRIPTOR.CopyToProto(described)
    offer = pipelines_pb2.PipelineOffer(
        pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.0.0"),
        active=True,
        params_schema=FileDescriptorSet(file=[described]),
    )
    offer.defaults.Pack(emg_pb2.EmgSessionParams())
    await stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(offers=[offer]))
    content = os.urandom(payload_bytes)

    async def upload() -> object:
        yield pb.IngestRequest(header=pb.IngestHeader())
        yield pb.IngestRequest(chunk=content)

    blob = (await stub.Ingest(upload())).blob
    question = identity_pb2.Question(blob=blob, pipeline=offer.pipeline)
    lease = (await stub.Reserve(pb.ReserveRequest(question=question, owner_id="bench"))).lease
    payload = entry_pb2.Payload(
        data=content,
        encoding=entry_pb2.ENCODING_IDENTITY,
        sha256=hashlib.sha256(content).digest(),
        uncompressed_size_bytes=payload_bytes,
    )
    await stub.Commit(pb.CommitRequest(token=lease.token, payload=payload))
    return pb.LookupRequest(question=question)


async def compared(cache: str, payload_bytes: int, seconds: float, pairs: int) -> tuple[str, ...]:
    """Measure both servers in turns; return a row of the table."""
    command = [sys.executable, "-m", "bench.echo_server", str(payload_bytes + 300)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        address = server.stdout.readline().strip()
        async with connect_aio(cache) as ours, connect_aio(address) as bare:
            stub = CacheServiceStub(ours)
            echo = bare.unary_unary(LOOKUP, request_serializer=pb.LookupRequest.SerializeToString)
            request = await prepared(stub, payload_bytes)
            rows = [
                (
                    await measured(partial(stub.Lookup, request), seconds),
                    await measured(partial(echo, request), seconds),
                )
                for _ in range(pairs)
            ]
        server.stdin.close()
        server.wait()
    ratios = sorted(ours[0] / bare[0] for ours, bare in rows)
    return (
        f"{payload_bytes // 1024} KB",
        f"{statistics.median(ours[0] for ours, _ in rows):,.0f}/s",
        f"{statistics.median(bare[0] for _, bare in rows):,.0f}/s",
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        f"{statistics.median(ours[1] for ours, _ in rows):.1f} ms",
        f"{statistics.median(bare[1] for _, bare in rows):.1f} ms",
    )


def main() -> None:
    """Start a cache service, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each measurement takes, in seconds")
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs of measurements")
    chosen = parser.parse_args()
    table = Table("payload", "Lookup, memory hit", "bare echo", "ratio, median (spread)", "p99 ours", "p99 echo")
    with tempfile.TemporaryDirectory() as folder:
        any_port = dict.fromkeys(
            ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
        )
        options = StackOptions(home=Path(folder), gateway=False, **any_port)
        with Stack(options, lambda _line: None) as stack:
            for size in SIZES:
                row = asyncio.run(compared(stack.addresses.cache[0], size, chosen.seconds, chosen.pairs))
                table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
