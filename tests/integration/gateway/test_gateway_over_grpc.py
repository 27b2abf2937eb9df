"""The gateway's backend speaks the contract: what it sends, and what it makes of the answers."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import zstandard
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from gateway.backend import Blob, JobFilter, Missing, Pipeline, Progress, Question, Queued, Result, Submission
from gateway.translate import GrpcBackend, Timeouts
from rpc.channels import connect_aio
from rpc.errors import AssayError, FailedPrecondition, InputError, Internal, InvalidArgument, NotFound, Unavailable
from rpc.reasons import Reason
from tests.support.scripted_services import JOB_ID, SESSION, entry_of, identity_of

TIMEOUTS = Timeouts(look_up=5, upload=5, analysis=5, health=1)
QUESTION = Question(Pipeline("emg.session"), {"threshold_k": 4})
SUBMISSION = Submission("a.c3d", {"patient": "P042", "trials": [1, 2]})
ASKED = Question(Pipeline("emg.session", "1.0.0"), {}, Blob(bytes(32), 5))


@pytest.fixture
async def backend(services: Any) -> AsyncIterator[GrpcBackend]:
    async with connect_aio(services.address) as channel:
        yield GrpcBackend(channel, channel, TIMEOUTS)


async def chunks(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


def ask() -> tuple[Question, Submission]:
    return QUESTION, SUBMISSION


async def test_an_upload_is_a_header_chunks_a_submission_and_a_question(services: Any, backend: GrpcBackend) -> None:
    found = await backend.ingest(chunks(b"one", b"two"), ask)
    cache = services.cache
    assert cache.messages == ["header", "chunk", "chunk", "submission", "question"]
    assert cache.content == b"onetwo"
    assert not cache.question.HasField("blob")
    params = emg_pb2.EmgSessionParams()
    assert cache.question.params.Unpack(params)
    assert params == emg_pb2.EmgSessionParams(threshold_k=4)
    assert cache.submission.file_name == "a.c3d"
    assert dict(cache.submission.metadata)["patient"] == "P042"
    assert isinstance(found, Missing)
    assert found.question.pipeline == Pipeline("emg.session", "1.0.0")
    assert found.question.blob == Blob(hashlib.sha256(b"onetwo").digest(), 6)
    assert found.question.params == {"threshold_k": 4}


async def test_an_empty_file_is_an_upload_without_chunks(services: Any, backend: GrpcBackend) -> None:
    await backend.ingest(chunks(), ask)
    assert services.cache.messages == ["header", "submission", "question"]


async def test_a_hit_is_a_cached_result_that_renders(services: Any, backend: GrpcBackend) -> None:
    services.cache.outcome = {"hit": entry_of(entry_pb2.TIER_MEMORY)}
    found = await backend.ingest(chunks(b"one"), ask)
    assert isinstance(found, Result)
    assert (found.cached, found.job_id) == (True, JOB_ID)
    rendered = orjson.loads(await backend.render(found))
    assert rendered["recording"]["sample_count"] == 1234
    assert rendered["profile"] == "standard"
    assert rendered["rate"] is None


async def test_a_large_result_is_fetched(services: Any, backend: GrpcBackend) -> None:
    blob = identity_pb2.BlobRef(sha256=b"b" * 32, size_bytes=1)
    services.cache.outcome = {"hit": entry_of(entry_pb2.TIER_DURABLE, blob=blob)}
    services.cache.downloads[b"b" * 32] = zstandard.compress(SESSION.SerializeToString())
    found = await backend.ingest(chunks(b"one"), ask)
    assert isinstance(found, Result)
    assert orjson.loads(await backend.render(found))["profile"] == "standard"


@pytest.mark.parametrize(
    "damage",
    [
        {"sha256": b"x" * 32},
        {"data": b"no zstd"},
        {"message_type": "some.Other"},
        {"uncompressed_size_bytes": 1, "data": zstandard.compress(bytes(10))},
    ],
    ids=str,
)
async def test_a_damaged_result_is_a_fault_and_no_answer(
    services: Any, backend: GrpcBackend, damage: dict[str, Any]
) -> None:
    entry = entry_of(entry_pb2.TIER_HOT)
    for name, value in damage.items():
        setattr(entry.payload, name, value)
    services.cache.outcome = {"hit": entry}
    found = await backend.ingest(chunks(b"one"), ask)
    assert isinstance(found, Result)
    with pytest.raises(Internal, match="damaged"):
        await backend.render(found)


async def test_a_remembered_failure_is_raised_as_the_error_that_it_is(services: Any, backend: GrpcBackend) -> None:
    failure = entry_pb2.Failure(reason=errors_pb2.ERROR_REASON_FILE_NO_EMG, message="No EMG here.")
    failure.violations.add(field="channels", description="none")
    services.cache.outcome = {"failure": failure}
    with pytest.raises(InputError, match="No EMG here") as caught:
        await backend.ingest(chunks(b"one"), ask)
    assert caught.value.reason is Reason.FILE_NO_EMG
    assert caught.value.violations[0].field == "channels"


async def test_a_refused_upload_keeps_its_reason(services: Any, backend: GrpcBackend) -> None:
    services.cache.error = InvalidArgument(Reason.PIPELINE_VERSION_UNKNOWN, "No such version.")
    with pytest.raises(InvalidArgument) as caught:
        await backend.ingest(chunks(b"one"), ask)
    assert caught.value.reason is Reason.PIPELINE_VERSION_UNKNOWN


async def test_an_upload_refused_half_way_is_refused(services: Any, backend: GrpcBackend) -> None:
    services.cache.error = InvalidArgument(Reason.BLOB_TOO_LARGE, "Too large.")
    services.cache.refuse_after_bytes = 10
    with pytest.raises(AssayError) as caught:
        await backend.ingest(chunks(*[bytes(100_000)] * 500), ask)
    assert caught.value.reason in {Reason.BLOB_TOO_LARGE, Reason.CACHE_UNAVAILABLE}


async def test_an_upload_that_breaks_off_is_cancelled(services: Any, backend: GrpcBackend) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"one"
        while "chunk" not in services.cache.messages:  # or the call would be cancelled before it is answered
            await asyncio.sleep(0)
        raise InvalidArgument(Reason.BODY_INVALID, "Cut.")

    with pytest.raises(InvalidArgument, match="Cut"):
        await backend.ingest(breaking(), ask)
    async with asyncio.timeout(5):
        await services.cache.broken_off.wait()
    assert "question" not in services.cache.messages


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (Question(Pipeline("emg.sesion")), Reason.PIPELINE_UNKNOWN),
        (Question(Pipeline("emg.session"), {"treshold_k": 1}), Reason.PARAMETER_UNKNOWN),
        (Question(Pipeline("emg.session"), {"threshold_k": "1"}), Reason.PARAMETER_INVALID),
    ],
    ids=lambda value: str(getattr(value, "value", "")),
)
async def test_a_wrong_question_cancels_the_upload(
    services: Any, backend: GrpcBackend, question: Question, reason: Reason
) -> None:
    async def until_taken() -> AsyncIterator[bytes]:
        yield b"one"
        while "chunk" not in services.cache.messages:  # or the call would be cancelled before it is answered
            await asyncio.sleep(0)

    with pytest.raises(InvalidArgument) as caught:
        await backend.ingest(until_taken(), lambda: (question, SUBMISSION))
    assert caught.value.reason is reason
    async with asyncio.timeout(5):
        await services.cache.broken_off.wait()


async def test_a_form_refused_at_once_costs_no_call(services: Any, backend: GrpcBackend) -> None:
    async def refused() -> AsyncIterator[bytes]:
        raise InvalidArgument(Reason.FILE_MISSING, "No file.")
        yield b""

    with pytest.raises(InvalidArgument, match="No file"):
        await backend.ingest(refused(), ask)
    assert services.cache.messages == []


async def test_an_analysis_tells_its_progress_and_ends_with_its_result(services: Any, backend: GrpcBackend) -> None:
    services.analysis.events = [
        analysis_pb.AnalyzeResponse(accepted=analysis_pb.Accepted(identity=identity_of(b""))),
        analysis_pb.AnalyzeResponse(queued=analysis_pb.Queued(position=2, joined=True)),
        analysis_pb.AnalyzeResponse(progress=entry_pb2.Progress(stage="filtering", fraction=0.5)),
        analysis_pb.AnalyzeResponse(result=analysis_pb.Analyzed(entry=entry_of(entry_pb2.TIER_COMPUTED))),
    ]
    events = [event async for event in backend.analyze(ASKED)]
    assert events[:2] == [Queued(2, True), Progress("filtering", 0.5)]
    assert isinstance(events[2], Result)
    assert not events[2].cached
    [request] = services.analysis.requests
    assert request.question.blob.size_bytes == 5
    assert request.question.pipeline.version == "1.0.0"
    assert not request.question.HasField("params")


async def test_an_error_of_the_analysis_keeps_its_reason(services: Any, backend: GrpcBackend) -> None:
    services.analysis.error = FailedPrecondition(Reason.BLOB_MISSING, "Upload it.")
    with pytest.raises(FailedPrecondition) as caught:
        [event async for event in backend.analyze(ASKED)]
    assert caught.value.reason is Reason.BLOB_MISSING


async def test_leaving_an_analysis_cancels_it(services: Any, backend: GrpcBackend) -> None:
    services.analysis.events = [analysis_pb.AnalyzeResponse(progress=entry_pb2.Progress(stage="reading"))]
    services.analysis.hangs = True
    events = backend.analyze(ASKED)
    await anext(events)
    await events.aclose()  # type: ignore[attr-defined]  # it is a generator
    async with asyncio.timeout(5):
        await services.analysis.cancelled.wait()


async def test_a_job_is_told_in_plain_terms(services: Any, backend: GrpcBackend) -> None:
    job = jobs_pb2.Job(
        identity=identity_of(b"12345"),
        status=jobs_pb2.JOB_STATUS_FAILED,
        created_time=Timestamp(seconds=0),
        compute_cost=Duration(seconds=1, nanos=500_000_000),
        params_json='{"threshold_k": 4}',
        failure=entry_pb2.Failure(reason=errors_pb2.ERROR_REASON_FILE_TRUNCATED, message="It ends early."),
    )
    job.submissions.add(file_name="a.c3d", seen_count=2, last_seen_time=Timestamp(seconds=1)).metadata["k"] = 1
    services.cache.job = cache_pb.GetJobResponse(job=job)
    told, result = await backend.job(JOB_ID, b"d" * 32)
    assert result is None
    assert (told.status, told.compute_ms, told.params) == ("failed", 1500.0, {"threshold_k": 4})
    assert told.created is not None
    assert told.created.isoformat() == "1970-01-01T00:00:00+00:00"
    assert told.updated is None
    assert told.failure is not None
    assert told.failure.reason == "FILE_TRUNCATED"
    assert told.submissions[0].metadata == {"k": 1}
    [request] = services.cache.job_requests
    assert (request.include_result, request.known_sha256) == (True, b"d" * 32)


async def test_a_result_that_is_known_comes_without_payload(services: Any, backend: GrpcBackend) -> None:
    entry = entry_of(entry_pb2.TIER_HOT)
    entry.payload.ClearField("data")
    services.cache.job = cache_pb.GetJobResponse(job=jobs_pb2.Job(identity=identity_of(b"")), entry=entry)
    _, result = await backend.job(JOB_ID, entry.payload.sha256)
    assert result is not None
    assert (result.payload, result.digest) == (None, entry.payload.sha256)


async def test_an_unknown_job_is_not_found(services: Any, backend: GrpcBackend) -> None:
    services.cache.error = NotFound(Reason.JOB_UNKNOWN, "No such job.")
    with pytest.raises(NotFound):
        await backend.job(JOB_ID, b"")


async def test_a_listing_asks_for_its_page_and_statuses(services: Any, backend: GrpcBackend) -> None:
    page = await backend.jobs(JobFilter(7, "token", ["failed", "gone"]))
    assert page.next_page_token == "n"
    assert page.jobs[0].job_id == JOB_ID
    listing = services.cache.listing
    assert (listing.page_size, listing.page_token) == (7, "token")
    assert list(listing.statuses) == [jobs_pb2.JOB_STATUS_FAILED, jobs_pb2.JOB_STATUS_GONE]


async def test_health_counts_configured_tiers_only(services: Any, backend: GrpcBackend) -> None:
    services.cache.tiers = [
        cache_pb.TierStats(tier=entry_pb2.TIER_MEMORY, configured=True, available=True),
        cache_pb.TierStats(tier=entry_pb2.TIER_HOT, configured=False, available=False),
    ]
    assert (await backend.health()).status == "ok"
    services.cache.tiers.append(cache_pb.TierStats(tier=entry_pb2.TIER_DURABLE, configured=True, available=False))
    health = await backend.health()
    assert health.status == "degraded"
    assert [tier.name for tier in health.cache.tiers] == ["memory", "durable"]


async def test_services_that_are_away_are_said_to_be(services: Any) -> None:
    async with connect_aio("127.0.0.1:1") as nowhere, connect_aio(services.address) as channel:
        backend = GrpcBackend(nowhere, channel, TIMEOUTS)
        health = await backend.health()
        assert (health.status, health.cache.available, health.analysis.available) == ("down", False, True)
        with pytest.raises(Unavailable) as caught:
            await backend.ingest(chunks(b"one"), ask)
        assert caught.value.reason is Reason.CACHE_UNAVAILABLE
