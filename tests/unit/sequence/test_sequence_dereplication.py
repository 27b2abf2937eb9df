"""Unique sequences are counted exactly, in an order of their own."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analysis_service.sequence.dereplication import Dereplicator
from analysis_service.sequence.intake import take_in
from analysis_service.sequence.params import SequenceParams
from analysis_service.sequence.reader import BATCH_RECORDS
from tests.support.read_synthesis import fasta, fastq

PARAMS = SequenceParams(max_expected_errors=0.0)

records = st.lists(
    st.tuples(st.text("ACGTUacgtuNn", min_size=1, max_size=4).map(str.encode), st.integers(1, 50)),
    min_size=1,
    max_size=30,
)


@given(records)
def test_abundances_are_those_of_a_counter(sample: list[tuple[bytes, int]]) -> None:
    expected: Counter[bytes] = Counter()
    for letters, abundance in sample:
        expected[letters.upper().replace(b"U", b"T")] += abundance
    content = fasta([(f"r{at};size={abundance}", letters) for at, (letters, abundance) in enumerate(sample)])
    found = take_in(content, PARAMS)
    assert {item.letters: item.abundance for item in found.sequences} == expected
    assert found.kept_reads == sum(abundance for _, abundance in sample)
    assert sum(item.records for item in found.sequences) == found.records == len(sample)


@given(records)
def test_the_most_abundant_come_first_and_equals_by_their_letters(sample: list[tuple[bytes, int]]) -> None:
    content = fasta([(f"r{at};size={abundance}", letters) for at, (letters, abundance) in enumerate(sample)])
    found = take_in(content, PARAMS).sequences
    keys = [(-item.abundance, item.letters) for item in found]
    assert keys == sorted(keys)
    assert len({item.letters for item in found}) == len(found)


@given(records, st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing_but_which_record_is_first(
    sample: list[tuple[bytes, int]], chance: random.Random
) -> None:
    quality = {letters: bytes(chance.choices(b"!5?I~", k=len(letters))) for letters, _ in sample}
    entries = [(f"r;size={abundance}", letters, quality[letters]) for letters, abundance in sample]
    first = take_in(fastq(entries), PARAMS)
    chance.shuffle(entries)
    assert take_in(fastq(entries), PARAMS) == first


def test_the_first_record_gives_its_identifier() -> None:
    found = take_in(b">x\nGT\n>b\nAC\n>a\nac\n", PARAMS).sequences
    assert [(item.letters, item.first_id, item.records) for item in found] == [(b"AC", "b", 2), (b"GT", "x", 1)]


def test_batches_are_one_sample() -> None:
    count = 2 * BATCH_RECORDS + 5
    names = [(f"r{at}", b"ACGT" if at % 3 else b"TTTT") for at in range(count)]
    found = take_in(fasta(names), PARAMS)
    assert [(item.letters, item.records, item.first_id) for item in found.sequences] == [
        (b"ACGT", count - (count + 2) // 3, "r1"),
        (b"TTTT", (count + 2) // 3, "r0"),
    ]


def test_qualities_of_one_sequence_are_pooled_over_its_records() -> None:
    found = take_in(fastq([("a", b"AC", b"II"), ("b", b"AC", b"++"), ("c", b"G", b"I")]), PARAMS).sequences
    # (2 * 10^-4 + 2 * 10^-1) / 4
    assert [item.mean_quality for item in found] == [13.006, 40.0]


def test_nothing_added_is_nothing_found() -> None:
    assert Dereplicator().result() == ()
