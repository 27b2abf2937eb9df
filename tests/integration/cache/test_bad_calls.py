"""What every RPC answers to a call that is empty, garbled, too late, too large, or cut in the middle."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_payload, a_question

METHODS = {method.name: method for method in pb.DESCRIPTOR.services_by_name["CacheService"].methods}
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NO_MESSAGE = b"\xff\xff\xff"

ANSWERED_WHEN_EMPTY = {"FindMissingBlobs", "ListJobs", "GetStats", "GetCapabilities", "AnnouncePipelines"}
"""These ask for nothing that must be said."""

REFUSED_WHEN_EMPTY = {
    "Ingest": Reason.STREAM_INVALID,
    "Download": Reason.FIELD_INVALID,
    "Lookup": Reason.FIELD_MISSING,
    "BatchLookup": Reason.FIELD_MISSING,
    "Reserve": Reason.FIELD_MISSING,
    "Extend": Reason.TOKEN_INVALID,
    "Commit": Reason.TOKEN_INVALID,
    "Fail": Reason.TOKEN_INVALID,
    "Release": Reason.TOKEN_INVALID,
    "BatchStore": Reason.STREAM_INVALID,
    "Invalidate": Reason.FIELD_MISSING,
    "EraseBlob": Reason.FIELD_INVALID,
    "GetJob": Reason.FIELD_INVALID,
    "Explain": Reason.FIELD_MISSING,
    "Enqueue": Reason.FIELD_MISSING,
    "Withdraw": Reason.FIELD_INVALID,
    "Claim": Reason.FIELD_MISSING,
    "Settle": Reason.TOKEN_INVALID,
}


async def asked(caller: Caller, name: str, *requests: bytes, seconds: float = 10.0) -> Any:
    """Call a method with bytes; return its first answer."""
    method = METHODS[name]
    asks = "stream" if method.client_streaming else "unary"
    answers = "stream" if method.server_streaming else "unary"
    path = f"/{method.containing_service.full_name}/{name}"
    call = getattr(caller.channel, f"{asks}_{answers}")(path)
    sent = call(iter(requests) if method.client_streaming else requests[0], timeout=seconds)
    return await (sent.read() if method.server_streaming else sent)


async def refusal(call: Any) -> tuple[grpc.StatusCode, Reason]:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return failure.value.code(), error_of(failure.value).reason


async def check_well(caller: Caller) -> None:
    """The next call is answered."""
    assert (await caller.lookup(a_question(blob=(await caller.ingest(b"of another")).blob))).HasField("miss")


def test_every_rpc_has_its_answer_to_an_empty_request() -> None:
    assert ANSWERED_WHEN_EMPTY | set(REFUSED_WHEN_EMPTY) == set(METHODS)


@pytest.mark.parametrize("name", REFUSED_WHEN_EMPTY)
async def test_an_empty_request_is_refused_by_what_is_missing(shared: Caller, name: str) -> None:
    assert await refusal(asked(shared, name, b"")) == (INVALID, REFUSED_WHEN_EMPTY[name])


@pytest.mark.parametrize("name", sorted(ANSWERED_WHEN_EMPTY))
async def test_an_empty_request_that_asks_for_nothing_is_answered(shared: Caller, name: str) -> None:
    assert await asked(shared, name, b"") is not None


@pytest.mark.parametrize("name", METHODS)
async def test_bytes_that_are_no_message_are_refused(shared: Caller, name: str) -> None:
    assert await refusal(asked(shared, name, NO_MESSAGE)) == (INVALID, Reason.FIELD_INVALID)


@pytest.mark.parametrize("name", METHODS)
async def test_a_deadline_that_has_passed_is_said_and_harms_nobody(shared: Caller, name: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await asked(shared, name, b"", seconds=-1.0)
    assert failure.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await check_well(shared)


@pytest.mark.parametrize("name", METHODS)
async def test_a_message_beyond_the_limit_is_refused_by_grpc(shared: Caller, name: str) -> None:
    large = b"\xfa\x7f" + _varint(MAX_MESSAGE_BYTES) + bytes(MAX_MESSAGE_BYTES)  # an unknown field, so that it parses
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await asked(shared, name, large)
    assert failure.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await check_well(shared)


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


# -- batches that are too large ------------------------------------------------------------------------------------


def a_part(number: int) -> entry_pb2.PartRef:
    return entry_pb2.PartRef(sha256=number.to_bytes(32, "big"), size_bytes=1)


async def most_items(caller: Caller) -> int:
    answer = await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=5)
    return int(answer.limits.max_batch_items)


async def test_a_batch_of_more_items_than_are_allowed_is_refused(shared: Caller) -> None:
    count = await most_items(shared) + 1
    parts = [a_part(0)] * count
    blobs = [identity_pb2.BlobRef(sha256=bytes(32), size_bytes=1)] * count
    pipeline = identity_pb2.PipelineRef(name="emg.session")
    look_up = pb.BatchLookupRequest(pipeline=pipeline, parts=parts).SerializeToString()
    columns = pb.PartColumns(sha256s=bytes(32 * count), size_bytes=[1] * count)
    by_columns = pb.BatchLookupRequest(pipeline=pipeline, part_columns=columns).SerializeToString()
    find = pb.FindMissingBlobsRequest(blobs=blobs).SerializeToString()
    store = [
        pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=pipeline)).SerializeToString(),
        pb.BatchStoreRequest(
            items=pb.BatchStoreItems(items=[pb.BatchStoreItem(part=part) for part in parts])
        ).SerializeToString(),
    ]
    assert await refusal(asked(shared, "BatchLookup", look_up)) == (INVALID, Reason.BATCH_TOO_LARGE)
    assert await refusal(asked(shared, "BatchLookup", by_columns)) == (INVALID, Reason.BATCH_TOO_LARGE)
    assert await refusal(asked(shared, "FindMissingBlobs", find)) == (INVALID, Reason.BATCH_TOO_LARGE)
    assert await refusal(asked(shared, "BatchStore", *store)) == (INVALID, Reason.BATCH_TOO_LARGE)
    await check_well(shared)


@pytest.mark.parametrize(
    "wrong",
    [
        pb.BatchLookupRequest(part_columns=pb.PartColumns(sha256s=bytes(63), size_bytes=[1, 1])),
        pb.BatchLookupRequest(part_columns=pb.PartColumns(sha256s=bytes(64), size_bytes=[1])),
        pb.BatchLookupRequest(part_columns=pb.PartColumns(sha256s=bytes(32), size_bytes=[2**63])),
        pb.BatchLookupRequest(part_columns=pb.PartColumns(sha256s=bytes(32), size_bytes=[1]), parts=[a_part(0)]),
    ],
    ids=["digest cut", "size missing", "size too large", "by items too"],
)
async def test_columns_that_say_no_parts_are_refused(shared: Caller, wrong: pb.BatchLookupRequest) -> None:
    wrong.pipeline.name = "emg.session"
    assert await refusal(asked(shared, "BatchLookup", wrong.SerializeToString())) == (INVALID, Reason.FIELD_INVALID)
    await check_well(shared)


# -- streams that are cut -------------------------------------------------------------------------------------------


async def test_an_upload_that_is_cut_publishes_nothing(shared: Caller) -> None:
    content = b"cut in the middle" * 1000

    async def requests() -> AsyncIterator[pb.IngestRequest]:
        yield pb.IngestRequest(header=pb.IngestHeader())
        yield pb.IngestRequest(chunk=content)
        await asyncio.Event().wait()

    await cut(shared.stub.Ingest(requests(), timeout=10))
    blob = identity_pb2.BlobRef(sha256=hashlib.sha256(content).digest(), size_bytes=len(content))
    missing = await shared.stub.FindMissingBlobs(pb.FindMissingBlobsRequest(blobs=[blob]), timeout=5)
    assert list(missing.missing) == [blob]


async def test_a_batch_that_is_cut_is_no_fault(shared: Caller) -> None:
    async def requests() -> AsyncIterator[pb.BatchStoreRequest]:
        pipeline = identity_pb2.PipelineRef(name="emg.session")
        yield pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=pipeline))
        item = pb.BatchStoreItem(part=a_part(7), payload=a_payload(b"a part"))
        yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=[item]))
        await asyncio.Event().wait()

    await cut(shared.stub.BatchStore(requests(), timeout=10))
    await check_well(shared)


@pytest.mark.parametrize("name", ["Download", "BatchLookup"])
async def test_a_caller_who_hangs_up_in_the_middle_of_an_answer_is_no_fault(shared: Caller, name: str) -> None:
    blob = (await shared.ingest(b"x" * 3_000_000)).blob
    request: Any = pb.DownloadRequest(blob=blob)
    if name == "BatchLookup":
        pipeline = identity_pb2.PipelineRef(name="emg.session")
        request = pb.BatchLookupRequest(pipeline=pipeline, parts=[a_part(number) for number in range(3000)])
    call = getattr(shared.stub, name)(request, timeout=10)
    assert await call.read() is not grpc.aio.EOF
    call.cancel()
    await check_well(shared)


async def cut(call: Any) -> None:
    """Hang up once the call has begun."""
    await call.wait_for_connection()
    assert call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
