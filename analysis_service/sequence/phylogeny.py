"""The tree that relates a reference's sequences."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skbio import TreeNode


@dataclass(frozen=True)
class Phylogeny:
    """A rooted tree with branch lengths, as plain arrays.

    Nodes are numbered as in R's ape (Paradis & Schliep 2019): the tips first, by their names; then the inner nodes,
    each behind its children; the root is the last one. Trees that differ only in the order of children are equal.

    Attributes
    ----------
    names : sequence of str
        Of the tips, sorted: the accessions of the reference.
    parents : NDArray of int32, shape (nodes,)
        Of each node; the root is its own.
    lengths : NDArray of float64, shape (nodes,)
        Of the branch above each node, in the tree's own unit; 0 for the root.
    """

    names: Sequence[str]
    parents: NDArray[np.int32]
    lengths: NDArray[np.float64]

    def spanning(self, names: Iterable[str]) -> TreeNode:
        """The part of the tree from the root down to some of its tips.

        What scikit-bio adds up over it is what it would add up over the whole tree, where all other branches count
        nothing; and a sample has far fewer tips than a reference.

        Raises
        ------
        KeyError
            If there is no such tip, or none is asked for.
        """
        places = np.array([self._place(name) for name in sorted(names)], np.int32)
        if not places.size:
            raise KeyError("no tip is asked for")
        kept = self._down_to(places).tolist()
        nodes = {at: TreeNode(self._name(at), float(self.lengths[at])) for at in kept}
        root = kept.pop()
        for at in kept:
            nodes[int(self.parents[at])].append(nodes[at], uncache=False)
        return nodes[root]

    def _place(self, name: str) -> int:
        place = bisect_left(self.names, name)
        if place == len(self.names) or self.names[place] != name:
            raise KeyError(name)
        return place

    def _down_to(self, places: NDArray[np.int32]) -> NDArray[np.int64]:
        """The tips at some places and all nodes above them, in order."""
        is_kept = np.zeros(len(self.parents), np.bool_)
        while places.size:
            is_kept[places] = True
            above = np.unique(self.parents[places])
            places = above[~is_kept[above]]
        return np.flatnonzero(is_kept)

    def _name(self, at: int) -> str | None:
        return self.names[at] if at < len(self.names) else None
