"""What a damaged tier does to answers: nothing."""

import asyncio
from collections.abc import Callable

import psycopg
import pytest
import redis
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from cache_service.__main__ import running
from cache_service.entries import unpacked
from cache_service.settings import CacheSettings
from cache_service.tiers.hot import record_name
from tests.integration.cache.conftest import Caller, a_payload


async def committed(settings: CacheSettings, content: bytes = b"walk") -> tuple[identity_pb2.Question, bytes]:
    """Let a result stand; return its question and key. The process that knew it is gone then."""
    async with running(settings) as (address, _):
        caller = Caller(address)
        await caller.announce()
        question = await caller.ask(content)
        reserved = await caller.reserve(question)
        await caller.commit(reserved.lease.token)
        await caller.close()
    return question, reserved.identity.key


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def flipped_in_the_payload(raw: bytes) -> bytes:
    return raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:]


def flipped_in_the_head(raw: bytes) -> bytes:
    return raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]


def emptied(_raw: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut, flipped_in_the_payload, flipped_in_the_head, emptied])
async def test_a_damaged_record_in_valkey_is_repaired_from_postgresql(
    settings: CacheSettings, redis_url: str, damage: Callable[[bytes], bytes]
) -> None:
    question, key = await committed(settings)
    with redis.Redis.from_url(redis_url) as client:
        whole = client.get(record_name(key))
        assert isinstance(whole, bytes)
        client.set(record_name(key), damage(whole))
        async with running(settings) as (address, _):
            caller = Caller(address)
            found = await caller.lookup(question)
            await caller.close()
        assert found.hit.tier == entry_pb2.TIER_DURABLE
        assert found.hit.payload == a_payload(b"the result")
        repaired = client.get(record_name(key))
        assert isinstance(repaired, bytes)
        assert unpacked(repaired, key).outcome == unpacked(whole, key).outcome


async def test_a_record_of_another_job_under_this_name_is_not_believed(settings: CacheSettings, redis_url: str) -> None:
    question, key = await committed(settings)
    _, other = await committed(settings, b"another recording")
    with redis.Redis.from_url(redis_url) as client:
        stolen = client.get(record_name(other))
        assert isinstance(stolen, bytes)
        client.set(record_name(key), stolen)
    async with running(settings) as (address, _):
        caller = Caller(address)
        found = await caller.lookup(question)
        await caller.close()
    assert found.hit.tier == entry_pb2.TIER_DURABLE
    assert found.hit.identity.key == key


async def test_a_damaged_record_in_postgresql_is_a_miss_and_can_be_computed_again(
    settings: CacheSettings, redis_url: str
) -> None:
    question, key = await committed(settings)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute(
            "UPDATE analysis_results SET payload = set_byte(payload, octet_length(payload) - 2, 0) WHERE key = %s",
            [key],
        )
    async with running(settings) as (address, _):
        caller = Caller(address)
        assert (await caller.lookup(question)).HasField("miss")
        await caller.commit((await caller.reserve(question)).lease.token)
        assert (await caller.lookup(question)).HasField("hit")
        await caller.close()


async def test_whatever_is_damaged_in_valkey_alone_costs_a_listing_and_no_answer(
    settings: CacheSettings, redis_url: str
) -> None:
    alone = settings.model_copy(update={"use_database": False, "database_url": SecretStr("")})
    async with running(alone) as (address, _):
        caller = Caller(address)
        await caller.announce()
        question = await caller.ask(b"walk")
        reserved = await caller.reserve(question)
        token = reserved.lease.token
        await caller.stub.Extend(pb.ExtendRequest(token=token, progress=entry_pb2.Progress(stage="filters")), timeout=5)
        follower = asyncio.create_task(caller.reserve(question, "another", wait_seconds=5.0))
        with redis.Redis.from_url(redis_url) as client:
            job_id = reserved.identity.job_id
            async with asyncio.timeout(5):
                while not (client.hlen(f"ac:{{{job_id}}}:waiters") and client.exists(f"ac:{{{job_id}}}:job")):
                    await asyncio.sleep(0.02)
            for name in client.scan_iter(f"ac:{{{job_id}}}:*"):
                if client.type(name) == b"string":
                    client.set(name, b"\xff")
            client.hset(f"ac:{{{job_id}}}:lease", mapping={"stage": b"\xff", "fraction": b"\xff"})
            client.hset(f"ac:{{{job_id}}}:waiters", "somebody", b"\xff")
        held = (await caller.reserve(question, "a third")).in_progress
        assert (held.progress.stage, held.waiters) == ("", 1)
        listed = await caller.stub.ListJobs(pb.ListJobsRequest(), timeout=5)
        assert not listed.jobs
        assert not (await caller.commit(token)).superseded
        assert (await follower).hit.payload == a_payload(b"the result")
        listed = await caller.stub.ListJobs(pb.ListJobsRequest(), timeout=5)
        assert [job.identity.job_id for job in listed.jobs] == [job_id]
        await caller.close()
