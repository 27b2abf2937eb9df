"""What a sample is made of, at one rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis_service.sequence.sample.colours import colour_of
from analysis_service.sequence.sample.lineage import UNASSIGNED, LineageCount, rank_index, shown_names

OTHER = "Other"


@dataclass(frozen=True, slots=True)
class TaxonCount:
    """How much of a sample is of one taxon.

    Attributes
    ----------
    name : str
        The taxon; with its parents in brackets where the sample has several of that name.
    lineage : tuple of str
        Names from the highest rank to this one; empty for what has no name here.
    sequences : int
        Unique sequences.
    reads : int
        Reads that they stand for.
    share : float
        Reads by all reads of the sample, 0 to 1.
    color : str
        ``#rrggbb``, the same wherever the taxon's name appears.
    """

    name: str
    lineage: tuple[str, ...]
    sequences: int
    reads: int
    share: float
    color: str


@dataclass(frozen=True, slots=True)
class Composition:
    """What a sample is made of; `taxa` and `unassigned` together are all of it.

    Attributes
    ----------
    rank : str
        The rank.
    taxa : tuple of TaxonCount
        Those with most reads first, then by name.
    unassigned : TaxonCount
        What has no name at this rank.
    sequences : int
        Unique sequences of the sample.
    reads : int
        Its reads.
    """

    rank: str
    taxa: tuple[TaxonCount, ...]
    unassigned: TaxonCount
    sequences: int
    reads: int


def composition(lineages: Iterable[LineageCount], rank: str, rank_names: Sequence[str]) -> Composition:
    """Count a sample at a rank.

    Parameters
    ----------
    lineages : iterable of LineageCount
        The sample, in any order.
    rank : str
        One of `rank_names`.
    rank_names : sequence of str
        The reference's ranks, highest first.

    Raises
    ------
    ValueError
        If there is no such rank.
    """
    depth = rank_index(rank, rank_names) + 1
    counts: dict[tuple[str, ...], list[int]] = {}
    for lineage in lineages:
        path = lineage.path[:depth]
        count = counts.setdefault(path if path[-1] else (), [0, 0])
        count[0] += lineage.sequences
        count[1] += lineage.reads
    sequences, reads = (sum(count[at] for count in counts.values()) for at in (0, 1))
    none = counts.pop((), [0, 0])
    names = shown_names(list(counts))
    taxa = [_taxon(names[path], path, count, reads) for path, count in counts.items()]
    taxa.sort(key=lambda taxon: (-taxon.reads, taxon.name))
    return Composition(rank, tuple(taxa), _taxon(UNASSIGNED, (), none, reads), sequences, reads)


def folded(whole: Composition, most: int) -> tuple[TaxonCount, ...]:
    """The taxa with most reads, the rest as one, and the unassigned, for a chart; what is empty is left out.

    Parameters
    ----------
    whole : Composition
        The sample at a rank.
    most : int
        How many taxa are shown by themselves.
    """
    rest = whole.taxa[most:]
    other = [sum(taxon.sequences for taxon in rest), sum(taxon.reads for taxon in rest)]
    shown = (*whole.taxa[:most], _taxon(OTHER, (), other, whole.reads), whole.unassigned)
    return tuple(taxon for taxon in shown if taxon.sequences)


def _taxon(name: str, path: tuple[str, ...], count: Sequence[int], reads: int) -> TaxonCount:
    sequences, own = count
    return TaxonCount(name, path, sequences, own, own / reads if reads else 0.0, colour_of(path[-1] if path else ""))
