"""What the stages of a cached answer take without a network: the least of many runs, which other work moves least.

`python -m bench.stages [--quick]`: the guard around a unary call, and BatchLookup of 1,000 parts in memory by items and
by columns: the handler (reading the request, finding, writing the answer), and the caller's reading of the values.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from prometheus_client import CollectorRegistry
from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from bench.batches import FORMS, KEYS, VALUE_BYTES
from bench.pairs import Effort, effort_of, show
from bench.parts import Part, made
from bench.stack import PIPELINE, offer, payload_of
from cache_service.__main__ import build
from cache_service.service.servicer import CacheServicer
from cache_service.settings import CacheSettings
from rpc.aio_server import CallGuard
from rpc.garbage import collect_seldom
from rpc.gates import Gate, Gates
from rpc.metrics import CallMetrics


class Context:
    """As much of a call as a handler and the guard ask for."""

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what every caller sends."""
        return (("user-agent", "grpc-python-asyncio"),)

    def time_remaining(self) -> None:
        """Say that the caller set no deadline."""

    async def send_initial_metadata(self, _metadata: object) -> None:
        """Do nothing: the caller is there."""


class Answered:
    """A stub whose calls have these answers."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    async def BatchLookup(  # noqa: N802 - named by the contract
        self, _request: pb.BatchLookupRequest
    ) -> AsyncIterator[pb.BatchLookupResponse]:
        """Yield them, read."""
        for answer in self._answers:
            yield pb.BatchLookupResponse.FromString(answer)


async def least(run: Callable[[], Awaitable[object]], rounds: int) -> float:
    """Return the shortest time of many runs, in microseconds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        await run()
        best = min(best, time.perf_counter() - started)
    return 1e6 * best


async def guarded(rounds: int) -> float:
    """Return what the guard takes of a call."""
    guard = CallGuard(CallMetrics(CollectorRegistry(), "cache"), Gates(Gate(1000), {}), 600.0)

    async def answer(_request: pb.LookupRequest, _context: object) -> bytes:
        return b""

    method = grpc.unary_unary_rpc_method_handler(answer, request_deserializer=pb.LookupRequest.FromString)
    unary = guard._wrap(method, "Lookup").unary_unary
    return await least(lambda: unary(b"", Context()), 100 * rounds)


async def kept(folder: str, parts: list[Part]) -> CacheServicer:
    """Return a servicer that has parts in memory, and no engines."""
    settings = CacheSettings(
        use_database=False, redis_url="", database_url="", blob_url=f"file://{folder}", memory_cache_bytes=2**28
    )
    built = build(settings, CollectorRegistry())
    servicer = CacheServicer(built.cache, built.tasks, built.offers, built.audit, 600.0, durable=False)
    await servicer.AnnouncePipelines(pb.AnnouncePipelinesRequest(announcer="bench", offers=[offer()]), None)

    async def stream() -> AsyncIterator[pb.BatchStoreRequest]:
        yield pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=PIPELINE))
        items = [pb.BatchStoreItem(part=part.ref, payload=payload_of(part.content)) for part in parts]
        yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items))

    stored = await servicer.BatchStore(stream(), Context())
    assert stored.stored_count == len(parts)
    return servicer


async def measure(table: Table, effort: Effort) -> None:
    """Add a row for each stage."""
    rounds = 50 if effort.quick else 400
    table.add_row("guard of a unary call", f"{await guarded(rounds):.1f} µs a call")
    parts = made(KEYS, VALUE_BYTES, seed=os.urandom(8))
    with tempfile.TemporaryDirectory() as folder:
        servicer = await kept(folder, parts)
        collect_seldom()
        for form, (ask, look_up) in FORMS.items():
            raw = ask(parts).SerializeToString()

            async def handle(raw: bytes = raw) -> list[Any]:
                return [answer async for answer in servicer.BatchLookup(pb.BatchLookupRequest.FromString(raw), None)]

            stub = Answered(await handle())
            handling = await least(handle, rounds)
            reading = await least(lambda: look_up(stub, pb.BatchLookupRequest()), rounds)  # noqa: B023 - run at once
            table.add_row(f"BatchLookup by {form}: handler", f"{handling / KEYS:.2f} µs a key")
            table.add_row(f"BatchLookup by {form}: reading the values", f"{reading / KEYS:.2f} µs a key")


def main() -> None:
    """Measure and print."""
    effort = effort_of(__doc__)
    table = Table("stage", "least")
    asyncio.run(measure(table, effort))
    show(table)


if __name__ == "__main__":
    main()
