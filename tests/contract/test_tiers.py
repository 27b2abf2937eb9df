"""What every tier of records does, over all of them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.tiers.durable import PARTS, RESULTS, DurableTier
from cache_service.tiers.face import Tier
from cache_service.tiers.hot import HotTier
from cache_service.tiers.memory import MemoryTier
from tests.support.records import some_failure, some_identity, some_record


@pytest.fixture(params=["memory", "hot", "durable results", "durable parts"])
async def tier(request: pytest.FixtureRequest) -> AsyncIterator[Tier]:
    if request.param == "memory":
        yield MemoryTier(1_000_000)
    elif request.param == "hot":
        valkey = Valkey(request.getfixturevalue("redis_url"))
        yield HotTier(valkey, 3600)
        await valkey.close()
    else:
        url = request.getfixturevalue("database_url")
        database = Postgres(url, 2)
        await database.open()
        yield DurableTier(database, RESULTS if request.param == "durable results" else PARTS)
        await database.close()


async def test_an_unknown_key_has_no_record(tier: Tier) -> None:
    assert await tier.get(some_identity().key) is None


async def test_a_record_comes_back_as_it_was_put(tier: Tier) -> None:
    record = some_record()
    await tier.put(record)
    found = await tier.get(record.key)
    assert found is not None
    assert found.outcome == record.outcome
    assert found.compute_cost_ms == record.compute_cost_ms
    assert found.created_at == pytest.approx(record.created_at, abs=1e-5)
    assert found.expires_at == pytest.approx(record.expires_at, abs=1e-5)


async def test_a_failure_comes_back_as_it_was_put(tier: Tier) -> None:
    record = some_failure()
    await tier.put(record)
    found = await tier.get(record.key)
    assert found is not None
    assert found.outcome == record.outcome


async def test_putting_again_replaces(tier: Tier) -> None:
    record = some_failure()
    await tier.put(record)
    better = some_record(record.key)
    await tier.put(better)
    found = await tier.get(record.key)
    assert found is not None
    assert found.outcome == better.outcome


async def test_a_record_past_its_time_is_not_there(tier: Tier) -> None:
    record = some_record(seconds=-1.0)
    await tier.put(record)
    assert await tier.get(record.key) is None


async def test_a_removed_record_is_gone_and_removing_again_is_no_error(tier: Tier) -> None:
    record = some_record()
    await tier.put(record)
    await tier.remove(record.key)
    await tier.remove(record.key)
    assert await tier.get(record.key) is None


async def test_many_are_found_by_their_keys_and_the_others_left_out(tier: Tier) -> None:
    records = [some_record(content=b"content %d" % number) for number in range(50)]
    await tier.put_many(records)
    wanted = [record.key for record in records[::2]] + [some_identity(b"unknown").key]
    found = await tier.get_many(wanted)
    assert {key: record.outcome for key, record in found.items()} == {
        record.key: record.outcome for record in records[::2]
    }


async def test_nothing_asked_is_nothing_found(tier: Tier) -> None:
    assert await tier.get_many([]) == {}
    await tier.put_many([])


async def test_a_large_payload_comes_back_byte_for_byte(tier: Tier) -> None:
    import os

    record = some_record(content=os.urandom(600_000))
    await tier.put(record)
    found = await tier.get(record.key)
    assert found is not None
    assert found.outcome == record.outcome


async def test_usage_can_be_told(tier: Tier) -> None:
    await tier.put(some_record())
    usage = await tier.usage()
    assert usage.size_bytes > 0


async def test_two_jobs_with_equal_content_are_kept_apart(tier: Tier) -> None:
    one = some_record(some_identity(namespace="clinic").key)
    other = replace(one, key=some_identity(namespace="lab").key, compute_cost_ms=99.0)
    await tier.put_many([one, other])
    found = await tier.get_many([one.key, other.key])
    assert found[one.key].compute_cost_ms == one.compute_cost_ms
    assert found[other.key].compute_cost_ms == 99.0
