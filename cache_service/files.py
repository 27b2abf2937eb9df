"""Files: what may be done with blobs, with the errors that a caller sees."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cache_service.away import AwayAs
from cache_service.blobs import BlobStore, Upload
from cache_service.breaker import NOT_NOW, TierAway
from cache_service.entries import CorruptRecordError, Payload, check_payload
from cache_service.keys import Blob, Identity
from cache_service.statistics import Statistics
from rpc.errors import FailedPrecondition, InvalidArgument, NotFound
from rpc.reasons import Reason

_CHECK_IN_THREAD_BYTES = 256 * 1024
MAX_INLINE_PAYLOAD_BYTES = 1024 * 1024
"""The largest payload that travels inline, encoded; a larger one is uploaded as a blob and committed by its name."""

MAX_RESULT_BYTES = 512 * 1024 * 1024
"""The largest result, uncompressed: beyond it a reader could be made to allocate without bound."""


class Files:
    """Blobs, and payloads that may lie in one."""

    def __init__(self, blobs: BlobStore, statistics: Statistics) -> None:
        self._blobs = blobs
        self.max_blob_bytes = blobs.max_blob_bytes
        self._statistics = statistics

    @asynccontextmanager
    async def upload(self, namespace: str) -> AsyncIterator[Upload]:
        """Take bytes in; nothing is left unless the body publishes them."""
        with self._blob_errors():
            async with self._blobs.upload(namespace) as upload:
                yield upload
        self._statistics.ingested(upload.size_bytes)

    async def missing(self, namespace: str, blobs: Sequence[Blob]) -> list[Blob]:
        """Return those of the blobs that are not here."""
        with self._blob_errors():
            return await self._blobs.missing(namespace, blobs)

    async def require(self, identity: Identity) -> None:
        """Raise BLOB_MISSING unless the blob of a question is here."""
        with self._blob_errors():
            if await self._blobs.has(identity.namespace, identity.blob):
                return
        raise FailedPrecondition(
            Reason.BLOB_MISSING,
            "The file is not here any more (or not yet); upload it and ask again.",
            metadata={"sha256": identity.blob.sha256.hex()},
        )

    async def download(
        self, namespace: str, blob: Blob, offset_bytes: int, chunk_bytes: int
    ) -> AsyncIterator[memoryview]:
        """Yield a blob's bytes.

        Raises:
            NotFound: BLOB_MISSING.
        """
        with self._blob_errors():
            try:
                async for chunk in self._blobs.read(namespace, blob, offset_bytes, chunk_bytes):
                    yield chunk
            except FileNotFoundError as error:
                raise NotFound(
                    Reason.BLOB_MISSING, "The blob is not here.", metadata={"sha256": blob.sha256.hex()}
                ) from error

    async def usage(self, namespace: str) -> tuple[int, int]:
        """Return how many blobs there are and how many bytes they are; zeros where that cannot be told just now."""
        try:
            return await self._blobs.usage(namespace)
        except NOT_NOW:
            return 0, 0

    async def check(self, payload: Payload, namespace: str) -> None:
        """Refuse a payload that is too large, not there, or not what it says.

        Raises:
            InvalidArgument: PAYLOAD_TOO_LARGE, PAYLOAD_INVALID.
            FailedPrecondition: BLOB_MISSING.
        """
        if len(payload.data) > MAX_INLINE_PAYLOAD_BYTES or payload.uncompressed_size_bytes > MAX_RESULT_BYTES:
            raise InvalidArgument(
                Reason.PAYLOAD_TOO_LARGE,
                f"A payload may be {MAX_INLINE_PAYLOAD_BYTES} bytes inline; upload a larger one as a blob.",
                metadata={"limit_bytes": str(MAX_INLINE_PAYLOAD_BYTES)},
            )
        if payload.blob is not None:
            with self._blob_errors():
                if await self._blobs.has(namespace, payload.blob):
                    return
            raise FailedPrecondition(Reason.BLOB_MISSING, "The blob of the payload is not here.")
        try:
            if payload.uncompressed_size_bytes > _CHECK_IN_THREAD_BYTES:
                await asyncio.to_thread(check_payload, payload)
            else:
                check_payload(payload)
        except CorruptRecordError as error:
            raise InvalidArgument(Reason.PAYLOAD_INVALID, f"The payload is not valid: {error}.") from error

    async def note_use(self, identity: Identity) -> None:
        """Let the blob of a question stay for another hour."""
        with contextlib.suppress(TierAway, FileNotFoundError):  # then the download will say so
            await self._blobs.note_use(identity.namespace, identity.blob)

    async def has(self, identity: Identity) -> bool:
        """Return whether the blob of a question is here, as far as can be told just now."""
        try:
            return await self._blobs.has(identity.namespace, identity.blob)
        except NOT_NOW:
            return False

    def _blob_errors(self) -> AwayAs:
        return AwayAs(Reason.BLOB_STORE_UNAVAILABLE, "The blob store does not answer; nothing was kept.")
