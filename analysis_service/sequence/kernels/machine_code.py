"""Compiling with numba, and where the machine code is kept."""

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function when it is first called, or load what an earlier process compiled.

    Without `fastmath`, so that no compiler reorders a floating-point sum; without the interpreter's lock, so that
    threads can share the work.
    """
    folder = code_folder()
    kept = numba.config.CACHE_DIR  # read once, by the decorator
    try:
        numba.config.CACHE_DIR = str(folder) if folder else kept
        return cast(_Function, numba.njit(cache=bool(folder), nogil=True)(function))
    finally:
        numba.config.CACHE_DIR = kept


@cache
def code_folder() -> Path | None:
    """The folder of the machine code: one for each state of the sources, None where nothing can be written.

    numba's own choice is beside the sources, which an ordinary user of a shared installation cannot write, and it
    does not notice that a function in another file has changed.
    """
    for base in _candidates():
        folder = base / _state_of_the_sources()
        if _is_ours(folder):
            return folder
    return None


@contextmanager
def compiling_once() -> Iterator[None]:
    """Let one process of this user compile at a time; the others then load what it kept. One that dies lets go."""
    folder = code_folder()
    if folder is None:
        yield
        return
    with (folder / "compiling").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen)
        return
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  Path.home() raises without one
    if Path(home).is_absolute():
        yield Path(home) / "assaycache" / "numba"
    yield Path(tempfile.gettempdir()) / f"assaycache-numba-{os.getuid()}"


def _is_ours(folder: Path) -> bool:
    """Make the folder; whether it can be written by us, and by nobody else: what lies there is run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = all(_belongs_to_us(part) for part in (folder, folder.parent))
        return own and os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False


def _belongs_to_us(folder: Path) -> bool:
    found = folder.stat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.getuid() and not found.st_mode & others


def _state_of_the_sources() -> str:
    state = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        state.update(source.read_bytes())
    return state.hexdigest()[:16]
