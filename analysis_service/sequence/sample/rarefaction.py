"""How many features a smaller sample would have shown."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln


@dataclass(frozen=True, slots=True)
class RarefactionPoint:
    """One point of the curve.

    Attributes
    ----------
    reads : int
        Reads drawn without replacement.
    features : float
        Different ones expected among them.
    """

    reads: int
    features: float


def rarefaction(counts: Iterable[int], points: int) -> tuple[RarefactionPoint, ...]:
    """The rarefaction curve, by its expectation rather than by drawing.

    E[S_n] = sum over features of 1 - C(N - N_i, n) / C(N, n), hypergeometric (Hurlbert 1971, Ecology 52:577; Heck, van
    Belle & Simberloff 1975, Ecology 56:1459).

    Parameters
    ----------
    counts : iterable of int
        Reads of each feature, in any order; zeros are passed over.
    points : int
        Depths, evenly spaced from 1 to all reads; fewer where there are fewer reads.

    Returns
    -------
    tuple of RarefactionPoint
        By depth; empty without reads.
    """
    sizes, multiplicities = np.unique(np.array([count for count in counts if count > 0], np.int64), return_counts=True)
    if not len(sizes):
        return ()
    total = int(sizes @ multiplicities)
    depths = np.unique(np.linspace(1, total, min(points, total)).round().astype(np.int64))
    return tuple(RarefactionPoint(int(depth), _expected(sizes, multiplicities, total, int(depth))) for depth in depths)


def _expected(sizes: NDArray[np.int64], multiplicities: NDArray[np.int64], total: int, depth: int) -> float:
    others = total - sizes
    can_miss = others >= depth
    rest = others[can_miss].astype(np.float64)
    # log of C(rest, depth) / C(total, depth); the factorials of depth cancel.
    log_missed = gammaln(rest + 1) - gammaln(rest - depth + 1) - gammaln(total + 1) + gammaln(total - depth + 1)
    return float(multiplicities.sum() - multiplicities[can_miss] @ np.exp(log_missed))
