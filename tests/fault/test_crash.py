"""The cache service is killed again and again under load: nothing acknowledged is lost, nothing is left behind."""

import asyncio
import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from assaycache.cache.v1 import entry_pb2, identity_pb2
from cache_service.objects import INCOMING
from tests.fault.ledger import LASTING, prepared, result_of
from tests.fault.scale import FULL
from tests.fault.site import Site
from tests.integration.cache.conftest import Caller

KILLS = 100 if FULL else 10
WORKERS = 6
CLEAN_SECONDS = 60.0
PATIENCE_SECONDS = 20.0
LARGE_BYTES = 3_000_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as running:
        yield running


class Load:
    """Callers who upload and commit all the time, and write down what was acknowledged."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.acknowledged: dict[bytes, identity_pb2.Question] = {}
        self.broken = 0
        self.over = False

    async def run(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self.over:
            # A pool of its own, which knows nothing of refused connections and of waiting ever longer after them.
            channel = grpc.aio.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)])
            caller = Caller(self.address, channel)
            try:
                await self._work(caller, chance)
            except grpc.aio.AioRpcError:
                self.broken += 1  # the service was killed meanwhile: nothing was promised
                await asyncio.sleep(0.1)
            finally:
                await caller.close()

    async def more(self) -> None:
        """Return as soon as more was acknowledged."""
        before = len(self.acknowledged)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.acknowledged) == before:
                await asyncio.sleep(0.02)

    async def _work(self, caller: Caller, chance: random.Random) -> None:
        await caller.announce()
        while not self.over:
            [(content, question)] = (await prepared(caller, 1)).items()
            if chance.random() < 0.3:
                await caller.ingest(chance.randbytes(8) * (LARGE_BYTES // 8))
            token = (await caller.reserve(question)).lease.token
            committed = await caller.commit(token, result_of(content))
            if committed.durability in LASTING:
                self.acknowledged[content] = question


async def test_what_was_acknowledged_outlives_every_kill_and_nothing_is_left_behind(site: Site) -> None:
    chance = random.Random(7)
    load = Load(site.replicas[0].listen)
    workers = [asyncio.create_task(load.run(seed)) for seed in range(WORKERS)]
    for _ in range(KILLS):
        await load.more()
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        await asyncio.to_thread(site.kill_replica)
        await asyncio.to_thread(site.start_replica)
    restarted = time.monotonic()
    await asyncio.sleep(1.0)
    load.over = True
    await asyncio.gather(*workers)
    assert load.acknowledged
    assert load.broken, "no kill was felt"

    callers = [Caller(replica.listen) for replica in site.replicas]
    for caller in callers:
        for content, question in load.acknowledged.items():
            hit = (await caller.lookup(question)).hit
            assert hit.payload.sha256 == hashlib.sha256(result_of(content)).digest()
            assert hit.payload.encoding == entry_pb2.ENCODING_ZSTD
        await caller.close()

    swept = False
    while not swept:
        swept = not list(site.blobs.glob(f"*/{INCOMING}/*"))
        assert time.monotonic() - restarted < CLEAN_SECONDS, "leftovers stay"
        await asyncio.sleep(0.5)
    assert all(len(path.name) == 64 for path in published(site.blobs)), "something else was left"
    print(f"{KILLS} kills, {load.broken} calls broken, {len(load.acknowledged)} commits acknowledged, all found")


def published(folder: Path) -> list[Path]:
    """Return all files but the journal of invalidations and what the store keeps for itself."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.parent.name.startswith(".")]
