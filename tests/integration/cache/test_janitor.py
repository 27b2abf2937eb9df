"""The janitor: one replica does a duty at a time, a crashed one is replaced, a failing one tried again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from cache_service.breaker import TierAway
from cache_service.engines.postgres import Postgres
from cache_service.janitor import Duty, Guard, Janitor, by_lock, by_row, everybody
from cache_service.upkeep import Upkeep


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Postgres]:
    database = Postgres(database_url, 4)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def rounds(registry: CollectorRegistry, outcome: str) -> float:
    return registry.get_sample_value("cache_janitor_rounds_total", {"duty": "sweep", "outcome": outcome}) or 0.0


@pytest.fixture(params=["row", "lock"])
def guards(request: pytest.FixtureRequest, blob_folder: Path) -> tuple[Guard, Guard]:
    """The same duty's guard in two replicas."""
    if request.param == "lock":
        blob_folder.mkdir()
        return by_lock(blob_folder), by_lock(blob_folder)
    database = request.getfixturevalue("database")
    return by_row(database, "sweep", "one"), by_row(database, "sweep", "two")


async def test_one_replica_at_a_time_does_a_duty(guards: tuple[Guard, Guard]) -> None:
    one, two = guards
    async with one() as first, two() as second:
        assert (first, second) == (True, False)
    async with one() as again:
        assert again


async def test_a_replica_that_crashed_is_replaced(database: Postgres) -> None:
    one, two = by_row(database, "sweep", "one"), by_row(database, "sweep", "two")
    async with one() as mine:
        assert mine
    await database.fetch("UPDATE janitor SET expires_at = now() - interval '1 second'")
    async with two() as mine:
        assert mine
    async with one() as mine:
        assert not mine


async def test_duties_are_held_apart(database: Postgres) -> None:
    async with by_row(database, "sweep", "one")() as sweep, by_row(database, "quota", "two")() as quota:
        assert sweep
        assert quota


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (TierAway("postgresql"), "away"), (RuntimeError("a fault"), "failed")]
)
async def test_the_metrics_tell_how_a_round_went(
    registry: CollectorRegistry, error: Exception | None, outcome: str
) -> None:
    async def work() -> None:
        if error is not None:
            raise error

    await Janitor([], Upkeep(registry)).attempt(Duty("sweep", 1.0, everybody, work))
    assert rounds(registry, outcome) == 1
    success = registry.get_sample_value("cache_janitor_last_success_timestamp_seconds", {"duty": "sweep"})
    assert (success is not None) == (outcome == "done")


async def test_a_folder_that_is_gone_counts_as_away(registry: CollectorRegistry, tmp_path: Path) -> None:
    async def work() -> None:
        raise AssertionError("not without its lock")

    await Janitor([], Upkeep(registry)).attempt(Duty("sweep", 1.0, by_lock(tmp_path / "unmounted"), work))
    assert rounds(registry, "away") == 1


async def test_a_duty_that_fails_is_tried_again_and_keeps_no_other_from_being_done(
    registry: CollectorRegistry,
) -> None:
    tries, others = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def fail() -> None:
        tries.release()
        raise RuntimeError("a fault")

    async def other() -> None:
        others.release()

    janitor = Janitor([Duty("sweep", 0.0, everybody, fail), Duty("other", 0.0, everybody, other)], Upkeep(registry))
    running = asyncio.create_task(janitor.run())
    async with asyncio.timeout(10):
        for semaphore in (tries, tries, others, others):
            await semaphore.acquire()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert rounds(registry, "failed") >= 2
