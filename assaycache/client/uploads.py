"""Blobs on their way to the cache service and back."""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, identity_pb2
from assaycache.client.calls import CACHE, Patience, errors_of
from assaycache.client.sources import Source
from rpc.channels import CHUNK_BYTES

Sent = Callable[[float], None]
"""Told which fraction of the bytes has been sent; called in the caller's own thread."""


def upload(
    stub: cache_service_pb2_grpc.CacheServiceStub,
    source: Source,
    namespace: str,
    patience: Patience,
    sent: Sent,
) -> identity_pb2.BlobRef:
    """Stream the bytes to the cache service, which checks the digest that they are claimed to have."""
    requests = _Requests(source, namespace)
    call = stub.Ingest.future(iter(requests), **patience.call())
    with ThreadPoolExecutor(1, thread_name_prefix="upload") as waiting:
        try:
            answer = waiting.submit(call.result)
            answer.add_done_callback(lambda _: requests.sent_bytes.put(None))
            while (count := requests.sent_bytes.get()) is not None:
                sent(count / source.size_bytes)
            with errors_of(CACHE):
                return answer.result().blob
        except Exception:
            if requests.error is not None:
                raise requests.error from None
            raise
        finally:
            call.cancel()


class _Requests:
    """The messages of one upload. gRPC reads them in a thread of its own, so what happens there is kept for ours."""

    def __init__(self, source: Source, namespace: str) -> None:
        self._source = source
        self._namespace = namespace
        self.sent_bytes: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.error: OSError | None = None

    def __iter__(self) -> Iterator[cache_service_pb2.IngestRequest]:
        yield cache_service_pb2.IngestRequest(
            header=cache_service_pb2.IngestHeader(
                namespace=self._namespace,
                claimed_sha256=self._source.sha256,
                claimed_size_bytes=self._source.size_bytes,
            )
        )
        count = 0
        try:
            for chunk in self._source.chunks(CHUNK_BYTES):
                yield cache_service_pb2.IngestRequest(chunk=chunk)
                count += len(chunk)
                self.sent_bytes.put(count)
        except OSError as error:
            self.error = error
            raise


def download(
    stub: cache_service_pb2_grpc.CacheServiceStub,
    blob: identity_pb2.BlobRef,
    namespace: str,
    patience: Patience,
) -> bytes:
    """Return a blob's bytes; whoever asked checks their digest."""
    request = cache_service_pb2.DownloadRequest(namespace=namespace, blob=blob)
    with errors_of(CACHE):
        return b"".join(message.chunk for message in stub.Download(request, **patience.call()))
