"""The blob store asked by itself: many blobs at once, over a folder and over a store that is none."""

import asyncio
import hashlib
import time
from pathlib import Path

import pytest

from cache_service.blobs import BlobStore
from cache_service.breaker import TierAway
from cache_service.keys import Blob
from cache_service.leases.face import LEASE_SECONDS

MANY = 20_000
BEAT_SECONDS = 0.01


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, blob_folder: Path) -> BlobStore:
    return BlobStore(blob_folder.as_uri() if request.param == "folder" else "memory:///", 1_000_000)


class Heart:
    """Beats while the event loop is free; `longest_gap_seconds` is how long it was not."""

    def __init__(self) -> None:
        self.beats = 0
        self.longest_gap_seconds = 0.0

    async def beat(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.monotonic()
            self.longest_gap_seconds = max(self.longest_gap_seconds, now - last)
            self.beats += 1
            last = now


async def kept(store: BlobStore, content: bytes) -> Blob:
    async with store.upload("lab") as upload:
        await upload.write(content)
        await upload.publish()
        return upload.measured()


def never_kept(number: int) -> Blob:
    return Blob(hashlib.sha256(b"never kept %d" % number).digest(), 5)


async def test_missing_are_those_never_kept_those_of_another_size_and_those_of_another_namespace(
    store: BlobStore,
) -> None:
    one, two = await kept(store, b"one"), await kept(store, b"another")
    other_size = Blob(one.sha256, one.size_bytes + 1)
    asked = [never_kept(1), one, other_size, two, never_kept(2)]
    assert await store.missing("lab", asked) == [never_kept(1), other_size, never_kept(2)]
    assert await store.missing("another-lab", [one]) == [one]
    assert await store.missing("lab", []) == []


class VanishingStore(BlobStore):
    """A folder whose disk goes away when a file that was written is to be brought to it."""

    async def sync(self, path: str) -> None:
        await asyncio.to_thread(self._vanish)
        await super().sync(path)

    def _vanish(self) -> None:
        assert self.folder is not None
        self.folder.rename(self.folder.with_name("elsewhere"))
        self.folder.touch()

    def come_back(self) -> None:
        assert self.folder is not None
        self.folder.unlink()
        self.folder.with_name("elsewhere").rename(self.folder)


async def test_an_upload_whose_disk_goes_away_is_refused_and_not_kept(blob_folder: Path) -> None:
    store = VanishingStore(blob_folder.as_uri(), 1_000_000)
    with pytest.raises(TierAway):
        await kept(store, b"content")
    store.come_back()
    blob = Blob(hashlib.sha256(b"content").digest(), 7)
    assert await store.missing("lab", [blob]) == [blob]


async def test_asking_for_very_many_blobs_lets_the_leaders_heartbeats_through(store: BlobStore) -> None:
    here = await kept(store, b"here")
    asked = [*map(never_kept, range(MANY)), here]
    heart = Heart()
    beating = asyncio.create_task(heart.beat())
    missing = await store.missing("lab", asked)
    beating.cancel()
    assert missing == asked[:-1]
    assert heart.beats > LEASE_SECONDS
    assert heart.longest_gap_seconds < LEASE_SECONDS
