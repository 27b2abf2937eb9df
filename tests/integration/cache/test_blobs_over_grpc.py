"""Uploads and downloads over real sockets."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import grpc
import pytest

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2, jobs_pb2
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_question

CONTENT = bytes(range(256)) * 1000
Leftovers = Callable[[], Iterable[Path]]


async def refused(caller: Caller, content: bytes, **arguments: object) -> Reason:
    """Return the reason for which an upload is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.ingest(content, **arguments)  # type: ignore[arg-type] # passed on as they are
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    return error_of(failure.value).reason


async def test_an_upload_is_measured_and_kept_once(caller: Caller) -> None:
    first = await caller.ingest(CONTENT)
    again = await caller.ingest(CONTENT)
    assert first.blob.sha256 == hashlib.sha256(CONTENT).digest()
    assert first.blob.size_bytes == len(CONTENT)
    assert (first.existed, again.existed) == (False, True)


async def test_a_download_gives_the_bytes_back(caller: Caller) -> None:
    blob = (await caller.ingest(CONTENT)).blob
    stream = [message async for message in caller.stub.Download(pb.DownloadRequest(blob=blob), timeout=5)]
    assert stream[0].size_bytes == len(CONTENT)
    assert b"".join(message.chunk for message in stream[1:]) == CONTENT


async def test_a_download_may_begin_in_the_middle(caller: Caller) -> None:
    blob = (await caller.ingest(CONTENT)).blob
    request = pb.DownloadRequest(blob=blob, offset_bytes=1000)
    stream = [message async for message in caller.stub.Download(request, timeout=5)]
    assert b"".join(message.chunk for message in stream[1:]) == CONTENT[1000:]


async def test_a_missing_blob_is_named_and_cannot_be_downloaded(caller: Caller) -> None:
    here = (await caller.ingest(CONTENT)).blob
    gone = identity_pb2.BlobRef(sha256=hashlib.sha256(b"never sent").digest(), size_bytes=10)
    answer = await caller.stub.FindMissingBlobs(pb.FindMissingBlobsRequest(blobs=[here, gone]), timeout=5)
    assert list(answer.missing) == [gone]
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        _ = [message async for message in caller.stub.Download(pb.DownloadRequest(blob=gone), timeout=5)]
    assert failure.value.code() is grpc.StatusCode.NOT_FOUND
    assert error_of(failure.value).reason is Reason.BLOB_MISSING


async def test_blobs_of_another_namespace_do_not_exist(caller: Caller) -> None:
    blob = (await caller.ingest(CONTENT, header=pb.IngestHeader(namespace="clinic"))).blob
    answer = await caller.stub.FindMissingBlobs(pb.FindMissingBlobsRequest(blobs=[blob]), timeout=5)
    assert list(answer.missing) == [blob]


async def test_a_wrong_digest_is_refused_and_nothing_is_kept(caller: Caller, leftovers: Leftovers) -> None:
    header = pb.IngestHeader(claimed_sha256=hashlib.sha256(b"other").digest())
    assert await refused(caller, CONTENT, header=header) is Reason.DIGEST_MISMATCH
    blob = identity_pb2.BlobRef(sha256=hashlib.sha256(CONTENT).digest(), size_bytes=len(CONTENT))
    answer = await caller.stub.FindMissingBlobs(pb.FindMissingBlobsRequest(blobs=[blob]), timeout=5)
    assert list(answer.missing) == [blob]
    assert not list(leftovers())


async def test_a_wrong_size_is_refused(caller: Caller, leftovers: Leftovers) -> None:
    header = pb.IngestHeader(claimed_size_bytes=len(CONTENT) + 1)
    assert await refused(caller, CONTENT, header=header) is Reason.SIZE_MISMATCH
    assert not list(leftovers())


async def test_a_digest_that_is_no_digest_is_refused(caller: Caller) -> None:
    assert await refused(caller, CONTENT, header=pb.IngestHeader(claimed_sha256=b"short")) is Reason.FIELD_INVALID


async def test_an_upload_without_its_header_is_refused(caller: Caller) -> None:
    async def headless() -> object:
        yield pb.IngestRequest(chunk=CONTENT)

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.Ingest(headless(), timeout=5)
    assert error_of(failure.value).reason is Reason.STREAM_INVALID


async def test_an_upload_with_an_unknown_pipeline_is_refused_and_nothing_is_kept(
    caller: Caller, leftovers: Leftovers
) -> None:
    question = a_question(pipeline=identity_pb2.PipelineRef(name="emg.sesion"))
    assert await refused(caller, CONTENT, question=question) is Reason.PIPELINE_UNKNOWN
    assert not list(leftovers())


async def test_an_empty_upload_is_refused_and_its_job_recorded_as_failed(caller: Caller) -> None:
    submission = identity_pb2.Submission(file_name="empty.c3d")
    reason = await refused(caller, b"", question=a_question(), submission=submission)
    assert reason is Reason.FILE_EMPTY
    (job,) = (await caller.stub.ListJobs(pb.ListJobsRequest(), timeout=5)).jobs
    assert job.status == jobs_pb2.JOB_STATUS_FAILED
    assert job.submissions[0].file_name == "empty.c3d"


async def test_an_upload_that_is_cut_leaves_nothing(caller: Caller, leftovers: Leftovers) -> None:
    begun = asyncio.Event()

    async def cut() -> object:
        yield pb.IngestRequest(header=pb.IngestHeader())
        yield pb.IngestRequest(chunk=CONTENT * 50)
        begun.set()
        await asyncio.sleep(60)

    call = caller.stub.Ingest(cut(), timeout=30)
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await caller.ingest(b"something else")  # the server has gone on
    async with asyncio.timeout(5):
        while list(leftovers()):
            await asyncio.sleep(0.02)
