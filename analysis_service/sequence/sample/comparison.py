"""Samples against each other, by scikit-bio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import auto

import numpy as np
from numpy.typing import NDArray
from skbio import DistanceMatrix
from skbio.diversity import beta_diversity
from skbio.stats.ordination import pcoa

from analysis_service.sequence.errors import NameEnum
from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.sample.composition import Composition

MOST_AXES = 3


class BetaMetric(NameEnum):
    """How samples differ; 0 is equal, 1 nothing in common."""

    BRAY_CURTIS = auto()
    """Of proportions: sum |p - q| / 2 (Bray & Curtis 1957), so that the depth of sequencing does not count."""
    JACCARD = auto()
    """Of presence: 1 - shared / all (Jaccard 1912)."""
    UNWEIGHTED_UNIFRAC = auto()
    """Branch length of one sample only by that of both (Lozupone & Knight 2005)."""
    WEIGHTED_UNIFRAC = auto()
    """The same by proportions, normalised (Lozupone et al. 2007)."""


_NAMES = {
    BetaMetric.BRAY_CURTIS: "braycurtis",
    BetaMetric.JACCARD: "jaccard",
    BetaMetric.UNWEIGHTED_UNIFRAC: "unweighted_unifrac",
    BetaMetric.WEIGHTED_UNIFRAC: "weighted_unifrac",
}
PHYLOGENETIC = frozenset({BetaMetric.UNWEIGHTED_UNIFRAC, BetaMetric.WEIGHTED_UNIFRAC})


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Taxa by samples.

    Attributes
    ----------
    rank : str
        The rank.
    taxa : tuple of str
        Rows: the lineages, joined by '; ', largest mean share first, then by name.
    samples : tuple of str
        Columns, sorted.
    shares : tuple of tuple of float
        Share of a sample's reads, 0 to 1, by row.
    reads : tuple of tuple of int
        The reads themselves.
    unassigned : tuple of float
        What has no name at this rank, by column. With a column of `shares` it adds up to 1.
    """

    rank: str
    taxa: tuple[str, ...]
    samples: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    reads: tuple[tuple[int, ...], ...]
    unassigned: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Distances:
    """How much every two samples differ.

    Attributes
    ----------
    metric : BetaMetric
        By which measure.
    samples : tuple of str
        Rows and columns, sorted.
    values : tuple of tuple of float
        Distances, 0 to 1; symmetric, 0 in the diagonal.
    """

    metric: BetaMetric
    samples: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Ordination:
    """Samples as points: principal coordinates (Gower 1966).

    Attributes
    ----------
    samples : tuple of str
        In the order of `points`.
    points : tuple of tuple of float
        Coordinates, up to three. The sign of an axis is such that its largest coordinate, the first of equals, is
        positive.
    explained : tuple of float
        Share of the (positive) variance that each axis explains.
    """

    samples: tuple[str, ...]
    points: tuple[tuple[float, ...], ...]
    explained: tuple[float, ...]


def heatmap(samples: Mapping[str, Composition]) -> Heatmap:
    """Compositions side by side.

    Parameters
    ----------
    samples : mapping of str to Composition
        By the sample's name, all of one rank, in any order.

    Raises
    ------
    ValueError
        If there is none, or they are of different ranks.
    """
    ranks = {composition.rank for composition in samples.values()}
    if len(ranks) != 1:
        raise ValueError(f"compositions of one rank are compared, not of {len(ranks)}")
    names = sorted(samples)
    reads = {name: {"; ".join(taxon.lineage): taxon.reads for taxon in samples[name].taxa} for name in names}
    totals = {name: max(samples[name].reads, 1) for name in names}
    rows = {taxon: [reads[name].get(taxon, 0) for name in names] for found in reads.values() for taxon in found}
    shares = {taxon: tuple(row[at] / totals[name] for at, name in enumerate(names)) for taxon, row in rows.items()}
    taxa = sorted(rows, key=lambda taxon: (-sum(shares[taxon]), taxon))
    return Heatmap(
        rank=ranks.pop(),
        taxa=tuple(taxa),
        samples=tuple(names),
        shares=tuple(shares[taxon] for taxon in taxa),
        reads=tuple(tuple(rows[taxon]) for taxon in taxa),
        unassigned=tuple(samples[name].unassigned.reads / totals[name] for name in names),
    )


def distances(
    samples: Mapping[str, Mapping[str, int]],
    metric: BetaMetric = BetaMetric.BRAY_CURTIS,
    phylogeny: Phylogeny | None = None,
) -> Distances:
    """How much samples differ.

    Parameters
    ----------
    samples : mapping of str to mapping of str to int
        Reads by feature (a unique sequence, a taxon; for UniFrac the tips of the tree), by the sample's name. Both in
        any order.
    metric : BetaMetric
        By which measure.
    phylogeny : Phylogeny, optional
        For UniFrac: the tree.

    Raises
    ------
    ValueError
        If a sample has no reads, or UniFrac is asked for without a tree.
    """
    features = sorted({feature for counts in samples.values() for feature, count in counts.items() if count > 0})
    names = sorted(samples)
    counts = np.array([[samples[name].get(feature, 0) for feature in features] for name in names], np.int64)
    _check_reads(names, counts)
    arguments = _of_the_tree(metric, features, phylogeny) if metric in PHYLOGENETIC else {}
    found = beta_diversity(_NAMES[metric], _measured(counts, metric), names, **arguments)
    return Distances(metric, tuple(names), tuple(tuple(float(value) for value in row) for row in found.data))


def ordination(found: Distances) -> Ordination:
    """Principal coordinates of distances.

    Raises
    ------
    ValueError
        For fewer than two samples.
    """
    if len(found.samples) < 2:
        raise ValueError("at least two samples are needed for an ordination")
    axes = min(MOST_AXES, len(found.samples) - 1)
    values = np.array(found.values)
    if not values.any():
        return Ordination(found.samples, ((0.0,) * axes,) * len(found.samples), (0.0,) * axes)
    # Negative eigenvalues are usual for these measures and are left out.
    result = pcoa(DistanceMatrix(values, found.samples), dimensions=axes, warn_neg_eigval=False)
    points = _signed(np.asarray(result.samples, np.float64))
    explained = np.asarray(result.proportion_explained, np.float64)
    return Ordination(found.samples, _rows(points), tuple(float(share) for share in explained))


def _of_the_tree(metric: BetaMetric, tips: Sequence[str], phylogeny: Phylogeny | None) -> dict[str, object]:
    if phylogeny is None:
        raise ValueError(f"{metric} needs a tree, and the reference has none")
    # The other engine, numba's, would be compiled anew in each process.
    arguments = {"taxa": tips, "tree": phylogeny.spanning(tips), "engine": "cython"}
    return {**arguments, "normalized": True} if metric is BetaMetric.WEIGHTED_UNIFRAC else arguments


def _measured(counts: NDArray[np.int64], metric: BetaMetric) -> NDArray[np.generic]:
    if metric is BetaMetric.BRAY_CURTIS:
        proportions: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
        return proportions
    return np.minimum(counts, 1) if metric is BetaMetric.JACCARD else counts


def _check_reads(names: Sequence[str], counts: NDArray[np.int64]) -> None:
    empty = [name for name, row in zip(names, counts, strict=True) if not row.sum()]
    if empty or not names:
        raise ValueError(f"samples without reads cannot be compared: {', '.join(empty) or 'there is none'}")


def _signed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.argmax(np.abs(points).round(12), axis=0)
    signs = np.sign(points[largest, np.arange(points.shape[1])])
    return points * np.where(signs == 0, 1.0, signs)


def _rows(points: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) + 0.0 for value in row) for row in points)
