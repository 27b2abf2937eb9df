"""The file that holds a reference: plain arrays one after the other, and a JSON head that says where.

    magic, format (8 + 8 bytes) | head's offset, head's length (8 + 8) | head's SHA-256 (32) | arrays … | head

All numbers are little-endian; arrays begin at multiples of 4,096 bytes, so that they can be mapped. The head holds
the SHA-256 of every array, so its own SHA-256 covers the whole content: that is the artefact's digest.
"""

import fcntl
import hashlib
import json
import math
import mmap
import os
import struct
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason

FORMAT = 1
SUFFIX = ".reference"
"""Of an artefact's file, behind its digest."""
TREE = "tree_parents"
"""The array that a reference with a tree has."""
_UNFINISHED = ".building-"
_YOUNG_SECONDS = 60.0
"""A file may lie there for a moment before its writer has locked it."""
_MAGIC = b"ASSAYREF"
_PRELUDE = struct.Struct("<8sQQQ32s")
_ALIGNMENT = 4096
_CHUNK = 1 << 22
_MAX_HEAD_BYTES = 64 << 20
_DTYPES = frozenset({"|u1", "<u8", "<i8", "<i4", "<f8"})

Arrays = dict[str, NDArray[Any]]


class ArtefactWriter:
    """Writes an artefact beside its place and moves it there when it is whole.

    Use it as a context manager; without :meth:`finish` nothing is left.

    Parameters
    ----------
    folder
        Where the artefact will lie.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=_UNFINISHED)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # the kernel gives it back when this process ends, however it does
        self._path = Path(name)
        self._file: BinaryIO = os.fdopen(descriptor, "w+b")
        self._sections: dict[str, dict[str, Any]] = {}
        self._end = _ALIGNMENT

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def allocate(self, name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """Make room for an array, and return it mapped and filled with zeros, to be written in place."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        self._sections[name] = {"dtype": kind.str, "shape": list(shape), "offset": self._end}
        start, self._end = self._end, _aligned(self._end + size)
        self._file.truncate(self._end)
        if not size:
            return np.empty(shape, kind)
        return np.memmap(self._file, kind, "r+", start, shape)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write an array."""
        self.allocate(name, array.dtype.newbyteorder("<").str, array.shape)[...] = array

    def finish(self, head: Mapping[str, Any], name_of: Callable[[str], str]) -> Path:
        """Write the head, sync, and move the file to its name, which may hold its digest."""
        os.fsync(self._file.fileno())  # what was written through the mappings
        for section in self._sections.values():
            section["sha256"] = _section_digest(self._file, section)
        text = json.dumps({**head, "arrays": self._sections}, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(text)
        self._file.seek(self._end)
        self._file.write(text)
        self._file.seek(0)
        self._file.write(_PRELUDE.pack(_MAGIC, FORMAT, self._end, len(text), digest.digest()))
        self._file.flush()
        os.fsync(self._file.fileno())
        target = self._path.parent / name_of(digest.hexdigest())
        self._path.chmod(0o644)
        self._path.replace(target)
        sync_folder(target.parent)
        return target


class Artefact:
    """An artefact that is open: its arrays are mapped, read-only, and shared by all processes that map them.

    Parameters
    ----------
    path
        The file.
    is_verified
        Whether every array is compared with its digest: a second a gigabyte. The head always is.

    Raises
    ------
    ReferenceProblem
        REFERENCE_DAMAGED, REFERENCE_UNSUPPORTED, or REFERENCE_UNKNOWN if there is no such file.
    """

    def __init__(self, path: Path, *, is_verified: bool) -> None:
        try:
            with path.open("rb") as file:
                self.digest, self.head = _read_head(file, path.name)
                for section in self.head["arrays"].values() if is_verified else ():
                    if _section_digest(file, section) != section["sha256"]:
                        raise _damaged(path.name, "an array has changed since it was written")
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise ReferenceProblem(ReferenceReason.REFERENCE_UNKNOWN, f"There is no reference {path.name}.") from error

    def array(self, name: str) -> NDArray[Any]:
        """One of its arrays."""
        section = self.head["arrays"][name]
        kind, shape = np.dtype(section["dtype"]), tuple(section["shape"])
        flat = np.frombuffer(self._map, kind, math.prod(shape), section["offset"])
        return flat.reshape(shape)


def sweep(folder: Path) -> int:
    """Remove what writers that are dead left unfinished in a folder; return how many files that were.

    A writer holds a lock on its file as long as it lives, on whichever machine that shares the folder.
    """
    left = [path for path in folder.glob(f"{_UNFINISHED}*") if _is_abandoned(path)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if time.time() - os.fstat(file.fileno()).st_mtime < _YOUNG_SECONDS:
                return False
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, PermissionError, BlockingIOError):  # finished meanwhile, of others, being written
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last through a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def _size_of(section: Mapping[str, Any]) -> int:
    size: int = math.prod(section["shape"]) * np.dtype(section["dtype"]).itemsize
    return size


def _section_digest(file: BinaryIO, section: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    file.seek(section["offset"])
    left = _size_of(section)
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            break  # truncated: the digest will not fit
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _read_head(file: BinaryIO, name: str) -> tuple[str, dict[str, Any]]:
    prelude = file.read(_PRELUDE.size)
    if len(prelude) < _PRELUDE.size or not prelude.startswith(_MAGIC):
        raise _damaged(name, "it does not begin as one")
    _, version, offset, length, digest = _PRELUDE.unpack(prelude)
    if version != FORMAT:
        text = f"The reference {name} has the form {version}; {FORMAT} is understood. Build it again."
        raise ReferenceProblem(ReferenceReason.REFERENCE_UNSUPPORTED, text)
    size = file.seek(0, os.SEEK_END)
    if length > _MAX_HEAD_BYTES or offset + length != size:
        raise _damaged(name, "its size is not the one that was written")
    file.seek(offset)
    text_of_head = file.read(length)
    if hashlib.sha256(text_of_head).digest() != digest:
        raise _damaged(name, "its head has changed since it was written")
    head: dict[str, Any] = json.loads(text_of_head)
    for section in head["arrays"].values():
        if section["dtype"] not in _DTYPES or section["offset"] + _size_of(section) > offset:
            raise _damaged(name, "an array lies outside of the file")
    return digest.hex(), head


def _damaged(name: str, why: str) -> ReferenceProblem:
    return ReferenceProblem(ReferenceReason.REFERENCE_DAMAGED, f"{name} is not a reference, or it is damaged: {why}.")
