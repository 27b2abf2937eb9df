"""What was promised to callers, and whether it is kept."""

import asyncio
import hashlib
import uuid
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field

import grpc

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_question

LASTING = (entry_pb2.DURABILITY_DURABLE, entry_pb2.DURABILITY_PENDING)
HONEST = {
    Reason.DATABASE_UNAVAILABLE,
    Reason.BLOB_STORE_UNAVAILABLE,
    Reason.OVERLOADED,
    Reason.LEASE_LOST,
    Reason.LEASE_VOIDED,
    Reason.BLOB_MISSING,
}
"""What a call may be refused with while something has failed."""


def result_of(content: bytes) -> bytes:
    """Return the one right answer."""
    return b"result of " + content


@dataclass
class Ledger:
    """The questions by what was answered about them."""

    promised: dict[bytes, identity_pb2.Question] = field(default_factory=dict)
    forgotten: dict[bytes, identity_pb2.Question] = field(default_factory=dict)
    in_doubt: set[bytes] = field(default_factory=set)
    uploaded: list[identity_pb2.BlobRef] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    async def try_(self, name: str, work: Awaitable[object]) -> bool:
        """Do something that may be refused, but only honestly; return whether it was done."""
        try:
            await work
        except grpc.aio.AioRpcError as failure:
            reason = error_of(failure, "cache").reason
            if reason not in HONEST:
                raise AssertionError(f"{name}: {failure.code()} {reason} {failure.details()}") from failure
            self.refused[reason] += 1
            return False
        self.done[name] += 1
        return True

    async def ingest(self, caller: Caller) -> None:
        self.uploaded.append((await caller.ingest(uuid.uuid4().bytes)).blob)

    async def reserve(self, caller: Caller, question: identity_pb2.Question) -> None:
        answer = await caller.reserve(question)
        if answer.HasField("lease"):
            await caller.stub.Release(pb.ReleaseRequest(token=answer.lease.token), timeout=10)

    async def commit(self, caller: Caller, content: bytes, question: identity_pb2.Question) -> None:
        token = (await caller.reserve(question)).lease.token
        committed = await caller.commit(token, result_of(content))
        assert not committed.superseded
        if committed.durability in LASTING:
            self.promised[content] = question

    async def invalidate(self, caller: Caller, content: bytes) -> None:
        question = self.promised.pop(content)
        self.in_doubt.add(content)  # until it is answered
        await caller.stub.Invalidate(pb.InvalidateRequest(blob=question.blob), timeout=20)
        self.forgotten[content] = question
        assert not await self.is_found(caller, content, question), "an invalidated result was served"

    async def lookup(self, caller: Caller, content: bytes) -> None:
        await self.is_found(caller, content, self.promised.get(content) or self.forgotten[content])

    async def is_found(self, caller: Caller, content: bytes, question: identity_pb2.Question) -> bool:
        """Return whether there is an answer, which must be the right one."""
        answer = await caller.lookup(question)
        if not answer.HasField("hit"):
            return False
        assert answer.hit.payload.sha256 == hashlib.sha256(result_of(content)).digest(), "a wrong answer"
        if content in self.forgotten:
            raise AssertionError(f"an invalidated result came back: {caller.address} {answer.hit}")
        return True

    async def all_kept(self, caller: Caller) -> bool:
        """Return whether every promise is kept; what was forgotten must not come back at any time."""
        found = [await self.is_found(caller, content, question) for content, question in self.promised.items()]
        back = [await self.is_found(caller, content, question) for content, question in self.forgotten.items()]
        assert not any(back), "an invalidated result came back"
        return all(found)


async def prepared(caller: Caller, count: int) -> dict[bytes, identity_pb2.Question]:
    """Upload contents and return the questions about them."""
    contents = [uuid.uuid4().bytes for _ in range(count)]
    blobs = await asyncio.gather(*(caller.ingest(content) for content in contents))
    return {content: a_question(blob=answer.blob) for content, answer in zip(contents, blobs, strict=True)}
