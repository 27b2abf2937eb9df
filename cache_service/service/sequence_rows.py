"""Results of analyses of sequences as rows for SQL."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import orjson
from google.protobuf.message import DecodeError

from assaycache.analysis.v1 import sequence_pb2 as pb
from cache_service.sample_rows import MOST_SEQUENCES, Projections, Sample, SampleFigures, SequenceRow

_ROW_BYTES = 300
"""What a row takes beside its texts, with its part of the indexes; measured: 290 to 310."""

_STATUSES = {
    pb.SEQUENCE_STATUS_KNOWN: "known",
    pb.SEQUENCE_STATUS_POTENTIALLY_NOVEL: "potentially_novel",
    pb.SEQUENCE_STATUS_NOT_THIS_MARKER: "not_this_marker",
    pb.SEQUENCE_STATUS_UNASSIGNED: "unassigned",
}
_SHANNON_BASES = {
    pb.SEQUENCE_SHANNON_BASE_E: "e",
    pb.SEQUENCE_SHANNON_BASE_TWO: "2",
    pb.SEQUENCE_SHANNON_BASE_TEN: "10",
}


def _taxonomy(data: bytes) -> Sample:
    try:
        result = pb.SequenceTaxonomy.FromString(data)
    except DecodeError as error:
        raise ValueError("the result does not decode") from error
    listed = min(len(result.sequences), MOST_SEQUENCES)
    return Sample(_figures(result, listed), _rows(result), listed, len(data) + _ROW_BYTES * listed)


def _figures(result: pb.SequenceTaxonomy, listed: int) -> SampleFigures:
    reading, diversity, reference = result.reading, result.diversity, result.reference
    reads = {count.status: count.reads for count in result.statuses}
    return SampleFigures(
        format=reading.format,
        records=reading.records,
        reads=reading.kept_reads,
        unique_sequences=reading.unique_sequences,
        unlisted_sequences=result.unlisted_sequences + len(result.sequences) - listed,
        known_reads=reads.get(pb.SEQUENCE_STATUS_KNOWN, 0),
        novel_reads=reads.get(pb.SEQUENCE_STATUS_POTENTIALLY_NOVEL, 0),
        other_marker_reads=reads.get(pb.SEQUENCE_STATUS_NOT_THIS_MARKER, 0),
        unassigned_reads=reads.get(pb.SEQUENCE_STATUS_UNASSIGNED, 0),
        mean_confidence=result.mean_confidence,
        richness=diversity.features,
        shannon=diversity.shannon if diversity.HasField("shannon") else None,
        shannon_base=_SHANNON_BASES.get(diversity.shannon_base),
        simpson=diversity.simpson if diversity.HasField("simpson") else None,
        chao1=diversity.chao1 if diversity.HasField("chao1") else None,
        pielou=diversity.pielou if diversity.HasField("pielou") else None,
        faith=diversity.faith if diversity.HasField("faith") else None,
        ranks=list(result.ranks),
        reference_name=reference.name,
        reference_version=reference.version,
        reference_digest=reference.digest,
    )


def _rows(result: pb.SequenceTaxonomy) -> Iterator[SequenceRow]:
    """Yield the rows. There may be 100,000, so what many of them share, their lineage, is worked out once."""
    ranks = list(result.ranks)
    lineages: dict[tuple[str, ...], _Lineage] = {}
    for position, sequence in enumerate(islice(result.sequences, MOST_SEQUENCES), 1):
        names = tuple(sequence.assignment.names)
        lineage = lineages.get(names)
        if lineage is None:
            lineage = lineages[names] = _lineage(names, ranks)
        yield _row(position, sequence, lineage)


class _Lineage(NamedTuple):
    """The taxa that are named, as JSON, and the lowest of them with its place among the ranks."""

    taxa: str
    place: int | None = None
    taxon: str | None = None
    rank: str | None = None


def _lineage(names: tuple[str, ...], ranks: list[str]) -> _Lineage:
    named = [(rank, name) for rank, name in zip(ranks, names, strict=False) if name]
    taxa = orjson.dumps(dict(named)).decode()
    if not named:
        return _Lineage(taxa)
    rank, taxon = named[-1]
    return _Lineage(taxa, ranks.index(rank), taxon, rank)


def _row(position: int, sequence: pb.SampleSequence, lineage: _Lineage) -> SequenceRow:
    said, letters = sequence.assignment, sequence.letters
    hit = said.hit_accession or None
    return SequenceRow(
        position,
        sequence.id,
        letters,
        len(letters),
        sequence.abundance,
        sequence.records,
        sequence.mean_quality if sequence.HasField("mean_quality") else None,
        _STATUSES.get(said.status, "unassigned"),
        lineage.taxon,
        lineage.rank,
        _at(said.confidences, lineage.place),
        _at(said.probabilities, lineage.place),
        lineage.taxa,
        said.novelty,
        hit,
        None if hit is None else said.identity,
        None if hit is None else said.overlap,
        said.is_reversed,
        sequence.cluster or None,
    )


def _at(values: Sequence[float], place: int | None) -> float | None:
    return None if place is None or place >= len(values) else values[place]


PROJECTIONS: Projections = {pb.SequenceTaxonomy.DESCRIPTOR.full_name: _taxonomy}
