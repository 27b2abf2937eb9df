"""The part of the client that explains, invalidates and erases."""

import abc

from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, identity_pb2
from assaycache.client import translate
from assaycache.client.calls import CACHE, Patience, errors_of
from assaycache.client.records import Explained, Forgotten

FORGET_SECONDS = 60.0
"""How long forgetting may take: every replica must have heard of it."""


class Forgetting(abc.ABC):
    """What `Client` can do beside asking."""

    _cache: cache_service_pb2_grpc.CacheServiceStub
    _namespace: str

    @abc.abstractmethod
    def _patience(self, seconds: float) -> Patience: ...

    def explain(self, job_id: str) -> Explained:
        """Return why a job has no result just now, or which tiers have it.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        request = cache_service_pb2.ExplainRequest(namespace=self._namespace, job_id=job_id)
        with errors_of(CACHE):
            return translate.explained_of(self._cache.Explain(request, **self._patience(FORGET_SECONDS).call()))

    def invalidate(
        self,
        *,
        job_id: str = "",
        blob_sha256: str = "",
        pipeline: str = "",
        from_version: str = "",
        to_version: str = "",
        whole_namespace: bool = False,
        note: str = "",
    ) -> Forgotten:
        """Forget results and parts: of a job, a blob, versions of a pipeline, or the whole namespace.

        When it returns no replica serves them any more; asking again computes them anew. Blobs and submissions stay.

        Raises:
            ValueError: if not exactly one of them is named.
        """
        if sum(map(bool, (job_id, blob_sha256, pipeline, whole_namespace))) != 1:
            raise ValueError("name one of job_id, blob_sha256, pipeline, whole_namespace")
        request = cache_service_pb2.InvalidateRequest(namespace=self._namespace, note=note)
        if job_id:
            request.job_id = job_id
        elif blob_sha256:
            request.blob.CopyFrom(identity_pb2.BlobRef(sha256=bytes.fromhex(blob_sha256)))
        elif pipeline:
            request.pipeline.name, request.pipeline.from_version = pipeline, from_version
            request.pipeline.to_version = to_version
        else:
            request.whole_namespace = True
        with errors_of(CACHE):
            return translate.invalidated_of(self._cache.Invalidate(request, **self._patience(FORGET_SECONDS).call()))

    def erase(self, blob_sha256: str, *, note: str = "") -> Forgotten:
        """Erase a file: its bytes, all results and parts, the names and metadata that came with it, everywhere.

        Raises:
            NotFound: BLOB_MISSING: nothing of it is known.
        """
        request = cache_service_pb2.EraseBlobRequest(
            namespace=self._namespace, sha256=bytes.fromhex(blob_sha256), note=note
        )
        with errors_of(CACHE):
            return translate.erased_of(self._cache.EraseBlob(request, **self._patience(FORGET_SECONDS).call()))
