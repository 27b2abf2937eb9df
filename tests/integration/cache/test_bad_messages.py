"""What no caller should send is refused by its reason, and nobody else notices."""

import base64
import hashlib
import math
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import orjson
import pytest
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.errors.v1 import errors_pb2
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_payload, a_question, an_offer

INVALID = grpc.StatusCode.INVALID_ARGUMENT
SHA256 = hashlib.sha256(b"some content").digest()
PIPELINE = identity_pb2.PipelineRef(name="emg.session")
Send = Callable[[Caller], Awaitable[object]]


def blob(size_bytes: int = 12) -> identity_pb2.BlobRef:
    return identity_pb2.BlobRef(sha256=SHA256, size_bytes=size_bytes)


def seconds(number: int) -> duration_pb2.Duration:
    return duration_pb2.Duration(seconds=number)


async def a_token(caller: Caller, content: bytes = b"") -> bytes:
    """Return the token of a lease on what nobody else asks for."""
    token: bytes = (await caller.reserve(await caller.ask(content or uuid.uuid4().bytes))).lease.token
    return token


async def check_health(caller: Caller) -> None:
    """Another caller's calls are answered."""
    await caller.stub.ListJobs(pb.ListJobsRequest(), timeout=5)
    await caller.stub.GetStats(pb.GetStatsRequest(), timeout=5)
    submission = identity_pb2.Submission(file_name="innocent.c3d")
    answer = await caller.lookup(await caller.ask(b"of another caller"), submission=submission)
    job = await caller.stub.GetJob(pb.GetJobRequest(job_id=answer.identity.job_id), timeout=5)
    assert job.job.submissions[0].file_name == "innocent.c3d"


async def refusal(call: Awaitable[object]) -> tuple[grpc.StatusCode, Reason]:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return failure.value.code(), error_of(failure.value).reason


# -- one request ---------------------------------------------------------------------------------------------------


def lookup(**submission: Any) -> Send:
    said = identity_pb2.Submission(**submission)
    return lambda caller: caller.lookup(a_question(blob=blob()), submission=said)


def lookup_of_size(size_bytes: int) -> Send:
    said = identity_pb2.Submission(file_name="a.c3d")
    return lambda caller: caller.lookup(a_question(blob=blob(size_bytes)), submission=said)


def metadata(**values: Any) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields=values)


def nested(levels: int) -> struct_pb2.Value:
    value = struct_pb2.Value(number_value=1)
    for _ in range(levels):
        value = struct_pb2.Value(list_value=struct_pb2.ListValue(values=[value]))
    return value


def reserve(**fields: Any) -> Send:
    async def send(caller: Caller) -> object:
        return await caller.stub.Reserve(pb.ReserveRequest(question=await caller.ask(b"some content"), **fields))

    return send


def jobs(**fields: Any) -> Send:
    return lambda caller: caller.stub.ListJobs(pb.ListJobsRequest(**fields), timeout=5)


def page_token(*place: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def commit(message_type: str = "test.Result", size_bytes: int | None = None, **fields: Any) -> Send:
    async def send(caller: Caller) -> object:
        payload = a_payload(b"result")
        payload.message_type = message_type
        if size_bytes is not None:
            payload.uncompressed_size_bytes = size_bytes
        request = pb.CommitRequest(token=await a_token(caller), payload=payload, **fields)
        return await caller.stub.Commit(request, timeout=5)

    return send


def commit_of_blob(size_bytes: int) -> Send:
    async def send(caller: Caller) -> object:
        payload = entry_pb2.Payload(encoding=entry_pb2.ENCODING_IDENTITY, sha256=SHA256, blob=blob(size_bytes))
        return await caller.stub.Commit(pb.CommitRequest(token=await a_token(caller), payload=payload), timeout=5)

    return send


def fail(reason: Any = errors_pb2.ERROR_REASON_FILE_NOT_C3D, **fields: Any) -> Send:
    async def send(caller: Caller) -> object:
        return await caller.stub.Fail(pb.FailRequest(token=await a_token(caller), reason=reason, **fields), timeout=5)

    return send


def extend(stage: str) -> Send:
    async def send(caller: Caller) -> object:
        progress = entry_pb2.Progress(stage=stage)
        return await caller.stub.Extend(pb.ExtendRequest(token=await a_token(caller), progress=progress), timeout=5)

    return send


def forged(change: Callable[[dict[str, Any]], object]) -> Send:
    async def send(caller: Caller) -> object:
        data = orjson.loads(await a_token(caller))
        change(data)
        request = pb.CommitRequest(token=orjson.dumps(data), payload=a_payload(b"result"))
        return await caller.stub.Commit(request, timeout=5)

    return send


def forged_identity(**changes: Any) -> Send:
    return forged(lambda data: data["identity"].update(changes))


def token(raw: bytes) -> Send:
    return lambda caller: caller.stub.Release(pb.ReleaseRequest(token=raw), timeout=5)


def announce(**fields: Any) -> Send:
    return lambda caller: caller.stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(**fields), timeout=5)


def offer_with_bad_defaults() -> Any:
    offer = an_offer("2.0.0")
    offer.defaults.value = b"\xff\xff"
    return offer


def download(**fields: Any) -> Send:
    async def send(caller: Caller) -> object:
        await caller.ingest(b"some content")
        return [message async for message in caller.stub.Download(pb.DownloadRequest(**fields), timeout=5)]

    return send


def look_up_part(size_bytes: int) -> Send:
    async def send(caller: Caller) -> object:
        request = pb.BatchLookupRequest(
            pipeline=PIPELINE, parts=[entry_pb2.PartRef(sha256=SHA256, size_bytes=size_bytes)]
        )
        return [message async for message in caller.stub.BatchLookup(request, timeout=5)]

    return send


def find_missing(size_bytes: int) -> Send:
    request = pb.FindMissingBlobsRequest(blobs=[blob(size_bytes)])
    return lambda caller: caller.stub.FindMissingBlobs(request, timeout=5)


def violation(field: str = "f", description: str = "d") -> list[entry_pb2.FieldViolation]:
    return [entry_pb2.FieldViolation(field=field, description=description)]


JOB_ID = "6f1b0a52-3a1d-5c1e-9a53-0c6b8f3f7e11"

REFUSED: dict[str, tuple[Send, Reason]] = {
    "a blob of more bytes than a database counts": (lookup_of_size(2**63), Reason.FIELD_INVALID),
    "a blob of the most bytes of all": (lookup_of_size(2**64 - 1), Reason.FIELD_INVALID),
    "a part of the most bytes of all": (look_up_part(2**64 - 1), Reason.FIELD_INVALID),
    "a search for a blob of the most bytes of all": (find_missing(2**64 - 1), Reason.FIELD_INVALID),
    "a download of a blob of the most bytes of all": (download(blob=blob(2**64 - 1)), Reason.FIELD_INVALID),
    "a download from behind the end": (download(blob=blob(), offset_bytes=13), Reason.FIELD_INVALID),
    "a download from far behind the end": (download(blob=blob(), offset_bytes=2**64 - 1), Reason.FIELD_INVALID),
    "a file name with NUL": (lookup(file_name="a\0b"), Reason.FIELD_INVALID),
    "a file name of 501 characters": (lookup(file_name="a" * 501), Reason.FIELD_INVALID),
    "an uploader with NUL": (lookup(uploader="a\0b"), Reason.FIELD_INVALID),
    "metadata with NaN": (
        lookup(metadata=metadata(x=struct_pb2.Value(number_value=math.nan))),
        Reason.METADATA_INVALID,
    ),
    "metadata with an infinity": (
        lookup(metadata=metadata(x=struct_pb2.Value(number_value=-math.inf))),
        Reason.METADATA_INVALID,
    ),
    "metadata with NUL": (lookup(metadata=metadata(x=struct_pb2.Value(string_value="\0"))), Reason.METADATA_INVALID),
    "metadata with NUL in a name": (lookup(metadata=metadata(**{"\0": struct_pb2.Value()})), Reason.METADATA_INVALID),
    "metadata too deep": (lookup(metadata=metadata(x=nested(20))), Reason.METADATA_INVALID),
    "metadata too large": (
        lookup(metadata=metadata(x=struct_pb2.Value(string_value="a" * 70_000))),
        Reason.METADATA_INVALID,
    ),
    "an owner with NUL": (reserve(owner_id="a\0b"), Reason.FIELD_INVALID),
    "an owner of 201 characters": (reserve(owner_id="a" * 201), Reason.FIELD_INVALID),
    "no owner": (reserve(), Reason.FIELD_MISSING),
    "a listing by a pipeline with NUL": (jobs(pipeline=identity_pb2.PipelineRef(name="a\0b")), Reason.FIELD_INVALID),
    "a listing by a version with NUL": (
        jobs(pipeline=identity_pb2.PipelineRef(name="emg.session", version="\0")),
        Reason.FIELD_INVALID,
    ),
    "a listing by a file name with NUL": (jobs(file_name_contains="\0"), Reason.FIELD_INVALID),
    "a listing since no such year": (
        jobs(updated_since=timestamp_pb2.Timestamp(seconds=10**15)),
        Reason.FIELD_INVALID,
    ),
    "a page after the end of time": (jobs(page_token=page_token(1e300, JOB_ID)), Reason.PAGE_TOKEN_INVALID),
    "a page before the beginning": (jobs(page_token=page_token(-1e17, JOB_ID)), Reason.PAGE_TOKEN_INVALID),
    "a page after no job": (jobs(page_token=page_token(1.0, "none")), Reason.PAGE_TOKEN_INVALID),
    "a page after a list": (jobs(page_token=page_token([], {})), Reason.PAGE_TOKEN_INVALID),
    "a page token with an accent": (jobs(page_token="é"), Reason.PAGE_TOKEN_INVALID),
    "a page of a million jobs": (jobs(page_size=1_000_000), Reason.FIELD_INVALID),
    "a payload whose type has NUL": (commit("a\0"), Reason.FIELD_INVALID),
    "a payload whose type has 201 characters": (commit("a" * 201), Reason.FIELD_INVALID),
    "a payload of the most bytes of all": (commit(size_bytes=2**64 - 1), Reason.FIELD_INVALID),
    "a payload of more bytes than it has": (commit(size_bytes=1000), Reason.PAYLOAD_INVALID),
    "a payload that is a blob of the most bytes of all": (commit_of_blob(2**64 - 1), Reason.FIELD_INVALID),
    "a negative cost": (commit(compute_cost=seconds(-1)), Reason.FIELD_INVALID),
    "a cost of ten thousand years": (commit(compute_cost=seconds(315_576_000_000)), Reason.FIELD_INVALID),
    "a cost beyond any duration": (commit(compute_cost=seconds(2**63 - 1)), Reason.FIELD_INVALID),
    "a failure with NUL": (fail(message="a\0"), Reason.FIELD_INVALID),
    "a failure of 2001 characters": (fail(message="a" * 2001), Reason.FIELD_INVALID),
    "a failure of a field with NUL": (fail(violations=violation(field="\0")), Reason.FIELD_INVALID),
    "a failure described with NUL": (fail(violations=violation(description="\0")), Reason.FIELD_INVALID),
    "a failure for no known reason": (fail(reason=4711), Reason.FIELD_INVALID),
    "a failure for a reason that passes": (
        fail(reason=errors_pb2.ERROR_REASON_TIME_LIMIT),
        Reason.REASON_NOT_REMEMBERED,
    ),
    "a failure kept a negative time": (fail(retention=seconds(-1)), Reason.FIELD_INVALID),
    "a failure kept a century": (fail(retention=seconds(100 * 365 * 86400)), Reason.FIELD_INVALID),
    "a failure kept beyond any duration": (fail(retention=seconds(-(2**63))), Reason.FIELD_INVALID),
    "a stage with NUL": (extend("a\0"), Reason.FIELD_INVALID),
    "no token": (token(b""), Reason.TOKEN_INVALID),
    "a token of noise": (token(b"\xff\x00"), Reason.TOKEN_INVALID),
    "a token that is a number": (token(b"1"), Reason.TOKEN_INVALID),
    "a token without an identity": (token(b'{"identity": null}'), Reason.TOKEN_INVALID),
    "a token without a blob": (forged_identity(blob=[]), Reason.TOKEN_INVALID),
    "a token whose blob has no size": (forged_identity(blob=[SHA256.hex(), "twelve"]), Reason.TOKEN_INVALID),
    "a token of another blob": (forged_identity(blob=[SHA256.hex(), 13]), Reason.TOKEN_INVALID),
    "a token whose blob is endless": (forged_identity(blob=[SHA256.hex(), 2**63]), Reason.TOKEN_INVALID),
    "a token of another namespace": (forged_identity(namespace="clinic"), Reason.TOKEN_INVALID),
    "a token of another pipeline": (forged_identity(pipeline=["emg.other", "1.0.0"]), Reason.TOKEN_INVALID),
    "a token of a pipeline that is a number": (forged_identity(pipeline=[1, 2]), Reason.TOKEN_INVALID),
    "a token of another job": (forged_identity(job_id=JOB_ID), Reason.TOKEN_INVALID),
    "a token of no authority": (forged(lambda data: data.update(authority="zzz")), Reason.TOKEN_INVALID),
    "a token of an authority that is a list": (forged(lambda data: data.update(authority=[])), Reason.TOKEN_INVALID),
    "a token of a short nonce": (forged(lambda data: data.update(nonce="00")), Reason.TOKEN_INVALID),
    "a token whose nonce is a number": (forged(lambda data: data.update(nonce=7)), Reason.TOKEN_INVALID),
    "a token of an owner who is a number": (forged(lambda data: data.update(owner=7)), Reason.TOKEN_INVALID),
    "defaults that do not decode": (announce(offers=[offer_with_bad_defaults()]), Reason.FIELD_INVALID),
    "an announcer with NUL": (announce(announcer="\0"), Reason.FIELD_INVALID),
    "a pipeline of many letters of four bytes": (
        lambda caller: caller.lookup(
            a_question(blob=blob(), pipeline=identity_pb2.PipelineRef(name="\N{GRINNING FACE}" * 600))
        ),
        Reason.PIPELINE_UNKNOWN,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_bad_message_is_refused_by_its_reason_and_nobody_else_notices(shared: Caller, case: str) -> None:
    send, reason = REFUSED[case]
    assert await refusal(send(shared)) == (INVALID, reason)
    await check_health(shared)


async def test_a_download_of_a_wrong_size_finds_no_such_blob(shared: Caller) -> None:
    assert await refusal(download(blob=blob(11))(shared)) == (grpc.StatusCode.NOT_FOUND, Reason.BLOB_MISSING)
    await check_health(shared)


async def test_a_download_from_the_very_end_gives_no_bytes(shared: Caller) -> None:
    messages: Any = await download(blob=blob(), offset_bytes=12)(shared)
    assert [message.size_bytes for message in messages] == [12]


@pytest.mark.parametrize("wait", [-(2**63), -1, 2**63 - 1], ids=str)
async def test_an_absurd_wait_is_no_fault(shared: Caller, wait: int) -> None:
    response: Any = await reserve(owner_id="me", wait=seconds(wait))(shared)
    assert response.HasField("lease")
    await check_health(shared)


async def test_a_listing_since_before_1970_is_of_all_jobs(caller: Caller) -> None:
    await check_health(caller)
    response: Any = await jobs(updated_since=timestamp_pb2.Timestamp(seconds=-62_000_000_000))(caller)
    assert len(response.jobs) == 1


async def test_metadata_with_large_numbers_comes_back(shared: Caller) -> None:
    said = metadata(x=struct_pb2.Value(number_value=1e300), y=struct_pb2.Value(number_value=-0.25), z=nested(10))
    answer: Any = await lookup(metadata=said)(shared)
    job = await shared.stub.GetJob(pb.GetJobRequest(job_id=answer.identity.job_id), timeout=5)
    assert job.job.submissions[0].metadata == said
    await check_health(shared)


# -- batches -------------------------------------------------------------------------------------------------------


def item(name: bytes, size_bytes: int = 1, message_type: str = "test.Part", **fields: Any) -> pb.BatchStoreItem:
    payload = a_payload(b"a part")
    payload.message_type = message_type
    part = entry_pb2.PartRef(sha256=hashlib.sha256(name).digest(), size_bytes=size_bytes)
    return pb.BatchStoreItem(part=part, payload=payload, **fields)


async def test_a_bad_item_of_a_batch_is_that_items_error_only(caller: Caller) -> None:
    items = [
        item(b"good"),
        item(b"negative cost", compute_cost=seconds(-5)),
        item(b"absurd cost", compute_cost=seconds(2**63 - 1)),
        item(b"type with NUL", message_type="\0"),
        item(b"endless", size_bytes=2**64 - 1),
        pb.BatchStoreItem(),
        item(b"good too", compute_cost=seconds(5)),
    ]
    bad = range(1, 6)

    async def requests() -> AsyncIterator[pb.BatchStoreRequest]:
        yield pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=PIPELINE))
        yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items))

    stored = await caller.stub.BatchStore(requests(), timeout=10)
    assert stored.stored_count == 2
    invalid = errors_pb2.ERROR_REASON_FIELD_INVALID
    assert [(error.index, error.reason) for error in stored.errors] == [(index, invalid) for index in bad]
    good = pb.BatchLookupRequest(pipeline=PIPELINE, parts=[items[0].part, items[6].part])
    found = [one async for message in caller.stub.BatchLookup(good, timeout=5) for one in message.items]
    assert all(one.HasField("hit") for one in found)
    await check_health(caller)


# -- large answers -------------------------------------------------------------------------------------------------


async def submit(caller: Caller, content: bytes, number: int) -> str:
    large = metadata(x=struct_pb2.Value(string_value=f"{number:05d}" + "y" * 65_000))
    said = identity_pb2.Submission(file_name=f"{number}.c3d", metadata=large)
    answer = await caller.lookup(await caller.ask(content), submission=said)
    return str(answer.identity.job_id)


async def test_a_job_of_many_large_submissions_tells_the_newest_that_fit(caller: Caller) -> None:
    for number in range(80):
        job_id = await submit(caller, b"asked again and again", number)
    response = await caller.stub.GetJob(pb.GetJobRequest(job_id=job_id), timeout=5)
    names = [submission.file_name for submission in response.job.submissions]
    assert 40 < len(names) < 80
    assert names == [f"{number}.c3d" for number in range(79, 79 - len(names), -1)]
    assert response.ByteSize() <= MAX_MESSAGE_BYTES // 4


async def test_a_page_of_large_jobs_is_cut_and_the_next_one_goes_on_there(caller: Caller) -> None:
    asked = [await submit(caller, f"content {number}".encode(), number) for number in range(80)]
    listed, token, pages = [], "", 0
    while token or not pages:
        page = await caller.stub.ListJobs(pb.ListJobsRequest(page_size=1000, page_token=token), timeout=5)
        assert page.ByteSize() <= MAX_MESSAGE_BYTES // 4 + 1000
        listed += [job.identity.job_id for job in page.jobs]
        token, pages = page.next_page_token, pages + 1
    assert pages == 2
    assert listed == asked[::-1]
