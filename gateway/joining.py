"""Pieces of any size to chunks of one, each byte copied once."""

from collections import deque


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
