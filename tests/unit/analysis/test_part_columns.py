"""Parts by columns say what parts one by one say."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_service.service.part_columns import Contents, columns_of, contents_of, found_in, write_parts
from analysis_service.service.parted import DamagedParts, Parts, payload_of
from assaycache.cache.v1.cache_service_pb2 import BatchLookupColumns, BatchLookupItem, BatchLookupResponse
from assaycache.cache.v1.entry_pb2 import MISS_REASON_NEVER_SEEN, PartRef, Payload

LARGE = 2_000
"""What is as large is compressed."""


def part(text: bytes) -> Payload:
    return payload_of(Payload(data=text))


def text_of(plain: bytes) -> bytes:
    return Payload.FromString(plain).data


texts = st.lists(st.binary(max_size=40).map(lambda text: text * (LARGE if text[:1] > b"\xc0" else 1)), max_size=9)


@given(texts)
def test_parts_are_read_as_they_were_found_by_items_and_by_columns(given_texts: list[bytes]) -> None:
    parts = [(7 * number, part(text)) for number, text in enumerate(given_texts)]
    by_items = BatchLookupResponse(items=[BatchLookupItem(index=index, hit=payload) for index, payload in parts])
    by_columns = BatchLookupResponse(columns=columns_of(parts))
    for answer in (by_items, by_columns):
        answer.items.add(index=1, miss=MISS_REASON_NEVER_SEEN)
        file = io.BytesIO()
        for columns in found_in(answer):
            write_parts(file, 100, columns)
        found = Parts(file.getvalue())
        assert len(found) == len(parts)
        assert list(found.decoded(text_of)) == given_texts


def test_parts_are_read_in_their_order_and_the_one_written_last_counts() -> None:
    file = io.BytesIO()
    for first, numbered in ((0, [(3, b"d"), (1, b"b")]), (2, [(0, b"c")]), (0, [(0, b"a"), (3, b"e")])):
        for columns in columns_of((index, part(text)) for index, text in numbered):
            write_parts(file, first, columns)
    assert list(Parts(file.getvalue()).decoded(text_of)) == [b"a", b"b", b"c", b"e"]


def test_a_part_that_is_damaged_is_named_and_those_beside_it_are_read() -> None:
    sound, damaged = part(b"x"), part(b"y")
    damaged.sha256 = bytes(32)
    file = io.BytesIO()
    for columns in columns_of([(4, sound), (5, damaged), (6, sound)]):
        write_parts(file, 0, columns)
    read = []
    with pytest.raises(DamagedParts) as told:
        read += Parts(file.getvalue()).decoded(text_of)
    assert told.value.indexes == (5,)
    assert read == [b"x", b"x"]


@pytest.mark.parametrize(
    "change",
    [
        lambda columns: columns.indexes.append(9),
        lambda columns: columns.data_sizes.pop(),
        lambda columns: columns.uncompressed_sizes.append(1),
        lambda columns: setattr(columns, "sha256s", columns.sha256s[1:]),
        lambda columns: setattr(columns, "data", columns.data + b"more"),
    ],
)
def test_columns_that_do_not_fit_together_are_no_parts(change: Any) -> None:
    columns: BatchLookupColumns
    (columns,) = columns_of([(0, part(b"x")), (1, part(b"y"))])
    assert list(found_in(BatchLookupResponse(columns=[columns]))) == [columns]
    change(columns)
    assert list(found_in(BatchLookupResponse(columns=[columns]))) == []


def test_contents_are_taken_out_of_their_columns() -> None:
    given_contents = [(bytes([number]) * 32, number * 10) for number in range(5)]
    contents = Contents(contents_of(given_contents))
    assert len(contents) == 5
    assert contents.one(3) == PartRef(sha256=b"\x03" * 32, size_bytes=30)
    assert contents.some(1, 3) == contents_of(given_contents[1:3])
