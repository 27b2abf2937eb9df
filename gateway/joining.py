"""Pieces of any size to chunks of one, each byte copied once."""

from collections import deque
from collections.abc import AsyncIterator


class Chunks:
    """Gathers pieces, and gives them back in chunks."""

    def __init__(self, chunk_bytes: int) -> None:
        self._chunk_bytes = chunk_bytes
        self._pieces: deque[bytes] = deque()
        self._size_bytes = 0

    def add(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)
        self._size_bytes += len(piece)

    def full(self) -> bytes | None:
        """Return the next whole chunk; None where there is none yet."""
        return self._taken(self._chunk_bytes) if self._size_bytes >= self._chunk_bytes else None

    def rest(self) -> bytes:
        """Return what is left."""
        return self._taken(min(self._size_bytes, self._chunk_bytes))

    def _taken(self, count: int) -> bytes:
        taken: list[bytes] = []
        self._size_bytes -= count
        while count > 0:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
                piece = piece[:count]
            taken.append(piece)
            count -= len(piece)
        return b"".join(taken)


async def rechunked(pieces: AsyncIterator[bytes], chunk_bytes: int) -> AsyncIterator[bytes]:
    """Yield the same bytes in chunks of one size, of which the last is smaller."""
    pending = Chunks(chunk_bytes)
    async for piece in pieces:
        pending.add(piece)
        while chunk := pending.full():
            yield chunk
    if rest := pending.rest():
        yield rest
