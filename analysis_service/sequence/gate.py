"""Whether a sequence is of the reference's marker at all.

By chance alone, a sequence shares some k-mers with some reference, the more the shorter it is and the more references
there are. So the threshold belongs to the reference and to the number of k-mers; without one, a third of shuffled
reads were called Bacteria at a confidence of 0.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_KMERS = 16
"""Half of what one bootstrap draws; below, nothing can be said."""
_OWN_QUANTILE = 0.05
_SHARE = 0.25
"""Where between chance and the reference's own the threshold lies: nearer to chance, for organisms not seen before."""


@dataclass(frozen=True)
class Gate:
    """The least shared fraction, as a function of the number of different k-mers.

    Attributes
    ----------
    kmers : tuple of float
        Numbers of k-mers, ascending.
    thresholds : tuple of float
        The least shared fraction at each; between them linear in the logarithm, constant outside.
    """

    kmers: tuple[float, ...]
    thresholds: tuple[float, ...]

    def passes(
        self, kmers: NDArray[np.int64], shared_fractions: NDArray[np.float64], least: float = 0.0
    ) -> NDArray[np.bool_]:
        """Whether sequences pass; `least` above 0 takes the place of what was fitted."""
        if least > 0:
            return shared_fractions >= least
        places = np.log2(np.maximum(kmers, 1))
        fitted = np.interp(places, np.log2(self.kmers), self.thresholds)
        return shared_fractions >= fitted


@dataclass(frozen=True)
class GateSample:
    """Shared fractions at one length: the reference's own sequences left out one by one, and such that are chance."""

    kmers: NDArray[np.int64]
    own: NDArray[np.float64]
    chance: NDArray[np.float64]


def fit_gate(samples: Sequence[GateSample]) -> Gate:
    """Put the threshold between chance and the reference's own at each length.

    Where these overlap, as in short pieces or in a marker whose sequences share little, it is what chance did not
    exceed.
    """
    knots: dict[float, float] = {}
    for sample in samples:
        chance = float(sample.chance.max())
        own = float(np.quantile(sample.own, _OWN_QUANTILE))
        place = float(np.median(sample.kmers))
        knots[round(place, 1)] = round(chance + _SHARE * max(0.0, own - chance), 4)
    ordered = sorted(knots.items())
    return Gate(tuple(place for place, _ in ordered), tuple(threshold for _, threshold in ordered))
