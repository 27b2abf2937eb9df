"""What becomes a row, and what it says."""

import orjson
import pytest

from assaycache.analysis.v1 import sequence_pb2 as pb
from cache_service.sample_rows import Sample
from cache_service.service import sequence_rows
from tests.support.taxonomy_message import taxonomy_message

TAXONOMY = pb.SequenceTaxonomy.DESCRIPTOR.full_name


def rows_of(message: pb.SequenceTaxonomy) -> Sample:
    return sequence_rows.PROJECTIONS[TAXONOMY](message.SerializeToString())


@pytest.mark.parametrize(
    ("names", "taxa", "taxon", "rank", "confidence"),
    [
        (["A", "B", "C"], {"family": "A", "genus": "B", "species": "C"}, "C", "species", 0.5),
        (["A", "", "C"], {"family": "A", "species": "C"}, "C", "species", 0.5),
        (["A"], {"family": "A"}, "A", "family", 1.0),
        ([], {}, None, None, None),
        (["A", "B", "C", "of no rank"], {"family": "A", "genus": "B", "species": "C"}, "C", "species", 0.5),
    ],
)
def test_the_lowest_taxon_that_is_named_is_the_sequences(
    names: list[str], taxa: dict[str, str], taxon: str | None, rank: str | None, confidence: float | None
) -> None:
    message = taxonomy_message(1)
    message.sequences[0].assignment.names[:] = names
    [row] = rows_of(message).sequences
    assert orjson.loads(row.taxa) == taxa
    assert (row.taxon, row.taxon_rank, row.confidence) == (taxon, rank, confidence)


def test_a_confidence_that_is_missing_is_none() -> None:
    message = taxonomy_message(1)
    del message.sequences[0].assignment.confidences[1:]
    [row] = rows_of(message).sequences
    assert (row.taxon_rank, row.confidence, row.probability) == ("species", None, 0.25)


def test_no_more_sequences_become_rows_than_a_result_of_our_own_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_rows, "MOST_SEQUENCES", 3)
    sample = rows_of(taxonomy_message(8))
    assert [row.reads for row in sample.sequences] == [8, 7, 6]
    assert (sample.count, sample.figures.unlisted_sequences, sample.figures.unique_sequences) == (3, 5, 8)


def test_an_empty_message_is_a_sample_of_nothing() -> None:
    sample = rows_of(pb.SequenceTaxonomy())
    assert (list(sample.sequences), sample.figures.reads, sample.figures.shannon) == ([], 0, None)


def test_what_does_not_decode_is_an_error_of_its_own_kind() -> None:
    with pytest.raises(ValueError, match="does not decode"):
        sequence_rows.PROJECTIONS[TAXONOMY](b"\xff\xff\xff")
