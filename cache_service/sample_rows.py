"""Samples of sequences as rows for SQL. The names of the fields are those of the columns, which say what they are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

SAMPLE_TABLES = ("sample_results", "sequences")

MOST_SEQUENCES = 100_000
"""As many as a result of our own lists."""


class SampleFigures(NamedTuple):
    """A row of `sample_results`, without what it has of its record."""

    format: str
    records: int
    reads: int
    unique_sequences: int
    unlisted_sequences: int
    known_reads: int
    novel_reads: int
    other_marker_reads: int
    unassigned_reads: int
    mean_confidence: float
    richness: int
    shannon: float | None
    shannon_base: str | None
    simpson: float | None
    chao1: float | None
    pielou: float | None
    faith: float | None
    ranks: list[str]
    reference_name: str
    reference_version: str
    reference_digest: bytes


class SequenceRow(NamedTuple):
    """A row of `sequences`, without what it has of its sample. `taxa` is JSON."""

    position: int
    record_id: str
    letters: str
    length: int
    reads: int
    records: int
    mean_quality: float | None
    status: str
    taxon: str | None
    taxon_rank: str | None
    confidence: float | None
    probability: float | None
    taxa: str
    novelty: float
    hit_accession: str | None
    identity: float | None
    overlap: float | None
    is_reversed: bool
    cluster: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A result as rows. The sequences are made one by one, as they are taken."""

    figures: SampleFigures
    sequences: Iterator[SequenceRow]
    count: int
    size_bytes: int
    """About what the rows take in the database."""


Projections = Mapping[str, Callable[[bytes], Sample]]
"""How results become rows, by the full name of their message; it may raise ValueError."""
