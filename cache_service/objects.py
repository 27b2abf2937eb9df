"""Small objects by path in the blob store: put whole, and on a local disk only after an fsync."""

import asyncio
import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore

from cache_service.breaker import TierAway
from rpc.logs import get_logger

log = get_logger(__name__)

INCOMING = ".incoming"
"""The folder of a namespace where files are written aside, to be renamed once they are whole."""


class Objects:
    """Objects of the store that the blobs lie in. Any of it may raise TierAway."""

    def __init__(self, store: Any, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    async def put_new(self, path: str, data: bytes) -> bool:
        """Put an object unless there is one; return whether it was put. It is on the disk when this returns."""
        with guarded():
            if self._folder is not None:
                return await asyncio.to_thread(_write_new, self._folder, path, data)
            try:
                await obstore.put_async(self._store, path, data, mode="create")
            except obstore.exceptions.AlreadyExistsError:
                return False
            return True

    async def fetch(self, path: str) -> bytes | None:
        """Return an object's bytes; None where there is none."""
        with guarded():
            try:
                found = await obstore.get_async(self._store, path)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def delete(self, path: str) -> None:
        """Delete an object, if there is one."""
        with guarded(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, path)

    async def move(self, path: str, target: str) -> None:
        """Give an object another path, if there is one."""
        with guarded(), contextlib.suppress(FileNotFoundError):
            await obstore.rename_async(self._store, path, target)

    async def names(self, prefix: str) -> list[str]:
        """Return the names of the objects directly below a path, in order."""
        with guarded():
            listed = await obstore.list_with_delimiter_async(self._store, prefix=prefix)
        return sorted(item["path"].rsplit("/", 1)[-1] for item in listed["objects"])

    async def namespaces(self) -> list[str]:
        """Return the namespaces that have anything here."""
        with guarded():
            listed = await obstore.list_with_delimiter_async(self._store)
        prefixes = (prefix.rstrip("/") for prefix in listed["common_prefixes"])
        return sorted(prefix for prefix in prefixes if not prefix.startswith("."))


def _write_new(folder: Path, path: str, data: bytes) -> bool:
    """Write a file aside, bring it to the disk, and link it under its name unless that is taken."""
    target = folder / path
    namespace = path.split("/", 1)[0]
    aside = folder / namespace / INCOMING / uuid.uuid4().hex
    aside.parent.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, target)
    except FileExistsError:
        return False
    finally:
        aside.unlink(missing_ok=True)
    for parent in (target.parent, folder / namespace, folder):
        fsync(parent)
    return True


def fsync(path: Path) -> None:
    """Bring a local file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turn the store's failures into TierAway; a file that is not there stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, obstore.exceptions.BaseError) as error:
        log.warning("the blob store does not answer", error=type(error).__name__)
        raise TierAway("blobs") from error
