"""Commits while PostgreSQL is away: nothing that was acknowledged as PENDING is lost, whatever goes down next."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from assaycache.launcher import EmbeddedPostgres
from cache_service import schema
from cache_service.__main__ import running
from cache_service.blobs import BlobStore
from cache_service.commits import DurableSide
from cache_service.engines.postgres import Postgres
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Status
from cache_service.leases.durable import DurableLeases
from cache_service.pending import PENDING, PendingLog
from cache_service.sample_tables import SampleTables
from cache_service.service.sequence_rows import PROJECTIONS
from cache_service.settings import CacheSettings
from cache_service.tiers.durable import RESULTS, DurableTier
from cache_service.upkeep import Upkeep
from tests.integration.cache.conftest import Caller, a_payload, message_of
from tests.support.processes import cache_process
from tests.support.records import some_identity, some_payload, some_record
from tests.support.taxonomy_message import taxonomy_payload

HEALED_SECONDS = 15.0
RESULT = b"the result"


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that may be stopped."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("own-postgres")) as engine:
        yield engine


@pytest.fixture
def engine(own_engine: EmbeddedPostgres) -> EmbeddedPostgres:
    """The same, running, with the schema and empty tables."""
    own_engine.start()
    schema.up(own_engine.url)
    with psycopg.connect(own_engine.url) as connection:
        connection.execute("TRUNCATE analysis_jobs, submissions, analysis_results, sample_results, sequences, leases")
    return own_engine


@pytest.fixture
def own(settings: CacheSettings, engine: EmbeddedPostgres) -> CacheSettings:
    return settings.model_copy(update={"database_url": SecretStr(engine.url)})


@asynccontextmanager
async def calling(settings: CacheSettings) -> AsyncIterator[Caller]:
    async with running(settings) as (address, _):
        caller = Caller(address)
        await caller.announce()
        yield caller
        await caller.close()


async def commit(caller: Caller, question: identity_pb2.Question, content: bytes = RESULT) -> pb.CommitResponse:
    return await caller.commit((await caller.reserve(question)).lease.token, content)


def waiting(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(f"*/{PENDING}/*")]


async def drained(folder: Path) -> None:
    async with asyncio.timeout(HEALED_SECONDS):
        while waiting(folder):
            await asyncio.sleep(0.05)


async def healed(caller: Caller) -> None:
    async with asyncio.timeout(HEALED_SECONDS):
        while not (await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=5)).durable:
            await asyncio.sleep(0.05)


def payloads(url: str) -> dict[bytes, bytes]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT key, payload FROM analysis_results").fetchall()
    return {bytes(key): bytes(payload) for key, payload in rows}


def sample_rows(url: str) -> tuple[int, int]:
    with psycopg.connect(url) as connection:
        results = connection.execute("SELECT count(*) FROM sample_results").fetchall()
        sequences = connection.execute("SELECT count(*) FROM sequences").fetchall()
    return results[0][0], sequences[0][0]


async def test_a_commit_without_postgresql_waits_is_found_by_others_and_becomes_durable(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    url = engine.url
    engine.stop()
    async with calling(own) as caller:
        question = await caller.ask(b"walk")
        committed = await commit(caller, question)
        assert committed.durability == entry_pb2.DURABILITY_PENDING
        assert waiting(blob_folder) == [committed.entry.identity.key.hex()]
    with redis.Redis.from_url(own.redis_url.get_secret_value()) as client:
        client.flushall()
    async with calling(own) as restarted, calling(own) as replica:
        for one in (restarted, replica):
            found = await one.lookup(question)
            assert found.hit.payload == a_payload(RESULT)
            assert (await one.reserve(question)).WhichOneof("outcome") == "hit"
        engine.start()
        await drained(blob_folder)
        await healed(restarted)
        job = await restarted.stub.GetJob(pb.GetJobRequest(job_id=found.identity.job_id), timeout=5)
        assert job.job.status == jobs_pb2.JOB_STATUS_SUCCEEDED
    assert payloads(url) == {found.identity.key: a_payload(RESULT).data}


async def test_after_the_repair_what_still_waits_is_found(own: CacheSettings, engine: EmbeddedPostgres) -> None:
    async with calling(own) as caller:
        question = await caller.ask(b"walk")
        assert (await caller.lookup(question)).miss.reason != entry_pb2.MISS_REASON_TIER_AWAY
        identity = (await caller.lookup(question)).identity
        log = PendingLog(BlobStore(own.blob_url, 1).objects, Upkeep(CollectorRegistry()))
        record = some_record(identity.key, RESULT)
        token = (await caller.reserve(question)).lease.token
        engine.stop()
        assert (await caller.commit(token)).durability == entry_pb2.DURABILITY_PENDING
        assert await log.find("default", record.key) is not None
        with redis.Redis.from_url(own.redis_url.get_secret_value()) as client:
            client.flushall()
        engine.start()
        async with calling(own) as fresh:
            assert (await fresh.lookup(question)).HasField("hit")


async def test_without_any_other_engine_the_first_commit_of_two_replicas_wins(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    url = engine.url
    alone = own.model_copy(update={"redis_url": SecretStr("")})
    engine.stop()
    async with calling(alone) as one, calling(alone) as two:
        question = await one.ask(b"walk")
        tokens = [(await caller.reserve(question)).lease.token for caller in (one, two)]
        first = await one.commit(tokens[0], b"the first result")
        second = await two.commit(tokens[1], b"the second result")
        assert (first.durability, second.durability) == (entry_pb2.DURABILITY_PENDING,) * 2
        assert (first.superseded, second.superseded) == (False, True)
        assert second.entry.payload == a_payload(b"the first result")
        assert (await two.lookup(question)).hit.payload == a_payload(b"the first result")
        engine.start()
        await drained(blob_folder)
    assert payloads(url) == {first.entry.identity.key: a_payload(b"the first result").data}


async def test_a_commit_that_is_repeated_is_told_the_same(own: CacheSettings, engine: EmbeddedPostgres) -> None:
    engine.stop()
    async with calling(own) as caller:
        token = (await caller.reserve(await caller.ask(b"walk"))).lease.token
        answers = [await caller.commit(token) for _ in range(2)]
    assert [(answer.durability, answer.superseded) for answer in answers] == [(entry_pb2.DURABILITY_PENDING, False)] * 2


async def test_without_the_blob_store_too_a_commit_is_volatile(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    engine.stop()
    async with calling(own) as caller:
        question = await caller.ask(b"walk")
        (blob_folder / "default" / PENDING).write_bytes(b"no folder can be made here")
        assert (await commit(caller, question)).durability == entry_pb2.DURABILITY_VOLATILE
        assert (await caller.lookup(question)).hit.payload == a_payload(RESULT)
        (blob_folder / "default" / PENDING).unlink()


async def test_the_rows_of_a_sample_that_waits_come_when_it_is_drained(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    engine.stop()
    async with calling(own) as caller:
        token = (await caller.reserve(await caller.ask(b"pond"))).lease.token
        payload = message_of(taxonomy_payload())
        answer = await caller.stub.Commit(pb.CommitRequest(token=token, payload=payload), timeout=20)
        assert answer.durability == entry_pb2.DURABILITY_PENDING
        engine.start()
        await drained(blob_folder)
    assert sample_rows(engine.url) == (1, 8)


async def test_a_volatile_commit_brings_no_rows(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    engine.stop()
    async with calling(own) as caller:
        question = await caller.ask(b"pond")
        token = (await caller.reserve(question)).lease.token
        (blob_folder / "default" / PENDING).write_bytes(b"no folder can be made here")
        payload = message_of(taxonomy_payload())
        answer = await caller.stub.Commit(pb.CommitRequest(token=token, payload=payload), timeout=20)
        assert answer.durability == entry_pb2.DURABILITY_VOLATILE
        (blob_folder / "default" / PENDING).unlink()
        engine.start()
        await healed(caller)
        assert (await caller.lookup(question)).HasField("hit")
    assert sample_rows(engine.url) == (0, 0)


async def test_a_failure_is_remembered_but_does_not_wait(
    own: CacheSettings, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    engine.stop()
    async with calling(own) as caller:
        question = await caller.ask(b"walk")
        token = (await caller.reserve(question)).lease.token
        reason = errors_pb2.ERROR_REASON_FILE_NOT_C3D
        await caller.stub.Fail(pb.FailRequest(token=token, reason=reason, message="No."), timeout=10)
        assert (await caller.lookup(question)).failure.reason == reason
    assert waiting(blob_folder) == []


# -- crashes -----------------------------------------------------------------------------------------------------------


async def test_a_service_killed_after_its_answer_has_lost_nothing(engine: EmbeddedPostgres, blob_folder: Path) -> None:
    url = engine.url
    engine.stop()
    committed: dict[bytes, bytes] = {}
    with cache_process(blob_folder, url) as service:
        caller = Caller(service.listen)
        await caller.announce()
        for number in range(5):
            answer = await commit(caller, await caller.ask(b"%d" % number), b"result %d" % number)
            assert answer.durability == entry_pb2.DURABILITY_PENDING
            committed[answer.entry.identity.key] = a_payload(b"result %d" % number).data
        service.kill()
        await caller.close()
    engine.start()
    with cache_process(blob_folder, url):
        await drained(blob_folder)
    assert payloads(url) == committed


async def keep_many(folder: Path, count: int) -> dict[bytes, bytes]:
    log = PendingLog(BlobStore(folder.as_uri(), 1).objects, Upkeep(CollectorRegistry()))
    kept = {}
    for number in range(count):
        identity = some_identity(b"%d" % number)
        record = some_record(identity.key, b"result %d" % number, seconds=3600.0)
        await log.keep(record, Event(identity, record.created_at, status=Status.SUCCEEDED))
        kept[record.key] = record.outcome.data  # type: ignore[union-attr] # a result
    return kept


async def test_a_service_killed_while_it_drains_goes_on_where_it_was(
    engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    kept = await keep_many(blob_folder, 400)
    kills = 0
    while waiting(blob_folder):
        left = len(waiting(blob_folder))
        with cache_process(blob_folder, engine.url):
            async with asyncio.timeout(HEALED_SECONDS):
                while len(waiting(blob_folder)) > max(0, left - 130):
                    await asyncio.sleep(0.005)
        kills += 1
    assert kills >= 2
    assert payloads(engine.url) == kept
    with psycopg.connect(engine.url) as connection:
        statuses = connection.execute("SELECT status, count(*) FROM analysis_jobs GROUP BY status").fetchall()
    assert statuses == [("succeeded", len(kept))]


@pytest.fixture
async def side(engine: EmbeddedPostgres, blob_folder: Path) -> AsyncIterator[DurableSide]:
    database = Postgres(engine.url, 2)
    await database.open()
    tier = DurableTier(database, RESULTS)
    samples = SampleTables(PROJECTIONS, BlobStore(blob_folder.as_uri(), 1))
    yield DurableSide(database, tier, DurableLeases(database), DurableJobs(database), samples)
    await database.close()


async def test_a_commit_that_reached_postgresql_first_stands(side: DurableSide) -> None:
    identity = some_identity()
    first = some_record(identity.key)
    late = replace(first, outcome=some_payload(b"late"))
    await side.results.put(first)
    for _ in range(2):
        await side.settle(late, Event(identity, time.time(), status=Status.SUCCEEDED))
    standing = await side.results.get(identity.key)
    assert standing is not None
    assert standing.outcome == first.outcome


async def test_two_replicas_that_drain_at_once_settle_everything_once(
    side: DurableSide, engine: EmbeddedPostgres, blob_folder: Path
) -> None:
    kept = await keep_many(blob_folder, 60)
    logs = [PendingLog(BlobStore(blob_folder.as_uri(), 1).objects, Upkeep(CollectorRegistry())) for _ in range(2)]
    await asyncio.gather(*(log.drain(side.settle) for log in logs))
    assert payloads(engine.url) == kept
    assert waiting(blob_folder) == []


# -- uploads -----------------------------------------------------------------------------------------------------------


async def half_an_upload(caller: Caller, uploaded: Callable[[], bool]) -> None:
    async def requests() -> AsyncIterator[pb.IngestRequest]:
        yield pb.IngestRequest(header=pb.IngestHeader())
        for _ in range(20 * 16):
            yield pb.IngestRequest(chunk=bytes(65536))
        while True:
            await asyncio.sleep(0.05)

    call = asyncio.create_task(caller.stub.Ingest(requests(), timeout=60).code())
    async with asyncio.timeout(HEALED_SECONDS):
        while not uploaded():
            await asyncio.sleep(0.02)
    call.cancel()


def aside(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*/.incoming/*") if path.is_file()]


def make_old(paths: list[Path]) -> None:
    for path in paths:
        os.utime(path, (time.time() - 60,) * 2)


async def test_what_a_killed_service_left_of_an_upload_is_swept_by_the_next_one(blob_folder: Path) -> None:
    with cache_process(blob_folder) as service:
        caller = Caller(service.listen)

        def killed_half_way() -> bool:
            if aside(blob_folder):
                service.kill()
                return True
            return False

        await half_an_upload(caller, killed_half_way)
        await caller.close()
    left = aside(blob_folder)
    assert left
    make_old(left)  # instead of waiting for half a minute
    with cache_process(blob_folder):
        async with asyncio.timeout(HEALED_SECONDS):
            while aside(blob_folder):
                await asyncio.sleep(0.05)
