"""Keys that are remembered: those of their own contents and context, and never more than there is room for."""

import hashlib

import pytest

from cache_service import keys
from cache_service.service import batches
from cache_service.service.batches import Content, PartKeys, RememberedKeys

NOTHING = keys.Blob(bytes(32), 0)


def part_keys(remembered: RememberedKeys, namespace: str = "default") -> PartKeys:
    context = keys.identify(namespace, keys.Pipeline("emg.channel", "1.0.0"), b"", b"", NOTHING)
    return PartKeys(namespace, context, None, remembered)


def contents(count: int, size_bytes: int = 7) -> list[Content]:
    return [(hashlib.sha256(b"%d" % number).digest(), size_bytes) for number in range(count)]


def test_what_was_remembered_is_what_is_made() -> None:
    remembered = RememberedKeys()
    first = part_keys(remembered)
    assert first.remembered(contents(3)) is None
    first.remember(contents(3), first.keys_of(contents(3)))
    again = part_keys(remembered)
    assert again.remembered(contents(3)) == again.keys_of(contents(3))
    assert again.remembered(contents(4)) is None


def test_another_size_or_another_namespace_has_keys_of_its_own() -> None:
    remembered = RememberedKeys()
    first = part_keys(remembered)
    first.remember(contents(3), first.keys_of(contents(3)))
    assert first.remembered(contents(3, size_bytes=8)) is None
    assert part_keys(remembered, "other").remembered(contents(3)) is None


def test_where_there_is_no_room_the_others_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_MOST_REMEMBERED", 5)
    remembered = RememberedKeys()
    first = part_keys(remembered)
    some, others = contents(4), contents(8)[4:]
    first.remember(some, first.keys_of(some))
    first.remember(some, first.keys_of(some))
    assert first.remembered(some) is not None
    first.remember(others, first.keys_of(others))
    assert first.remembered(others) == first.keys_of(others)
    assert first.remembered(some) is None
