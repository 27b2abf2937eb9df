"""All that is said of one sample."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.sample.clusters import Clustering, cluster
from analysis_service.sequence.sample.composition import Composition, composition
from analysis_service.sequence.sample.diversity import AlphaDiversity, sample_diversity
from analysis_service.sequence.sample.lineage import lineage_counts
from analysis_service.sequence.sample.member import STATUSES, SampleMember, in_order, of_the_marker
from analysis_service.sequence.sample.rarefaction import RarefactionPoint, rarefaction
from analysis_service.sequence.sample.views import HierarchyNode, Sankey, hierarchy, sankey
from analysis_service.sequence.sample_params import SampleParams


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How much of a sample has a status.

    Attributes
    ----------
    status : str
        One of `member.STATUSES`.
    sequences : int
        Unique sequences.
    reads : int
        Reads that they stand for.
    """

    status: str
    sequences: int
    reads: int


@dataclass(frozen=True, slots=True)
class WholeSample:
    """A sample as a whole.

    Attributes
    ----------
    sequences : int
        Unique sequences.
    reads : int
        Reads that they stand for.
    statuses : tuple of StatusCount
        One for each status, in the order of `member.STATUSES`; together the sample.
    compositions : tuple of Composition
        One for each rank, highest first.
    hierarchy : HierarchyNode
        The tree of taxa.
    sankey : Sankey
        The flows of reads from rank to rank.
    clustering : Clustering
        Groups of sequences.
    diversity : AlphaDiversity
        Of the unique sequences of the marker.
    rarefaction : tuple of RarefactionPoint
        Of the same.
    """

    sequences: int
    reads: int
    statuses: tuple[StatusCount, ...]
    compositions: tuple[Composition, ...]
    hierarchy: HierarchyNode
    sankey: Sankey
    clustering: Clustering
    diversity: AlphaDiversity
    rarefaction: tuple[RarefactionPoint, ...]


def analyse(
    members: Iterable[SampleMember],
    rank_names: Sequence[str],
    params: SampleParams,
    phylogeny: Phylogeny | None = None,
) -> WholeSample:
    """Say of a sample what follows from its sequences.

    Parameters
    ----------
    members : iterable of SampleMember
        The sample, in any order; the order changes nothing.
    rank_names : sequence of str
        The reference's ranks, highest first.
    params : SampleParams
        How.
    phylogeny : Phylogeny, optional
        The reference's tree; its tips are accessions.
    """
    ordered = in_order(members)
    lineages = lineage_counts(ordered, rank_names)
    return WholeSample(
        sequences=len(ordered),
        reads=sum(member.abundance for member in ordered),
        statuses=tuple(_count(status, ordered) for status in STATUSES),
        compositions=tuple(composition(lineages, rank, rank_names) for rank in rank_names),
        hierarchy=hierarchy(lineages, rank_names),
        sankey=sankey(lineages, rank_names),
        clustering=cluster(ordered, params),
        diversity=sample_diversity(ordered, params.shannon_base, phylogeny),
        rarefaction=rarefaction((member.abundance for member in of_the_marker(ordered)), params.rarefaction_points),
    )


def _count(status: str, members: Iterable[SampleMember]) -> StatusCount:
    reads = [member.abundance for member in members if member.status == status]
    return StatusCount(status, len(reads), sum(reads))
