"""From a query's codes to the votes for its lineage: the whole inner loop."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.counting import PLANES, WORKSPACE
from analysis_service.sequence.kernels.kmers import KMERS, seed_of, unique_kmers
from analysis_service.sequence.kernels.machine_code import compiled
from analysis_service.sequence.kernels.nearest import nearest
from analysis_service.sequence.kernels.votes import bootstrap_votes, candidate_rows, descend

HOPELESS = 8
"""A reference is left out of the bootstraps if it lacks so many k-mers for each draw of all of the query's against the
best hit: of 32 draws a quarter. With nothing in their place it ties with the best in 1 of 10,000 bootstraps. Of 8,434
queries of nine splits, 8 calls changed."""


@compiled
def search(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    bits: NDArray[np.uint64],
    presence: NDArray[np.uint64],
    paths: NDArray[np.int32],
    taxon_count: int,
    barred: NDArray[np.uint64],
    top: int,
    bootstraps: int,
    draws: int,
    counts: NDArray[np.int64],
    taxa: NDArray[np.int32],
    confidences: NDArray[np.float64],
    margins: NDArray[np.float64],
) -> None:
    """Search queries one by one; nothing of one reaches the next.

    Parameters
    ----------
    codes, starts
        The queries one after the other; query i has the codes from `starts[i]` to `starts[i + 1]`.
    bits, presence, paths
        The reference's bit rows, shape (KMERS, words), which of the words have a k-mer, shape (KMERS, words / 64), and
        taxa, shape (references, ranks).
    barred
        Bits of references that a query may not see, shape (queries, words); with one row the same for all.
    top
        How many references are kept; those that tie for the last places are chosen evenly.
    counts
        Written, shape (queries, 3): different k-mers, the best hit (-1: none), the k-mers shared with it.
    taxa, confidences, margins
        Written, shape (queries, ranks); see :func:`descend`. Without a hit -1, 0 and 0.
    """
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    work = np.zeros(WORKSPACE, np.uint64)
    bounds = np.empty((PLANES, presence.shape[1]), np.uint64)
    planes = np.empty((PLANES, bits.shape[1]), np.uint64)
    places = np.empty(bits.shape[1], np.int32)
    chosen = np.empty(top, np.int32)
    shared = np.empty(top, np.int64)
    votes = np.empty(top, np.float64)
    rows = np.empty((1024, (top + 63) >> 6), np.uint64)
    sums = np.zeros(taxon_count, np.float64)
    for i in range(starts.size - 1):
        query = codes[starts[i] : starts[i + 1]]
        count = unique_kmers(query, seen, i, kmers)
        counts[i, 0], counts[i, 1], counts[i, 2] = count, -1, 0
        taxa[i] = -1
        confidences[i] = 0.0
        margins[i] = 0.0
        if count == 0:
            continue
        members, counts[i, 1], counts[i, 2] = nearest(
            bits,
            presence,
            kmers,
            count,
            top,
            count * HOPELESS // draws,
            barred[min(i, barred.shape[0] - 1)],
            work,
            bounds,
            planes,
            places,
            chosen,
            shared,
        )
        if members == 0:
            continue
        if rows.shape[0] <= count:
            rows = np.empty((2 * count, rows.shape[1]), np.uint64)
        candidate_rows(bits, kmers, count, chosen, members, rows)
        bootstrap_votes(rows, count, members, shared, seed_of(query), bootstraps, draws, votes)
        descend(votes, chosen, members, paths, sums, taxa[i], confidences[i], margins[i])


@compiled
def best_shared(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    bits: NDArray[np.uint64],
    presence: NDArray[np.uint64],
    barred: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> None:
    """Write each query's different k-mers, and how many of them its best hit has, to `counts`, shape (queries, 2)."""
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    work = np.zeros(WORKSPACE, np.uint64)
    bounds = np.empty((PLANES, presence.shape[1]), np.uint64)
    planes = np.empty((PLANES, bits.shape[1]), np.uint64)
    places = np.empty(bits.shape[1], np.int32)
    chosen = np.empty(1, np.int32)
    shared = np.empty(1, np.int64)
    for i in range(starts.size - 1):
        count = unique_kmers(codes[starts[i] : starts[i + 1]], seen, i, kmers)
        counts[i, 0], counts[i, 1] = count, 0
        if count:
            hidden = barred[min(i, barred.shape[0] - 1)]
            _, _, counts[i, 1] = nearest(
                bits, presence, kmers, count, 1, 0, hidden, work, bounds, planes, places, chosen, shared
            )


@compiled
def strand_scores(
    codes: NDArray[np.uint8], starts: NDArray[np.int64], weights: NDArray[np.int32], scores: NDArray[np.int64]
) -> None:
    """Write each query's different k-mers and the sum of their weights to `scores`, shape (queries, 2)."""
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    for i in range(starts.size - 1):
        count = unique_kmers(codes[starts[i] : starts[i + 1]], seen, i, kmers)
        total = 0
        for j in range(count):
            total += weights[kmers[j]]
        scores[i, 0], scores[i, 1] = count, total
