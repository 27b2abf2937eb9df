"""The stream of an upload, message by message."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from cache_service.blobs import Upload
from cache_service.cache import Cache, Missed, Question
from cache_service.entries import Failure
from cache_service.keys import Blob
from cache_service.records import Found
from cache_service.service.fields import digest_of, namespace_of
from cache_service.service.questions import Resolver
from cache_service.service.submissions import submission_of
from cache_service.tasks import Tasks
from cache_service.tokens import TaskToken, task_token_of
from rpc.errors import InvalidArgument, field_invalid
from rpc.reasons import Reason


@dataclass
class Said:
    """What came along with the bytes."""

    task: TaskToken | None = None
    question: identity_pb2.Question | None = None
    submission: identity_pb2.Submission | None = None


class IngestStream:
    """One call of Ingest."""

    def __init__(
        self,
        cache: Cache,
        tasks: Tasks,
        resolver: Resolver,
        requests: AsyncIterator[pb.IngestRequest],
        confirm_complete: Callable[[], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._tasks = tasks
        self._resolver = resolver
        self._requests = requests
        self._confirm_complete = confirm_complete
        self._said = Said()

    async def run(self) -> tuple[Blob, bool, Question | None]:
        """Take the stream in; return the blob, whether it was here before, and the question about it."""
        header = await self._header()
        self._said.task = task_token_of(header.task_token) if header.task_token else None
        namespace = namespace_of(header.namespace)
        async with self._cache.files.upload(namespace) as upload:
            async for message in self._requests:
                await self._take(message, upload)
            await self._confirm_complete()
            blob = upload.measured()
            _verify(header, blob)
            question = await self._question(namespace, blob)
            if blob.size_bytes == 0:
                await self._refuse_empty(question)
            existed = await upload.publish()
        return blob, existed, question

    async def answer(self, question: Question) -> Found | Missed:
        """Look up what was asked, which notes the submission, and note that a task turned out to be that job."""
        found = await self._cache.lookup(question)
        if self._said.task is not None:
            await self._tasks.join(self._said.task, question.identity, question.params_json)
        return found

    async def _header(self) -> pb.IngestHeader:
        async for first in self._requests:
            if first.WhichOneof("message") == "header":
                if first.header.claimed_sha256:
                    digest_of(first.header.claimed_sha256, "header.claimed_sha256")
                return first.header
            break
        raise _out_of_order("The first message of an upload must be its header.", "header")

    async def _take(self, message: pb.IngestRequest, upload: Upload) -> None:
        match message.WhichOneof("message"):
            case "chunk":
                await upload.write(message.chunk)
            case "question" if self._said.question is None:
                if message.question.HasField("blob") or message.question.namespace:
                    raise field_invalid("question", "must leave its blob and namespace to the upload")
                self._said.question = message.question
            case "submission" if self._said.submission is None:
                submission_of(message.submission)
                self._said.submission = message.submission
            case other:
                raise _out_of_order(f"An upload has no second {other or 'or empty'} message.", "chunk")

    async def _question(self, namespace: str, blob: Blob) -> Question | None:
        if self._said.question is None:
            return None
        self._said.question.namespace = namespace
        return await self._resolver.question(self._said.question, blob=blob, submission=self._said.submission)

    async def _refuse_empty(self, question: Question | None) -> None:
        message = "The file is empty: it has no bytes. Check that it was exported and copied completely."
        if question is not None:
            await self.answer(question)
            await self._cache.remember_failure(question, Failure(Reason.FILE_EMPTY, message))
        raise InvalidArgument(Reason.FILE_EMPTY, message)


def _verify(header: pb.IngestHeader, blob: Blob) -> None:
    if header.claimed_sha256 and header.claimed_sha256 != blob.sha256:
        raise InvalidArgument(
            Reason.DIGEST_MISMATCH,
            "The bytes do not have the SHA-256 that was claimed; nothing was kept.",
            metadata={"claimed": header.claimed_sha256.hex(), "measured": blob.sha256.hex()},
        )
    if header.HasField("claimed_size_bytes") and header.claimed_size_bytes != blob.size_bytes:
        raise InvalidArgument(
            Reason.SIZE_MISMATCH,
            f"{blob.size_bytes} bytes came, {header.claimed_size_bytes} were claimed; nothing was kept.",
            metadata={"claimed": str(header.claimed_size_bytes), "measured": str(blob.size_bytes)},
        )


def _out_of_order(message: str, expected: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_INVALID, message, metadata={"expected": expected})
