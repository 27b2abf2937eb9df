"""Thousands of random messages to every RPC: no fault of the service, which stays well and does not grow."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import grpc

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from rpc.channels import connect_aio
from tests.fault.scale import FULL
from tests.integration.cache.conftest import Caller, a_question
from tests.support.memory import memory_bytes
from tests.support.processes import Service
from tests.support.random_messages import random_bytes, random_message

METHODS = list(pb.DESCRIPTOR.services_by_name["CacheService"].methods)
MESSAGES = 10_000 if FULL else 1_500
AT_ONCE = 16
WARM_SHARE = 0.4
"""After so many of the messages every path has been walked, and every pool and cache of a fixed size is filled."""

MOST_GROWTH_BYTES = 24 * 1024 * 1024
"""Over the rest of them: what 10,000 messages may leave behind, such as the jobs that they were about."""

FAULTS = {
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
ALREADY_ENDED = "Internal error from Core"
"""What grpc.aio says by itself, now and then, to who still writes to a call that has ended."""

CONTENT = b"some content"


async def a_request(chance: random.Random, method: Any, caller: Caller, blob: identity_pb2.BlobRef) -> bytes:
    """Return a message as it travels: noise, random values, or random values about what there is."""
    kind = method.input_type._concrete_class
    if chance.random() < 0.3:
        return random_bytes(chance, kind)
    request = random_message(chance, kind)
    names = method.input_type.fields_by_name
    if "question" in names and chance.random() < 0.6:
        request.question.CopyFrom(a_question(blob=blob))
    if "token" in names and chance.random() < 0.6:
        request.token = (await caller.reserve(await caller.ask(chance.randbytes(8)))).lease.token
    if "wait" in names:
        request.ClearField("wait")
    if "namespace" in names and chance.random() < 0.6:
        request.namespace = ""
    bytes_of_request: bytes = request.SerializePartialToString()
    return bytes_of_request


async def code_of(channel: grpc.aio.Channel, method: Any, requests: list[bytes]) -> grpc.StatusCode:
    """Send messages to a method; return how the call ended."""
    asks = "stream" if method.client_streaming else "unary"
    answers = "stream" if method.server_streaming else "unary"
    open_call = getattr(channel, f"{asks}_{answers}")(f"/{method.containing_service.full_name}/{method.name}")
    call = open_call(iter(requests) if method.client_streaming else requests[0], timeout=20)
    if method.server_streaming:
        while True:
            try:
                if await call.read() is grpc.aio.EOF:
                    break
            except grpc.aio.AioRpcError:
                break
    code: grpc.StatusCode = await call.code()
    if method.client_streaming and str(await call.details()).startswith(ALREADY_ENDED):
        return grpc.StatusCode.INVALID_ARGUMENT
    return code


async def send(chance: random.Random, caller: Caller, turns: Iterator[Any], codes: Counter[str]) -> None:
    blob = (await caller.ingest(CONTENT)).blob
    async with connect_aio(caller.address) as channel:
        for method in turns:
            count = chance.randrange(1, 4) if method.client_streaming else 1
            requests = [await a_request(chance, method, caller, blob) for _ in range(count)]
            code = await code_of(channel, method, requests)
            codes[code.name] += 1
            assert code not in FAULTS, (method.name, requests)


async def test_random_messages_are_no_fault_of_the_service_and_leave_nothing_behind(
    shared: Caller, shared_service: Service
) -> None:
    chance = random.Random(20)
    codes: Counter[str] = Counter()

    async def flood(first: int, last: int) -> None:
        turns = iter([METHODS[number % len(METHODS)] for number in range(first, last)])
        await asyncio.gather(*(send(chance, shared, turns, codes) for _ in range(AT_ONCE)))

    warm = int(WARM_SHARE * MESSAGES)
    await flood(0, warm)
    before = memory_bytes(shared_service.process.pid)
    await flood(warm, MESSAGES)
    grown = memory_bytes(shared_service.process.pid) - before
    print(f"{MESSAGES} messages: {dict(codes)}; grown by {grown / 2**20:.1f} MiB since message {warm}")
    assert grown < MOST_GROWTH_BYTES
    assert set(codes) >= {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"}, "they reach all corners"
    assert (await shared.lookup(await shared.ask(b"of another caller"))).HasField("miss")
