"""Invalidating, erasing and explaining, over two replicas and real engines."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
import redis
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from cache_service import schema
from cache_service.__main__ import running
from cache_service.settings import CacheSettings
from rpc.status import error_of
from tests.integration.cache.conftest import Caller, a_payload, an_offer

HEALED_SECONDS = 10.0
PARTS = identity_pb2.PipelineRef(name="emg.channel", version="1.0.0")


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that may be stopped."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("own-postgres")) as engine:
        schema.up(engine.url)
        yield engine


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey that may be stopped."""
    with EmbeddedValkey(tmp_path_factory.mktemp("own-valkey")) as engine:
        yield engine


@pytest.fixture(params=["all engines", "no database", "no engine"])
async def pair(request: pytest.FixtureRequest, settings: CacheSettings) -> AsyncIterator[list[Caller]]:
    """Two callers: of two replicas where they share an engine, else of one."""
    changes: dict[str, Any] = {}
    if request.param != "all engines":
        changes["use_database"] = False
    if request.param == "no engine":
        changes["redis_url"] = SecretStr("")
    some = settings.model_copy(update=changes)
    async with running(some) as (first, _), running(some) as (second, _):
        both = [Caller(first), Caller(first if request.param == "no engine" else second)]
        await announce(both[0])
        yield both
        for one in both:
            await one.close()


async def announce(caller: Caller) -> None:
    """Announce the pipeline in two versions, and that of its parts."""
    of_parts = an_offer()
    of_parts.pipeline.CopyFrom(PARTS)
    later = an_offer("1.1.0")
    later.active = False
    request = pb.AnnouncePipelinesRequest(announcer="test", offers=[an_offer(), later, of_parts])
    await caller.stub.AnnouncePipelines(request, timeout=5)


async def answered(caller: Caller, content: bytes = b"walk", **fields: Any) -> identity_pb2.Question:
    """Have a question computed; return it."""
    question = await caller.ask(content, **fields)
    await caller.commit((await caller.reserve(question)).lease.token, b"result of " + content)
    return question


async def outcome(caller: Caller, question: identity_pb2.Question) -> str:
    answer = await caller.lookup(question)
    kind = answer.WhichOneof("outcome")
    return entry_pb2.MissReason.Name(answer.miss.reason).lower() if kind == "miss" else str(kind)


async def invalidate(caller: Caller, **selector: Any) -> pb.InvalidateResponse:
    response: pb.InvalidateResponse = await caller.stub.Invalidate(pb.InvalidateRequest(**selector), timeout=20)
    return response


async def erase(caller: Caller, content: bytes = b"walk") -> pb.EraseBlobResponse:
    request = pb.EraseBlobRequest(sha256=hashlib.sha256(content).digest(), note="asked by the patient")
    response: pb.EraseBlobResponse = await caller.stub.EraseBlob(request, timeout=30)
    return response


async def explained(caller: Caller, question: identity_pb2.Question) -> pb.ExplainResponse:
    response: pb.ExplainResponse = await caller.stub.Explain(pb.ExplainRequest(question=question), timeout=5)
    return response


async def reason_of(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return error_of(failure.value, "cache").reason


def part_refs(count: int) -> list[entry_pb2.PartRef]:
    return [entry_pb2.PartRef(sha256=hashlib.sha256(b"%d" % n).digest(), size_bytes=n) for n in range(count)]


async def store_parts(caller: Caller, token: bytes, parts: Iterable[entry_pb2.PartRef]) -> pb.BatchStoreResponse:
    async def stream() -> AsyncIterator[pb.BatchStoreRequest]:
        yield pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=PARTS, lease_token=token))
        items = [pb.BatchStoreItem(part=part, payload=a_payload(b"part")) for part in parts]
        yield pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items))

    response: pb.BatchStoreResponse = await caller.stub.BatchStore(stream(), timeout=20)
    return response


async def found_parts(caller: Caller, parts: Iterable[entry_pb2.PartRef], token: bytes = b"") -> int:
    request = pb.BatchLookupRequest(pipeline=PARTS, parts=parts, lease_token=token)
    answers = [item async for message in caller.stub.BatchLookup(request, timeout=20) for item in message.items]
    return sum(item.HasField("hit") for item in answers)


def written_columns(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the columns of the results that are not generated."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'analysis_results' AND is_generated = 'NEVER'"
    )
    return [row[0] for row in rows]


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(HEALED_SECONDS):
        while not holds():
            await asyncio.sleep(0.1)


# -- invalidating ----------------------------------------------------------------------------------------------------


async def test_when_invalidate_answers_no_replica_serves_the_job_and_it_can_be_computed_anew(
    pair: list[Caller],
) -> None:
    one, two = pair
    question = await answered(one)
    assert await outcome(two, question) == "hit"  # and has it in memory now
    job_id = (await one.lookup(question)).identity.job_id
    assert (await invalidate(one, job_id=job_id)).removed_results >= 0
    assert [await outcome(caller, question) for caller in pair] == ["miss_reason_invalidated"] * 2
    committed = await two.commit((await two.reserve(question)).lease.token, b"better")
    assert not committed.superseded
    hit = (await one.lookup(question)).hit
    assert hit.payload.sha256 == hashlib.sha256(b"better").digest()
    assert hit.identity.job_id == job_id


async def test_invalidating_a_blob_leaves_other_blobs_and_the_blob_itself(pair: list[Caller]) -> None:
    one, two = pair
    question, other = await answered(one), await answered(one, b"run")
    await invalidate(two, blob=question.blob)
    answer = await one.lookup(question)
    assert answer.miss.blob_present
    assert await outcome(one, other) == "hit"


async def test_invalidating_versions_of_a_pipeline_leaves_other_versions(pair: list[Caller]) -> None:
    one, two = pair
    old = await answered(one)
    new = await answered(one, pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.1.0"))
    await invalidate(one, pipeline=pb.PipelineRange(name="emg.session", to_version="1.0.9"))
    assert [await outcome(two, question) for question in (old, new)] == ["miss_reason_invalidated", "hit"]
    await invalidate(one, pipeline=pb.PipelineRange(name="emg.session", from_version="1.1.0"))
    assert await outcome(two, new) == "miss_reason_invalidated"


async def test_invalidating_a_namespace_leaves_other_namespaces(pair: list[Caller]) -> None:
    one, two = pair
    header = pb.IngestHeader(namespace="clinic-b")
    blob = (await one.ingest(b"walk", header=header)).blob
    there = identity_pb2.Question(
        namespace="clinic-b", blob=blob, pipeline=identity_pb2.PipelineRef(name="emg.session")
    )
    await one.commit((await one.reserve(there)).lease.token)
    here = await answered(one)
    await invalidate(one, whole_namespace=True)
    assert [await outcome(two, question) for question in (here, there)] == ["miss_reason_invalidated", "hit"]


async def test_what_is_being_computed_cannot_be_committed_after_an_invalidation(pair: list[Caller]) -> None:
    one, two = pair
    question = await one.ask(b"walk")
    token = (await one.reserve(question)).lease.token
    follower = asyncio.create_task(two.reserve(question, wait_seconds=10))
    assert (await invalidate(two, blob=question.blob)).voided_leases <= 1
    assert (await follower).WhichOneof("outcome") == "lease"
    assert await reason_of(one.stub.Extend(pb.ExtendRequest(token=token), timeout=5)) == "LEASE_VOIDED"
    assert await reason_of(one.commit(token)) == "LEASE_VOIDED"
    assert await reason_of(store_parts(one, token, part_refs(2))) == "LEASE_VOIDED"
    assert await reason_of(found_parts(one, part_refs(2), token)) == "LEASE_VOIDED"
    committed = await two.commit((await follower).lease.token, b"the follower's")
    assert not committed.superseded


async def test_parts_of_an_invalidated_job_are_computed_anew_and_others_stay(pair: list[Caller]) -> None:
    one, two = pair
    question, other = await one.ask(b"walk"), await one.ask(b"run")
    token = (await one.reserve(question)).lease.token
    of_other = (await one.reserve(other)).lease.token
    mine, others = part_refs(20)[:10], part_refs(20)[10:]
    await store_parts(one, token, mine)
    await store_parts(one, of_other, others)
    assert await found_parts(two, mine) == 10
    await invalidate(one, blob=question.blob)
    assert await found_parts(two, mine) == 0
    assert await found_parts(one, others) == 10


async def test_a_part_that_was_only_looked_up_for_an_erased_blob_is_gone_too(pair: list[Caller]) -> None:
    one, two = pair
    parts = part_refs(5)
    await store_parts(one, (await one.reserve(await one.ask(b"run"))).lease.token, parts)
    token = (await one.reserve(await one.ask(b"walk"))).lease.token
    assert await found_parts(one, parts, token) == 5
    await erase(one)
    assert await found_parts(two, parts) == 0


async def test_invalidating_a_pipeline_takes_the_parts_that_its_jobs_used(callers: list[Caller]) -> None:
    one, two = callers
    await announce(one)
    parts = part_refs(5)
    await store_parts(one, (await one.reserve(await one.ask(b"walk"))).lease.token, parts)
    assert (await invalidate(one, pipeline=pb.PipelineRange(name="emg.session"))).removed_parts == 5
    assert await found_parts(two, parts) == 0


async def test_an_invalidation_that_has_settled_is_swept_once_more_and_finished(
    callers: list[Caller], database_url: str
) -> None:
    one, two = callers
    await announce(one)
    parts = part_refs(5)
    token = (await one.reserve(question := await one.ask(b"walk"))).lease.token
    await store_parts(one, token, parts)
    await one.commit(token)
    await invalidate(one, blob=question.blob)
    with psycopg.connect(database_url, autocommit=True) as connection:
        kept = "(SELECT count(*) FROM manifest_jobs) + (SELECT count(*) FROM manifests)"
        assert connection.execute(f"SELECT {kept}").fetchone() == (6,)  # type: ignore[arg-type] # constants
        connection.execute("UPDATE invalidations SET made_at = now() - interval '61 seconds'")
        connection.execute("UPDATE manifest_jobs SET joined_at = now() - interval '2 minutes'")
        unfinished = "SELECT count(*) FROM invalidations WHERE finished_at IS NULL"
        await eventually(lambda: connection.execute(unfinished).fetchone() == (0,))
        assert connection.execute(f"SELECT {kept}").fetchone() == (0,)  # type: ignore[arg-type] # constants
    assert await outcome(two, question) == "miss_reason_invalidated"


async def test_an_invalidation_that_is_finished_and_older_than_any_record_leaves_the_log(
    settings: CacheSettings, database_url: str, redis_url: str, blob_folder: Path
) -> None:
    entries, everywhere = blob_folder / ".invalidations", "SELECT count(*) FROM invalidations"
    async with running(settings) as (address, _):
        one = Caller(address)
        await one.announce()
        await invalidate(one, blob=(await answered(one)).blob)
        await one.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE invalidations SET made_at = now() - interval '60 days', finished_at = now()")
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        await asyncio.to_thread(shutil.rmtree, entries)
        async with running(settings):
            await eventually(lambda: connection.execute(everywhere).fetchone() == (0,))
            await eventually(lambda: not any(path.is_file() for path in entries.rglob("*")))


async def test_an_old_record_that_comes_back_into_a_tier_is_not_served_or_promoted(
    callers: list[Caller], redis_url: str, database_url: str
) -> None:
    one, two = callers
    question = await answered(one)
    with redis.Redis.from_url(redis_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        [name] = client.keys("ac:*:record")
        stale = client.get(name)
        connection.execute("CREATE TABLE kept AS SELECT * FROM analysis_results")
        columns = ", ".join(written_columns(connection))
        await invalidate(one, blob=question.blob)
        client.set(name, stale)
        connection.execute(f"INSERT INTO analysis_results ({columns}) SELECT {columns} FROM kept")  # type: ignore[arg-type] # names of columns
        assert [await outcome(caller, question) for caller in callers] == ["miss_reason_invalidated"] * 2
        lease = (await two.reserve(question)).lease
        committed = await two.commit(lease.token, b"better")
        assert not committed.superseded
        assert (await one.lookup(question)).hit.payload.sha256 == hashlib.sha256(b"better").digest()


async def test_a_service_that_starts_later_knows_what_was_invalidated(settings: CacheSettings, redis_url: str) -> None:
    async with running(settings) as (address, _):
        one = Caller(address)
        await one.announce()
        question = await answered(one)
        with redis.Redis.from_url(redis_url) as client:
            [name] = client.keys("ac:*:record")
            stale = client.get(name)
            await invalidate(one, blob=question.blob)
            client.flushall()
            client.set(name, stale)
        await one.close()
    async with running(settings) as (address, _):
        later = Caller(address)
        assert await outcome(later, question) == "miss_reason_invalidated"
        await later.close()


@pytest.mark.parametrize(
    ("selector", "field"),
    [
        ({}, "selector"),
        ({"job_id": "x"}, "job_id"),
        ({"blob": identity_pb2.BlobRef(sha256=b"short")}, "blob.sha256"),
        ({"pipeline": pb.PipelineRange(name="No!")}, "pipeline.name"),
        ({"pipeline": pb.PipelineRange(name="emg.session", to_version="1")}, "pipeline.to_version"),
        ({"whole_namespace": False}, "whole_namespace"),
        ({"whole_namespace": True, "namespace": "No!"}, "namespace"),
        ({"whole_namespace": True, "note": "n" * 1001}, "note"),
    ],
)
async def test_a_selector_that_is_not_valid_is_refused(caller: Caller, selector: dict[str, Any], field: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await invalidate(caller, **selector)
    error = error_of(failure.value, "cache")
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field in error.message or error.metadata.get("field") == field


# -- erasing ---------------------------------------------------------------------------------------------------------


async def test_nothing_of_an_erased_blob_is_left_in_any_tier(
    callers: list[Caller], blob_folder: Path, redis_url: str, database_url: str
) -> None:
    one, two = callers
    await announce(one)
    submission = identity_pb2.Submission(file_name="patient-042.c3d", uploader="Dr. Who")
    submission.metadata.update({"name": "Jane Roe"})
    question = await answered(one)
    await two.stub.Lookup(pb.LookupRequest(question=question, submission=submission), timeout=5)
    again = await one.ask(b"walk", pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.1.0"))
    token = (await one.reserve(again)).lease.token
    await store_parts(one, token, part_refs(3))
    await one.commit(token)
    kept = await answered(one, b"run")
    job_id = (await one.lookup(question)).identity.job_id

    erased = await erase(two)
    assert (erased.removed_blobs, erased.removed_results, erased.removed_parts) == (1, 2, 3)
    assert erased.removed_submissions == 1
    assert not erased.pending
    assert any("Backups" in sentence for sentence in erased.unreached)

    assert [await outcome(caller, question) for caller in callers] == ["miss_reason_never_seen"] * 2
    assert await found_parts(one, part_refs(3)) == 0
    assert await reason_of(one.stub.GetJob(pb.GetJobRequest(job_id=job_id), timeout=5)) == "JOB_UNKNOWN"
    digest = hashlib.sha256(b"walk").hexdigest()
    assert digest not in names_below(blob_folder)
    with redis.Redis.from_url(redis_url) as client:
        assert not [name for name in client.scan_iter() if job_id.encode() in name]
    with psycopg.connect(database_url) as connection:
        for table, count in (("submissions", 0), ("analysis_jobs", 1), ("analysis_results", 1), ("analysis_parts", 0)):
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row == (count,), table
    assert await outcome(two, kept) == "hit"


async def test_erasing_what_is_not_known_is_told(pair: list[Caller]) -> None:
    assert await reason_of(erase(pair[0], b"never seen")) == "BLOB_MISSING"


async def test_an_erased_blob_may_come_back_and_lives_again(pair: list[Caller]) -> None:
    one, two = pair
    question = await answered(one)
    await erase(two)
    assert await outcome(one, question) == "miss_reason_never_seen"
    assert (await answered(one)) == question
    assert [await outcome(caller, question) for caller in pair] == ["hit", "hit"]


async def test_what_is_computed_from_an_erased_blob_cannot_be_committed(pair: list[Caller]) -> None:
    one, two = pair
    token = (await one.reserve(await one.ask(b"walk"))).lease.token
    await erase(two)
    assert await reason_of(one.commit(token)) == "LEASE_VOIDED"


async def test_an_erasure_while_postgresql_is_away_is_pending_and_finished_when_it_is_back(
    settings: CacheSettings, own_postgres: EmbeddedPostgres
) -> None:
    own_postgres.start()
    own = settings.model_copy(update={"database_url": SecretStr(own_postgres.url)})
    async with running(own) as (first, _), running(own) as (second, _):
        one, two = Caller(first), Caller(second)
        await announce(one)
        question = await answered(one)
        own_postgres.stop()
        assert await outcome(two, question) == "hit"
        erased = await erase(one)
        assert erased.pending
        assert any("PostgreSQL" in sentence for sentence in erased.unreached)
        assert [await outcome(caller, question) for caller in (one, two)] == ["miss_reason_tier_away"] * 2
        own_postgres.start()

        def gone() -> bool:
            with psycopg.connect(own_postgres.url) as connection:
                row = connection.execute("SELECT count(*) FROM analysis_results").fetchone()
            return row == (0,)

        await eventually(gone)
        async with asyncio.timeout(HEALED_SECONDS):
            while (said := await outcome(two, question)) == "miss_reason_tier_away":
                await asyncio.sleep(0.1)  # it has not asked PostgreSQL again yet
        assert said == "miss_reason_never_seen"
        await one.close()
        await two.close()


async def test_an_erasure_that_was_pending_survives_a_restart_of_everything(
    settings: CacheSettings, own_postgres: EmbeddedPostgres, redis_url: str
) -> None:
    own_postgres.start()
    own = settings.model_copy(update={"database_url": SecretStr(own_postgres.url)})
    async with running(own) as (address, _):
        one = Caller(address)
        await announce(one)
        question = await answered(one)
        own_postgres.stop()
        assert (await erase(one)).pending
        await one.close()
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    own_postgres.start()
    async with running(own) as (address, _):
        later = Caller(address)
        assert await outcome(later, question) == "miss_reason_never_seen"
        await later.close()


async def test_an_erasure_while_valkey_is_away_is_pending_and_finished_when_it_is_back(
    settings: CacheSettings, own_valkey: EmbeddedValkey
) -> None:
    own_valkey.start()
    own = settings.model_copy(update={"redis_url": SecretStr(own_valkey.url)})
    async with running(own) as (address, _):
        one = Caller(address)
        await announce(one)
        question = await answered(one)
        own_valkey.stop()
        erased = await erase(one)
        assert erased.pending
        assert any("Valkey" in sentence for sentence in erased.unreached)
        assert await outcome(one, question) == "miss_reason_tier_away"
        own_valkey.start()

        def gone() -> bool:
            with redis.Redis.from_url(own_valkey.url) as client:
                return not client.keys("ac:*:record") and client.xlen("ac:{invalidations}:log") == 1

        await eventually(gone)
        await one.close()


async def test_an_invalidation_that_valkey_refused_reaches_other_replicas_without_postgresql(
    settings: CacheSettings, own_postgres: EmbeddedPostgres, own_valkey: EmbeddedValkey
) -> None:
    own_postgres.start()
    own_valkey.start()
    own = settings.model_copy(
        update={"database_url": SecretStr(own_postgres.url), "redis_url": SecretStr(own_valkey.url)}
    )
    async with running(own) as (first, _), running(own) as (second, _):
        one, two = Caller(first), Caller(second)
        await announce(one)
        question = await answered(one)
        assert await outcome(two, question) == "hit"
        own_postgres.stop()
        with redis.Redis.from_url(own_valkey.url) as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)
        await invalidate(one, blob=question.blob)
        for _ in range(20):
            assert "hit" not in [await outcome(caller, question) for caller in (one, two)]
            await asyncio.sleep(0.05)
        await one.close()
        await two.close()


async def test_a_damaged_log_in_valkey_is_brought_back(callers: list[Caller], redis_url: str) -> None:
    one, two = callers
    question, other = await answered(one), await answered(one, b"run")
    await invalidate(one, blob=question.blob)
    with redis.Redis.from_url(redis_url) as client:
        client.delete("ac:{invalidations}:log")
        client.set("ac:{invalidations}:last", b"\xff")
        client.xadd("ac:{invalidations}:log", {"generation": "1", "entry": b"\xff"})
        await eventually(lambda: client.xlen("ac:{invalidations}:log") >= 2)
        await invalidate(two, blob=other.blob)
        assert [await outcome(caller, other) for caller in callers] == ["miss_reason_invalidated"] * 2
        await eventually(lambda: client.get("ac:{invalidations}:last") != b"\xff")


# -- explaining ------------------------------------------------------------------------------------------------------


async def test_explain_says_where_an_answer_is_or_why_there_is_none(callers: list[Caller]) -> None:
    one, two = callers
    await announce(one)
    question = await one.ask(b"walk")
    assert (await explained(one, question)).explanation == pb.EXPLANATION_NEVER_SEEN
    token = (await one.reserve(question)).lease.token
    assert (await explained(two, question)).explanation == pb.EXPLANATION_IN_PROGRESS
    await one.commit(token)
    present = await explained(one, question)
    assert present.explanation == pb.EXPLANATION_PRESENT
    assert list(present.tiers) == [entry_pb2.TIER_MEMORY, entry_pb2.TIER_HOT, entry_pb2.TIER_DURABLE]
    assert list((await explained(two, question)).tiers) == [entry_pb2.TIER_HOT, entry_pb2.TIER_DURABLE]
    await invalidate(one, blob=question.blob)
    gone = await two.stub.Explain(pb.ExplainRequest(job_id=present.identity.job_id), timeout=5)
    assert gone.explanation == pb.EXPLANATION_INVALIDATED
    assert gone.message


async def test_explain_names_what_differs_from_other_questions_about_the_same_blob(caller: Caller) -> None:
    await announce(caller)
    question = await answered(caller)
    job_id = (await caller.lookup(question)).identity.job_id
    other = identity_pb2.Question()
    other.CopyFrom(question)
    other.pipeline.version = "1.1.0"
    answer = await explained(caller, other)
    assert answer.explanation == pb.EXPLANATION_OTHER_QUESTION
    assert list(answer.differences) == [
        pb.Difference(job_id=job_id, field="pipeline.version", asked="1.1.0", known="1.0.0")
    ]


async def test_explain_tells_a_remembered_failure(caller: Caller) -> None:
    question = await caller.ask(b"walk")
    token = (await caller.reserve(question)).lease.token
    await caller.stub.Fail(pb.FailRequest(token=token, reason="ERROR_REASON_FILE_NOT_C3D", message="No."), timeout=5)
    answer = await explained(caller, question)
    assert (answer.explanation, answer.failure.message) == (pb.EXPLANATION_FAILED, "No.")


async def test_explaining_what_is_not_known_or_not_said_is_refused(caller: Caller) -> None:
    unknown = pb.ExplainRequest(job_id="0b9d6a3c-7c3f-5a5e-8a39-6d6e3b1c2f10")
    assert await reason_of(caller.stub.Explain(unknown, timeout=5)) == "JOB_UNKNOWN"
    assert await reason_of(caller.stub.Explain(pb.ExplainRequest(), timeout=5)) == "FIELD_MISSING"
