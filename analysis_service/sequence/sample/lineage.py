"""Lineages as paths of equal length, so that everything that is counted adds up at every rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis_service.sequence.sample.member import SampleMember

UNASSIGNED = "Unassigned"
UNNAMED = "Unnamed"


@dataclass(frozen=True, slots=True)
class LineageCount:
    """How much of a sample has one lineage.

    Attributes
    ----------
    path : tuple of str
        See :func:`path_of`.
    sequences : int
        Unique sequences.
    reads : int
        Reads that they stand for.
    """

    path: tuple[str, ...]
    sequences: int
    reads: int


def lineage_counts(members: Iterable[SampleMember], rank_names: Sequence[str]) -> tuple[LineageCount, ...]:
    """Count a sample by lineage: there are far fewer of them than of sequences, so all views are made of these counts.

    Parameters
    ----------
    members : iterable of SampleMember
        The sample, in any order.
    rank_names : sequence of str
        The reference's ranks, highest first.

    Raises
    ------
    ValueError
        If a member has another number of names: it is of another reference.
    """
    counts: dict[tuple[str, ...], list[int]] = {}
    for member in members:
        count = counts.setdefault(member.names, [0, 0])
        count[0] += 1
        count[1] += member.abundance
    return tuple(LineageCount(path_of(names, rank_names), *count) for names, count in counts.items())


def path_of(names: Sequence[str], rank_names: Sequence[str]) -> tuple[str, ...]:
    """Names at every rank, none of them empty above one that is called.

    Parameters
    ----------
    names : sequence of str
        The taxon at each rank, highest first; '' where nothing is called.
    rank_names : sequence of str
        The reference's ranks, highest first.

    Returns
    -------
    tuple of str
        One a rank: the name; 'Unnamed RANK' where the reference has a blank above a rank that is called;
        '' below the last rank that is called.

    Raises
    ------
    ValueError
        If there are not as many names as ranks.
    """
    if len(names) != len(rank_names):
        raise ValueError(f"an assignment has {len(names)} ranks, the reference has {len(rank_names)}")
    depth = max((at + 1 for at, name in enumerate(names) if name), default=0)
    return tuple(
        (name or f"{UNNAMED} {rank}") if at < depth else ""
        for at, (name, rank) in enumerate(zip(names, rank_names, strict=True))
    )


def rank_index(rank: str, rank_names: Sequence[str]) -> int:
    """The place of a rank.

    Raises
    ------
    ValueError
        If the reference has no rank of that name.
    """
    if rank not in rank_names:
        raise ValueError(f"{rank!r} is none of the reference's ranks: {', '.join(rank_names)}")
    return list(rank_names).index(rank)


def shown_names(paths: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """What taxa are called: their last name, with their parents where taxa of several lineages share it.

    Parameters
    ----------
    paths : sequence of tuple of str
        Taxa of one rank, each once, by their names from the highest rank on.
    """
    counts: dict[str, int] = {}
    for path in paths:
        counts[path[-1]] = counts.get(path[-1], 0) + 1
    return {path: _with_parents(path) if counts[path[-1]] > 1 else path[-1] for path in paths}


def _with_parents(path: tuple[str, ...]) -> str:
    parents = "; ".join(path[:-1])
    return f"{path[-1]} ({parents})" if parents else path[-1]
