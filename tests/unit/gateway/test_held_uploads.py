"""Uploads that find room are hashed first; what the cache knows travels no further."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from gateway.backend import Blob, Failure
from gateway.holding import Room
from gateway.rounds import Rounds
from rpc.channels import CHUNK_BYTES
from tests.support.gateway_standin import C3D, JOB_ID, StandIn

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
def client(connect: Connect) -> httpx.AsyncClient:
    return connect(upload_memory_bytes=1_000_000)


async def post(client: httpx.AsyncClient, content: bytes = C3D) -> httpx.Response:
    return await client.post("/analyze", files={"file": ("a.c3d", content)}, data={"metadata": '{"a": 1}'})


async def test_a_new_file_is_sent_once_and_a_known_one_not_at_all(client: httpx.AsyncClient, backend: StandIn) -> None:
    first, second = await post(client), await post(client)
    assert (first.json()["cached"], second.json()["cached"]) == (False, True)
    assert (len(backend.blobs), backend.ingested) == (1, [])
    assert [submission.metadata for _, submission, _ in backend.looked_up if submission] == [{"a": 1}, {"a": 1}]


async def test_a_file_whose_bytes_are_there_is_analysed_without_being_sent(
    client: httpx.AsyncClient, backend: StandIn
) -> None:
    await post(client)
    backend.results.clear()
    assert (await post(client)).json()["job_id"] == JOB_ID
    assert len(backend.blobs) == 1


async def test_a_file_that_finds_no_room_is_handed_on_while_it_arrives(
    client: httpx.AsyncClient, backend: StandIn
) -> None:
    content = C3D + bytes(2_500_000)
    assert (await post(client, content)).status_code == 200
    assert [data for data, _, _ in backend.ingested] == [content]
    assert (await post(client)).status_code == 200


async def test_a_remembered_failure_is_told(client: httpx.AsyncClient, backend: StandIn) -> None:
    backend.remembered = Failure("FILE_NO_EMG", "No channel is EMG.")
    answer = await post(client)
    assert (answer.status_code, answer.json()["reason"]) == (422, "FILE_NO_EMG")


async def test_an_empty_file_is_left_to_the_cache_service(client: httpx.AsyncClient, backend: StandIn) -> None:
    await post(client, b"")
    assert len(backend.ingested) == 1


async def test_room_is_given_back_whatever_happens() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield bytes(60)
        yield bytes(60)

    room = Room(100)
    with room.holding(chunks()) as held:
        assert await held.measure() is None
        assert room.free_bytes == 40
        assert b"".join([chunk async for chunk in held.all()]) == bytes(120)
    assert room.free_bytes == 100


async def test_what_was_held_is_sent_in_chunks_of_one_size() -> None:
    content = bytes(range(256)) * 10_000

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    with Room(len(content)).holding(pieces()) as held:
        blob = await held.measure()
        chunks = [chunk async for chunk in held.all()]
    assert blob == Blob(hashlib.sha256(content).digest(), len(content))
    assert [len(chunk) for chunk in chunks] == [CHUNK_BYTES, CHUNK_BYTES, len(content) - 2 * CHUNK_BYTES]
    assert b"".join(chunks) == content


async def test_room_is_given_back_when_reading_fails() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield bytes(60)
        raise RuntimeError

    room = Room(100)
    with room.holding(chunks()) as held:
        with pytest.raises(RuntimeError):
            await held.measure()
        assert room.free_bytes == 40
    assert room.free_bytes == 100


async def test_look_ups_are_shared_only_with_those_who_came_before_they_began() -> None:
    rounds: Rounds[int] = Rounds()
    begun: list[asyncio.Event] = []
    numbers = iter(range(10))

    async def look() -> int:
        begun.append(asyncio.Event())
        number = next(numbers)
        await begun[number].wait()
        return number

    first = asyncio.create_task(rounds.ask("key", look))
    while not begun:
        await asyncio.sleep(0)
    later = [asyncio.create_task(rounds.ask("key", look)) for _ in range(5)]
    await asyncio.sleep(0)
    assert len(begun) == 1, "the next round waits for the one under way"
    begun[0].set()
    assert await first == 0
    while len(begun) < 2:
        await asyncio.sleep(0)
    begun[1].set()
    assert await asyncio.gather(*later) == [1] * 5


async def test_a_look_up_that_fails_fails_for_all_and_the_next_begins_anew() -> None:
    rounds: Rounds[int] = Rounds()

    async def fail() -> int:
        raise ValueError("away")

    failed = await asyncio.gather(*(rounds.ask("key", fail) for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in failed] == ["away"] * 3

    async def succeed() -> int:
        return 1

    assert await rounds.ask("key", succeed) == 1
