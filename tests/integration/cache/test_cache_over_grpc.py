"""Look-ups, reservations and commits over real sockets, real Valkey and real PostgreSQL."""

import asyncio
import hashlib
import math
import os
import signal
from pathlib import Path

import grpc
import pytest
from google.protobuf import any_pb2, struct_pb2
from pydantic import SecretStr

from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from assaycache.launcher import EmbeddedPostgres
from cache_service.__main__ import running
from cache_service.settings import CacheSettings
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_payload, a_question


def packed(message: emg_pb2.EmgSessionParams) -> any_pb2.Any:
    params = any_pb2.Any()
    params.Pack(message)
    return params


async def test_a_question_misses_until_its_result_is_committed(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    missed = await caller.lookup(question)
    assert missed.miss.reason == entry_pb2.MISS_REASON_NEVER_SEEN
    assert missed.miss.blob_present
    reserved = await caller.reserve(question)
    committed = await caller.commit(reserved.lease.token)
    assert committed.durability == entry_pb2.DURABILITY_DURABLE
    assert not committed.superseded
    found = await caller.lookup(question)
    assert found.hit.payload == a_payload(b"the result")
    assert found.hit.compute_cost.seconds == 2
    assert found.identity.job_id == missed.identity.job_id


async def test_a_committed_result_outlives_the_service_and_valkey(settings: CacheSettings, redis_url: str) -> None:
    import redis

    async with running(settings) as (address, _):
        caller = Caller(address)
        await caller.announce()
        question = await caller.ask(b"walk")
        await caller.commit((await caller.reserve(question)).lease.token)
        await caller.close()
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    async with running(settings) as (address, _):
        caller = Caller(address)
        tiers = [(await caller.lookup(question)).hit.tier for _ in range(2)]
        await caller.close()
    assert tiers == [entry_pb2.TIER_DURABLE, entry_pb2.TIER_MEMORY]


async def test_a_replica_finds_in_valkey_what_another_one_committed(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    await callers[0].commit((await callers[0].reserve(question)).lease.token)
    assert (await callers[1].lookup(question)).hit.tier == entry_pb2.TIER_HOT


async def test_a_known_result_is_not_sent_again(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    await caller.commit((await caller.reserve(question)).lease.token)
    found = await caller.lookup(question, known_sha256=hashlib.sha256(b"the result").digest())
    assert found.hit.payload.data == b""
    assert found.hit.payload.sha256 == hashlib.sha256(b"the result").digest()


async def test_of_many_reservations_over_two_replicas_one_is_leased_and_the_others_wake_with_its_result(
    callers: list[Caller],
) -> None:
    question = await callers[0].ask(b"walk")

    async def attempt(number: int) -> str:
        caller = callers[number % 2]
        answer = await caller.reserve(question, wait_seconds=10)
        if answer.WhichOneof("outcome") == "lease":
            await asyncio.sleep(0.3)
            await caller.commit(answer.lease.token)
        return str(answer.WhichOneof("outcome"))

    outcomes = await asyncio.gather(*(attempt(number) for number in range(32)))
    assert sorted(outcomes) == ["hit"] * 31 + ["lease"]


async def test_reserving_again_with_the_same_owner_gives_the_same_lease(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    first = await caller.reserve(question, "one")
    assert (await caller.reserve(question, "one")).lease.token == first.lease.token


async def test_without_waiting_others_are_told_that_it_is_in_progress_and_how_far(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    lease = (await callers[0].reserve(question)).lease
    progress = entry_pb2.Progress(stage="filtering", fraction=0.5)
    await callers[0].stub.Extend(pb.ExtendRequest(token=lease.token, progress=progress), timeout=5)
    answer = await callers[1].reserve(question)
    assert answer.in_progress.progress == progress
    assert (await callers[1].lookup(question)).miss.reason == entry_pb2.MISS_REASON_IN_PROGRESS


async def test_a_leader_learns_how_many_wait(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    lease = (await callers[0].reserve(question)).lease
    waiting = [asyncio.create_task(callers[n % 2].reserve(question, wait_seconds=20)) for n in range(3)]
    async with asyncio.timeout(10):
        while (await callers[0].stub.Extend(pb.ExtendRequest(token=lease.token), timeout=5)).waiters != 3:
            await asyncio.sleep(0.05)
    await callers[0].commit(lease.token)
    assert {answer.WhichOneof("outcome") for answer in await asyncio.gather(*waiting)} == {"hit"}


async def test_a_silent_leader_is_replaced_and_its_late_commit_changes_nothing(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    silent = (await callers[0].reserve(question)).lease
    started = asyncio.get_running_loop().time()
    replaced = await callers[1].reserve(question, wait_seconds=15)
    assert replaced.WhichOneof("outcome") == "lease"
    assert asyncio.get_running_loop().time() - started < 5.0  # the contract's bound, not a figure of speed
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await callers[0].commit(silent.token, b"late")
    assert error_of(failure.value).reason is Reason.LEASE_LOST
    await callers[1].commit(replaced.lease.token, b"in time")
    late = await callers[0].commit(silent.token, b"late")
    assert late.superseded
    assert late.entry.payload.sha256 == hashlib.sha256(b"in time").digest()


async def test_committing_again_is_ok(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    token = (await caller.reserve(question)).lease.token
    await caller.commit(token)
    assert not (await caller.commit(token)).superseded


async def test_a_released_lease_goes_to_a_waiter_at_once(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    lease = (await callers[0].reserve(question)).lease
    waiting = asyncio.create_task(callers[1].reserve(question, wait_seconds=20))
    async with asyncio.timeout(10):
        while (await callers[0].stub.Extend(pb.ExtendRequest(token=lease.token), timeout=5)).waiters != 1:
            await asyncio.sleep(0.05)
    await callers[0].stub.Release(pb.ReleaseRequest(token=lease.token), timeout=5)
    assert (await waiting).WhichOneof("outcome") == "lease"


async def test_a_failure_of_the_input_is_remembered_until_somebody_tries_again(caller: Caller) -> None:
    question = await caller.ask(b"not c3d")
    lease = (await caller.reserve(question)).lease
    reason = errors_pb2.ERROR_REASON_FILE_NOT_C3D
    await caller.stub.Fail(pb.FailRequest(token=lease.token, reason=reason, message="Not C3D."), timeout=5)
    assert (await caller.lookup(question)).failure.reason == reason
    assert (await caller.reserve(question)).failure.message == "Not C3D."
    again = await caller.reserve(question, retry_failed=True)
    await caller.commit(again.lease.token)
    assert (await caller.lookup(question)).HasField("hit")


async def test_a_failure_that_does_not_follow_from_the_input_is_not_remembered(caller: Caller) -> None:
    lease = (await caller.reserve(await caller.ask(b"walk"))).lease
    request = pb.FailRequest(token=lease.token, reason=errors_pb2.ERROR_REASON_TIME_LIMIT, message="Too slow.")
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.Fail(request, timeout=5)
    assert error_of(failure.value).reason is Reason.REASON_NOT_REMEMBERED


async def test_a_question_about_a_blob_that_is_not_here_is_not_leased(caller: Caller) -> None:
    blob = identity_pb2.BlobRef(sha256=hashlib.sha256(b"never sent").digest(), size_bytes=10)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.reserve(a_question(blob=blob))
    assert failure.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error_of(failure.value).reason is Reason.BLOB_MISSING


async def test_a_default_said_aloud_is_the_same_question(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    plain = (await caller.lookup(question)).identity.job_id
    question.params.Pack(emg_pb2.EmgSessionParams(threshold_k=5.0))
    assert (await caller.lookup(question)).identity.job_id == plain
    question.params.Pack(emg_pb2.EmgSessionParams(threshold_k=6.0))
    assert (await caller.lookup(question)).identity.job_id != plain


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"pipeline": identity_pb2.PipelineRef(name="emg.sesion")}, Reason.PIPELINE_UNKNOWN),
        ({"pipeline": identity_pb2.PipelineRef(name="emg.session", version="9.0.0")}, Reason.PIPELINE_VERSION_UNKNOWN),
        ({"pipeline": identity_pb2.PipelineRef()}, Reason.FIELD_MISSING),
        ({"namespace": "Not A Namespace"}, Reason.FIELD_INVALID),
        ({"blob": identity_pb2.BlobRef(sha256=b"short")}, Reason.FIELD_INVALID),
        ({"reference": identity_pb2.ReferenceRef(name="silva")}, Reason.REFERENCE_UNKNOWN),
        ({"params": packed(emg_pb2.EmgSessionParams(threshold_k=math.nan))}, Reason.PARAMETER_INVALID),
        ({"params": any_pb2.Any(type_url="type.googleapis.com/nonsense")}, Reason.PARAMETER_UNKNOWN),
        (
            {"params": any_pb2.Any(type_url=packed(emg_pb2.EmgSessionParams()).type_url, value=b"\xc2\xe9\x07\x01x")},
            Reason.PARAMETER_UNKNOWN,
        ),
        (
            {"params": any_pb2.Any(type_url=packed(emg_pb2.EmgSessionParams()).type_url, value=b"\xff\xff\xff")},
            Reason.FIELD_INVALID,
        ),
    ],
)
async def test_a_question_that_is_not_valid_is_refused_with_its_reason(
    caller: Caller, fields: dict[str, object], reason: Reason
) -> None:
    blob = identity_pb2.BlobRef(sha256=hashlib.sha256(b"x").digest(), size_bytes=1)
    question = identity_pb2.Question(
        **{"blob": blob, "pipeline": identity_pb2.PipelineRef(name="emg.session"), **fields}  # type: ignore[arg-type] # each is of its field's type
    )
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.lookup(question)
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_of(failure.value).reason is reason


@pytest.mark.parametrize("token", [b"", b"nonsense", b"{}", b"[1]", b"\x00" * 40])
async def test_a_token_of_somebody_else_is_refused(caller: Caller, token: bytes) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.Extend(pb.ExtendRequest(token=token), timeout=5)
    assert error_of(failure.value).reason is Reason.TOKEN_INVALID


async def test_a_payload_that_does_not_have_its_digest_is_refused_and_the_lease_stays(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    token = (await caller.reserve(question)).lease.token
    payload = a_payload(b"the result")
    payload.sha256 = hashlib.sha256(b"another").digest()
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.Commit(pb.CommitRequest(token=token, payload=payload), timeout=5)
    assert error_of(failure.value).reason is Reason.PAYLOAD_INVALID
    await caller.commit(token)


async def test_a_payload_that_lies_about_its_size_does_not_unpack_beyond_it(caller: Caller) -> None:
    token = (await caller.reserve(await caller.ask(b"walk"))).lease.token
    payload = a_payload(bytes(50_000_000))
    payload.uncompressed_size_bytes = 10
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.Commit(pb.CommitRequest(token=token, payload=payload), timeout=5)
    assert error_of(failure.value).reason is Reason.PAYLOAD_INVALID


async def test_one_job_has_many_submissions_and_none_of_them_is_in_its_id(caller: Caller) -> None:
    metadata = struct_pb2.Struct()
    metadata.update({"patient": "P042"})
    for name in ("walk.c3d", "renamed.c3d"):
        submission = identity_pb2.Submission(file_name=name, uploader="ward 3", metadata=metadata)
        answer = (await caller.ingest(b"walk", question=a_question(), submission=submission)).answer
    response = await caller.stub.GetJob(pb.GetJobRequest(job_id=answer.identity.job_id), timeout=5)
    assert [item.file_name for item in response.job.submissions] == ["renamed.c3d", "walk.c3d"]
    assert response.job.submissions[0].metadata == metadata
    assert response.job.status == jobs_pb2.JOB_STATUS_ASKED


async def test_a_job_is_told_with_its_result(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    reserved = await caller.reserve(question)
    await caller.commit(reserved.lease.token)
    request = pb.GetJobRequest(job_id=reserved.identity.job_id, include_result=True)
    response = await caller.stub.GetJob(request, timeout=5)
    assert response.job.status == jobs_pb2.JOB_STATUS_SUCCEEDED
    assert response.job.result_size_bytes == len(b"the result")
    assert response.entry.payload == a_payload(b"the result")


async def test_an_unknown_job_is_not_found(caller: Caller) -> None:
    request = pb.GetJobRequest(job_id="00000000-0000-5000-8000-000000000000")
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.GetJob(request, timeout=5)
    assert error_of(failure.value).reason is Reason.JOB_UNKNOWN


@pytest.mark.parametrize(
    ("request_message", "reason"),
    [
        (pb.ListJobsRequest(page_size=5000), Reason.FIELD_INVALID),
        (pb.ListJobsRequest(page_token="nonsense"), Reason.PAGE_TOKEN_INVALID),
        (pb.ListJobsRequest(blob_sha256=b"short"), Reason.FIELD_INVALID),
    ],
)
async def test_a_listing_that_is_not_valid_is_refused(
    caller: Caller, request_message: pb.ListJobsRequest, reason: Reason
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await caller.stub.ListJobs(request_message, timeout=5)
    assert error_of(failure.value).reason is reason


async def test_parts_are_stored_and_found_in_batches_item_by_item(caller: Caller) -> None:
    parts = [
        entry_pb2.PartRef(sha256=hashlib.sha256(b"%d" % number).digest(), size_bytes=number) for number in range(2500)
    ]
    items = [pb.BatchStoreItem(part=part, payload=a_payload(b"part")) for part in parts[:2000]]
    items[7].payload.sha256 = b"short"

    async def stream() -> object:
        context = pb.BatchStoreContext(pipeline=identity_pb2.PipelineRef(name="emg.session"))
        yield pb.BatchStoreRequest(context=context)
        for start in (0, 1000):
            yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items[start : start + 1000]))

    stored = await caller.stub.BatchStore(stream(), timeout=20)
    assert stored.stored_count == 1999
    assert [(error.index, error.reason) for error in stored.errors] == [(7, errors_pb2.ERROR_REASON_FIELD_INVALID)]
    assert stored.durability == entry_pb2.DURABILITY_DURABLE
    request = pb.BatchLookupRequest(pipeline=identity_pb2.PipelineRef(name="emg.session"), parts=parts)
    answers = [item async for message in caller.stub.BatchLookup(request, timeout=20) for item in message.items]
    assert [item.index for item in answers] == list(range(2500))
    missing = {item.index for item in answers if item.HasField("miss")}
    assert missing == {7, *range(2000, 2500)}
    by_columns = pb.BatchLookupRequest(
        pipeline=request.pipeline,
        part_columns=pb.PartColumns(
            sha256s=b"".join(part.sha256 for part in parts), size_bytes=[part.size_bytes for part in parts]
        ),
        answer_columns=True,
    )
    for _ in range(2):  # the second time with keys that are remembered
        messages = [message async for message in caller.stub.BatchLookup(by_columns, timeout=20)]
        columns = [columns for message in messages for columns in message.columns]
        assert {item.index for message in messages for item in message.items} == missing
        assert {index for some in columns for index in some.indexes} == set(range(2500)) - missing
        assert b"".join(some.data for some in columns) == b"".join(
            item.hit.data for item in answers if item.HasField("hit")
        )
    by_columns.part_columns.size_bytes[0] += 1  # the same digest with another size is another part
    [*messages] = [message async for message in caller.stub.BatchLookup(by_columns, timeout=20)]
    assert {item.index for message in messages for item in message.items} == {0, *missing}


async def test_without_a_database_everything_works_on_valkey_and_says_that_it_will_not_last(
    settings: CacheSettings,
) -> None:
    volatile = settings.model_copy(update={"use_database": False})
    async with running(volatile) as (first, _), running(volatile) as (second, _):
        one, two = Caller(first), Caller(second)
        await one.announce()
        question = await one.ask(b"walk")
        lease = (await one.reserve(question)).lease
        assert (await two.reserve(question)).WhichOneof("outcome") == "in_progress"
        committed = await one.commit(lease.token)
        assert committed.durability == entry_pb2.DURABILITY_VOLATILE
        assert (await two.lookup(question)).hit.tier == entry_pb2.TIER_HOT
        capabilities = await two.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=5)
        assert not capabilities.durable
        await one.close()
        await two.close()


async def test_without_any_engine_one_process_still_computes_once(settings: CacheSettings) -> None:
    alone = settings.model_copy(update={"use_database": False, "redis_url": SecretStr("")})
    async with running(alone) as (address, _):
        caller = Caller(address)
        await caller.announce()
        question = await caller.ask(b"walk")
        lease = (await caller.reserve(question)).lease
        waiting = asyncio.create_task(caller.reserve(question, wait_seconds=10))
        await caller.commit(lease.token)
        assert (await waiting).WhichOneof("outcome") == "hit"
        await caller.close()


async def test_with_valkey_unreachable_everything_goes_on(
    settings: CacheSettings,
) -> None:
    cut_off = settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    async with running(cut_off) as (address, _):
        caller = Caller(address)
        await caller.announce()
        question = await caller.ask(b"walk")
        committed = await caller.commit((await caller.reserve(question)).lease.token)
        assert committed.durability == entry_pb2.DURABILITY_DURABLE
        assert (await caller.lookup(question)).hit.tier == entry_pb2.TIER_MEMORY
        await caller.close()


async def test_when_postgresql_goes_away_answers_go_on_and_when_it_is_back_commits_are_durable_again(
    settings: CacheSettings, tmp_path: Path
) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        own = settings.model_copy(update={"database_url": SecretStr(engine.url)})
        async with running(own) as (address, _):
            caller = Caller(address)
            await caller.announce()
            before, during, after = [await caller.ask(content) for content in (b"before", b"during", b"after")]
            await caller.commit((await caller.reserve(before)).lease.token)
            os.kill(engine.pid, signal.SIGKILL)
            assert (await caller.lookup(before)).HasField("hit")
            assert (await caller.lookup(during)).miss.reason == entry_pb2.MISS_REASON_TIER_AWAY
            committed = await caller.commit((await caller.reserve(during)).lease.token)
            assert committed.durability == entry_pb2.DURABILITY_PENDING
            assert (await caller.lookup(during)).HasField("hit")
            await asyncio.to_thread(engine.start)
            async with asyncio.timeout(15):
                while not (await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=5)).durable:
                    await asyncio.sleep(0.1)
            committed = await caller.commit((await caller.reserve(after)).lease.token)
            assert committed.durability == entry_pb2.DURABILITY_DURABLE
            await caller.close()


async def test_statistics_and_capabilities_tell_what_is_here(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    await caller.lookup(question)
    await caller.commit((await caller.reserve(question)).lease.token)
    await caller.lookup(question)
    stats = await caller.stub.GetStats(pb.GetStatsRequest(), timeout=5)
    assert [tier.tier for tier in stats.tiers] == [entry_pb2.TIER_MEMORY, entry_pb2.TIER_HOT, entry_pb2.TIER_DURABLE]
    assert stats.jobs == 1
    assert stats.hits_total == 1
    assert stats.compute_saved.seconds == 2
    capabilities = await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=5)
    assert capabilities.durable
    assert [known.pipeline.name for known in capabilities.pipelines] == ["emg.session"]
