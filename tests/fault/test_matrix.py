"""Whatever part fails, however, and during whatever: no wrong answer, nothing promised is lost, every call ends."""

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import grpc
import pytest

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from tests.fault.cells import Cell, chosen
from tests.fault.ledger import Ledger, prepared
from tests.fault.scale import FULL
from tests.fault.site import Site
from tests.integration.cache.conftest import Caller

CELLS = [cell for cell in chosen(all_of_them=FULL) if cell.part != "analysis"]
Stock = list[tuple[bytes, identity_pb2.Question]]
HEALED_SECONDS = 10.0
STOCK = 24
"""How many questions there are to work on; more than are used up before the repair."""

HELD_SECONDS = {"killed": 1.5, "hung": 4.0, "restarted": 0.5, "full": 1.5, "corrupted": 1.0}
TIER = {"valkey": entry_pb2.TIER_HOT, "postgresql": entry_pb2.TIER_DURABLE}
ALL_TIERS = {entry_pb2.TIER_MEMORY, entry_pb2.TIER_HOT, entry_pb2.TIER_DURABLE}
LOST_BY_CORRUPTION = "postgresql"
"""The only place of what was durable before the damage; it is a miss then and computed again."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
async def callers(site: Site) -> AsyncIterator[list[Caller]]:
    both = [Caller(replica.listen) for replica in site.replicas]
    for one in both:
        await one.announce()
    yield both
    for one in both:
        await one.close()


@dataclass
class Work:
    """What both replicas are asked again and again while something fails."""

    cell: Cell
    ledger: Ledger
    callers: list[Caller]
    over: asyncio.Event

    async def run(self) -> None:
        fresh = [await prepared(caller, STOCK) for caller in self.callers]
        stock = [list(one.items()) for one in fresh]
        for caller, items in zip(self.callers, stock, strict=True):
            for content, question in [items.pop() for _ in range(STOCK // 3)]:
                await self.ledger.commit(caller, content, question)
        loops = [self._loop(caller, items) for caller, items in zip(self.callers, stock, strict=True)]
        self.begun.set()
        await asyncio.gather(*loops)

    def __post_init__(self) -> None:
        self.begun = asyncio.Event()

    async def _loop(self, caller: Caller, items: Stock) -> None:
        turn = 0
        while not self.over.is_set():
            turn += 1
            await self._once(caller, self._act(caller, items, turn))
            await asyncio.sleep(0.05)

    def _act(self, caller: Caller, items: Stock, turn: int) -> Awaitable[object]:
        ledger = self.ledger
        match self.cell.during:
            case "ingest":
                return ledger.ingest(caller)
            case "reserve":
                return ledger.reserve(caller, items[turn % len(items)][1])
            case "commit" if items:
                return ledger.commit(caller, *items.pop())
            case "invalidate" if ledger.promised and turn % 4 == 1:
                return ledger.invalidate(caller, next(iter(ledger.promised)))
        known = list(ledger.promised or ledger.forgotten)
        return ledger.lookup(caller, known[turn % len(known)])

    async def _once(self, caller: Caller, work: Awaitable[object]) -> None:
        if self.cell.part == "cache" and caller is self.callers[0]:
            try:
                await work
            except grpc.aio.AioRpcError:
                return  # of the replica itself nothing is expected
        else:
            await self.ledger.try_(self.cell.during, work)


async def capabilities(caller: Caller) -> pb.GetCapabilitiesResponse:
    answer: pb.GetCapabilitiesResponse = await caller.stub.GetCapabilities(pb.GetCapabilitiesRequest(), timeout=10)
    return answer


async def eventually(holds: Callable[[], Awaitable[bool]], what: str) -> float:
    """Wait until something holds; return how long that took."""
    began = time.monotonic()
    while True:
        try:
            if await holds():
                return time.monotonic() - began
        except grpc.aio.AioRpcError as error:
            what = f"{what} ({error.details()})"
        assert time.monotonic() - began < HEALED_SECONDS, what
        await asyncio.sleep(0.1)


def metrics(site: Site) -> str:
    """Return the metrics of the replica that does not fail."""
    with urllib.request.urlopen(f"http://{site.replicas[1].metrics}/metrics", timeout=5) as page:
        return str(page.read().decode())


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
async def test_whatever_fails_no_promise_is_broken(site: Site, callers: list[Caller], cell: Cell) -> None:
    ledger = Ledger()
    work = Work(cell, ledger, callers, asyncio.Event())
    running = asyncio.create_task(work.run())
    await asyncio.wait({running, asyncio.create_task(work.begun.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.3)
    failing = site.failing(cell.part, cell.fault)
    await asyncio.to_thread(failing.__enter__)
    await asyncio.sleep(HELD_SECONDS[cell.fault])
    if cell.fault in {"killed", "hung"} and cell.part in TIER:
        assert TIER[cell.part] not in (await capabilities(callers[1])).tiers, "it says that all is well"
    assert "cache_commits_total" in await asyncio.to_thread(metrics, site)
    await asyncio.to_thread(failing.__exit__, None, None, None)

    async def well() -> bool:
        told = [await capabilities(caller) for caller in callers]
        return all(one.durable and set(one.tiers) == ALL_TIERS for one in told)

    async def kept() -> bool:
        return all([await ledger.all_kept(caller) for caller in callers])

    async def commits() -> bool:
        [(content, question)] = (await prepared(callers[1], 1)).items()
        await ledger.commit(callers[1], content, question)
        return content in ledger.promised

    await eventually(well, "the replicas do not say that all is well")
    work.over.set()
    await running
    assert ledger.done[cell.during], f"nothing was done: {ledger.refused}"
    await eventually(commits, "no commit is kept")
    if (cell.part, cell.fault) != (LOST_BY_CORRUPTION, "corrupted"):
        await eventually(kept, "a promise is broken")
    print(f"{cell}: {dict(ledger.done)}, refused {dict(ledger.refused)}")
