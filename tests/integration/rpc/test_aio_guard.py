"""What stands around every call of an asynchronous server, seen by a caller over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from prometheus_client import CollectorRegistry

from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1.cache_service_pb2_grpc import (
    CacheServiceServicer,
    CacheServiceStub,
    add_CacheServiceServicer_to_server,
)
from rpc import context as call_context
from rpc.aio_server import AioServer, CallGuard
from rpc.channels import connect_aio
from rpc.errors import AssayError, DeadlineExceeded, Internal, InvalidArgument, ResourceExhausted
from rpc.gates import Gate, Gates
from rpc.metrics import CallMetrics
from rpc.reasons import Reason
from rpc.settings import ServerSettings
from rpc.status import error_of

SECRET = "password=open-sesame"
SECONDS = 30
"""How long anything here may take before the test fails."""


class TinyCache(CacheServiceServicer):
    """Lookup waits until it may answer, Commit answers, GetStats and Download break."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.request_ids: list[str] = []
        self.left_seconds: list[float] = []

    async def Lookup(self, _request: cache_pb.LookupRequest, _context: Any) -> cache_pb.LookupResponse:
        self.entered.set()
        await self.may_answer.wait()
        return cache_pb.LookupResponse()

    async def Commit(self, _request: cache_pb.CommitRequest, _context: Any) -> cache_pb.CommitResponse:
        self.request_ids.append(call_context.request_id.get())
        self.left_seconds.append(call_context.remaining_seconds() or 0.0)
        return cache_pb.CommitResponse()

    async def BatchStore(self, request_iterator: Any, _context: Any) -> cache_pb.BatchStoreResponse:
        async for _request in request_iterator:
            self.entered.set()
        return cache_pb.BatchStoreResponse()

    async def GetStats(self, _request: cache_pb.GetStatsRequest, _context: Any) -> cache_pb.GetStatsResponse:
        raise RuntimeError(SECRET)

    async def Download(self, _request: cache_pb.DownloadRequest, _context: Any) -> AsyncIterator[Any]:
        yield cache_pb.DownloadResponse(size_bytes=7)
        raise RuntimeError(SECRET)


@dataclass
class Served:
    """A servicer and a stub that calls it."""

    servicer: TinyCache
    stub: Any
    address: str
    registry: CollectorRegistry

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@asynccontextmanager
async def serving(max_deadline_seconds: float = SECONDS) -> AsyncIterator[Served]:
    """Serve with room for one call at once, and for any number of Commits."""
    registry = CollectorRegistry()
    gates = Gates(Gate(1), {"Commit": Gate(None)})
    server = AioServer(
        ServerSettings(drain_seconds=0), CallGuard(CallMetrics(registry, "tiny"), gates, max_deadline_seconds), ()
    )
    servicer = TinyCache()
    add_CacheServiceServicer_to_server(servicer, server.server)
    address = await server.start("127.0.0.1:0")
    try:
        async with connect_aio(address) as channel, asyncio.timeout(SECONDS):
            yield Served(servicer, CacheServiceStub(channel), address, registry)
    finally:
        await server.stop()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


async def refusal_of(call: Any) -> AssayError:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return error_of(failure.value, "the cache service")


async def test_an_unexpected_error_is_opaque_and_names_the_request_id(served: Served) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await served.stub.GetStats(cache_pb.GetStatsRequest(), metadata=(("x-request-id", "the-id"),))
    error = error_of(failure.value)
    assert isinstance(error, Internal)
    assert (error.reason, error.metadata) == (Reason.INTERNAL, {"request_id": "the-id"})
    assert "the-id" in error.message
    told = f"{failure.value.details()} {failure.value.debug_error_string()} {failure.value.trailing_metadata()}"
    assert SECRET not in told
    assert "RuntimeError" not in told
    assert served.metric("tiny_errors_total", method="GetStats", reason="INTERNAL") == 1


async def test_a_stream_that_breaks_keeps_what_it_sent_and_is_opaque_too(served: Served) -> None:
    call = served.stub.Download(cache_pb.DownloadRequest())
    assert (await call.read()).size_bytes == 7
    error = await refusal_of(call.read())
    assert (type(error), error.reason) == (Internal, Reason.INTERNAL)
    assert SECRET not in error.message


NO_MESSAGE = b"\xff\xff\xff"


@pytest.mark.parametrize("kind", ["unary_unary", "unary_stream", "stream_unary"])
async def test_bytes_that_are_no_message_are_the_callers_fault(served: Served, kind: str) -> None:
    method = {"unary_unary": "Commit", "unary_stream": "Download", "stream_unary": "BatchStore"}[kind]
    async with connect_aio(served.address) as channel:
        call = getattr(channel, kind)(f"/assaycache.cache.v1.CacheService/{method}")
        sent = call(iter([NO_MESSAGE])) if kind == "stream_unary" else call(NO_MESSAGE)
        error = await refusal_of(sent.read() if kind == "unary_stream" else sent)
    assert isinstance(error, InvalidArgument)
    assert error.reason is Reason.FIELD_INVALID
    assert served.metric("tiny_calls_total", method=method, code="INVALID_ARGUMENT") == 1


async def test_a_call_that_finds_no_room_is_refused_at_once(served: Served) -> None:
    held = asyncio.ensure_future(served.stub.Lookup(cache_pb.LookupRequest()))
    await served.servicer.entered.wait()
    error = await refusal_of(served.stub.Lookup(cache_pb.LookupRequest()))
    assert isinstance(error, ResourceExhausted)
    assert (error.reason, error.metadata) == (Reason.OVERLOADED, {"limit": "1"})
    assert not held.done()
    served.servicer.may_answer.set()
    await held


async def test_a_method_that_is_exempt_passes_a_full_server(served: Served) -> None:
    held = asyncio.ensure_future(served.stub.Lookup(cache_pb.LookupRequest()))
    await served.servicer.entered.wait()
    await asyncio.gather(*(served.stub.Commit(cache_pb.CommitRequest()) for _ in range(5)))
    assert not held.done()
    served.servicer.may_answer.set()
    await held


async def test_a_call_that_ended_leaves_its_place_however_it_ended(served: Served) -> None:
    served.servicer.may_answer.set()
    for _ in range(3):
        await refusal_of(served.stub.GetStats(cache_pb.GetStatsRequest()))
        await served.stub.Lookup(cache_pb.LookupRequest())
    assert served.metric("tiny_calls_running") == 0
    assert served.metric("tiny_calls_total", method="Lookup", code="OK") == 3


async def test_a_call_without_a_deadline_gets_the_longest_one(served: Served) -> None:
    await served.stub.Commit(cache_pb.CommitRequest())
    assert 0 < served.servicer.left_seconds[0] <= SECONDS


async def test_a_longer_deadline_is_shortened_and_a_shorter_one_kept(served: Served) -> None:
    await served.stub.Commit(cache_pb.CommitRequest(), timeout=10 * SECONDS)
    await served.stub.Commit(cache_pb.CommitRequest(), timeout=SECONDS / 2)
    longer, shorter = served.servicer.left_seconds
    assert shorter < 0.6 * SECONDS < longer <= SECONDS  # gRPC rounds deadlines up by a percent or so


async def test_a_call_that_reaches_the_longest_deadline_is_ended_by_the_server() -> None:
    async with serving(max_deadline_seconds=0.05) as served:
        error = await refusal_of(served.stub.Lookup(cache_pb.LookupRequest()))
        assert isinstance(error, DeadlineExceeded)
        assert (error.reason, error.message) == (Reason.DEADLINE_EXCEEDED, "No answer within 0.050 s.")


async def test_the_callers_request_id_is_taken_over_and_an_unsound_one_replaced(served: Served) -> None:
    await served.stub.Commit(cache_pb.CommitRequest(), metadata=(("x-request-id", "the-id"),))
    await served.stub.Commit(cache_pb.CommitRequest(), metadata=(("x-request-id", "x" * 65),))
    await served.stub.Commit(cache_pb.CommitRequest())
    kept, replaced, fresh = served.servicer.request_ids
    assert kept == "the-id"
    assert len(replaced) == len(fresh) == 16
    assert replaced != fresh
