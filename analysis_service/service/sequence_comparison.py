"""Samples against each other, from their results."""

from collections import Counter
from collections.abc import Sequence

from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.sample.comparison import (
    PHYLOGENETIC,
    BetaMetric,
    Distances,
    Heatmap,
    distances,
    heatmap,
    ordination,
)
from analysis_service.sequence.sample.composition import Composition, TaxonCount
from analysis_service.service.parted import plain_of
from analysis_service.service.shelf import Shelf
from analysis_service.service.steps import split
from analysis_service.workers.process import Input, Report
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1 import sequence_pb2
from assaycache.cache.v1.entry_pb2 import Payload
from rpc.errors import InvalidArgument, Violation
from rpc.reasons import Reason

METRICS = {metric.name.lower(): metric for metric in BetaMetric}

_AT = "each sequence at the tip of its best hit"
_SOURCES = {
    BetaMetric.BRAY_CURTIS: "bray_curtis: of the proportions of unique sequences (Bray & Curtis 1957)",
    BetaMetric.JACCARD: "jaccard: of the presence of unique sequences (Jaccard 1912)",
    BetaMetric.UNWEIGHTED_UNIFRAC: f"unweighted_unifrac: branch length of one only (Lozupone & Knight 2005), {_AT}",
    BetaMetric.WEIGHTED_UNIFRAC: f"weighted_unifrac: by proportions, normalised (Lozupone et al. 2007), {_AT}",
}
_MOST_BYTES = 1024**3
"""The most that a result may unpack to: 20 times one that lists as many sequences of usual length as results do."""


def compared(shelf: Shelf, data: Input, arguments: bytes, report: Report) -> bytes:
    """Compare the results in a file, which are in the order of the request's jobs."""
    request = pb2.CompareRequest.FromString(arguments)
    results = [_result(bytes(payload)) for payload in split(memoryview(data))]
    report("comparing", 0.5)
    rank = _rank(request, results[0].ranks)
    metric = _metric(request.measure)
    jobs = tuple(request.job_ids)
    phylogeny = _phylogeny(shelf, results[0].reference) if metric in PHYLOGENETIC else None
    counted = _counts if phylogeny is None else _hits
    try:
        found = distances(dict(zip(jobs, map(counted, results), strict=True)), metric, phylogeny)
    except ValueError as error:
        raise _invalid("job_ids", str(error)) from error
    table = heatmap({job: _composition(result, rank) for job, result in zip(jobs, results, strict=True)})
    details = _details(results, table, found, jobs)
    answer = pb2.CompareResponse(job_ids=jobs, measure=_SOURCES[metric], distances=_rows(found, jobs))
    answer.details.Pack(details, deterministic=True)
    return answer.SerializeToString()


def _result(payload: bytes) -> sequence_pb2.SequenceTaxonomy:
    plain = plain_of(Payload.FromString(payload), _MOST_BYTES)
    return sequence_pb2.SequenceTaxonomy.FromString(plain)


def _rank(request: pb2.CompareRequest, ranks: Sequence[str]) -> str:
    options = sequence_pb2.SequenceComparisonOptions()
    if request.HasField("options") and not request.options.Unpack(options):
        raise _invalid("options", f"options must be a {options.DESCRIPTOR.full_name}")
    if options.rank and options.rank not in ranks:
        raise _invalid("rank", f"rank must be one of {', '.join(ranks)}")
    return options.rank or ranks[-1]


def _metric(measure: str) -> BetaMetric:
    if not measure:
        return BetaMetric.BRAY_CURTIS
    if measure not in METRICS:
        raise _invalid("measure", f"measure must be one of {', '.join(METRICS)}")
    return METRICS[measure]


def _phylogeny(shelf: Shelf, said: sequence_pb2.SequenceReference) -> Phylogeny:
    found = shelf.reference(said.digest).phylogeny
    if found is None:
        raise InvalidArgument(
            Reason.REFERENCE_TREE_MISSING,
            f"UniFrac needs a tree, and the reference {said.name!r} has none; add it again with one "
            "(`assaycache reference add --tree`), and analyse the files with that.",
            metadata={"reference": said.name},
        )
    return found


def _counts(result: sequence_pb2.SequenceTaxonomy) -> dict[str, int]:
    """Reads by unique sequence, those that are not of the marker left out."""
    return {
        sequence.letters: sequence.abundance
        for sequence in result.sequences
        if sequence.assignment.status != sequence_pb2.SEQUENCE_STATUS_NOT_THIS_MARKER
    }


def _hits(result: sequence_pb2.SequenceTaxonomy) -> dict[str, int]:
    """Reads by the best hit, those that are not of the marker left out."""
    counts: Counter[str] = Counter()
    for sequence in result.sequences:
        said = sequence.assignment
        if said.hit_accession and said.status != sequence_pb2.SEQUENCE_STATUS_NOT_THIS_MARKER:
            counts[said.hit_accession] += sequence.abundance
    return counts


def _composition(result: sequence_pb2.SequenceTaxonomy, rank: str) -> Composition:
    said = next(item for item in result.compositions if item.rank == rank)
    unassigned = _taxon(said.unassigned)
    taxa = tuple(map(_taxon, said.taxa))
    everything = (*taxa, unassigned)
    sequences, reads = (sum(getattr(taxon, name) for taxon in everything) for name in ("sequences", "reads"))
    return Composition(rank, taxa, unassigned, sequences, reads)


def _taxon(said: sequence_pb2.SequenceTaxon) -> TaxonCount:
    return TaxonCount(said.name, tuple(said.lineage), said.sequences, said.reads, said.share, said.color)


def _details(
    results: Sequence[sequence_pb2.SequenceTaxonomy], table: Heatmap, found: Distances, jobs: Sequence[str]
) -> sequence_pb2.SequenceComparison:
    order = [table.samples.index(job) for job in jobs]
    details = sequence_pb2.SequenceComparison(
        rank=table.rank,
        unassigned=[table.unassigned[at] for at in order],
        diversities=[result.diversity for result in results],
    )
    for taxon, shares, reads in zip(table.taxa, table.shares, table.reads, strict=True):
        details.heatmap.add(taxon=taxon, shares=[shares[at] for at in order], reads=[reads[at] for at in order])
    if len(jobs) > 1:
        drawn = ordination(found)
        points = [drawn.points[drawn.samples.index(job)] for job in jobs]
        for axis, values in enumerate(zip(*points, strict=True), 1):
            getattr(details, f"axis_{axis}").extend(values)
        details.explained.extend(drawn.explained)
    return details


def _rows(found: Distances, jobs: Sequence[str]) -> list[float]:
    order = [found.samples.index(job) for job in jobs]
    return [found.values[row][column] for row in order for column in order]


def _invalid(parameter: str, text: str) -> InvalidArgument:
    return InvalidArgument(
        Reason.PARAMETER_INVALID,
        f"{text}.",
        metadata={"parameter": parameter},
        violations=[Violation(parameter, text)],
    )
