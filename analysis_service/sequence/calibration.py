"""From shares of votes to probabilities.

A share of votes is not the probability of being right. How they are related is learned for each rank from the
reference itself: each sequence of a sample is left out and assigned by the rest. Clades are not held out as wholes:
that would teach how often wholly new clades turn up, which the reference does not know.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.logistic import Logistic, fit_logistic, log_odds
from analysis_service.sequence.search import Found


@dataclass(frozen=True)
class Calibration:
    """One regression a rank, on four features: see :func:`_features`."""

    by_rank: tuple[Logistic, ...]

    def calibrated(self, found: Found) -> NDArray[np.float64]:
        """The probability that each call is right, shape (queries, ranks); no rank's exceeds that of the rank above."""
        probabilities = np.empty(found.confidences.shape)
        above = np.ones(len(found.kmers))
        for rank, model in enumerate(self.by_rank):
            above = np.minimum(above, model.probabilities(_features(found, rank)))
            probabilities[:, rank] = above
        return np.where(found.taxa >= 0, probabilities, 0.0)


def fit_calibration(found: Found, truths: NDArray[np.int32], is_named: NDArray[np.bool_]) -> Calibration:
    """Learn from sequences that were left out.

    Parameters
    ----------
    found
        What the rest of the reference said of them.
    truths
        The taxa that they are of, shape (queries, ranks).
    is_named
        Where there is a truth: blanks teach nothing. Shape (queries, ranks).
    """
    models = []
    for rank in range(truths.shape[1]):
        taught = is_named[:, rank] & (found.taxa[:, rank] >= 0)
        is_right = found.taxa[taught, rank] == truths[taught, rank]
        models.append(fit_logistic(_features(found, rank)[taught], is_right))
    return Calibration(tuple(models))


def expected_calibration_error(
    probabilities: NDArray[np.float64], outcomes: NDArray[np.bool_], bins: int = 10
) -> float:
    """How far probabilities are from the rates of the outcomes, on average (Naeini et al. 2015)."""
    places = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(places, probabilities - outcomes, minlength=bins)
    return float(np.abs(gaps).sum() / max(probabilities.size, 1))


def _features(found: Found, rank: int) -> NDArray[np.float64]:
    """Log-odds of the confidence, shared fraction, margin to the best other taxon, the parent's confidence."""
    parent = found.confidences[:, rank - 1] if rank else np.ones(len(found.kmers))
    columns = [log_odds(found.confidences[:, rank]), found.shared_fractions, found.margins[:, rank], parent]
    return np.column_stack(columns)
