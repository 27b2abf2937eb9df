"""The cache, as an analysis needs it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import grpc
from google.protobuf.duration_pb2 import Duration

from analysis_service.service.part_columns import found_in
from assaycache.cache.v1 import cache_service_pb2 as cache_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.entry_pb2 import Entry, FieldViolation, Payload, Progress
from assaycache.cache.v1.identity_pb2 import BlobRef, Question
from assaycache.cache.v1.pipelines_pb2 import PipelineOffer
from rpc.channels import CHUNK_BYTES
from rpc.context import bearer, outgoing, remaining_seconds
from rpc.errors import AssayError, DeadlineExceeded, FailedPrecondition, NotFound, Unavailable
from rpc.reasons import Reason
from rpc.status import error_of

REASON_PREFIX = "ERROR_REASON_"

_SHORT_SECONDS = 2.0
"""For a heartbeat: half of a lease, so that one that is lost leaves time for another."""
_CALL_SECONDS = 10.0
_COMMITTED_BYTES_A_SECOND = 2e6
"""The cache writes a sample into tables, too: 45 MB with 100,000 sequences in 2 s on an idle machine, 12 s at most."""
_BATCH_SECONDS = 30.0
"""For tens of thousands of parts; a cache that needs longer is slower than computing them."""
_TRANSFER_SECONDS = 120.0
"""For a blob: 256 MiB at 2 MiB/s."""


class Cache(Protocol):
    """What an analysis asks of the cache. Every method raises `AssayError`: CACHE_UNAVAILABLE, or what the contract
    lists for the RPC of the same name."""

    def reserve(
        self, question: Question, owner_id: str, wait_seconds: float, retry_failed: bool
    ) -> cache_pb2.ReserveResponse:
        """Return the result, a lease, a remembered failure, or the news that somebody else computes."""
        ...

    def extend(self, token: bytes, progress: Progress) -> int:
        """Keep a lease alive; return how many wait for its result."""
        ...

    def download(self, namespace: str, blob: BlobRef) -> Iterator[bytes]:
        """Return the bytes of a blob, in chunks. They are not verified."""
        ...

    def upload(self, namespace: str, data: bytes, sha256: bytes) -> BlobRef:
        """Keep bytes as a blob."""
        ...

    def commit(self, token: bytes, payload: Payload, cost_seconds: float) -> cache_pb2.CommitResponse:
        """Keep a result and end the lease."""
        ...

    def fail(self, token: bytes, error: AssayError) -> None:
        """Remember a failure and end the lease."""
        ...

    def release(self, token: bytes) -> None:
        """End a lease without a result."""
        ...

    def find_parts(self, wanted: cache_pb2.BatchLookupRequest) -> Iterator[cache_pb2.BatchLookupColumns]:
        """Return the parts that there are, in any order."""
        ...

    def store_parts(
        self, context: cache_pb2.BatchStoreContext, items: Iterable[cache_pb2.BatchStoreItem]
    ) -> cache_pb2.BatchStoreResponse:
        """Keep parts; the answer names those that were not kept."""
        ...

    def announce(self, offers: Sequence[PipelineOffer]) -> None:
        """Tell what is offered."""
        ...

    def result(self, namespace: str, job_id: str) -> Entry | None:
        """Return the result that stands for a job; None where none does."""
        ...

    def inline_limit_bytes(self) -> int:
        """Return how large an encoded result may be to travel inline."""
        ...


class RemoteCache:
    """The cache behind a channel."""

    def __init__(self, channel: grpc.Channel, own_token: str = "") -> None:
        """`own_token` is shown for work that no caller asked for; for all other, the caller's."""
        self._stub = CacheServiceStub(channel)
        self._own_credential = bearer(own_token)
        self._inline_limit_bytes = 0

    def reserve(
        self, question: Question, owner_id: str, wait_seconds: float, retry_failed: bool
    ) -> cache_pb2.ReserveResponse:
        """See `Cache`."""
        request = cache_pb2.ReserveRequest(
            question=question, owner_id=owner_id, wait=duration(wait_seconds), retry_failed=retry_failed
        )
        with _errors_translated():
            return self._stub.Reserve(request, **outgoing(wait_seconds + _CALL_SECONDS))

    def extend(self, token: bytes, progress: Progress) -> int:
        """See `Cache`."""
        request = cache_pb2.ExtendRequest(token=token, progress=progress)
        with _errors_translated():
            return self._stub.Extend(request, **outgoing(_SHORT_SECONDS)).waiters

    def download(self, namespace: str, blob: BlobRef) -> Iterator[bytes]:
        """See `Cache`."""
        request = cache_pb2.DownloadRequest(namespace=namespace, blob=blob)
        with (
            _errors_translated(),
            _cancelled_at_end(self._stub.Download(request, **outgoing(_TRANSFER_SECONDS))) as call,
        ):
            for message in call:
                if message.WhichOneof("message") == "chunk":
                    yield message.chunk

    def upload(self, namespace: str, data: bytes, sha256: bytes) -> BlobRef:
        """See `Cache`."""
        with _errors_translated():
            return self._stub.Ingest(_upload(namespace, data, sha256), **outgoing(_TRANSFER_SECONDS)).blob

    def commit(self, token: bytes, payload: Payload, cost_seconds: float) -> cache_pb2.CommitResponse:
        """See `Cache`."""
        request = cache_pb2.CommitRequest(token=token, payload=payload, compute_cost=duration(cost_seconds))
        with _errors_translated():
            seconds = _CALL_SECONDS + payload.uncompressed_size_bytes / _COMMITTED_BYTES_A_SECOND
            return self._stub.Commit(request, wait_for_ready=True, **outgoing(seconds))

    def fail(self, token: bytes, error: AssayError) -> None:
        """See `Cache`."""
        request = cache_pb2.FailRequest(
            token=token,
            reason=REASON_PREFIX + error.reason,
            message=error.message,
            violations=[FieldViolation(field=item.field, description=item.description) for item in error.violations],
        )
        with _errors_translated():
            self._stub.Fail(request, wait_for_ready=True, **outgoing(_CALL_SECONDS))

    def release(self, token: bytes) -> None:
        """See `Cache`."""
        with _errors_translated():
            self._stub.Release(cache_pb2.ReleaseRequest(token=token), **outgoing(_SHORT_SECONDS))

    def find_parts(self, wanted: cache_pb2.BatchLookupRequest) -> Iterator[cache_pb2.BatchLookupColumns]:
        """See `Cache`."""
        with (
            _errors_translated(),
            _cancelled_at_end(self._stub.BatchLookup(wanted, **outgoing(_BATCH_SECONDS))) as call,
        ):
            for message in call:
                yield from found_in(message)

    def store_parts(
        self, context: cache_pb2.BatchStoreContext, items: Iterable[cache_pb2.BatchStoreItem]
    ) -> cache_pb2.BatchStoreResponse:
        """See `Cache`."""
        with _errors_translated():
            return self._stub.BatchStore(_batch(context, items), **outgoing(_BATCH_SECONDS))

    def announce(self, offers: Sequence[PipelineOffer]) -> None:
        """See `Cache`."""
        with _errors_translated():
            self._stub.AnnouncePipelines(
                cache_pb2.AnnouncePipelinesRequest(offers=offers), **outgoing(_CALL_SECONDS, self._own_credential)
            )

    def result(self, namespace: str, job_id: str) -> Entry | None:
        """See `Cache`."""
        request = cache_pb2.GetJobRequest(namespace=namespace, job_id=job_id, include_result=True)
        with _errors_translated():
            answer = self._stub.GetJob(request, **outgoing(_CALL_SECONDS))
        return answer.entry if answer.HasField("entry") else None

    def inline_limit_bytes(self) -> int:
        """See `Cache`."""
        if not self._inline_limit_bytes:
            with _errors_translated():
                answer = self._stub.GetCapabilities(cache_pb2.GetCapabilitiesRequest(), **outgoing(_CALL_SECONDS))
            self._inline_limit_bytes = answer.limits.max_inline_payload_bytes
        return self._inline_limit_bytes


def duration(seconds: float) -> Duration:
    """Return so many seconds as a message."""
    whole, part = divmod(round(seconds * 1e9), 10**9)
    return Duration(seconds=whole, nanos=part)


def _upload(namespace: str, data: bytes, sha256: bytes) -> Iterator[cache_pb2.IngestRequest]:
    header = cache_pb2.IngestHeader(namespace=namespace, claimed_sha256=sha256, claimed_size_bytes=len(data))
    yield cache_pb2.IngestRequest(header=header)
    for start in range(0, len(data), CHUNK_BYTES):
        yield cache_pb2.IngestRequest(chunk=data[start : start + CHUNK_BYTES])


def _batch(
    context: cache_pb2.BatchStoreContext, items: Iterable[cache_pb2.BatchStoreItem]
) -> Iterator[cache_pb2.BatchStoreRequest]:
    """Return the messages of a batch, each of about a chunk."""
    yield cache_pb2.BatchStoreRequest(context=context)
    message, size = cache_pb2.BatchStoreRequest(), 0
    for item in items:
        message.items.items.append(item)
        size += item.ByteSize()
        if size >= CHUNK_BYTES:
            yield message
            message, size = cache_pb2.BatchStoreRequest(), 0
    if size:
        yield message


@contextmanager
def _cancelled_at_end(call: Any) -> Iterator[Any]:
    """End a stream also where its reader leaves early."""
    try:
        yield call
    finally:
        call.cancel()


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as failure:
        raise _seen_from_here(error_of(failure, "the cache service")) from failure


def _seen_from_here(error: AssayError) -> AssayError:
    """What the cache answered, as an analysis must say it."""
    left = remaining_seconds()
    if isinstance(error, DeadlineExceeded) and (left is None or left > 1.0):
        # Ours was shorter than the caller's, so it is not the caller who was impatient.
        return Unavailable(Reason.CACHE_UNAVAILABLE, "The cache service does not answer in time.")
    if isinstance(error, NotFound) and error.reason is Reason.BLOB_MISSING:
        return FailedPrecondition(error.reason, error.message, metadata=error.metadata)
    return error
