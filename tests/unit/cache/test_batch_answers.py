"""The answers of a batch, written by hand: what protobuf reads in them is what was found."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2
from cache_service.entries import Payload, Record
from cache_service.keys import MAX_SIZE_BYTES, Blob
from cache_service.service.answers import SLICE, answers, answers_by_columns
from cache_service.service.messages import fill_payload
from tests.support.records import some_failure, some_record

NEVER_SEEN = entry_pb2.MISS_REASON_NEVER_SEEN

DIGESTS = st.binary(min_size=32, max_size=32)
SIZES = st.integers(0, MAX_SIZE_BYTES)
PAYLOADS = st.builds(
    Payload,
    st.binary(max_size=300) | st.integers(0, 70_000).map(bytes),
    st.sampled_from(["identity", "zstd"]),
    DIGESTS,
    SIZES,
    st.text(max_size=50),
    st.none() | st.builds(Blob, DIGESTS, SIZES),
)


def key_of(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def read(messages: list[bytes]) -> list[pb.BatchLookupItem]:
    return [item for message in messages for item in pb.BatchLookupResponse.FromString(message).items]


def expected(index: int, payload: Payload | None) -> pb.BatchLookupItem:
    item = pb.BatchLookupItem(index=index)
    if payload is None:
        item.miss = NEVER_SEEN
    else:
        fill_payload(item.hit, payload)
    return item


@given(payloads=st.lists(st.none() | PAYLOADS, max_size=20), start=st.sampled_from([0, 120, 16_380, 99_000]))
def test_what_is_read_in_them_is_what_was_found(payloads: list[Payload | None], start: int) -> None:
    keys = [key_of(number) for number in range(len(payloads))]
    found = {
        key: replace(some_record(key), outcome=payload)
        for key, payload in zip(keys, payloads, strict=True)
        if payload is not None
    }
    assert read(list(answers(keys, start, found, NEVER_SEEN))) == [
        expected(index, payload) for index, payload in enumerate(payloads, start)
    ]


def columns_in(messages: list[bytes]) -> list[pb.BatchLookupItem]:
    """Return what columns say, as items."""
    items = []
    for message in messages:
        for columns in pb.BatchLookupResponse.FromString(message).columns:
            end = 0
            assert len(columns.sha256s) == 32 * len(columns.indexes)
            for number, index in enumerate(columns.indexes):
                start, end = end, end + columns.data_sizes[number]
                hit = entry_pb2.Payload(
                    data=columns.data[start:end],
                    encoding=columns.encoding,
                    sha256=columns.sha256s[32 * number : 32 * number + 32],
                    uncompressed_size_bytes=columns.uncompressed_sizes[number],
                    message_type=columns.message_type,
                )
                items.append(pb.BatchLookupItem(index=index, hit=hit))
            assert end == len(columns.data)
    return items


@given(payloads=st.lists(st.none() | PAYLOADS, max_size=20), start=st.sampled_from([0, 120, 16_380, 99_000]))
def test_columns_and_the_items_beside_them_say_the_same(payloads: list[Payload | None], start: int) -> None:
    keys = [key_of(number) for number in range(len(payloads))]
    found = {
        key: replace(some_record(key), outcome=payload)
        for key, payload in zip(keys, payloads, strict=True)
        if payload is not None
    }
    messages = list(answers_by_columns(keys, start, found, NEVER_SEEN))
    said = sorted(columns_in(messages) + read(messages), key=lambda item: item.index)
    assert said == [expected(index, payload) for index, payload in enumerate(payloads, start)]
    assert len(columns_in(messages)) == sum(payload is not None and payload.blob is None for payload in payloads)


@pytest.mark.parametrize("size_bytes", [0, 1, 512])
def test_parts_of_one_kind_are_in_the_same_columns(size_bytes: int) -> None:
    keys = [key_of(number) for number in range(SLICE)]
    content = bytes(size_bytes)
    payload = Payload(content, "identity", hashlib.sha256(content).digest(), size_bytes)
    messages = list(answers_by_columns(keys, 0, {k: replace(some_record(k), outcome=payload) for k in keys}, 0))
    [message] = map(pb.BatchLookupResponse.FromString, messages)
    assert not message.items
    assert len(message.columns) == 1
    assert [item.index for item in columns_in(messages)] == list(range(SLICE))


def test_every_part_of_a_slice_is_answered_under_its_index() -> None:
    keys = [key_of(number) for number in range(SLICE)]
    found: dict[bytes, Record] = {key: some_record(key) for key in keys[::2]}
    items = read(list(answers(keys, SLICE, found, NEVER_SEEN)))
    assert [item.index for item in items] == list(range(SLICE, 2 * SLICE))
    assert [item.HasField("hit") for item in items] == [True, False] * (SLICE // 2)


def test_a_part_asked_for_twice_is_answered_twice() -> None:
    record = some_record()
    items = read(list(answers([record.key, record.key], 0, {record.key: record}, NEVER_SEEN)))
    assert [item.index for item in items] == [0, 1]
    assert items[0].hit == items[1].hit


def test_a_failure_is_no_part() -> None:
    failure = some_failure()
    [item] = read(list(answers([failure.key], 0, {failure.key: failure}, NEVER_SEEN)))
    assert item.miss == NEVER_SEEN


@pytest.mark.parametrize("write", [answers, answers_by_columns])
@pytest.mark.parametrize("count", [1, 5, 9])
def test_large_parts_are_spread_over_messages_that_may_be_sent(
    write: Callable[..., Iterator[bytes]], count: int
) -> None:
    content = bytes(1024 * 1024)
    payload = Payload(content, "identity", hashlib.sha256(content).digest(), len(content))
    keys = [key_of(number) for number in range(count)]
    messages = list(write(keys, 0, {key: replace(some_record(key), outcome=payload) for key in keys}, NEVER_SEEN))
    assert len(read(messages) + columns_in(messages)) == count
    assert max(map(len, messages)) < 6 * 1024 * 1024


def test_nothing_asked_is_nothing_answered() -> None:
    assert list(answers([], 0, {}, NEVER_SEEN)) == []
