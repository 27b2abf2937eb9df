"""HTTP/1.1 by httptools, twice as fast as uvicorn's other parser, with the bound on headers that it lacks."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.gathering import GatheredWrites

MAX_SILENT_BYTES = 64 * 1024
"""What may arrive without telling anything, headers above all: as much as uvicorn's other parser takes."""


class BoundedHttp(HttpToolsProtocol):
    """Refuses requests whose headers, trailers or chunk extensions have no end; the parser would keep all of them."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._silent_bytes = 0
        self._is_broken = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin a connection."""
        super().connection_made(GatheredWrites(transport, self.loop))

    def data_received(self, data: bytes) -> None:
        """Take bytes in; after the first that are no HTTP there is nothing more to be understood."""
        if self._is_broken:
            return
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > MAX_SILENT_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what arrived; a whole request that came before it, such as one longer than it said, has its answer."""
        self._is_broken = True
        before = self.cycle
        if before is None or before.response_complete or before.more_body:
            super().send_400_response(msg)
        else:
            before.keep_alive = False  # its answer ends the connection

    def on_headers_complete(self) -> None:
        """Begin an answer."""
        self._silent_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._silent_bytes = 0
        self._make_ready_for_body()
        super().on_body(body)

    def _make_ready_for_body(self) -> None:
        """Let a piece that meets nothing be handed on as it is; it would be copied twice into and out of a bytearray.

        More pieces are gathered in one all the same: what comes in single bytes must not be copied for each of them.
        """
        waiting: bytes | bytearray = self.cycle.body
        if not waiting:
            self.cycle.body = b""  # type: ignore[assignment]  # nothing and a piece is the piece itself
        elif isinstance(waiting, bytes):
            self.cycle.body = bytearray(waiting)

    def on_message_complete(self) -> None:
        """End a request."""
        self._silent_bytes = 0
        super().on_message_complete()
