"""Reservations when many wait, and when a failure was remembered elsewhere."""

import asyncio

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.errors.v1 import errors_pb2
from cache_service.__main__ import running
from cache_service.settings import CacheSettings
from tests.integration.cache.conftest import Caller

NOT_C3D = errors_pb2.ERROR_REASON_FILE_NOT_C3D


async def outcomes_of_a_crowd(callers: list[Caller], count: int) -> list[str]:
    """Let many reserve one question while its leader works and keeps its lease; return what each was told."""
    question = await callers[0].ask(b"walk")
    lease = (await callers[0].reserve(question)).lease
    crowd = [asyncio.create_task(callers[n % 2].reserve(question, wait_seconds=30)) for n in range(count)]
    for _ in range(6):
        await asyncio.sleep(1)
        await callers[0].stub.Extend(pb.ExtendRequest(token=lease.token), timeout=5)
    await callers[0].commit(lease.token)
    return [str(answer.WhichOneof("outcome")) for answer in await asyncio.gather(*crowd)]


async def test_of_a_thousand_waiters_none_is_leased_while_the_leader_lives(callers: list[Caller]) -> None:
    assert await outcomes_of_a_crowd(callers, 1000) == ["hit"] * 1000


async def test_neither_without_a_database(settings: CacheSettings) -> None:
    volatile = settings.model_copy(update={"use_database": False})
    async with running(volatile) as (first, _), running(volatile) as (second, _):
        callers = [Caller(first), Caller(second)]
        await callers[0].announce()
        assert await outcomes_of_a_crowd(callers, 500) == ["hit"] * 500
        for caller in callers:
            await caller.close()


async def test_when_the_one_who_keeps_watch_leaves_another_takes_over_a_silent_lease(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    await callers[0].reserve(question)  # and never a word again
    hasty = asyncio.create_task(callers[1].reserve(question, wait_seconds=0.5))
    await asyncio.sleep(0.1)
    patient = [asyncio.create_task(callers[1].reserve(question, wait_seconds=9)) for _ in range(3)]
    assert (await hasty).WhichOneof("outcome") == "in_progress"
    done, _ = await asyncio.wait(patient, timeout=6, return_when=asyncio.FIRST_COMPLETED)
    (leader,) = done
    answer = await leader
    assert answer.WhichOneof("outcome") == "lease"
    await callers[1].commit(answer.lease.token)
    assert {(await task).WhichOneof("outcome") for task in patient} == {"lease", "hit"}


async def test_a_failure_remembered_on_one_replica_gives_way_to_a_result_from_another(callers: list[Caller]) -> None:
    question = await callers[0].ask(b"walk")
    lease = (await callers[0].reserve(question)).lease
    await callers[0].stub.Fail(pb.FailRequest(token=lease.token, reason=NOT_C3D, message="Not C3D."), timeout=5)
    assert (await callers[1].lookup(question)).HasField("failure")
    again = await callers[0].reserve(question, retry_failed=True)
    await callers[0].commit(again.lease.token)
    for caller in callers:
        assert (await caller.lookup(question)).HasField("hit")
        assert (await caller.reserve(question, retry_failed=True)).HasField("hit")


async def test_of_two_commits_at_once_the_first_wins_also_without_a_database(settings: CacheSettings) -> None:
    volatile = settings.model_copy(update={"use_database": False})
    async with running(volatile) as (first, _), running(volatile) as (second, _):
        callers = [Caller(first), Caller(second)]
        await callers[0].announce()
        for attempt in range(10):
            question = await callers[0].ask(b"walk %d" % attempt)
            token = (await callers[0].reserve(question)).lease.token
            answers = await asyncio.gather(callers[0].commit(token, b"one"), callers[1].commit(token, b"other"))
            assert sorted(answer.superseded for answer in answers) == [False, True]
            found = [(await caller.lookup(question)).hit.payload.sha256 for caller in callers]
            assert found[0] == found[1]
        for caller in callers:
            await caller.close()
