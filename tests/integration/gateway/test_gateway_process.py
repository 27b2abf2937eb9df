"""`python -m gateway` binds, announces itself, serves, drains and ends."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.cache.v1 import entry_pb2
from gateway.__main__ import bound
from rpc.ready import READY_FD
from tests.support.gateway_standin import C3D, CONTENT_TYPE, part
from tests.support.scripted_services import JOB_ID, entry_of

SECONDS = 30


@dataclass
class Gateway:
    """A gateway process and where it listens."""

    process: asyncio.subprocess.Process
    address: str
    client: httpx.AsyncClient

    async def end(self) -> int:
        self.process.terminate()
        async with asyncio.timeout(SECONDS):
            return await self.process.wait()


async def run(**settings: str) -> asyncio.subprocess.Process:
    """Start a gateway without waiting for it."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        env={**os.environ, **settings},
        stderr=asyncio.subprocess.PIPE,
        pass_fds=[int(settings[READY_FD])] if READY_FD in settings else [],
    )


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Gateway]:
    read, write = os.pipe()
    process = await run(
        **{"GATEWAY_LISTEN": "127.0.0.1:0", "UPLOAD_MEMORY_BYTES": "0", READY_FD: str(write), **settings}
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            said = json.loads(await asyncio.wait_for(asyncio.to_thread(pipe.readline), SECONDS))
        async with httpx.AsyncClient(base_url=f"http://{said['listen']}", timeout=SECONDS) as client:
            yield Gateway(process, said["listen"], client)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def gateway(services: Any) -> AsyncIterator[Gateway]:
    async with serving(CACHE_ADDRESS=services.address, ANALYSIS_ADDRESS=services.address) as running:
        yield running


def computed() -> analysis_pb.AnalyzeResponse:
    return analysis_pb.AnalyzeResponse(result=analysis_pb.Analyzed(entry=entry_of(entry_pb2.TIER_COMPUTED)))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def accepts(address: str) -> bool:
    host, port = address.split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


async def test_it_serves_at_the_address_that_it_announces(gateway: Gateway) -> None:
    answer = await gateway.client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert (await gateway.client.get("/metrics")).status_code == 200


async def test_a_recording_travels_through_both_services(gateway: Gateway, services: Any) -> None:
    services.analysis.events = [computed()]
    content = C3D + bytes(3_000_000)
    answer = await gateway.client.post("/analyze", files={"file": ("a.c3d", content)})
    assert answer.json()["job_id"] == JOB_ID
    assert answer.json()["cached"] is False
    assert answer.json()["data"]["recording"]["sample_count"] == 1234
    assert services.cache.content == content
    assert services.analysis.requests[0].question.blob.size_bytes == len(content)


async def test_a_caller_that_leaves_while_uploading_breaks_the_upload_off(gateway: Gateway, services: Any) -> None:
    host, port = gateway.address.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /analyze HTTP/1.1\r\nHost: {host}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: 9000000\r\n\r\n"
    writer.write(head.encode() + part("file", C3D + bytes(4_000_000), "a.c3d"))
    await until(lambda: len(services.cache.content) > 1_000_000)
    writer.close()
    async with asyncio.timeout(SECONDS):
        await services.cache.broken_off.wait()


async def test_a_caller_that_leaves_while_waiting_cancels_the_analysis(gateway: Gateway, services: Any) -> None:
    services.analysis.hangs = True
    asked = asyncio.create_task(gateway.client.post("/analyze", files={"file": ("a.c3d", C3D)}))
    await until(lambda: bool(services.analysis.requests))
    asked.cancel()
    async with asyncio.timeout(SECONDS):
        await services.analysis.cancelled.wait()


async def test_being_asked_to_stop_it_answers_what_it_has_begun_and_ends_with_0(
    gateway: Gateway, services: Any
) -> None:
    services.analysis.events = [computed()]
    services.analysis.may_answer.clear()
    asked = asyncio.create_task(gateway.client.post("/analyze", files={"file": ("a.c3d", C3D)}))
    await until(lambda: bool(services.analysis.requests))
    ending = asyncio.create_task(gateway.end())
    async with asyncio.timeout(SECONDS):
        while await accepts(gateway.address):
            await asyncio.sleep(0.01)
    services.analysis.may_answer.set()
    assert (await asked).status_code == 200
    assert await ending == 0


async def test_services_that_are_away_are_told_and_do_not_hinder_the_start() -> None:
    async with serving(CACHE_ADDRESS="127.0.0.1:1", ANALYSIS_ADDRESS="127.0.0.1:1") as gateway:
        answer = await gateway.client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "down")
        refused = await gateway.client.post("/analyze", files={"file": ("a.c3d", C3D)})
        assert (refused.status_code, refused.json()["reason"]) == (503, "CACHE_UNAVAILABLE")


async def test_the_network_is_not_listened_on_unless_it_is_trusted() -> None:
    process = await run(GATEWAY_LISTEN="0.0.0.0:0")
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"TRUST_NETWORK=true" in said
    assert b"Traceback" not in said


async def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with bound("127.0.0.1:0") as taken:
        taken.listen()
        process = await run(GATEWAY_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
        _, said = await process.communicate()
    assert process.returncode == 1
    assert b"cannot be bound" in said
    assert b"Traceback" not in said


def test_small_answers_are_not_held_back() -> None:
    with bound("127.0.0.1:0") as listener:
        assert listener.proto == socket.IPPROTO_TCP, "asyncio sets TCP_NODELAY only for these"
