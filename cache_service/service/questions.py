"""Questions as they come over the wire, resolved to identities."""

from google.protobuf import any_pb2

from assaycache.cache.v1 import identity_pb2
from cache_service import keys
from cache_service.cache import Question
from cache_service.offers import Offer, Offers
from cache_service.service.fields import blob_of, namespace_of, seconds_of
from cache_service.service.schemas import Schema, schema_of
from cache_service.service.submissions import submission_of
from rpc.errors import InvalidArgument, field_invalid, field_missing
from rpc.reasons import Reason

_MOST_RESOLVED = 10_000

_REMEMBERED_BYTES = 4096
"""Questions larger than this are resolved each time, so that what is remembered stays small."""


class Resolver:
    """Resolves questions by what has been announced."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._schemas: dict[keys.Pipeline, tuple[Offer, Schema]] = {}
        self._resolved: dict[tuple[str, bytes], tuple[keys.Identity, str]] = {}
        self._resolved_at = 0

    async def question(
        self,
        message: identity_pb2.Question,
        *,
        blob: keys.Blob | None = None,
        submission: identity_pb2.Submission | None = None,
    ) -> Question:
        """Return a question with its identity. `blob` is the measured one of an upload.

        Raises:
            InvalidArgument: see the errors of a Question in the contract.
        """
        if blob is None:
            identity, params_json = await self._remembered(message)
        else:
            identity, params_json = await self._identity(message, blob)
        return Question(identity, params_json, None if submission is None else submission_of(submission))

    async def _remembered(self, message: identity_pb2.Question) -> tuple[keys.Identity, str]:
        """Return what a question resolves to, from memory where it was asked before and the offers are the same.

        Resolving takes a third of the time of a hit in memory, and callers ask the same again and again.
        """
        if await self._offers.changes() != self._resolved_at or len(self._resolved) >= _MOST_RESOLVED:
            self._resolved_at = await self._offers.changes()
            self._resolved.clear()
        # An empty namespace means another one for each caller, so what is remembered is remembered under its name.
        asked = namespace_of(message.namespace), message.SerializeToString(deterministic=True)
        known = self._resolved.get(asked)
        if known is None:
            if not message.HasField("blob"):
                raise field_missing("question.blob")
            known = await self._identity(message, blob_of(message.blob, "question.blob"))
            if len(asked[1]) <= _REMEMBERED_BYTES:
                self._resolved[asked] = known
        return known

    async def _identity(self, message: identity_pb2.Question, blob: keys.Blob) -> tuple[keys.Identity, str]:
        namespace = namespace_of(message.namespace)
        return await self.identity(namespace, message.pipeline, message.params, message.reference, blob)

    async def identity(
        self,
        namespace: str,
        pipeline: identity_pb2.PipelineRef,
        params: any_pb2.Any,
        reference: identity_pb2.ReferenceRef,
        blob: keys.Blob,
    ) -> tuple[keys.Identity, str]:
        """Return an identity and its params for display."""
        if not pipeline.name:
            raise field_missing("question.pipeline.name")
        offer = await self._offers.find(pipeline.name, pipeline.version)
        schema = self._schema(offer)
        canonical, display = b"", "{}"
        if params.type_url or params.value:
            message = schema.read(params)
            canonical, display = schema.canonical(message), schema.display(message)
        digest = _reference_digest(schema, reference)
        try:
            return keys.identify(namespace, offer.pipeline, canonical, digest, blob), display
        except keys.InvalidKeyError as error:
            raise field_invalid(f"question.{error.field}", error.description) from error

    async def retention_seconds(self, pipeline: keys.Pipeline) -> float | None:
        """Return how long a pipeline wants its results kept; None where it does not say, or is not known here."""
        try:
            offer = await self._offers.find(pipeline.name, pipeline.version)
        except InvalidArgument:
            return None
        announced = self._schema(offer).offer
        return seconds_of(announced.retention) if announced.HasField("retention") else None

    def _schema(self, offer: Offer) -> Schema:
        known = self._schemas.get(offer.pipeline)
        if known is None or known[0] != offer:
            known = self._schemas[offer.pipeline] = (offer, schema_of(offer.content))
        return known[1]


def _reference_digest(schema: Schema, reference: identity_pb2.ReferenceRef) -> bytes:
    known = {item.name: item.digest for item in schema.offer.references}
    asked = reference.WhichOneof("ref")
    if asked == "digest":
        if reference.digest in known.values():
            return reference.digest
        raise _reference_unknown(reference.digest.hex(), known)
    name = reference.name if asked == "name" else schema.offer.default_reference
    if not name:
        return b""
    if name not in known:
        raise _reference_unknown(name, known)
    return known[name]


def _reference_unknown(reference: str, known: dict[str, bytes]) -> InvalidArgument:
    listed = ", ".join(sorted(known)) or "none"
    return InvalidArgument(
        Reason.REFERENCE_UNKNOWN,
        f"This pipeline knows no reference {reference!r}; it has: {listed}.",
        metadata={"reference": reference},
    )
