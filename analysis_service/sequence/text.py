"""The text of a file, plain or compressed, in chunks and within bounds."""

import io
from collections.abc import Iterator
from mmap import mmap
from typing import Any, BinaryIO, TypeAlias

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.errors import InputError, Reason

GZIP_MAGIC = b"\x1f\x8b"

CHUNK_BYTES = 256 * 1024
"""What is held of a text at a time: large enough that calls cost nothing, small enough for a processor's cache."""


_Buffer: TypeAlias = bytes | bytearray | memoryview | mmap
Data: TypeAlias = _Buffer | BinaryIO
"""Bytes, a memory map or another buffer; or a binary file that can be sought."""


class SequenceText:
    """A file's text, which can be read from its beginning several times.

    Parameters
    ----------
    data
        The file, compressed or not: which, is told by its first bytes.
    bounds
        How much it may hold.

    Attributes
    ----------
    line : int
        The line, from 1, at which the last chunk that was read ends.
    """

    def __init__(self, data: Data, bounds: Bounds) -> None:
        self._bounds = bounds
        self._file, self._size = _opened(data)
        self._start = self._file.tell()
        self.is_compressed = self._peek(len(GZIP_MAGIC)) == GZIP_MAGIC
        self.line = 1

    def __enter__(self) -> "SequenceText":
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._file, _BufferFile):
            self._file.close()

    @property
    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(1.0, (self._file.tell() - self._start) / max(self._size, 1))

    def chunks(self) -> Iterator[bytes]:
        """The text from its beginning.

        Raises
        ------
        InputError
            FILE_TRUNCATED or FILE_CORRUPT for a compressed file that is cut or damaged, FILE_LIMIT_EXCEEDED.
        """
        self._file.seek(self._start)
        self.line, total = 1, 0
        for chunk in self._decompressed() if self.is_compressed else self._stored():
            total += len(chunk)
            self._check_size(total)
            yield chunk
            self.line += chunk.count(b"\n")

    def _peek(self, count: int) -> bytes:
        head = self._file.read(count)
        self._file.seek(self._start)
        return head

    def _stored(self) -> Iterator[bytes]:
        while chunk := self._file.read(CHUNK_BYTES):
            yield chunk

    def _decompressed(self) -> Iterator[bytes]:
        stored, member, rest = self._stored(), _member(), b""
        while True:
            if member.eof:
                rest = self._next_member(member.unused_data, stored)
                if not rest:
                    return
                member = _member()
            elif member.needs_input and not rest:
                rest = next(stored, b"")
                if not rest:
                    raise self._cut()
            try:
                text, rest = member.decompress(rest, CHUNK_BYTES), b""
            except IsalError as error:  # type: ignore[misc]  # the stubs have an instance for the class
                raise self._damaged(str(error)) from error
            if text:
                yield text

    def _next_member(self, rest: bytes, stored: Iterator[bytes]) -> bytes:
        """What follows a finished member: nothing (padding of zeros is allowed), or the beginning of another one."""
        rest = rest.lstrip(b"\0")
        while len(rest) < len(GZIP_MAGIC) and (more := next(stored, b"")):
            rest = (rest + more).lstrip(b"\0")
        if rest and not rest.startswith(GZIP_MAGIC):
            raise InputError(
                Reason.FILE_CORRUPT,
                f"The compressed data ends at line {self.line}, and something that is not gzip follows. "
                "Remove it, or compress the file again.",
            )
        return rest

    def _cut(self) -> InputError:
        return InputError(
            Reason.FILE_TRUNCATED,
            f"The compressed file is cut short: it ends in the middle of line {self.line}. Transfer it again.",
        )

    def _damaged(self, error: str) -> InputError:
        return InputError(
            Reason.FILE_CORRUPT,
            f"The compressed file is damaged ({_reworded(error)}): nothing after line {self.line} can be trusted. "
            "Transfer it again.",
        )

    def _check_size(self, total: int) -> None:
        bounds = self._bounds
        if total > bounds.text_bytes:
            raise InputError(
                Reason.FILE_LIMIT_EXCEEDED,
                f"The file holds more than {bounds.text_bytes:,} bytes of text (at line {self.line}).",
            )
        read = max(self._file.tell() - self._start, 1)
        if self.is_compressed and total > max(bounds.small_text_bytes, bounds.compression_ratio * read):
            raise InputError(
                Reason.FILE_LIMIT_EXCEEDED,
                f"The file is compressed more than {bounds.compression_ratio:g} times (at line {self.line}), as no "
                "sequencing data is.",
            )


class ChunkFile(io.RawIOBase):
    """Chunks as a file that can be read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, target: Any) -> int:
        """Fill a buffer with what comes next; 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        with memoryview(target) as view:
            count = min(len(view), len(self._rest))
            view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class _BufferFile:
    """A buffer as a file, without a copy of it."""

    def __init__(self, view: memoryview) -> None:
        self._view = view.cast("B")
        self._at = 0

    def read(self, count: int) -> bytes:
        chunk = bytes(self._view[self._at : self._at + count])
        self._at += len(chunk)
        return chunk

    def seek(self, at: int) -> None:
        self._at = at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._view.release()


def _opened(data: Data) -> tuple["_BufferFile | BinaryIO", int]:
    """A file to read from, and the size of what is left of it."""
    if isinstance(data, _Buffer):
        view = memoryview(data)
        return _BufferFile(view), view.nbytes
    start = data.tell()
    size = data.seek(0, io.SEEK_END) - start
    data.seek(start)
    return data, size


def _member() -> IgzipDecompressor:
    return IgzipDecompressor(flag=DECOMP_GZIP)


def _reworded(error: str) -> str:
    """isal's message without its number."""
    return " ".join(error.split()[2:]).lower() or "unreadable"
