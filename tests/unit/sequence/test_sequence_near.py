"""What is aligned where k-mers point is what edlib finds there."""

import edlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_service.sequence.identity import align, identity_of
from analysis_service.sequence.kernels.near import MARGIN, near
from tests.support.synthetic_marker import evolved

pytestmark = pytest.mark.slow  # where nothing is compiled yet, that takes half a minute

SOUGHT_ELSEWHERE = (-1, 0)


def found(query: bytes, reference: bytes, begin: int) -> tuple[int, int]:
    """The edits of a query at a place of a reference, and the letters of it that it spans."""
    out = np.zeros((2, 2), np.int64)
    letters, ends = np.frombuffer(b"AC" + query, np.uint8).copy(), np.array([0, 2, 2 + len(query)])
    references, edges = np.frombuffer(b"GG" + reference, np.uint8), np.array([0, 2, 2 + len(reference)])
    near(letters, ends, references, edges, np.array([-1, 1]), np.array([0, begin]), out)
    assert tuple(out[0]) == SOUGHT_ELSEWHERE, "a query without a hit"
    edits, span = out[1].tolist()
    return edits, span


def by_edlib(query: bytes, reference: bytes, begin: int) -> tuple[int, int]:
    if begin < 0 or begin + len(query) > len(reference):
        return SOUGHT_ELSEWHERE
    if reference.startswith(query, begin):
        return 0, len(query)
    start = max(0, begin - MARGIN)
    window = reference[start : begin + len(query) + MARGIN]
    said = edlib.align(query, window, mode="HW", task="locations", k=MARGIN)
    if said["editDistance"] < 0:
        return SOUGHT_ELSEWHERE
    first, last = (start + place for place in said["locations"][0])
    may_hang_over = begin == 0 or begin + len(query) == len(reference) or first == 0 or last == len(reference) - 1
    return SOUGHT_ELSEWHERE if may_hang_over else (said["editDistance"], last - first + 1)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, bytes, int]:
    """A reference of few or many different letters, a piece of it with edits, and where about it was."""
    alphabet = draw(st.sampled_from(["ACGT", "AC", "ACCCCC", "ACGTN"]))
    text = st.text(alphabet, min_size=1, max_size=6)
    reference = draw(st.lists(text, min_size=5, max_size=40).map("".join))
    begin = draw(st.integers(0, len(reference) - 2))
    query = list(reference[begin : draw(st.integers(begin + 1, len(reference)))])
    for at, new in draw(st.lists(st.tuples(st.integers(0, 200), st.sampled_from([*alphabet, ""]) | text), max_size=12)):
        query[at % len(query)] = new
    letters = "".join(query) or "A"
    return letters.encode(), reference.encode(), begin + draw(st.sampled_from([0, 0, 0, 1, -1, 9, -40]))


@settings(deadline=None, max_examples=500)  # the first one may compile
@given(edited())
def test_edits_and_span_are_those_of_edlib(given_case: tuple[bytes, bytes, int]) -> None:
    assert found(*given_case) == by_edlib(*given_case)


@pytest.mark.parametrize("edit", [b"", b"T", b"TTTT"])
def test_an_alignment_where_kmers_point_is_the_one_found_anywhere(edit: bytes) -> None:
    reference = evolved(seed=7).source.letters[0]
    query = reference[100:200] + edit + reference[203:350]
    edits, span = found(query, reference, 100)
    assert edits > 0
    assert align(query, reference) == (identity_of(edits, len(query), span), 1.0)


def test_what_is_not_there_or_may_hang_over_is_sought_everywhere() -> None:
    reference = evolved(seed=7).source.letters[0]
    assert found(reference[300:400], reference, 50) == SOUGHT_ELSEWHERE
    assert found(b"ACGTT" + reference[:200], reference, -5) == SOUGHT_ELSEWHERE
    assert found(reference[:50] + b"T" + reference[50:90], reference, 0) == SOUGHT_ELSEWHERE
    assert found(reference + b"A", reference, 0) == SOUGHT_ELSEWHERE
    assert found(reference, reference, 0) == (0, len(reference))
