"""Lineages as paths of equal length, so that everything that is counted adds up at every rank."""

from collections.abc import Sequence

from analysis_service.sequence.sample.member import Assigned

UNASSIGNED = "Unassigned"
UNNAMED = "Unnamed"


def path_of(assignment: Assigned, rank_names: Sequence[str]) -> tuple[str, ...]:
    """Names at every rank.

    Parameters
    ----------
    assignment : Assigned
        What is said of a sequence.
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
        If the assignment has another number of ranks: it is of another reference.
    """
    names = [call.name for call in assignment.ranks]
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
