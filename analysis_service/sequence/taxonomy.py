"""The tree of a reference's taxa."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Taxonomy:
    """Which taxon each reference sequence belongs to at every rank.

    Two taxa of one name under different parents are different taxa. A blank is a taxon without a name, one for each
    parent, so that what lies below a blank keeps its place.

    Attributes
    ----------
    ranks : tuple of str
        Highest first.
    names : Sequence of str
        The taxa's names; '' is blank.
    paths : NDArray of int32, shape (references, ranks)
        Indices into `names`.
    """

    ranks: tuple[str, ...]
    names: Sequence[str]
    paths: NDArray[np.int32]

    def members_at(self, rank: int) -> NDArray[np.int64]:
        """How many references each taxon has at a rank, shape (taxa,)."""
        return np.bincount(self.paths[:, rank], minlength=len(self.names))


def grown(ranks: tuple[str, ...], lineages: Sequence[tuple[str, ...]]) -> Taxonomy:
    """Make the tree of these lineages, which have one name for each rank."""
    taxa: dict[tuple[str, ...], int] = {}
    paths = np.empty((len(lineages), len(ranks)), np.int32)
    for i, lineage in enumerate(lineages):
        for rank in range(len(ranks)):
            paths[i, rank] = taxa.setdefault(lineage[: rank + 1], len(taxa))
    return Taxonomy(ranks, [lineage[-1] for lineage in taxa], paths)
