"""Bodies arrive whole, whatever the pieces in which they come, and a piece that is alone is handed on as it is."""

import asyncio
from typing import Any

import pytest
import uvicorn

from gateway.http11 import BoundedHttp


async def no_application(_scope: Any, _receive: Any, _send: Any) -> None:
    """Take nothing, so that what arrives waits."""
    await asyncio.Event().wait()


@pytest.fixture
async def protocol() -> BoundedHttp:
    config = uvicorn.Config(no_application, http=BoundedHttp, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    made = BoundedHttp(config, server.server_state, {})
    made.connection_made(asyncio.Transport())
    return made


async def test_pieces_of_a_body_are_gathered(protocol: BoundedHttp) -> None:
    protocol.data_received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
    for piece in (b"one ", b"two ", b"more"):
        protocol.data_received(piece)
    assert await protocol.cycle.receive() == {"type": "http.request", "body": b"one two more", "more_body": False}


async def test_a_piece_that_is_alone_is_not_copied(protocol: BoundedHttp) -> None:
    protocol.data_received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
    for piece in (b"one ", b"two ", b"more"):
        protocol.on_body(piece)
        assert (await protocol.cycle.receive())["body"] is piece
