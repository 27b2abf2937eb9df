"""The two services, played by hand: each test says what they are asked and what they answer."""

import hashlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
import grpc_testing
import zstandard
from grpc_health.v1 import health_pb2

from assaycache import AssayError, Client
from assaycache.analysis.v1 import analysis_service_pb2, emg_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2
from rpc.status import code_of, text_of, trailers_of

T = TypeVar("T")

SECONDS = 10.0  # a call that does not come within this never comes

JOB_ID = "0f0e0d0c-0000-5000-8000-000000000001"
SESSION = emg_pb2.EmgSession(recording=emg_pb2.EmgRecording(duration_s=12.5))


class Services:
    """Both services behind one test channel, and a client of them that runs in a thread."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._descriptors = [
            cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"],
            analysis_service_pb2.DESCRIPTOR.services_by_name["AnalysisService"],
            health_pb2.DESCRIPTOR.services_by_name["Health"],
        ]
        self._pool = pool
        self.channel = grpc_testing.channel(self._descriptors, grpc_testing.strict_real_time())
        self.client = Client(self.channel, self.channel)
        self.metadata: list[Any] = []

    def asked(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> "Future[T]":
        """Call the client in its thread."""
        return self._pool.submit(function, *args, **kwargs)

    def analyze(self, given: Any = b"recording", **kwargs: Any) -> "Future[Any]":
        """Ask for an analysis."""
        return self.asked(self.client.analyze, given, **kwargs)

    def unary(self, method: str, answer: Any) -> Any:
        """Answer the next call of a unary method and return what was asked."""
        metadata, request, rpc = soon(lambda: self.channel.take_unary_unary(self._method(method)))
        self.metadata.append(metadata)
        rpc.send_initial_metadata(())
        _end(rpc, answer)
        return request

    def upload(self, answer: Any = None) -> list[cache_service_pb2.IngestRequest]:
        """Take an upload to its end, answer it, and return its messages."""
        _, rpc = soon(lambda: self.channel.take_stream_unary(self._method("Ingest")))
        rpc.send_initial_metadata(())
        messages = [rpc.take_request()]
        while sum(len(message.chunk) for message in messages) < messages[0].header.claimed_size_bytes:
            messages.append(rpc.take_request())
        rpc.requests_closed()
        _end(rpc, cache_service_pb2.IngestResponse() if answer is None else answer)
        return messages

    def stream(self, method: str, *messages: Any, error: AssayError | None = None) -> Any:
        """Answer the next call of a streaming method and return what was asked."""
        metadata, request, rpc = soon(lambda: self.channel.take_unary_stream(self._method(method)))
        self.metadata.append(metadata)
        rpc.send_initial_metadata(())
        for message in messages:
            rpc.send_response(message)
        if error is None:
            rpc.terminate((), grpc.StatusCode.OK, "")
        else:
            rpc.terminate(trailers_of(error), code_of(error), text_of(error))
        return request

    def _method(self, name: str) -> Any:
        return next(service.methods_by_name[name] for service in self._descriptors if name in service.methods_by_name)


def soon(function: Callable[[], T]) -> T:
    """Return what the function returns; fail if it does not return soon."""
    found: queue.SimpleQueue[T] = queue.SimpleQueue()
    threading.Thread(target=lambda: found.put(function()), daemon=True).start()
    try:
        return found.get(timeout=SECONDS)
    except queue.Empty:
        raise AssertionError("the client did not make this call") from None


def _end(rpc: Any, answer: Any) -> None:
    if isinstance(answer, AssayError):
        rpc.terminate(None, trailers_of(answer), code_of(answer), text_of(answer))
    elif isinstance(answer, grpc.StatusCode):
        rpc.terminate(None, (), answer, "")
    else:
        rpc.terminate(answer, (), grpc.StatusCode.OK, "")


def payload(message: Any = SESSION) -> entry_pb2.Payload:
    """Return a result as it travels."""
    data = message.SerializeToString()
    return entry_pb2.Payload(
        data=zstandard.ZstdCompressor().compress(data),
        encoding=entry_pb2.ENCODING_ZSTD,
        sha256=hashlib.sha256(data).digest(),
        uncompressed_size_bytes=len(data),
        message_type=message.DESCRIPTOR.full_name,
    )


def entry(tier: int = entry_pb2.TIER_MEMORY, **fields: Any) -> entry_pb2.Entry:
    """Return an entry that stands."""
    identity = identity_pb2.Identity(
        job_id=JOB_ID, namespace="default", pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.0.0")
    )
    made = entry_pb2.Entry(**{"identity": identity, "payload": payload(), "tier": tier, **fields})
    made.compute_cost.FromMilliseconds(1500)
    return made


def hit(**fields: Any) -> cache_service_pb2.LookupResponse:
    """Return the answer of a look-up that finds."""
    return cache_service_pb2.LookupResponse(hit=entry(**fields))


def miss(*, blob_present: bool) -> cache_service_pb2.LookupResponse:
    """Return the answer of a look-up that does not."""
    return cache_service_pb2.LookupResponse(miss=entry_pb2.Miss(blob_present=blob_present))


def computed() -> analysis_service_pb2.AnalyzeResponse:
    """Return the last event of a computation."""
    return analysis_service_pb2.AnalyzeResponse(
        result=analysis_service_pb2.Analyzed(
            entry=entry(entry_pb2.TIER_COMPUTED), durability=entry_pb2.DURABILITY_DURABLE
        )
    )
