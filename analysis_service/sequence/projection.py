"""Sequences as points: a linear map fitted on the reference, so that a sequence's place never depends on others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.spectra import SPECTRUM, project, spectra
from analysis_service.sequence.search import Codes, joined

DIMENSIONS = 3


@dataclass(frozen=True)
class Projection:
    """The principal axes of a reference's 5-mer spectra; the first two span the plane, all three the space.

    Attributes
    ----------
    mean : NDArray of float64, shape (SPECTRUM,)
    axes : NDArray of float64, shape (SPECTRUM, DIMENSIONS)
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    @cached_property
    def _centre(self) -> NDArray[np.float64]:
        """The mean's place: sums in a fixed order, the same anywhere."""
        return np.array([math.fsum(column) for column in (self.mean[:, None] * self.axes).T.tolist()])

    def places(self, queries: Sequence[Codes]) -> NDArray[np.float64]:
        """The coordinates of each query, shape (queries, DIMENSIONS), rounded to 4 decimals."""
        codes, starts = joined(queries)
        out = np.zeros((len(queries), DIMENSIONS))
        project(codes, starts, self._centre, self.axes, out)
        return out.round(4) + 0.0  # no negative zero


def fit_projection(sequences: Sequence[Codes]) -> Projection:
    """Decompose the spectra of a reference's sequences (singular values of the centred Hellinger spectra)."""
    codes, starts = joined(sequences)
    table = np.zeros((len(sequences), SPECTRUM))
    spectra(codes, starts, table)
    mean = table.mean(axis=0)
    _, vectors = np.linalg.eigh((table - mean).T @ (table - mean))
    axes = vectors[:, : -DIMENSIONS - 1 : -1]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])
    return Projection(mean.round(6), np.ascontiguousarray((axes * signs).round(6)) + 0.0)
