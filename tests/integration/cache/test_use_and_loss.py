"""What a running service does about use, retention, and results or blobs that have vanished."""

import hashlib
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import psycopg
import pytest
import redis
from google.protobuf import duration_pb2

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from cache_service.__main__ import running
from cache_service.blobs import blob_path
from cache_service.settings import CacheSettings
from cache_service.tiers.hot import record_name
from rpc.reasons import Reason
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_payload, an_offer

WEEK_SECONDS = 7 * 24 * 3600
LARGE = b"a large result " * 1000


@asynccontextmanager
async def serving(settings: CacheSettings) -> AsyncIterator[tuple[Caller, str]]:
    """A caller of a service, and the address of its metrics."""
    async with running(settings) as (address, metrics):
        caller = Caller(address)
        await caller.announce()
        yield caller, metrics
        await caller.close()


async def commit(caller: Caller, question: identity_pb2.Question) -> pb.CommitResponse:
    return await caller.commit((await caller.reserve(question)).lease.token)


async def commit_large(caller: Caller, question: identity_pb2.Question) -> bytes:
    """Commit a result that is a blob; return the blob's digest."""
    stored = (await caller.ingest(LARGE)).blob
    payload = entry_pb2.Payload(
        encoding=entry_pb2.ENCODING_IDENTITY,
        sha256=hashlib.sha256(LARGE).digest(),
        uncompressed_size_bytes=len(LARGE),
        blob=stored,
    )
    token = (await caller.reserve(question)).lease.token
    await caller.stub.Commit(pb.CommitRequest(token=token, payload=payload), timeout=10)
    return bytes(stored.sha256)


def rows(settings: CacheSettings, columns: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        return connection.execute(f"SELECT {columns} FROM analysis_results").fetchall()


def metric(address: str, line: str) -> float:
    """Return the value of a metric as Prometheus reads it."""
    with urllib.request.urlopen(f"http://{address}/metrics") as page:
        lines = page.read().decode().splitlines()
    return float(next((one.split()[-1] for one in lines if one.startswith(line + " ")), "0"))


# -- use --------------------------------------------------------------------------------------------------------------


async def test_hits_from_memory_are_written_down_when_the_service_stops(settings: CacheSettings) -> None:
    async with serving(settings) as (caller, _):
        question = await caller.ask(b"walk")
        await commit(caller, question)
        for _ in range(3):
            assert (await caller.lookup(question)).hit.tier == entry_pb2.TIER_MEMORY
        assert (await caller.reserve(question)).HasField("hit")
        assert rows(settings, "use_count") == [(0,)], "a hit must not write"
    assert rows(settings, "use_count, last_used_at > created_at") == [(4, True)]


async def test_a_pipeline_says_how_long_its_results_are_kept(settings: CacheSettings) -> None:
    async with serving(settings) as (caller, _):
        offer = an_offer()
        offer.retention.CopyFrom(duration_pb2.Duration(seconds=WEEK_SECONDS))
        await caller.stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(announcer="test", offers=[offer]), timeout=5)
        question = await caller.ask(b"walk")
        committed = await commit(caller, question)
        assert committed.entry.expires_in.seconds == pytest.approx(WEEK_SECONDS, abs=5)
        await caller.lookup(question)
    assert rows(settings, "retention_seconds") == [(pytest.approx(WEEK_SECONDS),)]


async def test_without_a_word_of_the_pipeline_the_setting_counts(settings: CacheSettings) -> None:
    hours = settings.model_copy(update={"cache_ttl_seconds": 7200})
    async with serving(hours) as (caller, _):
        committed = await commit(caller, await caller.ask(b"walk"))
    assert committed.entry.expires_in.seconds == pytest.approx(7200, abs=5)


async def test_an_offer_that_keeps_results_for_a_negative_time_is_refused(settings: CacheSettings) -> None:
    async with serving(settings) as (caller, _):
        offer = an_offer()
        offer.retention.CopyFrom(duration_pb2.Duration(seconds=-1))
        request = pb.AnnouncePipelinesRequest(announcer="test", offers=[offer])
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await caller.stub.AnnouncePipelines(request, timeout=5)
    assert error_of(refused.value).reason is Reason.FIELD_INVALID


async def test_the_statistics_tell_the_limits_of_the_tiers(settings: CacheSettings) -> None:
    limited = settings.model_copy(update={"durable_quota_bytes": 10**9, "memory_cache_bytes": 10**6})
    async with serving(limited) as (caller, _):
        stats = await caller.stub.GetStats(pb.GetStatsRequest(), timeout=5)
    limits = {tier.tier: tier.limit_bytes for tier in stats.tiers}
    assert limits[entry_pb2.TIER_DURABLE] == 10**9
    assert limits[entry_pb2.TIER_MEMORY] == 10**6 // 2


# -- loss -------------------------------------------------------------------------------------------------------------


async def test_a_large_result_whose_blob_has_vanished_is_a_miss_and_is_computed_again(
    settings: CacheSettings, blob_folder: Path
) -> None:
    async with serving(settings) as (caller, _):
        question = await caller.ask(b"walk")
        digest = await commit_large(caller, question)
        assert (await caller.lookup(question)).hit.payload.blob.sha256 == digest
        (blob_folder / blob_path("default", digest)).unlink()
        assert (await caller.lookup(question)).miss.reason == entry_pb2.MISS_REASON_CORRUPT
        assert await commit_large(caller, question) == digest
        assert (await caller.lookup(question)).hit.payload.blob.sha256 == digest


async def test_who_reserves_when_the_blob_of_the_result_has_vanished_gets_the_lease_at_once(
    settings: CacheSettings, blob_folder: Path
) -> None:
    async with serving(settings) as (caller, _), serving(settings) as (replica, _):
        question = await caller.ask(b"walk")
        digest = await commit_large(caller, question)
        assert (await replica.lookup(question)).HasField("hit")
        (blob_folder / blob_path("default", digest)).unlink()
        assert (await replica.reserve(question)).HasField("lease")
        assert (await caller.lookup(question)).miss.reason == entry_pb2.MISS_REASON_IN_PROGRESS


async def test_a_blob_that_vanishes_under_a_lease_is_missing_to_whoever_downloads_it(
    settings: CacheSettings, blob_folder: Path
) -> None:
    async with serving(settings) as (caller, _):
        question = await caller.ask(b"walk")
        token = (await caller.reserve(question)).lease.token
        (blob_folder / blob_path("default", question.blob.sha256)).unlink()
        with pytest.raises(grpc.aio.AioRpcError) as missing:
            async for _ in caller.stub.Download(pb.DownloadRequest(blob=question.blob), timeout=5):
                pass
        assert error_of(missing.value).reason is Reason.BLOB_MISSING
        await caller.stub.Extend(pb.ExtendRequest(token=token), timeout=5)
        await caller.stub.Release(pb.ReleaseRequest(token=token), timeout=5)
        with pytest.raises(grpc.aio.AioRpcError) as again:
            await caller.reserve(question)
        assert error_of(again.value).reason is Reason.BLOB_MISSING


async def test_a_record_damaged_in_valkey_is_counted_and_repaired_for_every_replica(
    settings: CacheSettings, redis_url: str
) -> None:
    async with serving(settings) as (caller, _):
        question = await caller.ask(b"walk")
        key = (await commit(caller, question)).entry.identity.key
    with redis.Redis.from_url(redis_url) as client:
        client.set(record_name(key), b"damaged")
    async with serving(settings) as (one, metrics):
        assert (await one.lookup(question)).hit.tier == entry_pb2.TIER_DURABLE
        assert (await one.lookup(question)).hit.tier == entry_pb2.TIER_MEMORY
        assert metric(metrics, 'cache_corrupt_records_total{tier="hot"}') == 1
    async with serving(settings) as (two, metrics):
        found = await two.lookup(question)
        assert found.hit.tier == entry_pb2.TIER_HOT
        assert found.hit.payload == a_payload(b"the result")
        assert metric(metrics, 'cache_corrupt_records_total{tier="hot"}') == 0


async def test_a_record_damaged_in_postgresql_says_so_and_is_repaired_by_the_next_commit(
    settings: CacheSettings, redis_url: str
) -> None:
    async with serving(settings) as (caller, _):
        question = await caller.ask(b"walk")
        await commit(caller, question)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute("UPDATE analysis_results SET payload = 'damaged'")
    async with serving(settings) as (caller, metrics):
        assert (await caller.lookup(question)).miss.reason == entry_pb2.MISS_REASON_CORRUPT
        assert metric(metrics, 'cache_corrupt_records_total{tier="durable"}') == 1
        assert (await commit(caller, question)).durability == entry_pb2.DURABILITY_DURABLE
    assert rows(settings, "payload") == [(a_payload(b"the result").data,)]
