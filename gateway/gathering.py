"""What one turn of the event loop writes to a connection, sent at once: an answer's head with its body."""

import asyncio
from collections.abc import Callable
from typing import Any

_MOST_BYTES = 64 * 1024
"""More than this is sent without being joined: copying it would cost more than the call that it spares."""


class GatheredWrites(asyncio.Transport):
    """A transport over another one."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._call_soon: Callable[..., Any] = loop.call_soon
        self._kept: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data with what else is written before the event loop turns."""
        if len(data) > _MOST_BYTES:
            self._flush()
            self._transport.write(data)
        elif data:
            if not self._kept:
                self._call_soon(self._flush)
            self._kept.append(data)

    def _flush(self) -> None:
        if self._kept:
            kept, self._kept = self._kept, []
            self._transport.write(kept[0] if len(kept) == 1 else b"".join(kept))

    def close(self) -> None:
        """Close when all is sent."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close, and send nothing more."""
        self._kept.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Tell whether it was closed."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Let nothing arrive."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Let data arrive again."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection."""
        return self._transport.get_extra_info(name, default)
