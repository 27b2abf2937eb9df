"""Parts out of the answers of the cache: by columns they are the same payloads as by items."""

from hypothesis import given
from hypothesis import strategies as st

from analysis_service.service.found_parts import found_in
from assaycache.cache.v1.cache_service_pb2 import BatchLookupColumns, BatchLookupItem, BatchLookupResponse
from assaycache.cache.v1.entry_pb2 import ENCODING_ZSTD, MISS_REASON_NEVER_SEEN, Payload


@given(
    parts=st.lists(
        st.tuples(st.binary(max_size=300), st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1)), max_size=9
    ),
    message_type=st.text(max_size=20),
)
def test_a_part_by_columns_is_the_payload_that_it_is_by_items(
    parts: list[tuple[bytes, bytes, int]], message_type: str
) -> None:
    payloads = [
        Payload(
            data=data,
            encoding=ENCODING_ZSTD,
            sha256=sha256,
            uncompressed_size_bytes=size_bytes,
            message_type=message_type,
        )
        for data, sha256, size_bytes in parts
    ]
    by_items = BatchLookupResponse(
        items=[BatchLookupItem(index=7 * number, hit=payload) for number, payload in enumerate(payloads)]
    )
    by_items.items.add(index=1, miss=MISS_REASON_NEVER_SEEN)
    columns = BatchLookupColumns(
        indexes=[7 * number for number in range(len(parts))],
        data_sizes=[len(data) for data, _, _ in parts],
        uncompressed_sizes=[size_bytes for _, _, size_bytes in parts],
        sha256s=b"".join(sha256 for _, sha256, _ in parts),
        encoding=ENCODING_ZSTD,
        message_type=message_type,
        data=b"".join(data for data, _, _ in parts),
    )
    by_columns = BatchLookupResponse(columns=[columns], items=[BatchLookupItem(index=1, miss=MISS_REASON_NEVER_SEEN)])
    expected = [(7 * number, payload) for number, payload in enumerate(payloads)]
    for answer in (by_items, by_columns):
        assert [(index, Payload.FromString(record)) for index, record in found_in(answer)] == expected
