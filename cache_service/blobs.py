"""The blob store: input bytes by their digest, through obstore, and on a local disk only after an fsync."""

import asyncio
import contextlib
import hashlib
import os
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, from_url

from cache_service.blob_uses import BlobUses
from cache_service.breaker import TierAway
from cache_service.keys import Blob
from cache_service.objects import INCOMING, Objects, fsync, guarded
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

_HASH_IN_THREAD_BYTES = 128 * 1024
_WRITE_BUFFER_BYTES = 8 * 1024 * 1024
_LOOKED_AT_IN_THREAD = 2000
_ASKED_AT_ONCE = 64
_USAGE_SECONDS = 30.0


class BlobStore:
    """Blobs of all namespaces; the path of each begins with its namespace."""

    def __init__(self, url: str, max_blob_bytes: int) -> None:
        self.max_blob_bytes = max_blob_bytes
        self.folder: Path | None = None
        self.store: Any
        self._usage: dict[str, tuple[float, tuple[int, int]]] = {}
        if urlsplit(url).scheme == "file":
            self.folder = Path(unquote(urlsplit(url).path))
            self.store = LocalStore(prefix=str(self.folder), mkdir=True, automatic_cleanup=False)
        else:
            self.store = from_url(url)
        self.objects = Objects(self.store, self.folder)
        self.uses = BlobUses(self.folder)
        self.uploading: set[str] = set()
        """The paths at which this process is writing uploads aside."""

    def upload(self, namespace: str) -> "Upload":
        """Begin an upload; use it as an asynchronous context manager."""
        return Upload(self, namespace)

    async def has(self, namespace: str, blob: Blob) -> bool:
        """Return whether a blob is here, whole; if so it stays for an hour at least.

        Raises:
            TierAway: if the store does not answer.
        """
        with guarded():
            try:
                found = await obstore.head_async(self.store, blob_path(namespace, blob.sha256))
                if found["size"] != blob.size_bytes:
                    return False
                await self.uses.note(blob_path(namespace, blob.sha256))
            except FileNotFoundError:
                return False
        return True

    async def note_use(self, namespace: str, blob: Blob) -> None:
        """Let a blob stay for another hour.

        Raises:
            FileNotFoundError: if it is not here.
            TierAway: if the store does not answer.
        """
        with guarded():
            await self.uses.note(blob_path(namespace, blob.sha256))

    async def missing(self, namespace: str, blobs: Sequence[Blob]) -> list[Blob]:
        """Return those of the blobs that are not here; the others stay for an hour at least.

        Raises:
            TierAway: if the store does not answer.
        """
        missing: list[Blob] = []
        size = _ASKED_AT_ONCE if self.folder is None else _LOOKED_AT_IN_THREAD
        for start in range(0, len(blobs), size):
            some = blobs[start : start + size]
            here = await self._have(namespace, some)
            missing += [blob for blob, present in zip(some, here, strict=True) if not present]
        return missing

    async def _have(self, namespace: str, blobs: Sequence[Blob]) -> list[bool]:
        if self.folder is None:
            return await asyncio.gather(*(self.has(namespace, blob) for blob in blobs))
        with guarded():
            return await asyncio.to_thread(_have_files, self.folder, namespace, blobs)

    async def read(self, namespace: str, blob: Blob, offset_bytes: int, chunk_bytes: int) -> AsyncIterator[memoryview]:
        """Yield a blob's bytes from an offset.

        Raises:
            FileNotFoundError: if the blob is not here.
            TierAway: if the store does not answer.
        """
        with guarded():
            path = blob_path(namespace, blob.sha256)
            await self.uses.note(path)
            if offset_bytes >= blob.size_bytes:
                await obstore.head_async(self.store, path)
                return
            found = await obstore.get_async(self.store, path, options={"range": {"offset": offset_bytes}})
            async for chunk in found.stream(min_chunk_size=chunk_bytes):
                view = memoryview(chunk)
                for start in range(0, len(view), chunk_bytes):
                    yield view[start : start + chunk_bytes]

    async def usage(self, namespace: str) -> tuple[int, int]:
        """Return how many blobs a namespace has, and how many bytes they are; counted anew every half minute.

        Raises:
            TierAway: if the store does not answer.
        """
        counted_at, usage = self._usage.get(namespace, (float("-inf"), (0, 0)))
        if time.monotonic() - counted_at < _USAGE_SECONDS:
            return usage
        count, size_bytes = 0, 0
        with guarded():
            async for page in obstore.list(self.store, prefix=namespace):
                sizes = [item["size"] for item in page if is_blob_path(item["path"])]
                count, size_bytes = count + len(sizes), size_bytes + sum(sizes)
        self._usage[namespace] = (time.monotonic(), (count, size_bytes))
        return count, size_bytes

    async def remove(self, namespace: str, sha256: bytes, until: float) -> bool:
        """Remove a blob that was written up to a time (seconds since 1970); return whether there was one.

        Raises:
            TierAway: if the store does not answer.
        """
        self._usage.pop(namespace, None)
        path = blob_path(namespace, sha256)
        with guarded():
            try:
                found = await obstore.head_async(self.store, path)
                if found["last_modified"].timestamp() > until:
                    return False
                await obstore.delete_async(self.store, path)
            except FileNotFoundError:
                return False
        return True

    async def sync(self, path: str) -> None:
        """Bring a local file or folder to the disk: obstore does not."""
        if self.folder is not None:
            await asyncio.to_thread(fsync, self.folder / path)


class Upload:
    """One upload: hashed and written aside while it arrives, published under its digest at the end.

    Leaving the context without `publish` leaves nothing behind.
    """

    def __init__(self, blobs: BlobStore, namespace: str) -> None:
        self._blobs = blobs
        self._namespace = namespace
        self._aside = f"{namespace}/{INCOMING}/{uuid.uuid4().hex}"
        self._digest = hashlib.sha256()
        self._writer: Any = None
        self._written = False
        self.size_bytes = 0

    async def __aenter__(self) -> "Upload":
        self._blobs.uploading.add(self._aside)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer = None  # dropping an open writer removes what it wrote
        self._blobs.uploading.discard(self._aside)
        if self._written:
            with contextlib.suppress(TierAway):  # why the upload ended says more; the janitor sweeps what stays
                await self._blobs.objects.delete(self._aside)

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            InvalidArgument: BLOB_TOO_LARGE.
            TierAway: if the store does not take them.
        """
        self.size_bytes += len(chunk)
        limit = self._blobs.max_blob_bytes
        if self.size_bytes > limit:
            raise InvalidArgument(
                Reason.BLOB_TOO_LARGE,
                f"The file is larger than the limit of {limit / 1e6:.0f} MB.",
                metadata={"limit_bytes": str(limit)},
            )
        with guarded():
            if self._writer is None:
                self._writer = obstore.open_writer_async(
                    self._blobs.store, self._aside, buffer_size=_WRITE_BUFFER_BYTES
                )
            if len(chunk) >= _HASH_IN_THREAD_BYTES:
                await asyncio.gather(asyncio.to_thread(self._digest.update, chunk), self._writer.write(chunk))
            else:
                self._digest.update(chunk)
                await self._writer.write(chunk)

    def measured(self) -> Blob:
        """Return the digest and size of what has arrived."""
        return Blob(self._digest.digest(), self.size_bytes)

    async def publish(self) -> bool:
        """Put what has arrived under its digest; return whether it was there before.

        What was there is replaced, since nobody knows whether its disk has kept it well.

        Raises:
            TierAway: if the store does not take it.
        """
        blob = self.measured()
        existed = await self._blobs.has(self._namespace, blob)
        with guarded():
            self._written = True  # from here on it must be removed, or moved
            if self._writer is None:
                await obstore.put_async(self._blobs.store, self._aside, b"")
            else:
                await self._writer.close()
                self._writer = None
            target = blob_path(self._namespace, blob.sha256)
            try:
                await self._blobs.sync(self._aside)
                await obstore.rename_async(self._blobs.store, self._aside, target)
                self._written = False
                await self._blobs.sync(target.rsplit("/", 1)[0])
            except FileNotFoundError as error:  # this process hung so long that its file was swept
                raise TierAway("blobs") from error
        return existed


def blob_path(namespace: str, sha256: bytes) -> str:
    """Return where a blob lies."""
    name = sha256.hex()
    return f"{namespace}/{name[:2]}/{name}"


def is_blob_path(path: str) -> bool:
    """Return whether a blob lies there, and nothing else that the store holds."""
    parts = path.split("/")
    return len(parts) == 3 and len(parts[2]) == 64 and parts[1] == parts[2][:2]


def _have_files(folder: Path, namespace: str, blobs: Sequence[Blob]) -> list[bool]:
    return [_is_there(folder / blob_path(namespace, blob.sha256), blob.size_bytes) for blob in blobs]


def _is_there(path: Path, size_bytes: int) -> bool:
    """Return whether a file of this size is there, and note its use."""
    try:
        if path.stat().st_size != size_bytes:
            return False
        os.utime(path)
    except FileNotFoundError:
        return False
    return True
