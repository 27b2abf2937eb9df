"""The bytes of a caller: named by their digest, then read again if they must be uploaded."""

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

Given = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]
"""What a caller may hand in: a path, the bytes themselves, or an open binary file, which is read from its start."""

_IN_MEMORY_BYTES = 16 * 1024 * 1024
"""What is kept in memory of a pipe, which cannot be read twice; more of it goes to a temporary file."""

_HEAD_BYTES = 512


@dataclass(frozen=True)
class Source:
    """Bytes that can be read again."""

    name: str
    sha256: bytes
    size_bytes: int
    head: bytes
    """The first bytes, by which formats are told apart."""
    _file: IO[bytes]

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """Yield the bytes from the start."""
        self._file.seek(0)
        while chunk := self._file.read(chunk_bytes):
            yield chunk


@contextlib.contextmanager
def open_source(given: Given, file_name: str | None) -> Iterator[Source]:
    """Open what the caller handed in and hash it; `file_name` replaces the name that it has by itself.

    Raises:
        OSError: if it cannot be read.
        TypeError: if it is a file of text.
    """
    with contextlib.ExitStack() as opened:
        name, file = _opened(given, opened)
        if not file.seekable():
            file = _copied(file, opened)
        file.seek(0)
        if isinstance(file.read(0), str):
            raise TypeError("the file is open as text; open it as binary: open(path, 'rb')")
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # IO[bytes] reads into a buffer
        size_bytes = file.seek(0, os.SEEK_END)
        yield Source(name if file_name is None else file_name, digest, size_bytes, head, file)


def _opened(given: Given, opened: contextlib.ExitStack) -> tuple[str, IO[bytes]]:
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        return path.name, opened.enter_context(path.open("rb"))
    if isinstance(given, bytes | bytearray | memoryview):
        return "", io.BytesIO(given)
    name = getattr(given, "name", "")
    return Path(name).name if isinstance(name, str) else "", given


def _copied(file: IO[bytes], opened: contextlib.ExitStack) -> IO[bytes]:
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  the stack closes it
    shutil.copyfileobj(file, opened.enter_context(copy))
    return copy
