"""Bytes on their way into the cache service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from gateway.backend import Blob, Failed, Missing, Question, Result, Submission
from gateway.failures import error_of_failure
from gateway.translate.calls import CACHE, ending_of
from gateway.translate.messages import blob_of, found_of, question_message, submission_message
from rpc.access import namespace_to_name
from rpc.context import outgoing
from rpc.status import error_of

Last = Callable[[], list[cache_pb.IngestRequest]]


async def ingest(
    stub: Any,
    seconds: float,
    chunks: AsyncIterator[bytes],
    ask: Callable[[], tuple[Question, Submission]],
) -> Result | Missing:
    """Stream an upload in, then its question; a call that fails half-way leaves nothing behind."""
    asked: list[Question] = []

    def last() -> list[cache_pb.IngestRequest]:
        question, submission = ask()
        asked.append(question)
        return [
            cache_pb.IngestRequest(submission=submission_message(submission)),
            cache_pb.IngestRequest(question=question_message(question)),  # at the very end: see ending_of
        ]

    response = await _send(stub, seconds, cache_pb.IngestHeader(namespace=namespace_to_name()), chunks, last)
    found = found_of(response.answer, asked[0])
    if isinstance(found, Failed):
        raise error_of_failure(found.failure)
    return found


async def put(
    stub: Any, seconds: float, sha256: bytes, size_bytes: int | None, chunks: AsyncIterator[bytes]
) -> tuple[Blob, bool]:
    """Stream bytes in whose digest is claimed."""
    header = cache_pb.IngestHeader(namespace=namespace_to_name(), claimed_sha256=sha256, claimed_size_bytes=size_bytes)
    response = await _send(stub, seconds, header, chunks, list)
    return blob_of(response.blob), response.existed


async def _send(
    stub: Any, seconds: float, header: cache_pb.IngestHeader, chunks: AsyncIterator[bytes], last: Last
) -> cache_pb.IngestResponse:
    first = await anext(chunks, b"")  # what is refused at once costs no call
    call = stub.Ingest(**outgoing(seconds))
    ending = asyncio.create_task(ending_of(call))
    try:
        await call.write(cache_pb.IngestRequest(header=header))
        if first:
            await call.write(cache_pb.IngestRequest(chunk=first))
        async for chunk in chunks:
            await call.write(cache_pb.IngestRequest(chunk=chunk))
        for message in last():
            await call.write(message)
        await call.done_writing()
        response: cache_pb.IngestResponse = await call
        return response
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        raise error_of(await ending, CACHE) from None
    finally:
        ending.cancel()
        call.cancel()
