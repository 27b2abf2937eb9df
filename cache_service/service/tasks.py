"""The RPCs of the queue: messages in, the queue's rules, messages out."""

import uuid
from collections.abc import Sequence

from google.protobuf import struct_pb2

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2, jobs_pb2
from cache_service import keys
from cache_service.cache import Cache, Question
from cache_service.queue.face import CLAIM_SECONDS, Claimed, Order
from cache_service.service import messages
from cache_service.service.fields import namespace_of, seconds_of, text_of
from cache_service.service.questions import Resolver
from cache_service.service.submissions import submission_of
from cache_service.tasks import Tasks
from cache_service.tokens import MAX_OWNER_CHARS, TaskToken, task_token_of
from rpc.errors import field_invalid, field_missing

_MAX_URI_CHARS = 2000
_MAX_KEY_CHARS = 200
_MAX_CONTEXT_BYTES = 64 * 1024
_MAX_NAME_CHARS = 500
_MAX_PIPELINES = 1000
_NO_BLOB = keys.Blob(bytes(keys.DIGEST_BYTES), 0)
"""Stands in for bytes that have not been fetched, so that the rest of a question can be checked."""


class TaskDesk:
    """Enqueue, Withdraw, Claim and Settle."""

    def __init__(self, tasks: Tasks, cache: Cache, resolver: Resolver, max_wait_seconds: float) -> None:
        self._tasks = tasks
        self._cache = cache
        self._resolver = resolver
        self._max_wait_seconds = max_wait_seconds

    async def enqueue(self, request: pb.EnqueueRequest) -> pb.EnqueueResponse:
        """Put work into the queue."""
        place = await self._tasks.enqueue(await self._order(request))
        return pb.EnqueueResponse(task_id=place.task_id, job_id=place.job_id, position=place.position)

    async def withdraw(self, request: pb.WithdrawRequest) -> pb.WithdrawResponse:
        """Take a task out of the queue."""
        withdrawn = await self._tasks.withdraw(namespace_of(request.namespace), messages.job_uuid(request.id))
        return pb.WithdrawResponse(withdrawn=withdrawn.done, left=withdrawn.left)

    async def claim(self, request: pb.ClaimRequest) -> pb.ClaimResponse:
        """Take the next task."""
        if not request.owner_id:
            raise field_missing("owner_id")
        owner_id = text_of(request.owner_id, "owner_id", MAX_OWNER_CHARS)
        wait = min(max(0.0, seconds_of(request.wait)), self._max_wait_seconds)
        claimed = await self._tasks.claim(owner_id, wait, _pipelines(request.pipelines))
        if claimed is None:
            return pb.ClaimResponse()
        token = TaskToken(claimed.task_id, claimed.nonce)
        return pb.ClaimResponse(
            task=_task_message(claimed), token=token.packed(), expires_in=messages.duration(CLAIM_SECONDS)
        )

    async def settle(self, request: pb.SettleRequest) -> pb.SettleResponse:
        """End a task."""
        token = task_token_of(request.token)
        match request.WhichOneof("outcome"):
            case "job_id":
                await self._tasks.settle(token, messages.job_uuid(request.job_id))
            case "failure":
                said = request.failure
                await self._tasks.settle(token, messages.failure_of(said.reason, said.message, said.violations))
            case _:
                raise field_missing("outcome")
        return pb.SettleResponse()

    async def extend(self, token: TaskToken) -> pb.ExtendResponse:
        """Let a claim last on."""
        await self._tasks.extend(token)
        return pb.ExtendResponse(expires_in=messages.duration(CLAIM_SECONDS))

    async def release(self, token: TaskToken, request: pb.ReleaseRequest) -> pb.ReleaseResponse:
        """Put a task back."""
        error = messages.failure_of(request.reason, request.message, ()) if request.reason else None
        await self._tasks.release(token, error)
        return pb.ReleaseResponse()

    async def _order(self, request: pb.EnqueueRequest) -> Order:
        source_uri = text_of(request.source_uri, "source_uri", _MAX_URI_CHARS)
        if request.context.ByteSize() > _MAX_CONTEXT_BYTES:
            raise field_invalid("context", f"may be {_MAX_CONTEXT_BYTES // 1024} KiB at most")
        known = request.question.HasField("blob")
        if not known and not source_uri:
            raise field_missing("question.blob")
        question = await self._resolver.question(request.question, blob=None if known else _NO_BLOB)
        if not source_uri:
            await self._cache.files.require(question.identity)
        submission = submission_of(request.submission) if request.HasField("submission") else None
        return Order(
            task_id=str(uuid.uuid4()),
            namespace=question.identity.namespace,
            pipeline=question.identity.pipeline,
            question=_resolved(request.question, question),
            source_uri=source_uri,
            submission_message=request.submission.SerializeToString(),
            context=request.context.SerializeToString(),
            idempotency_key=text_of(request.idempotency_key, "idempotency_key", _MAX_KEY_CHARS),
            identity=question.identity if known else None,
            params_json=question.params_json,
            submission=submission,
        )


def _resolved(message: identity_pb2.Question, question: Question) -> bytes:
    """Return the question with what it leaves open said aloud, so that it means the same when it is claimed."""
    resolved = identity_pb2.Question()
    resolved.CopyFrom(message)
    resolved.namespace = question.identity.namespace
    resolved.pipeline.version = question.identity.pipeline.version
    if question.identity.reference_digest:
        resolved.reference.digest = question.identity.reference_digest
    return resolved.SerializeToString()


def _pipelines(given: Sequence[identity_pb2.PipelineRef]) -> list[keys.Pipeline]:
    if len(given) > _MAX_PIPELINES:
        raise field_invalid("pipelines", f"may be {_MAX_PIPELINES} at most")
    wanted = []
    for item in given:
        if not item.name:
            raise field_missing("pipelines.name")
        name = text_of(item.name, "pipelines.name", _MAX_NAME_CHARS)
        wanted.append(keys.Pipeline(name, text_of(item.version, "pipelines.version", _MAX_NAME_CHARS)))
    return wanted


def _task_message(claimed: Claimed) -> jobs_pb2.Task:
    return jobs_pb2.Task(
        task_id=claimed.task_id,
        question=identity_pb2.Question.FromString(claimed.question),
        source_uri=claimed.source_uri,
        submission=identity_pb2.Submission.FromString(claimed.submission_message),
        attempt=claimed.attempt,
        waited=messages.duration(claimed.waited_seconds),
        context=struct_pb2.Struct.FromString(claimed.context),
    )
