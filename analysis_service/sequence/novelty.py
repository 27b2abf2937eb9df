"""How probable it is that a sequence's genus (or the lowest rank) is not in the reference.

Two kinds of examples come out of the reference: a sequence left out alone (its genus is still there) and a sequence
whose whole genus is left out. In nature they are not equally frequent: the share of new genera is estimated as Good
(1953) and Turing did, by the share of sequences that are the only ones of theirs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.logistic import Logistic, fit_logistic, log_odds
from analysis_service.sequence.search import Found

_PRIOR = (0.01, 0.5)
"""A reference that was thinned out has no lone sequences, one of type strains has nothing else."""


@dataclass(frozen=True)
class Novelty:
    """The probability that the taxon at `rank` is absent, by four features: see :func:`_features`."""

    rank: int
    model: Logistic

    def probabilities(self, found: Found, identities: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each query, 0 to 1; `identities` are those with the best hits."""
        return self.model.probabilities(_features(found, identities, self.rank))


@dataclass(frozen=True)
class NoveltyExamples:
    """What was found for some left-out sequences, and their identities with their best hits."""

    found: Found
    identities: NDArray[np.float64]


def novelty_rank(ranks: tuple[str, ...]) -> int:
    """The rank whose absence is meant: the genus, else the lowest."""
    return ranks.index("genus") if "genus" in ranks else len(ranks) - 1


def fit_novelty(rank: int, present: NoveltyExamples, absent: NoveltyExamples, lone_share: float) -> Novelty:
    """Learn from sequences whose taxon at `rank` is present and such whose is absent.

    Parameters
    ----------
    lone_share
        The share of the reference's sequences that are the only ones of their taxon.
    """
    prior = float(np.clip(lone_share, *_PRIOR))
    sizes = (present.identities.size, absent.identities.size)
    features = np.concatenate([_features(item.found, item.identities, rank) for item in (present, absent)])
    is_absent = np.repeat([False, True], sizes)
    total = sum(sizes)
    shares = ((1.0 - prior) * total / max(sizes[0], 1), prior * total / max(sizes[1], 1))
    return Novelty(rank, fit_logistic(features, is_absent, np.repeat(shares, sizes)))


def _features(found: Found, identities: NDArray[np.float64], rank: int) -> NDArray[np.float64]:
    """Log-odds of the confidence, shared fraction, margin to the best other taxon, identity with the best hit."""
    columns = [log_odds(found.confidences[:, rank]), found.shared_fractions, found.margins[:, rank], identities]
    return np.column_stack(columns)
