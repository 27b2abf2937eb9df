"""The RPCs of the cache service: messages in, the cache's rules, messages out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import EncodeError

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import cache_service_pb2_grpc, entry_pb2, pipelines_pb2
from cache_service import keys
from cache_service.audit import DONE, Audit
from cache_service.cache import Cache, Missed
from cache_service.files import MAX_INLINE_PAYLOAD_BYTES
from cache_service.jobs.face import Filter, Status
from cache_service.leases.face import LEASE_SECONDS
from cache_service.offers import Offer, Offers
from cache_service.records import Found
from cache_service.reservations import Leased
from cache_service.service import batches, messages, selectors
from cache_service.service.fields import (
    any_token_of,
    blob_of,
    cost_ms_of,
    digest_of,
    namespace_of,
    retention_seconds_of,
    seconds_of,
    text_of,
    time_of,
    token_of,
)
from cache_service.service.questions import Resolver
from cache_service.service.schemas import schema_of
from cache_service.service.shares import Shares, narrowed
from cache_service.service.tasks import TaskDesk
from cache_service.service.uploads import IngestStream
from cache_service.tasks import Tasks
from cache_service.tokens import MAX_OWNER_CHARS, TaskToken
from rpc.access import caller
from rpc.channels import CHUNK_BYTES, MAX_MESSAGE_BYTES
from rpc.errors import Cancelled, InvalidArgument, NotFound, field_invalid, field_missing
from rpc.reasons import Reason
from rpc.roles import Role
from rpc.version import product_version

MAX_WAIT_SECONDS = 600.0

_MAX_PAGE = 1000
_DEFAULT_PAGE = 50
_MAX_FILTER_CHARS = 500
_MAX_NOTE_CHARS = 1000
_STATUSES = {number: status for status, number in messages.STATUSES.items()}


class CacheServicer(cache_service_pb2_grpc.CacheServiceServicer):
    """Every RPC translates, calls the cache, and translates back; errors are raised and mapped elsewhere."""

    def __init__(
        self, cache: Cache, tasks: Tasks, offers: Offers, audit: Audit, max_deadline_seconds: float, *, durable: bool
    ) -> None:
        self._cache = cache
        self._tasks = tasks
        self._audit = audit
        self._shares = Shares()
        self._offers = offers
        self._resolver = Resolver(offers)
        self._remembered_keys = batches.RememberedKeys()
        self._desk = TaskDesk(tasks, cache, self._resolver, MAX_WAIT_SECONDS)
        self._max_deadline_seconds = max_deadline_seconds
        self._durable = durable

    # -- blobs ---------------------------------------------------------------------------------------------------

    async def Ingest(self, request_iterator: Any, context: Any) -> pb.IngestResponse:
        """Take bytes in and answer the question that came along."""
        stream = IngestStream(self._cache, self._tasks, self._resolver, request_iterator, _completeness(context))
        blob, existed, question = await stream.run()
        response = pb.IngestResponse(blob=messages.blob_message(blob), existed=existed)
        if question is not None:
            found = await stream.answer(question)
            response.answer.CopyFrom(self._answer("Ingest", question.identity, found))
        return response

    async def Download(self, request: pb.DownloadRequest, context: Any) -> AsyncIterator[pb.DownloadResponse]:
        """Stream a blob."""
        namespace = namespace_of(request.namespace)
        blob = blob_of(request.blob, "blob")
        if await self._cache.files.missing(namespace, [blob]):
            raise NotFound(Reason.BLOB_MISSING, "The blob is not here.", metadata={"sha256": blob.sha256.hex()})
        if request.offset_bytes > blob.size_bytes:
            raise field_invalid("offset_bytes", f"must be at most the blob's size, {blob.size_bytes}")
        self._audit.access("Download", namespace, blob.sha256.hex())
        first = True
        async for chunk in self._cache.files.download(namespace, blob, request.offset_bytes, CHUNK_BYTES):
            if first:
                yield pb.DownloadResponse(size_bytes=blob.size_bytes)
                first = False
            yield pb.DownloadResponse(chunk=bytes(chunk))
        if first:
            yield pb.DownloadResponse(size_bytes=blob.size_bytes)

    async def FindMissingBlobs(self, request: pb.FindMissingBlobsRequest, context: Any) -> pb.FindMissingBlobsResponse:
        """Say which blobs must be uploaded."""
        if len(request.blobs) > batches.MAX_BATCH_ITEMS:
            raise InvalidArgument(
                Reason.BATCH_TOO_LARGE,
                f"A batch may hold {batches.MAX_BATCH_ITEMS} items.",
                metadata={"limit": str(batches.MAX_BATCH_ITEMS)},
            )
        blobs = [blob_of(blob, "blobs") for blob in request.blobs]
        missing = await self._cache.files.missing(namespace_of(request.namespace), blobs)
        return pb.FindMissingBlobsResponse(missing=[messages.blob_message(blob) for blob in missing])

    # -- look-ups ------------------------------------------------------------------------------------------------

    async def Lookup(self, request: pb.LookupRequest, context: Any) -> pb.LookupResponse:
        """Answer from the cache, or say why not."""
        submission = request.submission if request.HasField("submission") else None
        question = await self._resolver.question(request.question, submission=submission)
        return self._answer("Lookup", question.identity, await self._cache.lookup(question), request.known_sha256)

    async def BatchLookup(self, request: pb.BatchLookupRequest, context: Any) -> AsyncIterator[Any]:
        """Answer for many parts, by messages that are written already."""
        part_keys = await batches.PartKeys.resolved(
            self._resolver,
            request.namespace,
            request.pipeline,
            request.params,
            request.reference,
            self._remembered_keys,
        )
        token = part_keys.token_of(request.lease_token)
        async for answer in batches.lookup(self._cache, part_keys, request, token, self._shares):
            yield answer

    async def BatchStore(self, request_iterator: Any, context: Any) -> pb.BatchStoreResponse:
        """Keep many parts."""
        confirm = _completeness(context)
        return await batches.Store(self._cache, self._resolver, self._remembered_keys, confirm).run(request_iterator)

    # -- reservations --------------------------------------------------------------------------------------------

    async def Reserve(self, request: pb.ReserveRequest, context: Any) -> pb.ReserveResponse:
        """Return a result, a lease, or the news that somebody else computes."""
        if not request.owner_id:
            raise field_missing("owner_id")
        owner_id = text_of(request.owner_id, "owner_id", MAX_OWNER_CHARS)
        question = await self._resolver.question(request.question)
        wait = min(max(0.0, seconds_of(request.wait)), MAX_WAIT_SECONDS)
        outcome = await self._cache.reserve(question, owner_id, wait, retry_failed=request.retry_failed)
        response = pb.ReserveResponse()
        messages.fill_identity(response.identity, question.identity)
        if isinstance(outcome, Found):
            self._found("Reserve", response, question.identity, outcome)
        elif isinstance(outcome, Leased):
            response.lease.token = outcome.token.packed()
            response.lease.expires_in.CopyFrom(messages.duration(LEASE_SECONDS))
        else:
            response.in_progress.waiters = outcome.waiters
            response.in_progress.expires_in.CopyFrom(messages.duration(outcome.expires_in_seconds))
            response.in_progress.progress.CopyFrom(messages.progress_message(outcome.progress))
        return response

    async def Extend(self, request: pb.ExtendRequest, context: Any) -> pb.ExtendResponse:
        """Let a lease, or a claim, last on."""
        token = any_token_of(request.token)
        progress = messages.progress_of(request.progress)
        if isinstance(token, TaskToken):
            return await self._desk.extend(token)
        waiters = await self._cache.extend(token, progress)
        return pb.ExtendResponse(waiters=waiters, expires_in=messages.duration(LEASE_SECONDS))

    async def Commit(self, request: pb.CommitRequest, context: Any) -> pb.CommitResponse:
        """Let a result stand."""
        token = token_of(request.token)
        payload = messages.payload_of(request.payload)
        cost_ms = cost_ms_of(request.compute_cost)
        retention = await self._resolver.retention_seconds(token.identity.pipeline)
        standing = await self._cache.commit(token, payload, cost_ms, retention)
        known = b"" if standing.superseded else payload.sha256
        durability = messages.DURABILITIES[standing.durability]
        response = pb.CommitResponse(durability=durability, superseded=standing.superseded)
        messages.fill_entry(response.entry, token.identity, standing.record, "computed", known)
        return response

    async def Fail(self, request: pb.FailRequest, context: Any) -> pb.FailResponse:
        """Remember a failure that follows from the input."""
        failure = messages.failure_of(request.reason, request.message, request.violations)
        retention = retention_seconds_of(request.retention) if request.HasField("retention") else None
        await self._cache.fail(token_of(request.token), failure, retention)
        return pb.FailResponse()

    async def Release(self, request: pb.ReleaseRequest, context: Any) -> pb.ReleaseResponse:
        """End a lease without a result, or put a task back."""
        token = any_token_of(request.token)
        if isinstance(token, TaskToken):
            return await self._desk.release(token, request)
        await self._cache.release(token)
        return pb.ReleaseResponse()

    # -- jobs ----------------------------------------------------------------------------------------------------

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        """List jobs, last changed first."""
        if request.page_size > _MAX_PAGE:
            raise field_invalid("page_size", f"must be between 1 and {_MAX_PAGE}, or 0 for {_DEFAULT_PAGE}")
        after = messages.page_of(request.page_token)
        page = await self._cache.jobs(_filter(request), request.page_size or _DEFAULT_PAGE, after)
        return messages.jobs_message(page)

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.GetJobResponse:
        """Tell one job."""
        namespace = namespace_of(request.namespace)
        job = await self._cache.job(namespace, messages.job_uuid(request.job_id))
        response = pb.GetJobResponse(job=messages.job_message(job))
        if request.include_result and job.status is Status.SUCCEEDED:
            found = await self._cache.results.find(job.identity.key, namespace)
            if isinstance(found, Found) and not found.record.failed:
                self._audit.access("GetJob", namespace, job.identity.job_id)
                messages.fill_entry(response.entry, job.identity, found.record, found.tier, request.known_sha256)
        return response

    # -- the queue -----------------------------------------------------------------------------------------------

    async def Enqueue(self, request: pb.EnqueueRequest, context: Any) -> pb.EnqueueResponse:
        """Put work into the queue."""
        return await self._desk.enqueue(request)

    async def Withdraw(self, request: pb.WithdrawRequest, context: Any) -> pb.WithdrawResponse:
        """Take a task out of the queue."""
        return await self._desk.withdraw(request)

    async def Claim(self, request: pb.ClaimRequest, context: Any) -> pb.ClaimResponse:
        """Take the next task."""
        return await self._desk.claim(request)

    async def Settle(self, request: pb.SettleRequest, context: Any) -> pb.SettleResponse:
        """End a task."""
        return await self._desk.settle(request)

    # -- the service itself --------------------------------------------------------------------------------------

    async def GetStats(self, request: pb.GetStatsRequest, context: Any) -> pb.GetStatsResponse:
        """Tell what the cache holds and has done."""
        statistics = self._cache.statistics
        namespace = namespace_of(request.namespace)
        blobs, blob_size_bytes = await self._cache.files.usage(namespace)
        response = pb.GetStatsResponse(
            blobs=blobs,
            blob_size_bytes=blob_size_bytes,
            jobs=await self._cache.count_jobs(namespace),
            running=await self._cache.running(),
            queued=await self._tasks.waiting(namespace),
            compute_saved=messages.duration(statistics.compute_saved_ms / 1000),
            hits_total=sum(statistics.hits.values()),
        )
        for name, available, usage in await self._cache.usage():
            response.tiers.add(
                tier=messages.TIERS[name],
                configured=True,
                available=available,
                entries=usage.entries,
                size_bytes=usage.size_bytes,
                limit_bytes=usage.limit_bytes,
                hits=statistics.hits[name],
            )
        for reason, count in sorted(statistics.misses.items()):
            response.misses.add(reason=messages.MISSES[reason], count=count)
        if caller.get().role is Role.SERVICE:
            return response
        return narrowed(response, self._shares.of(namespace), await self._running_in(namespace))

    async def GetCapabilities(self, request: pb.GetCapabilitiesRequest, context: Any) -> pb.GetCapabilitiesResponse:
        """Tell limits, tiers and pipelines."""
        response = pb.GetCapabilitiesResponse(version=product_version(), limits=self._limits())
        for name, available, _ in await self._cache.usage():
            if available:
                response.tiers.append(messages.TIERS[name])
        response.durable = self._durable and entry_pb2.TIER_DURABLE in response.tiers
        for offer in await self._offers.all():
            message = pipelines_pb2.PipelineOffer.FromString(offer.content)
            response.pipelines.add(
                pipeline=message.pipeline,
                active=offer.active,
                params_type=message.defaults.type_url.rsplit("/", 1)[-1],
                references=message.references,
            )
        return response

    async def AnnouncePipelines(
        self, request: pb.AnnouncePipelinesRequest, context: Any
    ) -> pb.AnnouncePipelinesResponse:
        """Learn what an analysis service offers."""
        text_of(request.announcer, "announcer", _MAX_FILTER_CHARS)
        kept = await self._offers.announce([_offer(offer) for offer in request.offers])
        durability = entry_pb2.DURABILITY_VOLATILE
        if kept and self._durable:
            durability = entry_pb2.DURABILITY_DURABLE
        return pb.AnnouncePipelinesResponse(durability=durability)

    # -- forgetting ----------------------------------------------------------------------------------------------

    async def Invalidate(self, request: pb.InvalidateRequest, context: Any) -> pb.InvalidateResponse:
        """Forget results and parts."""
        note = text_of(request.note, "note", _MAX_NOTE_CHARS)
        selector = selectors.selector_of(request)
        forgotten = await self._cache.invalidate(selector, note)
        await self._audit.record("Invalidate", selector.namespace, selectors.text_of(selector), note=note)
        return pb.InvalidateResponse(
            removed_results=forgotten.results,
            removed_parts=forgotten.parts,
            voided_leases=forgotten.leases,
            unreached=forgotten.unreached,
        )

    async def EraseBlob(self, request: pb.EraseBlobRequest, context: Any) -> pb.EraseBlobResponse:
        """Forget a blob and all that follows from it."""
        note = text_of(request.note, "note", _MAX_NOTE_CHARS)
        namespace = namespace_of(request.namespace)
        sha256 = digest_of(request.sha256, "sha256")
        forgotten = await self._cache.erase(namespace, sha256, note)
        outcome = "pending" if forgotten.pending else DONE
        await self._audit.record("EraseBlob", namespace, sha256.hex(), outcome, note)
        return pb.EraseBlobResponse(
            removed_blobs=forgotten.blobs,
            removed_results=forgotten.results,
            removed_parts=forgotten.parts,
            removed_submissions=forgotten.submissions,
            voided_leases=forgotten.leases,
            pending=forgotten.pending,
            unreached=forgotten.unreached,
        )

    async def Explain(self, request: pb.ExplainRequest, context: Any) -> pb.ExplainResponse:
        """Say why a question has no answer, or where its answer is."""
        match request.WhichOneof("subject"):
            case "question":
                question = await self._resolver.question(selectors.asked_in(request))
                return messages.explained_message(question.identity, await self._cache.explain(question))
            case "job_id":
                namespace, job_id = namespace_of(request.namespace), messages.job_uuid(request.job_id)
                return messages.explained_message(*await self._cache.explain_job(namespace, job_id))
            case _:
                raise field_missing("subject")

    # -- pieces --------------------------------------------------------------------------------------------------

    async def _running_in(self, namespace: str) -> int:
        page = await self._cache.jobs(Filter(namespace, frozenset({Status.RUNNING})), _MAX_PAGE, None)
        return len(page.jobs)

    def _answer(
        self, rpc: str, identity: keys.Identity, found: Found | Missed, known_sha256: bytes = b""
    ) -> pb.LookupResponse:
        response = pb.LookupResponse()
        messages.fill_identity(response.identity, identity)
        if isinstance(found, Missed):
            response.miss.reason = messages.MISSES[found.reason]
            response.miss.blob_present = found.blob_present
            self._shares.miss(identity.namespace, found.reason)
        else:
            self._found(rpc, response, identity, found, known_sha256)
        return response

    def _found(
        self,
        rpc: str,
        response: pb.LookupResponse | pb.ReserveResponse,
        identity: keys.Identity,
        found: Found,
        known_sha256: bytes = b"",
    ) -> None:
        self._shares.hit(identity.namespace, found)
        self._audit.access(rpc, identity.namespace, identity.job_id)
        if found.record.failed:
            response.failure.CopyFrom(messages.record_failure(found.record))
        else:
            messages.fill_entry(response.hit, identity, found.record, found.tier, known_sha256)

    def _limits(self) -> pb.Limits:
        return pb.Limits(
            max_message_bytes=MAX_MESSAGE_BYTES,
            max_chunk_bytes=CHUNK_BYTES,
            max_blob_bytes=self._cache.files.max_blob_bytes,
            max_inline_payload_bytes=MAX_INLINE_PAYLOAD_BYTES,
            max_payload_bytes=self._cache.files.max_blob_bytes,
            max_batch_items=batches.MAX_BATCH_ITEMS,
            max_wait=messages.duration(MAX_WAIT_SECONDS),
            max_deadline=messages.duration(self._max_deadline_seconds),
        )


def _completeness(context: Any) -> Callable[[], Awaitable[None]]:
    """Return what to await at the end of a request stream, which a cancelled call does not get past.

    To a handler of grpc.aio the stream of a caller who cancels ends like a complete one. Sending the initial metadata
    needs the call alive, so it tells the two apart.
    """

    async def confirm() -> None:
        try:
            await context.send_initial_metadata(())
        except grpc.aio.InternalError as gone:
            raise Cancelled(Reason.CANCELLED, "The caller has left.") from gone

    return confirm


def _filter(request: pb.ListJobsRequest) -> Filter:
    statuses = []
    for number in request.statuses:
        if number not in _STATUSES:
            raise field_invalid("statuses", "holds a status that the contract does not know")
        statuses.append(_STATUSES[number])
    pipeline = keys.Pipeline(
        text_of(request.pipeline.name, "pipeline.name", _MAX_FILTER_CHARS),
        text_of(request.pipeline.version, "pipeline.version", _MAX_FILTER_CHARS),
    )
    return Filter(
        namespace=namespace_of(request.namespace),
        statuses=frozenset(statuses),
        pipeline=pipeline if pipeline.name else None,
        blob_sha256=digest_of(request.blob_sha256, "blob_sha256") if request.blob_sha256 else b"",
        file_name_contains=text_of(request.file_name_contains, "file_name_contains", _MAX_FILTER_CHARS),
        updated_since=time_of(request.updated_since, "updated_since"),
    )


def _offer(message: pipelines_pb2.PipelineOffer) -> Offer:
    pipeline = keys.Pipeline(message.pipeline.name, message.pipeline.version)
    try:
        keys.check_pipeline(pipeline)
    except keys.InvalidKeyError as error:
        raise field_invalid(f"offers.{error.field}", error.description) from error
    for reference in message.references:
        digest_of(reference.digest, "offers.references.digest")
    retention_seconds_of(message.retention, "offers.retention")
    try:
        content = message.SerializeToString(deterministic=True)
    except EncodeError as error:
        raise field_invalid("offers", f"is not whole: {error}") from error
    schema_of(content)
    return Offer(pipeline, message.active, content)
