"""How long PostgreSQL keeps results and parts: their time slides with use, and a quota removes the least used."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cache_service import retention as retention_module
from cache_service.blob_uses import BlobUses
from cache_service.engines.postgres import Postgres
from cache_service.entries import Record
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Status
from cache_service.retention import DurableRetention
from cache_service.tiers.durable import PARTS, RESULTS, DurableTier
from cache_service.upkeep import Upkeep
from cache_service.usage import Uses
from tests.support.records import some_failure, some_identity, some_record

DAY = 24 * 3600.0


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Postgres]:
    database = Postgres(database_url, 4)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def upkeep(registry: CollectorRegistry) -> Upkeep:
    return Upkeep(registry)


@pytest.fixture
def uses(database: Postgres, upkeep: Upkeep) -> Uses:
    return Uses(database, BlobUses(None), upkeep)


@pytest.fixture(params=[RESULTS, PARTS])
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def filled(
    database: Postgres, table: str, count: int, *, size_bytes: int = 100, seconds: float = 60.0
) -> list[Record]:
    """Keep records whose uses lie a minute apart, the first one's furthest back."""
    records = [
        replace(some_record(some_identity(b"%d" % number).key, b"r" * size_bytes, seconds), compute_cost_ms=number)
        for number in range(count)
    ]
    await DurableTier(database, table).put_many(records)
    for age, record in enumerate(reversed(records)):
        await database.fetch(
            f"UPDATE {table} SET last_used_at = now() - make_interval(mins => %s) WHERE key = %s", age, record.key
        )
    return records


async def rows(database: Postgres, table: str) -> dict[bytes, dict[str, Any]]:
    found = await database.fetch(
        "SELECT key, use_count, stored_bytes, extract(epoch FROM expires_at - last_used_at)::float8 AS left_seconds,"
        f" extract(epoch FROM now() - last_used_at)::float8 AS unused_seconds FROM {table}"
    )
    return {bytes(row["key"]): row for row in found}


async def age(database: Postgres, table: str, seconds: float) -> None:
    """Let everything be older by so much."""
    await database.fetch(
        f"UPDATE {table} SET created_at = created_at - make_interval(secs => %s),"
        " expires_at = expires_at - make_interval(secs => %s), last_used_at = last_used_at - make_interval(secs => %s)",
        *[seconds] * 3,
    )


async def noted(database: Postgres, records: Sequence[Record]) -> None:
    """Write the jobs down that these results answer."""
    identities = {identity.key: identity for identity in (some_identity(b"%d" % number) for number in range(100))}
    events = [Event(identities[record.key], record.created_at, status=Status.SUCCEEDED) for record in records]
    await DurableJobs(database).write(events)


def note(uses: Uses, table: str, key: bytes) -> None:
    if table == RESULTS:
        uses.note_result(key)
    else:
        uses.note_parts([key])


def evicted(registry: CollectorRegistry, reason: str) -> float:
    return registry.get_sample_value("cache_evictions_total", {"tier": "durable", "reason": reason}) or 0.0


# -- uses ------------------------------------------------------------------------------------------------------------


async def test_a_use_slides_the_time_of_a_record_by_its_own_retention(
    database: Postgres, uses: Uses, table: str
) -> None:
    used, unused = await filled(database, table, 2, seconds=1000.0)
    await age(database, table, 900.0)
    note(uses, table, used.key)
    await uses.flush()
    after = await rows(database, table)
    assert after[used.key]["left_seconds"] == pytest.approx(1000.0, abs=1.0)
    assert after[used.key]["unused_seconds"] < 60.0
    assert after[unused.key]["unused_seconds"] >= 900.0


async def test_a_record_slides_by_its_retention_however_often_it_is_used(
    database: Postgres, uses: Uses, table: str
) -> None:
    [record] = await filled(database, table, 1, seconds=1000.0)
    for _ in range(3):
        await age(database, table, 900.0)
        note(uses, table, record.key)
        await uses.flush()
        await database.fetch(f"UPDATE {table} SET created_at = created_at - interval '1 hour'")
    assert (await rows(database, table))[record.key]["left_seconds"] == pytest.approx(1000.0, abs=1.0)


async def test_uses_are_counted_however_they_are_batched(database: Postgres, uses: Uses, table: str) -> None:
    records = await filled(database, table, 3)
    for times, record in enumerate(records):
        for _ in range(times):
            note(uses, table, record.key)
    await uses.flush()
    note(uses, table, records[2].key)
    await uses.flush()
    await uses.flush()
    after = await rows(database, table)
    assert [after[record.key]["use_count"] for record in records] == [0, 1, 3]


async def test_uses_of_two_replicas_at_once_all_count(database: Postgres, upkeep: Upkeep, table: str) -> None:
    records = await filled(database, table, 50)
    replicas = [Uses(database, BlobUses(None), upkeep) for _ in range(3)]

    async def use(replica: Uses) -> None:
        for _ in range(10):
            for record in records:
                note(replica, table, record.key)
            await replica.flush()

    await asyncio.gather(*map(use, replicas))
    after = await rows(database, table)
    assert {row["use_count"] for row in after.values()} == {30}


async def test_looking_a_remembered_failure_up_does_not_keep_it(database: Postgres, uses: Uses) -> None:
    failure = some_failure(seconds=100.0)
    await DurableTier(database, RESULTS).put(failure)
    await age(database, RESULTS, 90.0)
    uses.note_result(failure.key)
    await uses.flush()
    assert (await rows(database, RESULTS))[failure.key]["use_count"] == 0


async def test_uses_wait_while_postgresql_is_away_and_are_bounded(
    uses: Uses, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache_service.usage._MOST_NOTED", 2)
    for number in (1, 2, 3, 1):
        uses.note_result(b"%d" % number)
    assert registry.get_sample_value("cache_uses_dropped_total") == 1


async def test_many_uses_are_written_by_few_statements(
    database: Postgres, uses: Uses, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = await filled(database, PARTS, 1)
    for number in range(2500):
        uses.note_parts([b"%d" % number])
    uses.note_parts([records[0].key])
    statements = []
    fetch = database.fetch

    async def counted(sql: str, *values: object) -> list[dict[str, Any]]:
        statements.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", counted)
    await uses.flush()
    assert len(statements) == 3
    assert (await rows(database, PARTS))[records[0].key]["use_count"] == 1


async def test_a_record_that_is_replaced_begins_anew(database: Postgres, uses: Uses, table: str) -> None:
    [record] = await filled(database, table, 1, seconds=100.0)
    note(uses, table, record.key)
    await uses.flush()
    await DurableTier(database, table).put(some_record(record.key, seconds=5000.0))
    after = (await rows(database, table))[record.key]
    assert after["use_count"] == 0
    assert after["left_seconds"] == pytest.approx(5000.0, abs=1.0)


# -- time ------------------------------------------------------------------------------------------------------------


async def test_what_is_past_its_time_goes_and_its_job_remembers_why(
    database: Postgres, upkeep: Upkeep, registry: CollectorRegistry
) -> None:
    old = await filled(database, RESULTS, 3, seconds=1000.0)
    await noted(database, old)
    await age(database, RESULTS, 2000.0)
    fresh = some_record(some_identity(b"fresh").key)
    tier = DurableTier(database, RESULTS)
    await tier.put(fresh)
    assert await tier.absence(old[0].key) == "expired"
    await DurableRetention(database, 0, upkeep).expire()
    assert set(await rows(database, RESULTS)) == {fresh.key}
    assert [await tier.absence(record.key) for record in old] == ["expired"] * 3
    assert await tier.absence(some_identity(b"never").key) == "never_seen"
    assert evicted(registry, "expired") == 3


async def test_what_has_just_run_out_stays_a_little_so_that_a_late_use_brings_it_back(
    database: Postgres, uses: Uses, upkeep: Upkeep
) -> None:
    [record] = await filled(database, RESULTS, 1, seconds=1000.0)
    await age(database, RESULTS, 1010.0)
    tier = DurableTier(database, RESULTS)
    assert await tier.get(record.key) is None
    uses.note_result(record.key)
    await DurableRetention(database, 0, upkeep).expire()
    await uses.flush()
    assert await tier.get(record.key) is not None


async def test_more_than_a_batch_goes_in_one_round(
    database: Postgres, upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "_BATCH", 4)
    await filled(database, PARTS, 10)
    await age(database, PARTS, 1000.0)
    await DurableRetention(database, 0, upkeep).expire()
    assert await rows(database, PARTS) == {}


async def test_the_expiry_is_found_by_its_index(database: Postgres, upkeep: Upkeep) -> None:
    await filled(database, RESULTS, 3)
    async with database.transaction() as transaction:
        await transaction.fetch("SET LOCAL enable_seqscan = off")
        plan = await transaction.fetch(
            "EXPLAIN SELECT key FROM analysis_results WHERE expires_at < now() ORDER BY expires_at LIMIT 5"
        )
    assert "analysis_results_expiry" in str(plan)


# -- the quota -------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tables' files look large, so that a small quota adds up what is in them."""
    monkeypatch.setattr(retention_module, "_ON_DISK", "SELECT 1000000000000::bigint AS bytes")


@pytest.mark.usefixtures("no_files")
async def test_over_the_quota_the_least_recently_used_go_until_the_rest_fits(
    database: Postgres, upkeep: Upkeep, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "_PAGE", 3)
    records = await filled(database, RESULTS, 10)
    await noted(database, records)
    sizes = [row["stored_bytes"] for row in (await rows(database, RESULTS)).values()]
    await DurableRetention(database, sum(sizes[:4]), upkeep).keep_quota()
    assert set(await rows(database, RESULTS)) == {record.key for record in records[-4:]}
    tier = DurableTier(database, RESULTS)
    assert await tier.absence(records[0].key) == "evicted"
    assert evicted(registry, "quota") == 6
    assert registry.get_sample_value("cache_durable_bytes") == sum(sizes[:4])


@pytest.mark.usefixtures("no_files")
async def test_results_and_parts_share_the_quota(database: Postgres, upkeep: Upkeep) -> None:
    await filled(database, RESULTS, 4)
    await filled(database, PARTS, 4)
    await age(database, PARTS, DAY)
    sizes = [row["stored_bytes"] for row in (await rows(database, RESULTS)).values()]
    await DurableRetention(database, sum(sizes), upkeep).keep_quota()
    assert len(await rows(database, RESULTS)) == 4
    assert await rows(database, PARTS) == {}


@pytest.mark.usefixtures("no_files")
async def test_a_use_saves_from_the_quota(database: Postgres, uses: Uses, upkeep: Upkeep) -> None:
    records = await filled(database, RESULTS, 4)
    uses.note_result(records[0].key)
    await uses.flush()
    size_bytes = (await rows(database, RESULTS))[records[0].key]["stored_bytes"]
    await DurableRetention(database, size_bytes, upkeep).keep_quota()
    assert set(await rows(database, RESULTS)) == {records[0].key}


async def test_without_a_quota_and_within_it_nothing_goes(database: Postgres, upkeep: Upkeep) -> None:
    await filled(database, RESULTS, 3)
    await DurableRetention(database, 0, upkeep).keep_quota()
    await DurableRetention(database, 10**9, upkeep).keep_quota()
    assert len(await rows(database, RESULTS)) == 3


@pytest.mark.usefixtures("no_files")
async def test_the_payload_counts_toward_the_quota_whatever_its_size(database: Postgres, table: str) -> None:
    import os

    record = some_record(content=os.urandom(300_000))
    await DurableTier(database, table).put(record)
    assert (await rows(database, table))[record.key]["stored_bytes"] > 300_000


# -- what goes with it -----------------------------------------------------------------------------------------------


async def test_a_part_takes_its_place_in_manifests_along_unless_a_computation_counts_on_it(
    database: Postgres, upkeep: Upkeep
) -> None:
    [part] = await filled(database, PARTS, 1)
    await age(database, PARTS, 1000.0)
    settled, running = some_identity(b"settled").key, some_identity(b"running").key
    for job in (settled, running):
        await database.fetch("INSERT INTO manifests (job_key, part_key) VALUES (%s, %s)", job, part.key)
    await database.fetch(
        "INSERT INTO leases (job_key, nonce, owner_id, expires_at) VALUES (%s, 'n', 'me', now() + interval '1 minute')",
        running,
    )
    await DurableRetention(database, 0, upkeep).expire()
    left = await database.fetch("SELECT job_key FROM manifests")
    assert [bytes(row["job_key"]) for row in left] == [running]


async def test_stale_waiters_and_leases_long_past_their_time_go(database: Postgres, upkeep: Upkeep) -> None:
    for number, hours in ((1, 0), (2, 2)):
        await database.fetch(
            "INSERT INTO lease_waiters (job_key, party, waiters, expires_at)"
            " VALUES (%s, 'me', 1, now() - make_interval(hours => %s))",
            b"%d" % number,
            hours,
        )
        await database.fetch(
            "INSERT INTO leases (job_key, nonce, owner_id, expires_at)"
            " VALUES (%s, 'n', 'me', now() - make_interval(hours => %s))",
            b"%d" % number,
            hours,
        )
    await DurableRetention(database, 0, upkeep).tidy()
    for name in ("lease_waiters", "leases"):
        assert [bytes(row["job_key"]) for row in await database.fetch(f"SELECT job_key FROM {name}")] == [b"1"]


async def test_a_damaged_result_is_gone_because_it_was_damaged(database: Postgres) -> None:
    [record] = await filled(database, RESULTS, 1)
    await noted(database, [record])
    await database.fetch("UPDATE analysis_results SET payload = 'junk'")
    tier = DurableTier(database, RESULTS)
    assert await tier.get(record.key) is None
    assert await tier.absence(record.key) == "corrupt"
