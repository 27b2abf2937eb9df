"""How long blobs stay, in a local folder and in an object store, and what crashed processes leave beside them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from cache_service.blob_retention import KEPT_SECONDS, FolderRetention, Limits, StoreRetention
from cache_service.blobs import BlobStore, blob_path
from cache_service.breaker import TierAway
from cache_service.engines.postgres import Postgres
from cache_service.jobs.face import Event
from cache_service.keys import Blob
from cache_service.leftovers import ABANDONED_SECONDS, Leftovers
from cache_service.pending import PendingLog
from cache_service.upkeep import Upkeep
from cache_service.usage import Uses
from tests.support.records import some_identity, some_record

DAY = 24 * 3600.0
KEEP_ALL = Limits(0, 3650 * DAY)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def upkeep(registry: CollectorRegistry) -> Upkeep:
    return Upkeep(registry)


@pytest.fixture
def store(blob_folder: Path) -> BlobStore:
    return BlobStore(blob_folder.as_uri(), 64 * 1024 * 1024)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Postgres]:
    database = Postgres(database_url, 2)
    await database.open()
    yield database
    await database.close()


async def kept(store: BlobStore, content: bytes, namespace: str = "lab") -> Blob:
    async with store.upload(namespace) as upload:
        await upload.write(content)
        await upload.publish()
        return upload.measured()


def file_of(folder: Path, blob: Blob) -> Path:
    return folder / blob_path("lab", blob.sha256)


def unused_for(folder: Path, blob: Blob, seconds: float) -> None:
    when = time.time() - seconds
    os.utime(file_of(folder, blob), (when, when))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def count(registry: CollectorRegistry, reason: str) -> float:
    return registry.get_sample_value("cache_evictions_total", {"tier": "blobs", "reason": reason}) or 0.0


# -- a local folder ---------------------------------------------------------------------------------------------------


async def test_a_blob_goes_after_its_time_without_use(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep, registry: CollectorRegistry
) -> None:
    old, young = await kept(store, b"old"), await kept(store, b"young")
    unused_for(blob_folder, old, 31 * DAY)
    unused_for(blob_folder, young, 29 * DAY)
    await FolderRetention(blob_folder, Limits(0, 30 * DAY), upkeep).keep()
    assert await store.missing("lab", [old, young]) == [old]
    assert count(registry, "expired") == 1
    assert registry.get_sample_value("cache_blob_bytes") == young.size_bytes


async def test_over_the_quota_the_least_recently_used_blobs_go(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep, registry: CollectorRegistry
) -> None:
    blobs = [await kept(store, b"content %d" % number) for number in range(5)]
    for number, blob in enumerate(blobs):
        unused_for(blob_folder, blob, (5 - number) * DAY)
    await FolderRetention(blob_folder, Limits(2 * blobs[0].size_bytes, 30 * DAY), upkeep).keep()
    assert await store.missing("lab", blobs) == blobs[:3]
    assert count(registry, "quota") == 3


async def uses_by_has(store: BlobStore, blob: Blob) -> None:
    assert await store.has("lab", blob)


async def uses_by_missing(store: BlobStore, blob: Blob) -> None:
    assert await store.missing("lab", [blob]) == []


async def uses_by_read(store: BlobStore, blob: Blob) -> None:
    async for _ in store.read("lab", blob, 0, 1024):
        pass


async def uses_by_upload(store: BlobStore, blob: Blob) -> None:
    assert await kept(store, b"content") == blob


async def uses_by_heartbeat(store: BlobStore, blob: Blob) -> None:
    await store.note_use("lab", blob)


@pytest.mark.parametrize("use", [uses_by_has, uses_by_missing, uses_by_read, uses_by_upload, uses_by_heartbeat])
async def test_whoever_is_told_that_a_blob_is_here_has_it_for_an_hour(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep, use: object
) -> None:
    assert callable(use)
    blob = await kept(store, b"content")
    unused_for(blob_folder, blob, 365 * DAY)
    another_replica = BlobStore(blob_folder.as_uri(), 1_000_000)
    await use(another_replica, blob)
    await FolderRetention(blob_folder, Limits(1, 1.0), upkeep).keep()
    assert await store.missing("lab", [blob]) == []


async def test_a_blob_used_while_it_is_looked_at_stays(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = await kept(store, b"content")
    unused_for(blob_folder, blob, 365 * DAY)
    retention = FolderRetention(blob_folder, Limits(1, 1.0), upkeep)
    remove = retention._remove

    def used_just_before(seen: object) -> bool:
        os.utime(file_of(blob_folder, blob))
        return remove(seen)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(retention, "_remove", used_just_before)
    await retention.keep()
    assert await store.missing("lab", [blob]) == []


async def test_what_waits_for_postgresql_is_never_taken_for_a_blob(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep
) -> None:
    log = PendingLog(store.objects, upkeep)
    record = some_record(some_identity(b"walk", "lab").key)
    await log.keep(record, Event(some_identity(b"walk", "lab"), record.created_at))
    for path in files(blob_folder):
        os.utime(path, (1.0, 1.0))
    await FolderRetention(blob_folder, Limits(1, 1.0), upkeep).keep()
    await Leftovers(store, blob_folder, upkeep).sweep()
    assert await log.find("lab", record.key) is not None


# -- what is left aside -----------------------------------------------------------------------------------------------


def left_aside(folder: Path, name: str, age_seconds: float) -> Path:
    path = folder / "lab" / ".incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half of an upload")
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


async def test_what_a_crashed_process_left_goes_and_what_another_one_writes_stays(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep, registry: CollectorRegistry
) -> None:
    gone = [left_aside(blob_folder, name, ABANDONED_SECONDS + 5) for name in ("aaaa", "bbbb#1", "bbbb#2")]
    stays = left_aside(blob_folder, "cccc#1", ABANDONED_SECONDS - 15)
    blob = await kept(store, b"a blob of old")
    unused_for(blob_folder, blob, DAY)
    await Leftovers(store, blob_folder, upkeep).sweep()
    assert set(files(blob_folder)) == {stays, file_of(blob_folder, blob)}
    assert registry.get_sample_value("cache_leftovers_swept_total") == len(gone)


async def test_an_upload_that_comes_slowly_is_kept_young_by_its_process(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep
) -> None:
    content = os.urandom(20 * 1024 * 1024)  # more than obstore buffers, so that a part of it is a file
    other = Leftovers(BlobStore(blob_folder.as_uri(), 1), blob_folder, upkeep)
    async with store.upload("lab") as upload:
        await upload.write(content)
        async with asyncio.timeout(10):
            while not files(blob_folder):
                await asyncio.sleep(0.01)
        for path in files(blob_folder):
            os.utime(path, (1.0, 1.0))
        await Leftovers(store, blob_folder, upkeep).refresh()
        await other.sweep()
        await upload.publish()
        blob = upload.measured()
    assert await store.missing("lab", [blob]) == []
    assert files(blob_folder) == [file_of(blob_folder, blob)]


async def test_an_upload_swept_while_its_process_was_stopped_says_that_nothing_was_kept(
    store: BlobStore, blob_folder: Path, upkeep: Upkeep
) -> None:
    async with store.upload("lab") as upload:
        await upload.write(os.urandom(20 * 1024 * 1024))
        async with asyncio.timeout(10):
            while not files(blob_folder):
                await asyncio.sleep(0.01)
        for path in files(blob_folder):
            path.unlink()
        with pytest.raises(TierAway):
            await upload.publish()
    assert files(blob_folder) == []


# -- an object store --------------------------------------------------------------------------------------------------


async def say_used(database: Postgres, blob: Blob, seconds_ago: float) -> None:
    at = datetime.fromtimestamp(time.time() - seconds_ago, UTC)
    path = blob_path("lab", blob.sha256)
    await database.fetch(
        "INSERT INTO blob_uses VALUES (%s, %s) ON CONFLICT (path) DO UPDATE SET last_used_at = excluded.last_used_at",
        path,
        at,
    )


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the retention's clock be ten days ahead: an object store stamps its objects by its own clock."""
    ahead = time.time() + 10 * DAY
    monkeypatch.setattr("cache_service.blob_retention.time.time", lambda: ahead)


@pytest.mark.usefixtures("later")
async def test_in_an_object_store_the_uses_in_postgresql_decide(
    database: Postgres, upkeep: Upkeep, registry: CollectorRegistry
) -> None:
    store = BlobStore("memory:///", 1_000_000)
    unused, used, in_use = [await kept(store, content) for content in (b"unused", b"used", b"in use")]
    await say_used(database, used, 5 * DAY)
    await say_used(database, in_use, 0)
    retention = StoreRetention(store.store, database, Limits(0, 7 * DAY), upkeep)
    await retention.keep()
    assert await store.missing("lab", [unused, used, in_use]) == [unused]
    await StoreRetention(store.store, database, Limits(1, 7 * DAY), upkeep).keep()
    assert await store.missing("lab", [unused, used, in_use]) == [unused, used]
    assert (count(registry, "expired"), count(registry, "quota")) == (1, 1)
    left = await database.fetch("SELECT path FROM blob_uses")
    assert [row["path"] for row in left] == [blob_path("lab", in_use.sha256)]


async def test_uses_in_an_object_store_are_written_down(database: Postgres, upkeep: Upkeep) -> None:
    store = BlobStore("memory:///", 1_000_000)
    blobs = [await kept(store, b"%d" % number) for number in range(3)]
    await store.missing("lab", blobs)
    await Uses(database, store.uses, upkeep).flush()
    rows = await database.fetch("SELECT path, extract(epoch FROM now() - last_used_at)::float8 AS ago FROM blob_uses")
    assert {row["path"] for row in rows} == {blob_path("lab", blob.sha256) for blob in blobs}
    assert max(row["ago"] for row in rows) < KEPT_SECONDS
    assert store.uses.unwritten == {}


async def test_an_object_store_whose_database_is_away_keeps_everything(upkeep: Upkeep) -> None:
    store = BlobStore("memory:///", 1_000_000)
    blob = await kept(store, b"content")
    database = Postgres("postgresql://127.0.0.1:1/nothing", 1)
    await database.open()
    try:
        with pytest.raises(TierAway):
            await StoreRetention(store.store, database, Limits(1, 1.0), upkeep).keep()
    finally:
        await database.close()
    assert await store.has("lab", blob)
