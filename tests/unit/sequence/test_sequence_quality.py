"""Reads are judged by their length and by the errors that their qualities let expect."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.intake import Intake, take_in
from analysis_service.sequence.params import SequenceParams
from analysis_service.sequence.quality import ERROR_UNIT, Dropped, phred
from tests.support.read_synthesis import fasta, fastq

# Expected errors: 4 * 10^-4; 2 * 10^-1 + 2 * 10^-4; 1; 1 + 10^-4.
READS = fastq(
    [
        ("good", b"AAAA", b"IIII"),
        ("fair", b"CCCC", b"++II"),
        ("one", b"G", b"!"),
        ("worse", b"TT", b"!I"),
        ("none", b"", b""),
    ]
)


def read(content: bytes, **params: Any) -> Intake:
    return take_in(content, SequenceParams(**params))


def ids(content: bytes, **params: Any) -> set[str]:
    return {sequence.first_id for sequence in read(content, **params).sequences}


def test_reads_with_more_expected_errors_than_allowed_are_left_out() -> None:
    assert ids(READS) == {"good", "fair", "one"}
    assert ids(READS, max_expected_errors=0.2003) == {"good", "fair"}
    assert ids(READS, max_expected_errors=0.2001) == {"good"}
    assert ids(READS, max_expected_errors=0.0) == {"good", "fair", "one", "worse"}


def test_what_was_left_out_is_counted_by_its_first_reason() -> None:
    found = read(READS, min_length=2, max_length=4, max_expected_errors=0.2001)
    assert found.dropped == Dropped(empty=1, too_short=1, too_long=0, expected_errors=2)
    assert (found.records, found.kept_records, found.dropped.total) == (5, 1, 4)


def test_a_file_of_which_nothing_is_left_says_why() -> None:
    with pytest.raises(InputError) as caught:
        read(READS, min_length=3, max_length=3)
    assert caught.value.reason is Reason.FILE_NO_SEQUENCES
    assert caught.value.message == (
        "No sequence is left: of 5 records 1 had no letters, 2 were shorter than min_length, "
        "2 were longer than max_length."
    )


def test_the_length_bounds_are_included() -> None:
    content = fasta([("a", b"AC"), ("b", b"ACG"), ("c", b"ACGT")])
    assert ids(content, min_length=3) == {"b", "c"}
    assert ids(content, max_length=3) == {"a", "b"}
    assert ids(content) == {"a", "b", "c"}


def test_fasta_is_not_filtered_by_quality() -> None:
    assert read(fasta([("a", b"N" * 400)]), max_expected_errors=0.001).dropped.total == 0


def test_a_reads_quality_is_that_of_its_mean_error() -> None:
    assert phred(ERROR_UNIT, 1) == 0.0
    assert phred(ERROR_UNIT // 1000 * 5, 5) == 30.0


@given(
    st.lists(st.text("".join(map(chr, range(33, 127))), max_size=30), min_size=1, max_size=12),
    st.sampled_from([0.01, 0.5, 1.0, 3.0]),
)
def test_the_filter_is_the_sum_of_error_probabilities(qualities: list[str], most: float) -> None:
    records = [(f"r{at}", b"A" * (len(text)), text.encode()) for at, text in enumerate(qualities)]
    errors = [float(np.sum(10.0 ** (-(np.frombuffer(text.encode(), np.uint8) - 33.0) / 10))) for text in qualities]
    expected = sum(error <= most for error, text in zip(errors, qualities, strict=True) if text)
    content = fastq([*records, ("best", b"ACGT", b"~~~~")])
    found = read(content, max_expected_errors=most)
    assert found.kept_records == expected + 1
    assert found.dropped.empty == Counter(qualities)[""]
