"""Which strand of a sequence is the reference's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import reverse_complement, reverse_complement_kmers
from analysis_service.sequence.kernels.search import strand_scores
from analysis_service.sequence.search import Codes, Search, joined

_SCALE = 1000
"""Weights are whole thousandths, so that their sum is exact."""
_CLEAR = _SCALE // 2
"""A mean log-odds of half a nat a k-mer settles the strand; whatever lies closer is counted out."""


def strand_weights(bits: NDArray[np.uint64]) -> NDArray[np.int32]:
    """For each k-mer, in how many references it occurs against how many its reverse complement does.

    Returns
    -------
    NDArray of int32, shape (KMERS,)
        The log-odds with one reference added to both, in thousandths.
    """
    occurrences = np.bitwise_count(bits).sum(axis=1, dtype=np.int64) + 1.0
    odds: NDArray[np.float64] = np.log(occurrences / occurrences[reverse_complement_kmers()])
    return np.rint(_SCALE * odds).astype(np.int32)


class Orientation:
    """Turns sequences to the reference's strand.

    Parameters
    ----------
    weights
        What :func:`strand_weights` said of the reference.
    search
        Counts k-mers where the weights leave it open.
    """

    def __init__(self, weights: NDArray[np.int32], search: Search) -> None:
        self._weights = weights
        self._search = search

    def oriented(self, queries: Sequence[Codes]) -> tuple[list[Codes], NDArray[np.bool_]]:
        """Each query on the strand that shares more k-mers with its best hit, and whether it was turned."""
        codes, starts = joined(queries)
        scores = np.zeros((len(queries), 2), np.int64)
        strand_scores(codes, starts, self._weights, scores)
        kmers, total = scores.T
        turned = total < 0
        self._count_out(queries, np.flatnonzero(np.abs(total) < _CLEAR * kmers), turned)
        return [reverse_complement(q) if turn else q for q, turn in zip(queries, turned, strict=True)], turned

    def _count_out(self, queries: Sequence[Codes], unclear: NDArray[np.int64], turned: NDArray[np.bool_]) -> None:
        given = [queries[i] for i in unclear]
        _, forward = self._search.shared_with_best(given)
        _, backward = self._search.shared_with_best([reverse_complement(query) for query in given])
        turned[unclear] = backward > forward
