"""Batches of parts, in and out."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from itertools import chain
from typing import cast

from google.protobuf import any_pb2

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from cache_service import keys
from cache_service.cache import Cache
from cache_service.entries import Record
from cache_service.service.answers import SLICE, answers, answers_by_columns
from cache_service.service.fields import cost_ms_of, digest_of, namespace_of, size_of, token_of
from cache_service.service.messages import payload_of
from cache_service.service.questions import Resolver
from cache_service.service.shares import Shares
from cache_service.tokens import Token
from rpc.errors import AssayError, InvalidArgument, field_invalid
from rpc.reasons import Reason

MAX_BATCH_ITEMS = 100_000

_TURN_BYTES = 256 * 1024
"""How much of a batch is checked before other calls have their turn: about a quarter of a millisecond."""

_ITEM_BYTES = 1024
"""What an item counts beside its payload's bytes."""

_MAX_ERROR_CHARS = 100
"""So that an answer with as many errors as a batch may have items is no larger than a message may be."""


_MOST_REMEMBERED = 50_000
"""How many keys are remembered: some 15 MB."""

_DIGEST = struct.Struct(f"{keys.DIGEST_BYTES}s")

Content = tuple[bytes, int]
"""The SHA-256 and the size of what a part was computed from."""

_NO_KEYS: Mapping[Content, bytes] = {}


class PartKeys:
    """The keys of parts that share everything but their content."""

    def __init__(
        self, namespace: str, context: keys.Identity, retention_seconds: float | None, remembered: "RememberedKeys"
    ) -> None:
        self.namespace = namespace
        self._context = context
        self._shared = keys.SharedKey(context)
        self._remembered = remembered
        self.retention_seconds = retention_seconds

    @property
    def pipeline(self) -> keys.Pipeline:
        """The parts' pipeline."""
        return self._context.pipeline

    def token_of(self, raw: bytes) -> Token | None:
        """Return the lease that the parts are for; None where it is not said.

        Raises:
            InvalidArgument: TOKEN_INVALID; FIELD_INVALID: it is of another namespace.
        """
        if not raw:
            return None
        token = token_of(raw)
        if token.identity.namespace != self.namespace:
            raise field_invalid("lease_token", "is of another namespace than the parts")
        return token

    @classmethod
    async def resolved(
        cls,
        resolver: Resolver,
        namespace: str,
        pipeline: identity_pb2.PipelineRef,
        params: any_pb2.Any,
        reference: identity_pb2.ReferenceRef,
        remembered: "RememberedKeys",
    ) -> "PartKeys":
        """Resolve the shared part of the questions once."""
        name = namespace_of(namespace)
        nothing = keys.Blob(bytes(keys.DIGEST_BYTES), 0)
        identity, _ = await resolver.identity(name, pipeline, params, reference, nothing)
        return cls(name, identity, await resolver.retention_seconds(identity.pipeline), remembered)

    def of(self, part: entry_pb2.PartRef) -> keys.Identity:
        """Return the identity of one part.

        Raises:
            InvalidArgument: FIELD_INVALID: the digest is not 32 bytes, or the size none that a part can have.
        """
        blob = keys.Blob(*_check_content(part.sha256, part.size_bytes))
        shared = self._context
        return keys.identify(self.namespace, shared.pipeline, shared.params, shared.reference_digest, blob)

    def keys_of(self, contents: Sequence[Content]) -> list[bytes]:
        """Return the keys of contents, without the rest of their identities."""
        return self._shared.of(contents)

    def remembered(self, contents: Sequence[Content]) -> list[bytes] | None:
        """Return the same where all of them are remembered."""
        known = list(map(self._remembered.of(self._context.key).get, contents))
        return None if None in known else cast("list[bytes]", known)

    def remember(self, contents: Sequence[Content], keys_of_them: Sequence[bytes]) -> None:
        """Remember keys: those of parts in memory are likely to be asked for again."""
        self._remembered.add(self._context.key, contents, keys_of_them)


class RememberedKeys:
    """Keys by the contents that they are of, for each that is all they share: looking one up takes a fourth of the time
    of making it. A key never changes, so nothing here can be wrong."""

    def __init__(self) -> None:
        self._by_context: dict[bytes, dict[Content, bytes]] = {}
        self._count = 0

    def of(self, context: bytes) -> Mapping[Content, bytes]:
        """Return the keys of a context."""
        return self._by_context.get(context, _NO_KEYS)

    def add(self, context: bytes, contents: Sequence[Content], keys_of_them: Sequence[bytes]) -> None:
        """Remember some; where they become too many, forget all others."""
        if self._count + len(contents) > _MOST_REMEMBERED:
            self._by_context, self._count = {}, 0
        known = self._by_context.setdefault(context, {})
        before = len(known)
        known.update(zip(contents, keys_of_them, strict=True))
        self._count += len(known) - before


def contents_of(request: pb.BatchLookupRequest) -> list[Content]:
    """Return the contents that are asked for, by items or by columns.

    Raises:
        InvalidArgument: BATCH_TOO_LARGE; FIELD_INVALID: a digest is not 32 bytes, or a size none that a part can have.
    """
    if request.HasField("part_columns"):
        return _contents_in(request)
    _check_count(len(request.parts))
    contents = [(part.sha256, part.size_bytes) for part in request.parts]
    for sha256, size_bytes in contents:
        if len(sha256) != keys.DIGEST_BYTES or size_bytes > keys.MAX_SIZE_BYTES:
            _check_content(sha256, size_bytes)
    return contents


def _contents_in(request: pb.BatchLookupRequest) -> list[Content]:
    digests, sizes = request.part_columns.sha256s, list(request.part_columns.size_bytes)
    if request.parts:
        raise field_invalid("part_columns", "may not be set together with parts")
    _check_count(len(sizes))
    if len(digests) != keys.DIGEST_BYTES * len(sizes):
        raise field_invalid("part_columns.sha256s", f"must be {keys.DIGEST_BYTES} raw bytes for each of size_bytes")
    if sizes:
        size_of(max(sizes), "part_columns.size_bytes")
    return list(zip(chain.from_iterable(_DIGEST.iter_unpack(digests)), sizes, strict=True))


async def lookup(
    cache: Cache, part_keys: PartKeys, request: pb.BatchLookupRequest, token: Token | None, shares: Shares
) -> AsyncIterator[bytes]:
    """Yield the answers, a written message at a time; before that the parts join the manifest of the token's job.

    Raises:
        InvalidArgument: BATCH_TOO_LARGE, FIELD_INVALID.
        FailedPrecondition: LEASE_VOIDED.
    """
    contents = contents_of(request)
    write = answers_by_columns if request.answer_columns else answers
    for start in range(0, len(contents), SLICE):
        of_slice = contents[start : start + SLICE]
        known = part_keys.remembered(of_slice)
        wanted = part_keys.keys_of(of_slice) if known is None else known
        asked = list(dict.fromkeys(wanted))
        joined = token is None or await cache.join_manifest(token, part_keys.pipeline, asked)
        found = await cache.lookup_parts(asked) if joined else {}
        absent = entry_pb2.MISS_REASON_NEVER_SEEN if joined else entry_pb2.MISS_REASON_TIER_AWAY
        records: dict[bytes, Record] = {}
        for tier, of_tier in found.items():
            shares.hits(part_keys.namespace, tier, of_tier.values())
            records |= of_tier
        shares.miss(part_keys.namespace, "never_seen" if joined else "tier_away", len(asked) - len(records))
        if known is None and len(found.get("memory", ())) == len(asked):
            part_keys.remember(of_slice, wanted)
        for answer in write(wanted, start, records, absent):
            yield answer
        if start + SLICE < len(contents):
            await asyncio.sleep(0)  # a slice takes some milliseconds; others have their turn


class Store:
    """One call of BatchStore."""

    def __init__(
        self,
        cache: Cache,
        resolver: Resolver,
        remembered: RememberedKeys,
        confirm_complete: Callable[[], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._resolver = resolver
        self._remembered = remembered
        self._confirm_complete = confirm_complete
        self._token: Token | None = None
        self._generation = 0
        self._count = 0
        self._stored = 0
        self._durable = True
        self._errors: list[pb.BatchStoreError] = []

    async def run(self, requests: AsyncIterator[pb.BatchStoreRequest]) -> pb.BatchStoreResponse:
        """Take the stream in, and keep what is valid in it.

        Raises:
            InvalidArgument: STREAM_INVALID, BATCH_TOO_LARGE, TOKEN_INVALID.
            FailedPrecondition: LEASE_VOIDED.
        """
        part_keys: PartKeys | None = None
        async for message in requests:
            kind = message.WhichOneof("message")
            if part_keys is None and kind == "context":
                context = message.context
                if context.lease_token:
                    token_of(context.lease_token)
                part_keys = await PartKeys.resolved(
                    self._resolver,
                    context.namespace,
                    context.pipeline,
                    context.params,
                    context.reference,
                    self._remembered,
                )
                self._token = part_keys.token_of(context.lease_token)
                self._generation = self._token.generation if self._token else await self._cache.generation()
            elif part_keys is not None and kind == "items":
                await self._take(part_keys, message.items.items)
            else:
                expected = "context" if part_keys is None else "items"
                raise InvalidArgument(
                    Reason.STREAM_INVALID, f"A message with {expected} was expected.", metadata={"expected": expected}
                )
        await self._confirm_complete()
        if part_keys is None:
            raise InvalidArgument(
                Reason.STREAM_INVALID, "A batch begins with its context.", metadata={"expected": "context"}
            )
        durability = entry_pb2.DURABILITY_DURABLE if self._durable else entry_pb2.DURABILITY_VOLATILE
        return pb.BatchStoreResponse(stored_count=self._stored, errors=self._errors, durability=durability)

    async def _take(self, part_keys: PartKeys, items: Sequence[pb.BatchStoreItem]) -> None:
        _check_count(self._count + len(items))
        records: dict[bytes, Record] = {}
        unpacked_bytes = stored = 0
        for index, item in enumerate(items, self._count):
            try:
                identity = part_keys.of(item.part)
                payload = payload_of(item.payload)
                cost_ms = cost_ms_of(item.compute_cost)
                unpacked_bytes += payload.uncompressed_size_bytes + _ITEM_BYTES
                if unpacked_bytes > _TURN_BYTES:
                    unpacked_bytes = 0
                    await asyncio.sleep(0)
                records[identity.key] = await self._cache.part_record(
                    identity, payload, cost_ms, self._generation, part_keys.retention_seconds
                )
                stored += 1
            except AssayError as error:
                reason = f"ERROR_REASON_{error.reason}"
                self._errors.append(
                    pb.BatchStoreError(index=index, reason=reason, message=error.message[:_MAX_ERROR_CHARS])
                )
        self._count += len(items)
        if self._token is not None and not await self._cache.join_manifest(
            self._token, part_keys.pipeline, list(records)
        ):
            self._durable = False
            return
        self._stored += stored
        if records:
            self._durable = await self._cache.store_parts(list(records.values())) and self._durable


def _check_count(count: int) -> None:
    if count > MAX_BATCH_ITEMS:
        raise InvalidArgument(
            Reason.BATCH_TOO_LARGE,
            f"A batch may hold {MAX_BATCH_ITEMS} items.",
            metadata={"limit": str(MAX_BATCH_ITEMS)},
        )


def _check_content(sha256: bytes, size_bytes: int) -> tuple[bytes, int]:
    return digest_of(sha256, "parts.sha256"), size_of(size_bytes, "parts.size_bytes")
