"""Pieces of uploads on their way to chunks."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.joining import Chunks


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 16))
def test_whatever_the_pieces_the_chunks_hold_the_same_bytes_and_are_full_but_the_last(
    pieces: list[bytes], chunk_bytes: int
) -> None:
    gathered, given_back = Chunks(chunk_bytes), []
    for piece in pieces:
        gathered.add(piece)
        while chunk := gathered.full():
            given_back.append(chunk)
    assert {len(chunk) for chunk in given_back} <= {chunk_bytes}
    assert len(rest := gathered.rest()) < chunk_bytes
    assert b"".join([*given_back, rest]) == b"".join(pieces)
    assert gathered.rest() == b""
