"""Outlines: what of an input is needed besides its parts, kept as a part under the input's own digest."""

from analysis_service.pipelines import Pipeline
from analysis_service.service.cache import Cache
from analysis_service.service.gathering import tolerate
from analysis_service.service.messages import MESSAGES
from analysis_service.service.parameters import params_of
from analysis_service.service.part_columns import Contents, contents_of
from analysis_service.service.translate import fill
from assaycache.cache.v1.cache_service_pb2 import (
    BatchLookupColumns,
    BatchLookupRequest,
    BatchStoreContext,
    BatchStoreItem,
)
from assaycache.cache.v1.entry_pb2 import Payload
from assaycache.cache.v1.identity_pb2 import Identity, PipelineRef, Question
from rpc.errors import AssayError


class OutlineShelf:
    """Where the outline of one job's input lies. A cache that is away costs time, never the analysis."""

    def __init__(self, cache: Cache, wanted: BatchLookupRequest) -> None:
        self._cache = cache
        self._wanted = wanted

    def find(self) -> BatchLookupColumns | None:
        """Return the outline, None where there is none.

        Raises:
            AssayError: LEASE_LOST, LEASE_VOIDED.
        """
        try:
            found = list(self._cache.find_parts(self._wanted))
        except AssayError as error:
            tolerate(error, "an outline could not be looked up")
            return None
        return found[0] if found else None

    def keep(self, outline: Payload) -> None:
        """Give the outline to the cache.

        Raises:
            AssayError: LEASE_LOST, LEASE_VOIDED.
        """
        context = BatchStoreContext(
            namespace=self._wanted.namespace,
            pipeline=self._wanted.pipeline,
            params=self._wanted.params,
            lease_token=self._wanted.lease_token,
        )
        try:
            part = Contents(self._wanted.part_columns).one(0)
            self._cache.store_parts(context, [BatchStoreItem(part=part, payload=outline)])
        except AssayError as error:
            tolerate(error, "an outline could not be kept")


def shelf_of(
    cache: Cache, pipeline: Pipeline, question: Question, identity: Identity, lease_token: bytes
) -> OutlineShelf | None:
    """Return where the outline of a question's input lies, None where the question needs the input itself."""
    outline = pipeline.parts and pipeline.parts.outline
    if not outline:
        return None
    params = params_of(pipeline, question.params)
    if not params.is_outline_enough:
        return None
    wanted = BatchLookupRequest(
        namespace=identity.namespace,
        pipeline=PipelineRef(name=outline.name, version=outline.version),
        part_columns=contents_of([(question.blob.sha256, question.blob.size_bytes)]),
        lease_token=lease_token,
    )
    wanted.params.Pack(fill(MESSAGES[outline.params_type](), params), deterministic=True)
    return OutlineShelf(cache, wanted)
