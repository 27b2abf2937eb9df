"""A sample's lineages as drawings take them: a hierarchy (sunburst) and flows between ranks (sankey)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis_service.sequence.sample.colours import colour_of
from analysis_service.sequence.sample.lineage import UNASSIGNED, LineageCount, shown_names

ROOT = "Sample"


@dataclass(frozen=True, slots=True)
class HierarchyNode:
    """A taxon and what is below it; the children of a node add up to it.

    Attributes
    ----------
    name : str
        The taxon; 'Unassigned' for what is not named any deeper.
    rank : str
        Its rank; '' for the root.
    sequences : int
        Unique sequences in it.
    reads : int
        Reads in it.
    color : str
        ``#rrggbb``.
    children : tuple of HierarchyNode
        Those with most reads first, then by name.
    """

    name: str
    rank: str
    sequences: int
    reads: int
    color: str
    children: tuple["HierarchyNode", ...]


@dataclass(frozen=True, slots=True)
class SankeyNode:
    """A taxon at one rank.

    Attributes
    ----------
    id : int
        Its place in the list of nodes.
    name : str
        The taxon, with its parents where another of that rank has its name; or 'Unassigned'.
    rank : str
        Its rank.
    reads : int
        Reads in it. Those of all nodes of a rank add up to the sample.
    color : str
        ``#rrggbb``.
    """

    id: int
    name: str
    rank: str
    reads: int
    color: str


@dataclass(frozen=True, slots=True)
class SankeyLink:
    """Reads that two taxa of neighbouring ranks share.

    Attributes
    ----------
    source : int
        `id` of the node at the higher rank.
    target : int
        `id` of the node at the lower one.
    reads : int
        How many.
    """

    source: int
    target: int
    reads: int


@dataclass(frozen=True, slots=True)
class Sankey:
    """Flows from rank to rank.

    Attributes
    ----------
    nodes : tuple of SankeyNode
        Rank by rank; within a rank those with most reads first.
    links : tuple of SankeyLink
        By source, then by target.
    """

    nodes: tuple[SankeyNode, ...]
    links: tuple[SankeyLink, ...]


class _Branch:
    def __init__(self) -> None:
        self.sequences = 0
        self.reads = 0
        self.branches: dict[str, _Branch] = {}

    def add(self, path: Sequence[str], lineage: LineageCount) -> None:
        self.sequences += lineage.sequences
        self.reads += lineage.reads
        if path:
            self.branches.setdefault(path[0], _Branch()).add(path[1:] if path[0] else (), lineage)


def hierarchy(lineages: Iterable[LineageCount], rank_names: Sequence[str], deepest: str | None = None) -> HierarchyNode:
    """The tree of a sample's taxa.

    Parameters
    ----------
    lineages : iterable of LineageCount
        The sample, in any order.
    rank_names : sequence of str
        The reference's ranks, highest first.
    deepest : str, optional
        The last rank that is shown; all by default.

    Raises
    ------
    ValueError
        If there is no such rank.
    """
    ranks = _down_to(deepest, rank_names)
    root = _Branch()
    for lineage in lineages:
        root.add(lineage.path[: len(ranks)], lineage)
    return _node(ROOT, root, ("", *ranks), is_named=False)


def sankey(lineages: Iterable[LineageCount], rank_names: Sequence[str], deepest: str | None = None) -> Sankey:
    """The flows of a sample's reads from rank to rank. Parameters and errors are those of :func:`hierarchy`."""
    ranks = _down_to(deepest, rank_names)
    nodes: list[dict[tuple[str, ...], int]] = [{} for _ in ranks]
    links: dict[tuple[int, tuple[str, ...], tuple[str, ...]], int] = {}
    for lineage in lineages:
        keys = [lineage.path[: at + 1] if lineage.path[at] else () for at in range(len(ranks))]
        for at, key in enumerate(keys):
            nodes[at][key] = nodes[at].get(key, 0) + lineage.reads
            if at:
                link = (at, keys[at - 1], key)
                links[link] = links.get(link, 0) + lineage.reads
    return _drawn(ranks, nodes, links)


def _drawn(
    ranks: Sequence[str],
    nodes: Sequence[dict[tuple[str, ...], int]],
    links: dict[tuple[int, tuple[str, ...], tuple[str, ...]], int],
) -> Sankey:
    drawn: list[SankeyNode] = []
    ids: dict[tuple[int, tuple[str, ...]], int] = {}
    for at, (rank, found) in enumerate(zip(ranks, nodes, strict=True)):
        names = {**shown_names([key for key in found if key]), (): UNASSIGNED}
        for key, reads in sorted(found.items(), key=lambda item: (not item[0], -item[1], item[0])):
            ids[at, key] = len(drawn)
            drawn.append(SankeyNode(len(drawn), names[key], rank, reads, colour_of(key[-1] if key else "")))
    flows = [SankeyLink(ids[at - 1, source], ids[at, target], reads) for (at, source, target), reads in links.items()]
    return Sankey(tuple(drawn), tuple(sorted(flows, key=lambda link: (link.source, link.target))))


def _node(name: str, branch: _Branch, ranks: Sequence[str], *, is_named: bool = True) -> HierarchyNode:
    children = [_node(child, found, ranks[1:]) for child, found in branch.branches.items()]
    children.sort(key=lambda node: (node.name == UNASSIGNED, -node.reads, node.name))
    colour = colour_of(name if is_named else "")
    if set(branch.branches) == {""}:
        children = []
    return HierarchyNode(name or UNASSIGNED, ranks[0], branch.sequences, branch.reads, colour, tuple(children))


def _down_to(deepest: str | None, rank_names: Sequence[str]) -> Sequence[str]:
    if deepest is None:
        return rank_names
    if deepest not in rank_names:
        raise ValueError(f"{deepest!r} is none of the reference's ranks: {', '.join(rank_names)}")
    return rank_names[: list(rank_names).index(deepest) + 1]
