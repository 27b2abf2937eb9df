"""The durable queue over gRPC, by two replicas on real engines."""

import asyncio
import hashlib
import itertools
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf import duration_pb2
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from cache_service.__main__ import running
from cache_service.queue import durable, face
from cache_service.settings import CacheSettings
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_question, an_offer

SHORT_CLAIM_SECONDS = 1.0
PATIENCE_SECONDS = 10.0


async def enqueue(caller: Caller, namespace: str = "", uri: str = "s3://a/b.c3d", **fields: Any) -> pb.EnqueueResponse:
    question = fields.pop("question", None) or a_question(namespace=namespace)
    request = pb.EnqueueRequest(question=question, source_uri=uri, **fields)
    response: pb.EnqueueResponse = await caller.stub.Enqueue(request, timeout=10)
    return response


async def claim(
    caller: Caller, owner: str = "", wait_seconds: float = 0.0, pipelines: Sequence[identity_pb2.PipelineRef] = ()
) -> pb.ClaimResponse:
    wait = duration_pb2.Duration()
    wait.FromNanoseconds(int(wait_seconds * 1e9))
    request = pb.ClaimRequest(owner_id=owner or uuid.uuid4().hex, wait=wait, pipelines=pipelines)
    response: pb.ClaimResponse = await caller.stub.Claim(request, timeout=wait_seconds + 10)
    return response


async def settle(caller: Caller, claimed: pb.ClaimResponse, **outcome: Any) -> None:
    await caller.stub.Settle(pb.SettleRequest(token=claimed.token, **outcome), timeout=10)


async def release(caller: Caller, claimed: pb.ClaimResponse, **why: Any) -> None:
    await caller.stub.Release(pb.ReleaseRequest(token=claimed.token, **why), timeout=10)


async def job(caller: Caller, task_id: str, namespace: str = "") -> jobs_pb2.Job:
    response = await caller.stub.GetJob(pb.GetJobRequest(job_id=task_id, namespace=namespace), timeout=10)
    return response.job


async def refused(call: Any) -> Reason:
    with pytest.raises(grpc.RpcError) as failure:
        await call
    return error_of(failure.value).reason


def a_failure() -> entry_pb2.Failure:
    return entry_pb2.Failure(reason="ERROR_REASON_FILE_NOT_C3D", message="No C3D.")


@pytest.fixture
def short_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims that lapse soon."""
    monkeypatch.setattr(durable, "CLAIM_SECONDS", SHORT_CLAIM_SECONDS)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that are tried again at once."""
    monkeypatch.setattr(durable, "pause_seconds", lambda _attempts: 0.0)


# -- the life of a task ----------------------------------------------------------------------------------------------


async def test_a_task_says_what_was_asked_with_its_namespace_and_version_aloud(caller: Caller) -> None:
    submission = identity_pb2.Submission(file_name="a.c3d", uploader="lab 3")
    request = pb.EnqueueRequest(
        question=a_question(namespace="clinic"), source_uri="s3://a/b.c3d", submission=submission
    )
    request.context.update({"webhook": "w-1"})
    placed = await caller.stub.Enqueue(request, timeout=10)
    task = (await claim(caller)).task
    assert (task.task_id, task.attempt, task.source_uri) == (placed.task_id, 1, "s3://a/b.c3d")
    assert task.question == a_question(
        namespace="clinic", pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.0.0")
    )
    assert task.submission == submission
    assert dict(task.context) == {"webhook": "w-1"}
    assert placed.job_id == ""


async def test_a_task_whose_blob_is_here_is_a_queued_job_until_it_is_claimed_and_done(caller: Caller) -> None:
    question = await caller.ask(b"recording")
    submission = identity_pb2.Submission(file_name="a.c3d")
    placed = await enqueue(caller, uri="", question=question, submission=submission)
    queued = await job(caller, placed.task_id)
    assert (queued.status, queued.task_id) == (jobs_pb2.JOB_STATUS_QUEUED, placed.task_id)
    assert queued.identity.job_id == placed.job_id
    assert [item.file_name for item in queued.submissions] == ["a.c3d"]

    claimed = await claim(caller)
    assert (await job(caller, placed.task_id)).status == jobs_pb2.JOB_STATUS_RUNNING
    lease = (await caller.reserve(claimed.task.question)).lease
    await caller.commit(lease.token)
    await settle(caller, claimed, job_id=placed.job_id)
    done = await job(caller, placed.task_id)
    assert (done.status, done.task_id) == (jobs_pb2.JOB_STATUS_SUCCEEDED, placed.task_id)
    assert await job(caller, placed.job_id) == done


async def test_a_task_whose_bytes_are_elsewhere_is_known_by_its_own_id_until_its_job_is_known(caller: Caller) -> None:
    placed = await enqueue(caller, submission=identity_pb2.Submission(file_name="b.c3d"))
    queued = await job(caller, placed.task_id)
    assert (queued.status, queued.identity.job_id, queued.identity.pipeline.version) == (
        jobs_pb2.JOB_STATUS_QUEUED,
        "",
        "1.0.0",
    )
    assert not queued.identity.HasField("blob")
    assert [item.file_name for item in queued.submissions] == ["b.c3d"]
    claimed = await claim(caller)
    assert (await job(caller, placed.task_id)).status == jobs_pb2.JOB_STATUS_RUNNING
    question = await caller.ask(b"fetched")
    reserved = await caller.reserve(question)
    await caller.commit(reserved.lease.token)
    await settle(caller, claimed, job_id=reserved.identity.job_id)
    done = await job(caller, placed.task_id)
    assert (done.status, done.identity.job_id) == (jobs_pb2.JOB_STATUS_SUCCEEDED, reserved.identity.job_id)


async def test_a_task_that_cannot_be_done_tells_why(caller: Caller) -> None:
    placed = await enqueue(caller)
    claimed = await claim(caller)
    await settle(caller, claimed, failure=a_failure())
    failed = await job(caller, placed.task_id)
    assert (failed.status, failed.failure.message) == (jobs_pb2.JOB_STATUS_FAILED, "No C3D.")
    assert not (await claim(caller)).HasField("task")


async def test_a_task_is_listed_as_the_job_that_its_fetched_bytes_turn_out_to_be(callers: list[Caller]) -> None:
    caller, other = callers
    placed = await enqueue(caller)
    claimed = await claim(caller)
    fetched = await other.ingest(
        b"no recording", header=pb.IngestHeader(task_token=claimed.token), question=a_question()
    )
    job_id = fetched.answer.identity.job_id
    running = await job(caller, placed.task_id)
    assert (running.identity.job_id, running.status) == (job_id, jobs_pb2.JOB_STATUS_RUNNING)
    await settle(caller, claimed, failure=a_failure())
    listed = (await caller.stub.ListJobs(pb.ListJobsRequest(), timeout=10)).jobs
    assert [(item.identity.job_id, item.task_id, item.status) for item in listed] == [
        (job_id, placed.task_id, jobs_pb2.JOB_STATUS_FAILED)
    ]
    assert (await job(caller, placed.task_id)).failure.message == "No C3D."


async def test_a_fetched_file_that_is_empty_is_the_tasks_job_too(caller: Caller) -> None:
    placed = await enqueue(caller)
    claimed = await claim(caller)
    header = pb.IngestHeader(task_token=claimed.token)
    assert await refused(caller.ingest(b"", header=header, question=a_question())) is Reason.FILE_EMPTY
    assert (await job(caller, placed.task_id)).identity.blob.sha256 == hashlib.sha256(b"").digest()


async def test_an_upload_for_a_claim_that_is_lost_changes_nothing_of_the_task(caller: Caller) -> None:
    placed = await enqueue(caller)
    claimed = await claim(caller)
    await release(caller, claimed)
    header = pb.IngestHeader(task_token=claimed.token)
    assert (await caller.ingest(b"recording", header=header, question=a_question())).answer.HasField("miss")
    assert (await job(caller, placed.task_id)).identity.job_id == ""


async def test_a_blob_that_is_neither_here_nor_to_be_fetched_is_refused(caller: Caller) -> None:
    unknown = a_question(blob=identity_pb2.BlobRef(sha256=bytes(32), size_bytes=3))
    assert await refused(enqueue(caller, uri="", question=unknown)) is Reason.BLOB_MISSING
    assert await refused(enqueue(caller, uri="")) is Reason.FIELD_MISSING


async def test_a_question_that_is_wrong_is_refused_before_it_is_queued(caller: Caller) -> None:
    wrong = a_question(pipeline=identity_pb2.PipelineRef(name="emg.sesion"))
    assert await refused(enqueue(caller, question=wrong)) is Reason.PIPELINE_UNKNOWN
    assert not (await claim(caller)).HasField("task")


async def test_the_same_idempotency_key_gives_the_same_task_in_its_namespace_only(callers: list[Caller]) -> None:
    same = await asyncio.gather(*(enqueue(caller, idempotency_key="w-1") for caller in callers * 5))
    other = await enqueue(callers[0], "clinic", idempotency_key="w-1")
    assert len({item.task_id for item in same}) == 1
    assert other.task_id != same[0].task_id
    assert (await claim(callers[0])).task.task_id != (await claim(callers[1])).task.task_id
    assert not (await claim(callers[0])).HasField("task")


async def test_a_position_counts_what_waits_before_it_in_its_namespace(caller: Caller) -> None:
    await enqueue(caller, "other")
    assert [(await enqueue(caller)).position for _ in range(3)] == [0, 1, 2]


async def withdraw(caller: Caller, identifier: str, namespace: str = "") -> tuple[bool, int]:
    request = pb.WithdrawRequest(id=identifier, namespace=namespace)
    response = await caller.stub.Withdraw(request, timeout=10)
    return response.withdrawn, response.left


async def test_a_task_that_nobody_has_begun_is_withdrawn_and_says_so(callers: list[Caller]) -> None:
    caller, other = callers
    placed = await enqueue(caller, submission=identity_pb2.Submission(file_name="a.c3d"))
    assert await withdraw(other, placed.task_id, "clinic") == (False, 0)
    assert await withdraw(other, placed.task_id) == (True, 0)
    assert await withdraw(other, placed.task_id) == (False, 0)
    assert not (await claim(caller)).HasField("task")
    gone = await job(caller, placed.task_id)
    assert (gone.status, gone.failure.reason) == (jobs_pb2.JOB_STATUS_FAILED, errors_pb2.ERROR_REASON_CANCELLED)


async def test_a_job_loses_its_last_task_only_so_that_others_keep_theirs(caller: Caller) -> None:
    question = await caller.ask(b"recording")
    first, second = [await enqueue(caller, uri="", question=question) for _ in range(2)]
    assert await withdraw(caller, first.job_id) == (True, 1)
    waiting = await job(caller, first.job_id)
    assert (waiting.status, waiting.task_id) == (jobs_pb2.JOB_STATUS_QUEUED, first.task_id)
    assert (await claim(caller)).task.task_id == first.task_id != second.task_id
    assert await withdraw(caller, first.job_id) == (False, 1)


async def test_a_task_that_is_being_worked_on_is_not_withdrawn_and_one_that_rests_is(caller: Caller) -> None:
    placed = await enqueue(caller)
    claimed = await claim(caller)
    assert await withdraw(caller, placed.task_id) == (False, 0)
    await release(caller, claimed, reason="ERROR_REASON_SOURCE_UNAVAILABLE", message="No answer.")
    assert await withdraw(caller, placed.task_id) == (True, 0)


# -- order and fairness ----------------------------------------------------------------------------------------------


async def test_a_namespace_that_floods_the_queue_does_not_keep_the_others_waiting(callers: list[Caller]) -> None:
    for _ in range(20):
        await enqueue(callers[0], "flood")
    await enqueue(callers[0], "small")
    await enqueue(callers[0], "tiny")
    served = []
    for caller in itertools.islice(itertools.cycle(callers), 4):
        claimed = await claim(caller)
        served.append(claimed.task.question.namespace)
        await settle(caller, claimed, failure=a_failure())
    assert Counter(served[:3]) == {"flood": 1, "small": 1, "tiny": 1}
    assert served[3] == "flood"


async def test_the_namespace_with_the_fewest_running_is_served_first(caller: Caller) -> None:
    for _ in range(4):
        await enqueue(caller, "slow")
    slow = [await claim(caller) for _ in range(3)]
    for _ in range(4):
        await enqueue(caller, "new")
    served = [(await claim(caller)).task.question.namespace for _ in range(3)]
    assert served == ["new"] * 3
    assert [item.task.question.namespace for item in slow] == ["slow"] * 3


async def test_within_a_namespace_tasks_are_served_in_the_order_they_came(callers: list[Caller]) -> None:
    placed = [(await enqueue(caller)).task_id for caller in callers * 5]
    assert [(await claim(caller)).task.task_id for caller in callers * 5] == placed


async def test_the_order_of_a_namespace_holds_over_its_pipelines(caller: Caller) -> None:
    await caller.stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(offers=[an_offer("2.0.0")]), timeout=5)
    refs = [identity_pb2.PipelineRef(name="emg.session", version=version) for version in ("2.0.0", "1.0.0")]
    placed = [(await enqueue(caller, question=a_question(pipeline=ref))).task_id for ref in refs * 3]
    assert [(await claim(caller)).task.task_id for _ in placed] == placed


async def test_many_who_claim_at_once_get_each_task_once_and_all_of_them(callers: list[Caller]) -> None:
    placed = {(await enqueue(callers[0], f"n{number % 3}")).task_id for number in range(24)}
    claimed = await asyncio.gather(*(claim(caller) for caller in callers * 12))
    assert {item.task.task_id for item in claimed} == placed


async def test_a_claim_takes_only_what_its_caller_can_work_on(caller: Caller) -> None:
    await caller.stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(offers=[an_offer("2.0.0")]), timeout=5)
    ref = identity_pb2.PipelineRef
    old = await enqueue(caller, question=a_question(pipeline=ref(name="emg.session", version="1.0.0")))
    new = await enqueue(caller, question=a_question(pipeline=ref(name="emg.session", version="2.0.0")))
    assert not (await claim(caller, pipelines=[ref(name="sequence.taxonomy")])).HasField("task")
    assert (await claim(caller, pipelines=[ref(name="emg.session", version="2.0.0")])).task.task_id == new.task_id
    assert (await claim(caller, pipelines=[ref(name="emg.session")])).task.task_id == old.task_id


# -- claims ----------------------------------------------------------------------------------------------------------


async def test_the_same_owner_gets_the_same_task_again_at_any_replica(callers: list[Caller]) -> None:
    for _ in range(3):
        await enqueue(callers[0])
    answers = await asyncio.gather(*(claim(caller, "me") for caller in callers * 5))
    assert len({answer.task.task_id for answer in answers}) == 1
    assert len({answer.token for answer in answers}) == 1
    assert {answer.task.attempt for answer in answers} == {1}


@pytest.mark.usefixtures("short_claims")
async def test_a_claim_that_falls_silent_is_claimed_again_and_its_late_words_change_nothing(
    callers: list[Caller],
) -> None:
    placed = await enqueue(callers[0])
    silent = await claim(callers[0])
    second = await claim(callers[1], wait_seconds=PATIENCE_SECONDS)
    assert (second.task.task_id, second.task.attempt) == (placed.task_id, 2)
    late = pb.ExtendRequest(token=silent.token)
    assert await refused(callers[0].stub.Extend(late, timeout=5)) is Reason.LEASE_LOST
    assert await refused(settle(callers[0], silent, failure=a_failure())) is Reason.LEASE_LOST
    await release(callers[0], silent)
    await callers[1].stub.Extend(pb.ExtendRequest(token=second.token), timeout=5)
    await settle(callers[1], second, job_id=str(uuid.uuid4()))


async def test_a_heartbeat_keeps_a_claim(caller: Caller, short_claims: None) -> None:
    await enqueue(caller)
    held = await claim(caller)
    until = time.monotonic() + 3 * SHORT_CLAIM_SECONDS
    while time.monotonic() < until:
        await caller.stub.Extend(pb.ExtendRequest(token=held.token), timeout=5)
        assert not (await claim(caller)).HasField("task")
    await settle(caller, held, failure=a_failure())


async def test_a_settlement_may_be_repeated_but_not_changed(callers: list[Caller]) -> None:
    await enqueue(callers[0])
    claimed = await claim(callers[0])
    for caller in callers:
        await settle(caller, claimed, failure=a_failure())
    assert await refused(settle(callers[0], claimed, job_id=str(uuid.uuid4()))) is Reason.LEASE_LOST


async def test_a_task_given_back_untried_is_next_again_and_the_attempt_does_not_count(caller: Caller) -> None:
    first = await enqueue(caller)
    await enqueue(caller)
    await release(caller, await claim(caller))
    again = (await claim(caller)).task
    assert (again.task_id, again.attempt) == (first.task_id, 1)


async def test_a_task_given_back_after_an_error_rests_while_others_go_on(caller: Caller) -> None:
    await enqueue(caller)
    other = await enqueue(caller)
    await release(caller, await claim(caller), reason="ERROR_REASON_TIME_LIMIT", message="Too slow.")
    assert (await claim(caller)).task.task_id == other.task_id
    assert not (await claim(caller)).HasField("task")
    assert [face.pause_seconds(attempts) for attempts in (1, 2, 3, 4, 99)] == [2.0, 8.0, 32.0, 128.0, 300.0]


@pytest.mark.usefixtures("no_pauses")
async def test_after_the_last_attempt_the_task_fails_and_says_why(caller: Caller, settings: CacheSettings) -> None:
    placed = await enqueue(caller)
    for attempt in range(1, settings.task_attempts + 1):
        claimed = await claim(caller)
        assert claimed.task.attempt == attempt
        await release(caller, claimed, reason="ERROR_REASON_TIME_LIMIT", message="Too slow.")
    failed = await job(caller, placed.task_id)
    assert failed.status == jobs_pb2.JOB_STATUS_FAILED
    assert failed.failure.reason == errors_pb2.ERROR_REASON_TIME_LIMIT
    assert failed.failure.message == "Given up after 5 attempts. The last one: Too slow."


async def test_a_task_whose_claimants_all_die_is_given_up(
    settings: CacheSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "CLAIM_SECONDS", 0.0)
    async with running(settings.model_copy(update={"task_attempts": 2})) as (address, _):
        caller = Caller(address)
        await caller.announce()
        placed = await enqueue(caller)
        assert [(await claim(caller)).task.attempt for _ in range(2)] == [1, 2]
        assert not (await claim(caller)).HasField("task")
        assert (await job(caller, placed.task_id)).failure.reason == errors_pb2.ERROR_REASON_WORKER_LOST
        await caller.close()


async def test_the_token_of_a_task_is_none_of_a_lease_and_the_other_way_round(caller: Caller) -> None:
    await enqueue(caller)
    claimed = await claim(caller)
    lease = (await caller.reserve(await caller.ask(b"one"))).lease
    assert await refused(caller.commit(claimed.token)) is Reason.TOKEN_INVALID
    assert await refused(settle(caller, pb.ClaimResponse(token=lease.token), job_id=str(uuid.uuid4()))) is (
        Reason.TOKEN_INVALID
    )
    assert await refused(settle(caller, claimed)) is Reason.FIELD_MISSING


# -- waiting ---------------------------------------------------------------------------------------------------------


async def test_who_waits_is_woken_by_what_is_enqueued_at_another_replica(
    callers: list[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache_service.tasks._TICK_SECONDS", PATIENCE_SECONDS)  # the clock alone would be too late
    monkeypatch.setattr("cache_service.tasks._LONG_TICK_SECONDS", PATIENCE_SECONDS)
    waiting = asyncio.create_task(claim(callers[0], wait_seconds=PATIENCE_SECONDS))
    await seated(callers[0])
    placed = await enqueue(callers[1])
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        assert (await waiting).task.task_id == placed.task_id


async def test_without_valkey_who_waits_looks_by_the_clock(settings: CacheSettings) -> None:
    alone = settings.model_copy(update={"redis_url": SecretStr("")})
    async with running(alone) as (first, _), running(alone) as (second, _):
        callers = [Caller(first), Caller(second)]
        await callers[0].announce()
        waiting = asyncio.create_task(claim(callers[0], wait_seconds=PATIENCE_SECONDS))
        await seated(callers[0])
        placed = await enqueue(callers[1])
        assert (await waiting).task.task_id == placed.task_id
        for caller in callers:
            await caller.close()


async def seated(caller: Caller) -> None:
    """Return when a claim that was sent before has looked once: a second one that waits not has been answered."""
    assert not (await claim(caller)).HasField("task")


async def test_a_wait_without_a_task_ends_with_none(caller: Caller) -> None:
    assert not (await claim(caller, wait_seconds=0.2)).HasField("task")


# -- lists, numbers, engines -----------------------------------------------------------------------------------------


async def test_queued_work_is_listed_page_by_page_with_or_without_its_bytes(caller: Caller) -> None:
    there = await enqueue(caller, uri="", question=await caller.ask(b"recording"))
    elsewhere = [await enqueue(caller) for _ in range(3)]
    await enqueue(caller, "other")
    await caller.ask(b"not queued")
    found, token = [], ""
    while True:
        request = pb.ListJobsRequest(statuses=[jobs_pb2.JOB_STATUS_QUEUED], page_size=1, page_token=token)
        page = await caller.stub.ListJobs(request, timeout=10)
        found += [item.task_id for item in page.jobs]
        token = page.next_page_token
        if not token:
            break
    assert found == [item.task_id for item in [*reversed(elsewhere), there]]


async def test_queued_work_is_found_by_file_name_and_pipeline(caller: Caller) -> None:
    placed = await enqueue(caller, submission=identity_pb2.Submission(file_name="Knee.c3d"))
    await enqueue(caller, submission=identity_pb2.Submission(file_name="hip.c3d"))
    ref = identity_pb2.PipelineRef
    by_name = await caller.stub.ListJobs(pb.ListJobsRequest(file_name_contains="knee"), timeout=10)
    assert [item.task_id for item in by_name.jobs] == [placed.task_id]
    other = await caller.stub.ListJobs(pb.ListJobsRequest(pipeline=ref(name="sequence.taxonomy")), timeout=10)
    assert not other.jobs


async def test_statistics_and_metrics_tell_how_much_waits(settings: CacheSettings) -> None:
    async with running(settings) as (address, metrics):
        caller = Caller(address)
        await caller.announce()
        for _ in range(3):
            await enqueue(caller)
        await claim(caller)
        assert (await caller.stub.GetStats(pb.GetStatsRequest(), timeout=10)).queued == 2
        async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_SECONDS):
            page = ""
            while "cache_queue_waiting 2.0" not in page:
                page = (await client.get(f"http://{metrics}/metrics")).text
                await asyncio.sleep(0.1)
        assert "cache_queue_claimed 1.0" in page
        assert 'cache_tasks_total{event="enqueued"} 3.0' in page
        (oldest,) = [line for line in page.splitlines() if line.startswith("cache_queue_oldest_seconds ")]
        assert float(oldest.split()[1]) > 0
        await caller.close()


async def test_the_queue_survives_the_restart_of_every_service(settings: CacheSettings) -> None:
    async with running(settings) as (address, _):
        caller = Caller(address)
        await caller.announce()
        placed = [(await enqueue(caller, idempotency_key=str(number))).task_id for number in range(3)]
        held = await claim(caller)
        await caller.close()
    async with running(settings) as (address, _):
        caller = Caller(address)
        await settle(caller, held, job_id=str(uuid.uuid4()))
        assert (await enqueue(caller, idempotency_key="1")).task_id == placed[1]
        assert [(await claim(caller)).task.task_id for _ in range(2)] == placed[1:]
        await caller.close()


async def test_what_ended_long_ago_is_forgotten_and_its_idempotency_key_is_free(settings: CacheSettings) -> None:
    async with running(settings.model_copy(update={"task_ttl_seconds": 1})) as (address, _):
        caller = Caller(address)
        await caller.announce()
        placed = await enqueue(caller, idempotency_key="w-1")
        await settle(caller, await claim(caller), failure=a_failure())
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            while (await enqueue(caller, idempotency_key="w-1")).task_id == placed.task_id:
                await asyncio.sleep(0.1)
        assert await refused(job(caller, placed.task_id)) is Reason.JOB_UNKNOWN
        await caller.close()


@pytest.mark.parametrize(
    "change",
    [{"use_database": False}, {"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")}],
    ids=["by choice", "away"],
)
async def test_without_a_database_the_queue_says_so_and_what_to_do(
    settings: CacheSettings, change: dict[str, Any]
) -> None:
    async with running(settings.model_copy(update=change)) as (address, _):
        caller = Caller(address)
        await caller.announce()
        for call in (lambda: enqueue(caller), lambda: claim(caller)):
            with pytest.raises(grpc.RpcError) as failure:
                await call()
            error = error_of(failure.value)
            assert (error.code, error.reason) == ("UNAVAILABLE", Reason.DATABASE_UNAVAILABLE)
            assert "call Analyze" in error.message
        assert (await caller.stub.GetStats(pb.GetStatsRequest(), timeout=10)).queued == 0
        await caller.close()


async def test_the_queue_is_built(caller: Caller) -> None:
    capabilities = await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=10)
    assert not {"Enqueue", "Claim", "Settle"} & set(capabilities.not_built)
