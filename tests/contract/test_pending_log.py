"""What the log of commits that wait does, over a folder and over a store that is none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import obstore
import pytest
from prometheus_client import CollectorRegistry

from cache_service.blobs import BlobStore
from cache_service.breaker import TierAway
from cache_service.entries import Record
from cache_service.jobs.face import Event, Status
from cache_service.pending import DAMAGED, PENDING, PendingLog
from cache_service.upkeep import Upkeep
from rpc.errors import InvalidArgument
from rpc.reasons import Reason
from tests.support.records import some_identity, some_payload, some_record

Kept = tuple[Record, Event]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, blob_folder: Path) -> BlobStore:
    return BlobStore(blob_folder.as_uri() if request.param == "folder" else "memory:///", 1_000_000)


@pytest.fixture
def log(store: BlobStore, registry: CollectorRegistry) -> PendingLog:
    return PendingLog(store.objects, Upkeep(registry))


class Table:
    """Stands for PostgreSQL, and may refuse."""

    def __init__(self) -> None:
        self.settled: list[Kept] = []
        self.refusal: Exception | None = None

    async def settle(self, record: Record, event: Event) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.settled.append((record, event))


def a_commit(content: bytes = b"walk", namespace: str = "lab", result: bytes = b"the result") -> Kept:
    identity = some_identity(content, namespace)
    record = replace(some_record(identity.key), outcome=some_payload(result))
    event = Event(identity, record.created_at, status=Status.SUCCEEDED, compute_cost_ms=7.5, result_size_bytes=10)
    return record, event


def count(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value(name)


async def test_a_commit_that_waits_is_found_by_its_key_and_by_no_other(log: PendingLog) -> None:
    record, event = a_commit()
    assert await log.keep(record, event) == record
    assert await log.find("lab", record.key) == record
    assert await log.find("clinic", record.key) is None
    assert await log.find("lab", some_identity(b"other").key) is None


async def test_the_first_commit_wins_and_the_second_is_told_which_one_stands(log: PendingLog) -> None:
    first, event = a_commit()
    second, _ = a_commit(result=b"another result")
    await log.keep(first, event)
    assert await log.keep(second, event) == first
    assert await log.keep(first, event) == first


async def test_draining_hands_over_record_and_event_of_every_namespace_and_leaves_nothing(
    log: PendingLog, registry: CollectorRegistry
) -> None:
    commits = [a_commit(b"%d" % number, namespace) for number in range(3) for namespace in ("clinic", "lab")]
    for record, event in commits:
        await log.keep(record, event)
    table = Table()
    await log.drain(table.settle)
    assert sorted(table.settled, key=lambda kept: kept[0].key) == sorted(commits, key=lambda kept: kept[0].key)
    assert await log.waiting() == []
    assert not log.maybe
    assert count(registry, "cache_pending_drained_total") == 6
    assert count(registry, "cache_pending_commits") == 0


async def test_a_drain_that_is_cut_short_goes_on_at_the_next_round(
    log: PendingLog, registry: CollectorRegistry
) -> None:
    record, event = a_commit()
    await log.keep(record, event)
    table = Table()
    table.refusal = TierAway("postgresql")
    with pytest.raises(TierAway):
        await log.drain(table.settle)
    assert log.maybe
    assert count(registry, "cache_pending_commits") == 1
    table.refusal = None
    await log.drain(table.settle)
    assert table.settled == [(record, event)]


async def test_one_commit_that_cannot_be_settled_does_not_keep_the_others_waiting(log: PendingLog) -> None:
    commits = [a_commit(b"%d" % number) for number in range(3)]
    for record, event in commits:
        await log.keep(record, event)
    stubborn = sorted(record.key for record, _ in commits)[1]
    settled = []

    async def settle(record: Record, _event: Event) -> None:
        if record.key == stubborn:
            raise RuntimeError("a fault of ours")
        settled.append(record.key)

    await log.drain(settle)
    assert len(settled) == 2
    assert [name for _, name in await log.waiting()] == [stubborn.hex()]
    assert log.maybe


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def flipped_in_the_event(raw: bytes) -> bytes:
    return raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]


def flipped_in_the_payload(raw: bytes) -> bytes:
    return raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:]


def emptied(_raw: bytes) -> bytes:
    return b""


def lying_aside(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".incoming/*") if path.is_file()]


async def damage(store: BlobStore, record: Record, how: Callable[[bytes], bytes]) -> None:
    path = f"lab/{PENDING}/{record.key.hex()}"
    raw = await store.objects.fetch(path)
    assert raw is not None
    await obstore.put_async(store.store, path, how(raw))


@pytest.mark.parametrize("how", [cut, flipped_in_the_event, flipped_in_the_payload, emptied])
async def test_a_damaged_file_is_set_aside_once_and_counted(
    store: BlobStore, log: PendingLog, registry: CollectorRegistry, how: Callable[[bytes], bytes]
) -> None:
    record, event = a_commit()
    await log.keep(record, event)
    await damage(store, record, how)
    table = Table()
    for _ in range(2):
        await log.drain(table.settle)
    assert table.settled == []
    assert await log.waiting() == []
    assert len(await store.objects.names(f"lab/{DAMAGED}")) == 1
    assert count(registry, "cache_pending_damaged_total") == 1


async def test_a_damaged_file_gives_way_to_a_commit(store: BlobStore, log: PendingLog) -> None:
    record, event = a_commit()
    await log.keep(record, event)
    await damage(store, record, cut)
    assert await log.find("lab", record.key) is None
    assert await log.keep(record, event) == record
    assert await log.find("lab", record.key) == record


@pytest.mark.parametrize("name", ["no-key", "ab" * 32])
async def test_a_file_that_is_none_of_ours_is_set_aside(store: BlobStore, log: PendingLog, name: str) -> None:
    await obstore.put_async(store.store, f"lab/{PENDING}/{name}", b"anything")
    await log.drain(Table().settle)
    assert await log.waiting() == []


async def test_a_commit_with_a_value_that_postgresql_cannot_keep_is_set_aside(
    log: PendingLog, registry: CollectorRegistry
) -> None:
    record, event = a_commit()
    await log.keep(record, event)
    table = Table()
    table.refusal = InvalidArgument(Reason.FIELD_INVALID, "A value cannot be kept.")
    await log.drain(table.settle)
    assert await log.waiting() == []
    assert count(registry, "cache_pending_damaged_total") == 1


async def test_what_waits_is_no_blob(store: BlobStore, log: PendingLog) -> None:
    await log.keep(*a_commit())
    assert await store.usage("lab") == (0, 0)


async def test_nothing_is_left_aside(log: PendingLog, blob_folder: Path) -> None:
    for _ in range(2):
        await log.keep(*a_commit())
    assert lying_aside(blob_folder) == []


async def test_a_folder_that_cannot_be_written_is_a_tier_that_is_away(
    blob_folder: Path, registry: CollectorRegistry
) -> None:
    log = PendingLog(BlobStore(blob_folder.as_uri(), 1000).objects, Upkeep(registry))
    (blob_folder / "lab").write_bytes(b"a file where a folder should be")
    with pytest.raises(TierAway):
        await log.keep(*a_commit())


async def test_a_record_past_its_time_does_not_stand_in_the_way(log: PendingLog) -> None:
    old, event = a_commit()
    await log.keep(replace(old, expires_at=old.created_at), event)
    fresh, _ = a_commit(result=b"fresh")
    assert await log.keep(fresh, event) == fresh
