"""Groups of unique sequences: by the density of their projections, or by identity."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN

from analysis_service.sequence.sample import otus
from analysis_service.sequence.sample.colours import colour_of
from analysis_service.sequence.sample.member import NOT_THIS_MARKER, POTENTIALLY_NOVEL, SampleMember, in_order
from analysis_service.sequence.sample_params import ClusterMethod, SampleParams

OUTSIDE = 0
"""The number of what belongs to no cluster: C0 and N0."""

MOST_CLUSTERED = 4_000
"""Sequences whose density is computed, the most abundant ones; any other joins the cluster of the nearest of them.
HDBSCAN's time grows with the square of their number: 0.1 s at this one, 1.5 to 4 s at 20,000. Samples have some
hundreds to thousands of real sequences; what is rarer are mostly errors of reading around these (ours)."""

_KNOWN_PREFIX = "C"
_NOVEL_PREFIX = "N"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of unique sequences.

    Attributes
    ----------
    id : str
        C1, C2 … for known sequences, N1, N2 … for potentially novel ones, the largest first; C0 and N0 hold what is
        outside of every cluster.
    sequences : int
        Unique sequences.
    reads : int
        Reads that they stand for.
    color : str
        ``#rrggbb``.
    """

    id: str
    sequences: int
    reads: int
    color: str


@dataclass(frozen=True, slots=True)
class Clustering:
    """The groups of a sample.

    Attributes
    ----------
    clusters : tuple of Cluster
        C before N, each by its number.
    id_of : dict of bytes to str
        The cluster of each unique sequence, by its letters; '' for what is not of the marker.
    """

    clusters: tuple[Cluster, ...]
    id_of: dict[bytes, str]


def cluster(members: Iterable[SampleMember], params: SampleParams) -> Clustering:
    """Group a sample's sequences. Potentially novel ones are grouped by themselves.

    Parameters
    ----------
    members : iterable of SampleMember
        The sample, in any order.
    params : SampleParams
        `cluster_method`, `min_cluster_size`, `otu_identity_percent`.
    """
    ordered = in_order(members)
    id_of = {member.letters: "" for member in ordered if member.status == NOT_THIS_MARKER}
    of_marker = [member for member in ordered if member.letters not in id_of]
    clusters: list[Cluster] = []
    for prefix, is_novel in ((_KNOWN_PREFIX, False), (_NOVEL_PREFIX, True)):
        group = [member for member in of_marker if (member.status == POTENTIALLY_NOVEL) is is_novel]
        ids = [f"{prefix}{number}" for number in _numbers(group, _METHODS[params.cluster_method](group, params))]
        id_of.update((member.letters, name) for member, name in zip(group, ids, strict=True))
        clusters += _summed(group, ids)
    return Clustering(tuple(clusters), id_of)


def _by_density(group: Sequence[SampleMember], params: SampleParams) -> list[int]:
    """Labels, -1 outside of every cluster (Campello, Moulavi & Sander 2013).

    HDBSCAN finds two clusters or none: none is taken for one. Few sequences are grouped by their identity.
    """
    if len(group) < 2 * params.min_cluster_size:
        return _by_identity(group, params)
    points = np.array([member.coordinates for member in group], np.float64)
    first = points[:MOST_CLUSTERED]
    if not np.ptp(first, axis=0).any():
        return [0] * len(group)
    found = HDBSCAN(min_cluster_size=params.min_cluster_size, algorithm="kd_tree", copy=True)
    labels: NDArray[np.int64] = found.fit(first).labels_
    if (labels < 0).all():
        return [0] * len(group)
    if len(points) > len(first):
        _, nearest = cKDTree(first).query(points[MOST_CLUSTERED:])
        labels = np.concatenate([labels, labels[nearest]])
    return [int(label) for label in labels]


def _by_identity(group: Sequence[SampleMember], params: SampleParams) -> list[int]:
    return otus.centroids([member.letters for member in group], params.otu_identity_percent / 100.0)


_METHODS: dict[ClusterMethod, Callable[[Sequence[SampleMember], SampleParams], list[int]]] = {
    ClusterMethod.HDBSCAN: _by_density,
    ClusterMethod.OTU: _by_identity,
}


def _numbers(group: Sequence[SampleMember], labels: Sequence[int]) -> list[int]:
    """From labels to numbers from 1: clusters of most reads first, then that of the sequence that comes first."""
    reads: Counter[int] = Counter()
    for member, label in zip(group, labels, strict=True):
        reads[label] += member.abundance
    # A counter keeps the order in which labels were met, and sorting keeps it among equals.
    ranked = sorted((label for label in reads if label >= 0), key=lambda label: -reads[label])
    numbers = {label: number for number, label in enumerate(ranked, start=1)}
    return [numbers.get(label, OUTSIDE) for label in labels]


def _summed(group: Sequence[SampleMember], ids: Sequence[str]) -> list[Cluster]:
    sequences = Counter(ids)
    reads: Counter[str] = Counter()
    for member, name in zip(group, ids, strict=True):
        reads[name] += member.abundance
    return [
        Cluster(name, sequences[name], reads[name], colour_of("" if int(name[1:]) == OUTSIDE else name))
        for name in sorted(sequences, key=lambda name: int(name[1:]))
    ]
