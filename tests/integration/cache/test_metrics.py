"""The metrics: what an operator watches is there, and what is shown is described."""

import asyncio
import re
import urllib.request
from pathlib import Path

from cache_service.settings import CacheSettings
from tests.integration.cache.test_use_and_loss import commit, metric, serving

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
OF_EVERY_SERVER = {"cache_calls_running", "cache_errors"}


def shown(address: str) -> set[str]:
    """Return the names of all metrics of a service."""
    with urllib.request.urlopen(f"http://{address}/metrics") as page:
        names = re.findall(r"^# TYPE (\w+) (?:counter|gauge|histogram)$", page.read().decode(), re.MULTILINE)
    return {name.removesuffix("_total") for name in names if not name.endswith("_created")}


async def test_every_metric_is_described_for_operators(settings: CacheSettings) -> None:
    described = OPERATIONS.read_text(encoding="utf-8")
    async with serving(settings) as (_, metrics):
        names = shown(metrics) - OF_EVERY_SERVER
    assert "cache_hits" in names
    assert [name for name in sorted(names) if f"`{name}" not in described] == []


async def test_waiters_and_memory_are_shown(settings: CacheSettings) -> None:
    async with serving(settings) as (caller, metrics):
        question = await caller.ask(b"walk")
        assert metric(metrics, "cache_memory_bytes") == 0
        leader = await caller.reserve(question)
        waiter = asyncio.create_task(caller.reserve(question, wait_seconds=10))
        async with asyncio.timeout(10):
            while metric(metrics, "cache_waiters") != 1:
                await asyncio.sleep(0.05)
        await caller.commit(leader.lease.token)
        assert (await waiter).HasField("hit")
        assert metric(metrics, "cache_waiters") == 0
        other = await caller.ask(b"run")
        await commit(caller, other)
        assert metric(metrics, "cache_memory_bytes") > 0
