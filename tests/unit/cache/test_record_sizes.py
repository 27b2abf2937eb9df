"""What a record counts in memory: about what it takes, however its bytes are spread."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from cache_service.entries import Failure, Payload, Record, Violation
from cache_service.tiers.memory import MemoryTier
from cache_service.upkeep import Upkeep
from tests.support.records import some_failure, some_identity, some_record

MEBIBYTE = 1024 * 1024


def with_type(message_type: str) -> Record:
    record = some_record()
    assert isinstance(record.outcome, Payload)
    return replace(record, outcome=replace(record.outcome, message_type=message_type))


def with_violations(text: str) -> Record:
    failure = Failure("PARAMETER_INVALID", "", (Violation(text, ""), Violation("", text)))
    return replace(some_failure(), outcome=failure)


def with_message(text: str) -> Record:
    return replace(some_failure(), outcome=Failure("FILE_NOT_C3D", text))


@pytest.mark.parametrize("make", [with_type, with_violations, with_message])
def test_texts_count(make: Callable[[str], Record]) -> None:
    assert make("x" * MEBIBYTE).size_bytes > MEBIBYTE
    assert make("").size_bytes < 2048


async def test_a_full_memory_drops_the_least_recently_used_and_counts_it() -> None:
    registry = CollectorRegistry()
    records = [some_record(some_identity(b"%d" % number).key) for number in range(3)]
    memory = MemoryTier(2 * records[0].size_bytes, on_evicted=Upkeep(registry).evicted)
    await memory.put_many(records[:2])
    assert memory.peek(records[0].key) is not None
    await memory.put(records[2])
    assert [memory.peek(record.key) is not None for record in records] == [True, False, True]
    assert registry.get_sample_value("cache_evictions_total", {"tier": "memory", "reason": "quota"}) == 1
    assert (await memory.usage()).size_bytes <= 2 * records[0].size_bytes


async def test_a_batch_counts_as_a_use_and_what_has_expired_is_not_in_it() -> None:
    now = 1000.0
    records = [replace(some_record(bytes([number]) * 32), expires_at=now + 10 + number) for number in range(3)]
    first, second, third = records
    memory = MemoryTier(2 * first.size_bytes, clock=lambda: now)
    await memory.put_many([first, second])
    assert await memory.get_many([first.key]) == {first.key: first}
    await memory.put(third)
    assert await memory.get_many([record.key for record in records]) == {first.key: first, third.key: third}
    now += 11
    assert await memory.get_many([first.key, third.key]) == {third.key: third}
    assert (await memory.usage()).entries == 1
