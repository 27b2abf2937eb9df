"""Logistic regression: fitted once by scikit-learn, applied everywhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST_OF_A_CLASS = 5
"""With fewer examples of either outcome only the rate is fitted."""


@dataclass(frozen=True)
class Logistic:
    """A probability as a function of some features.

    Attributes
    ----------
    intercept : float
    weights : tuple of float
        One a feature.
    """

    intercept: float
    weights: tuple[float, ...]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability for each row of features, rounded to 4 decimals; terms are added in a fixed order."""
        score = np.full(features.shape[0], self.intercept)
        for column, weight in zip(features.T, self.weights, strict=True):
            score += weight * column
        probabilities: NDArray[np.float64] = (1.0 / (1.0 + np.exp(-score))).round(4)
        return probabilities


def fit_logistic(
    features: NDArray[np.float64], outcomes: NDArray[np.bool_], sample_weights: NDArray[np.float64] | None = None
) -> Logistic:
    """Fit by maximum likelihood with a weak ridge penalty; with one outcome only, its smoothed rate.

    Parameters
    ----------
    features
        Shape (examples, features).
    outcomes, sample_weights
        Shape (examples,).
    """
    weights = np.ones(outcomes.size) if sample_weights is None else sample_weights
    if min(outcomes.sum(), (~outcomes).sum()) < _LEAST_OF_A_CLASS:
        odds = (weights[outcomes].sum() + 0.5) / (weights[~outcomes].sum() + 0.5)
        return Logistic(round(float(np.log(odds)), 4), (0.0,) * features.shape[1])
    from sklearn.linear_model import LogisticRegression  # a second to import, and needed to build a reference only

    scale = np.maximum(features.std(axis=0), 1e-6)
    model = LogisticRegression(max_iter=1000).fit(features / scale, outcomes, sample_weight=weights)
    fitted = model.coef_[0] / scale
    return Logistic(round(float(model.intercept_[0]), 4), tuple(round(float(weight), 4) for weight in fitted))


def log_odds(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds of shares of votes, kept finite: a hundred bootstraps do not tell 0.995 from 1."""
    kept = np.clip(shares, 0.005, 0.995)
    odds: NDArray[np.float64] = np.log(kept / (1.0 - kept))
    return odds
