"""The part of the client that explains, invalidates and erases."""

import abc
from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message

from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, identity_pb2
from assaycache.client import pipelines, translate
from assaycache.client.calls import CACHE, Patience, errors_of
from assaycache.client.records import Explained, Forgotten
from assaycache.client.sources import Given, open_source

FORGET_SECONDS = 60.0
"""How long forgetting may take: every replica must have heard of it."""


class Forgetting(abc.ABC):
    """What `Client` can do beside asking."""

    _cache: cache_service_pb2_grpc.CacheServiceStub
    _namespace: str

    @abc.abstractmethod
    def _patience(self, seconds: float) -> Patience: ...

    @abc.abstractmethod
    def _question(
        self, pipeline: str, version: str, params: Mapping[str, Any] | Message | None, reference: str = ""
    ) -> identity_pb2.Question: ...

    def explain(self, job_id: str) -> Explained:
        """Return why a job has no result just now, or which tiers have it.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        return self._explained(cache_service_pb2.ExplainRequest(namespace=self._namespace, job_id=job_id))

    def explain_file(
        self,
        given: Given,
        *,
        params: Mapping[str, Any] | Message | None = None,
        pipeline: str | None = None,
        pipeline_version: str = "",
        reference: str = "",
    ) -> Explained:
        """Return why a file has no answer to a question, or which tiers have it; nothing is uploaded.

        The arguments are those of `Client.analyze`.

        Raises:
            AssayError: see `Client`.
            OSError: if the file cannot be read.
        """
        with open_source(given, None) as source:
            asked = pipeline or pipelines.pipeline_for(source.head)
            question = self._question(asked, pipeline_version, params, reference)
            question.blob.sha256, question.blob.size_bytes = source.sha256, source.size_bytes
        return self._explained(cache_service_pb2.ExplainRequest(namespace=self._namespace, question=question))

    def _explained(self, request: cache_service_pb2.ExplainRequest) -> Explained:
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
