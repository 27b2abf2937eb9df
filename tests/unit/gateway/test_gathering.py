"""What is written in one turn of the event loop leaves at once, and in its order."""

import asyncio
from collections.abc import Callable

import pytest

from gateway.gathering import GatheredWrites


class Sent(asyncio.Transport):
    """A transport that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def abort(self) -> None:
        self.told.append("abort")


@pytest.fixture
async def both() -> tuple[GatheredWrites, Sent]:
    sent = Sent()
    return GatheredWrites(sent, asyncio.get_running_loop()), sent


async def test_a_head_and_its_body_are_one_write(both: tuple[GatheredWrites, Sent]) -> None:
    transport, sent = both
    transport.write(b"head ")
    transport.write(b"")
    transport.write(b"body")
    assert sent.told == []
    await asyncio.sleep(0)
    assert sent.told == [b"head body"]
    transport.write(b"next")
    await asyncio.sleep(0)
    assert sent.told == [b"head body", b"next"]


async def test_what_is_long_is_not_copied_and_keeps_its_place(both: tuple[GatheredWrites, Sent]) -> None:
    transport, sent = both
    long = bytes(100_000)
    transport.write(b"head")
    transport.write(long)
    transport.write(b"tail")
    assert sent.told == [b"head", long]
    await asyncio.sleep(0)
    assert sent.told == [b"head", long, b"tail"]


@pytest.mark.parametrize(
    ("end", "told"), [(GatheredWrites.close, [b"last", "close"]), (GatheredWrites.abort, ["abort"])]
)
async def test_closing_sends_what_was_written_and_aborting_does_not(
    both: tuple[GatheredWrites, Sent], end: Callable[[GatheredWrites], None], told: list[bytes | str]
) -> None:
    transport, sent = both
    transport.write(b"last")
    end(transport)
    await asyncio.sleep(0)
    assert sent.told == told
