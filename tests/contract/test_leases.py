"""What every authority of leases does, over all of them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.entries import Progress, Record
from cache_service.leases import face
from cache_service.leases.durable import DurableLeases
from cache_service.leases.face import Extended, Granted, Held, Leases, Standing
from cache_service.leases.hot import HotLeases
from cache_service.leases.process import ProcessLeases
from cache_service.tiers.durable import RESULTS, DurableTier
from cache_service.tiers.hot import HotTier
from cache_service.tiers.memory import MemoryTier
from tests.support.records import some_failure, some_identity, some_record

KEY = some_identity().key
Keep = Callable[[Record], Awaitable[None]]


@pytest.fixture(params=["process", "hot", "durable"])
async def authority(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Leases, Keep]]:
    """An authority, and a way to let a record stand."""
    if request.param == "process":
        memory = MemoryTier(1_000_000)

        async def stands(key: bytes, failures: bool, bar: int) -> bool:
            record = memory.peek(key)
            return record is not None and record.generation >= bar and (failures or not record.failed)

        yield ProcessLeases(stands), memory.put
    elif request.param == "hot":
        valkey = Valkey(request.getfixturevalue("redis_url"))
        yield HotLeases(valkey), HotTier(valkey, 3600).put
        await valkey.close()
    else:
        url = request.getfixturevalue("database_url")
        database = Postgres(url, 4)
        await database.open()
        yield DurableLeases(database), DurableTier(database, RESULTS).put
        await database.close()


@pytest.fixture
def leases(authority: tuple[Leases, Keep]) -> Leases:
    return authority[0]


@pytest.fixture
def keep(authority: tuple[Leases, Keep]) -> Keep:
    return authority[1]


async def granted(leases: Leases, owner: str, *, again: bool = False) -> Granted:
    answer = await leases.acquire(KEY, owner, again=again)
    assert isinstance(answer, Granted)
    return answer


async def test_the_first_owner_gets_the_lease_and_the_second_does_not(leases: Leases) -> None:
    await granted(leases, "one")
    answer = await leases.acquire(KEY, "two", again=False)
    assert isinstance(answer, Held)
    assert 0 < answer.expires_in_seconds <= face.LEASE_SECONDS


async def test_of_many_owners_at_once_exactly_one_gets_the_lease(leases: Leases) -> None:
    answers = await asyncio.gather(*(leases.acquire(KEY, f"owner {n}", again=False) for n in range(32)))
    assert sum(isinstance(answer, Granted) for answer in answers) == 1


async def test_the_same_owner_gets_the_same_lease_again(leases: Leases) -> None:
    assert (await granted(leases, "one")).nonce == (await granted(leases, "one")).nonce


async def test_a_released_lease_is_free(leases: Leases) -> None:
    lease = await granted(leases, "one")
    await leases.release(KEY, lease.nonce)
    await granted(leases, "two")


async def test_a_lease_is_released_by_its_nonce_only(leases: Leases) -> None:
    await granted(leases, "one")
    await leases.release(KEY, secrets.token_bytes(16))
    assert isinstance(await leases.acquire(KEY, "two", again=False), Held)


async def test_an_expired_lease_is_taken_by_the_next_and_the_old_nonce_is_void(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("durable", "hot", "process"):
        monkeypatch.setattr(f"cache_service.leases.{module}.LEASE_SECONDS", 0.2)
    old = await granted(leases, "crashed")
    await asyncio.sleep(0.25)
    new = await granted(leases, "next")
    assert new.nonce != old.nonce
    assert await leases.extend(KEY, "crashed", old.nonce, Progress()) is None
    assert not await leases.holds(KEY, old.nonce)
    assert await leases.holds(KEY, new.nonce)


async def test_extending_keeps_a_lease_and_tells_its_progress(leases: Leases) -> None:
    lease = await granted(leases, "one")
    assert isinstance(await leases.extend(KEY, "one", lease.nonce, Progress("filtering", 0.25)), Extended)
    answer = await leases.acquire(KEY, "two", again=False)
    assert isinstance(answer, Held)
    assert answer.progress == Progress("filtering", 0.25)
    assert await leases.progress(KEY) == Progress("filtering", 0.25)
    await leases.release(KEY, lease.nonce)
    assert await leases.progress(KEY) is None


async def test_extending_a_lost_lease_that_nobody_holds_creates_it_anew(leases: Leases) -> None:
    nonce = secrets.token_bytes(16)
    assert isinstance(await leases.extend(KEY, "one", nonce, Progress()), Extended)
    assert isinstance(await leases.acquire(KEY, "two", again=False), Held)


async def test_no_lease_is_had_where_a_result_stands(leases: Leases, keep: Keep) -> None:
    await keep(some_record(KEY))
    assert isinstance(await leases.acquire(KEY, "one", again=False), Standing)
    assert await leases.extend(KEY, "one", secrets.token_bytes(16), Progress()) is None


async def test_a_failure_bars_a_lease_except_to_those_who_try_again(leases: Leases, keep: Keep) -> None:
    await keep(some_failure(KEY))
    assert isinstance(await leases.acquire(KEY, "one", again=False), Standing)
    await granted(leases, "two", again=True)


async def test_waiters_are_counted_by_parties_until_they_leave(leases: Leases) -> None:
    lease = await granted(leases, "leader")
    await leases.wait(KEY, "one process", 3)
    await leases.wait(KEY, "another", 1)
    await leases.wait(KEY, "another", 2)
    assert await leases.extend(KEY, "leader", lease.nonce, Progress()) == Extended(5)
    await leases.leave(KEY, "one process")
    assert await leases.extend(KEY, "leader", lease.nonce, Progress()) == Extended(2)


async def test_a_result_bars_even_those_who_try_again(leases: Leases, keep: Keep) -> None:
    await keep(some_record(KEY))
    assert isinstance(await leases.acquire(KEY, "one", again=True), Standing)


async def test_leases_of_two_keys_are_apart(leases: Leases) -> None:
    await granted(leases, "one")
    other = some_identity(b"other").key
    assert isinstance(await leases.acquire(other, "two", again=False), Granted)
