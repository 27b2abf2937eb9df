"""The queue, and the cache's door for what was fetched, as a claimer needs them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import grpc

from analysis_service.service.cache import REASON_PREFIX, duration
from analysis_service.sources import Fetched
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.entry_pb2 import Failure, FieldViolation
from assaycache.cache.v1.identity_pb2 import BlobRef, PipelineRef, Question, Submission
from rpc.channels import CHUNK_BYTES
from rpc.context import outgoing
from rpc.errors import AssayError, Cancelled
from rpc.reasons import Reason
from rpc.status import error_of

_SHORT_SECONDS = 2.0
"""For a heartbeat: a fifth of a claim."""
_CALL_SECONDS = 10.0
_TRANSFER_SECONDS = 120.0


@dataclass(frozen=True)
class Upload:
    """What was fetched for a task, on its way into the cache; the claim's token where the task did not know it."""

    token: bytes
    question: Question
    submission: Submission
    fetched: Fetched
    file: BinaryIO


class Queue(Protocol):
    """What a claimer asks of the cache. Every method raises `AssayError`: CACHE_UNAVAILABLE, or what the contract
    lists for the RPC of the same name."""

    def claim(self, owner_id: str, wait_seconds: float, pipelines: Sequence[PipelineRef]) -> pb.ClaimResponse:
        """Take the next task, waiting for one; Cancelled once `stop` was called."""
        ...

    def extend(self, token: bytes) -> None:
        """Keep a claim alive."""
        ...

    def release(self, token: bytes, error: AssayError | None) -> None:
        """Put a task back: untried, or after an error."""
        ...

    def done(self, token: bytes, job_id: str) -> None:
        """End a task with its job."""
        ...

    def failed(self, token: bytes, error: AssayError) -> None:
        """End a task that cannot be done."""
        ...

    def ingest(self, upload: Upload) -> BlobRef:
        """Keep the bytes that were fetched, and note who asked what of them."""
        ...

    def max_blob_bytes(self) -> int:
        """Return how large a blob may be."""
        ...

    def stop(self) -> None:
        """End the claims that wait, and let none wait any more."""
        ...


class RemoteQueue:
    """The queue behind a channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = CacheServiceStub(channel)
        self._waiting: set[grpc.Future[pb.ClaimResponse]] = set()
        self._lock = threading.Lock()
        self._is_stopping = False

    def claim(self, owner_id: str, wait_seconds: float, pipelines: Sequence[PipelineRef]) -> pb.ClaimResponse:
        """See `Queue`."""
        request = pb.ClaimRequest(owner_id=owner_id, wait=duration(wait_seconds), pipelines=pipelines)
        call = self._stub.Claim.future(request, **outgoing(wait_seconds + _CALL_SECONDS))
        with self._lock:
            self._waiting.add(call)
            if self._is_stopping:
                call.cancel()
        try:
            with _errors_translated():
                return call.result()
        except grpc.FutureCancelledError as error:
            raise Cancelled(Reason.CANCELLED, "The claimer stops.") from error
        finally:
            with self._lock:
                self._waiting.discard(call)

    def extend(self, token: bytes) -> None:
        """See `Queue`."""
        with _errors_translated():
            self._stub.Extend(pb.ExtendRequest(token=token), **outgoing(_SHORT_SECONDS))

    def release(self, token: bytes, error: AssayError | None) -> None:
        """See `Queue`."""
        reason, message = (None, None) if error is None else (REASON_PREFIX + error.reason, error.message)
        request = pb.ReleaseRequest(token=token, reason=reason, message=message)
        with _errors_translated():
            self._stub.Release(request, **outgoing(_SHORT_SECONDS))

    def done(self, token: bytes, job_id: str) -> None:
        """See `Queue`."""
        self._settle(pb.SettleRequest(token=token, job_id=job_id))

    def failed(self, token: bytes, error: AssayError) -> None:
        """See `Queue`."""
        violations = [FieldViolation(field=item.field, description=item.description) for item in error.violations]
        failure = Failure(reason=REASON_PREFIX + error.reason, message=error.message, violations=violations)
        self._settle(pb.SettleRequest(token=token, failure=failure))

    def _settle(self, request: pb.SettleRequest) -> None:
        with _errors_translated():
            self._stub.Settle(request, wait_for_ready=True, **outgoing(_CALL_SECONDS))

    def ingest(self, upload: Upload) -> BlobRef:
        """See `Queue`."""
        with _errors_translated():
            return self._stub.Ingest(_requests(upload), **outgoing(_TRANSFER_SECONDS)).blob

    def max_blob_bytes(self) -> int:
        """See `Queue`."""
        with _errors_translated():
            answer = self._stub.GetCapabilities(pb.GetCapabilitiesRequest(), **outgoing(_CALL_SECONDS))
        return answer.limits.max_blob_bytes

    def stop(self) -> None:
        """See `Queue`."""
        with self._lock:
            self._is_stopping = True
            waiting = list(self._waiting)
        for call in waiting:
            call.cancel()


def _requests(upload: Upload) -> Iterator[pb.IngestRequest]:
    header = pb.IngestHeader(
        namespace=upload.question.namespace,
        claimed_sha256=upload.fetched.sha256,
        claimed_size_bytes=upload.fetched.size_bytes,
        task_token=upload.token,
    )
    question = Question()
    question.CopyFrom(upload.question)
    question.ClearField("namespace")
    question.ClearField("blob")
    yield pb.IngestRequest(header=header)
    yield pb.IngestRequest(question=question)
    yield pb.IngestRequest(submission=upload.submission)
    upload.file.seek(0)
    while chunk := upload.file.read(CHUNK_BYTES):
        yield pb.IngestRequest(chunk=chunk)


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as failure:
        raise error_of(failure, "the cache service") from failure
