"""From a query's codes to the votes for its lineage: the whole inner loop."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.counting import PLANES, WORKSPACE, count_at, count_shared, select_top
from analysis_service.sequence.kernels.kmers import KMERS, seed_of, unique_kmers
from analysis_service.sequence.kernels.machine_code import compiled
from analysis_service.sequence.kernels.votes import bootstrap_votes, candidate_rows, descend


@compiled
def search(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    bits: NDArray[np.uint64],
    paths: NDArray[np.int32],
    taxon_count: int,
    barred: NDArray[np.uint64],
    top: int,
    room: int,
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
    bits, paths
        The reference's bit rows, shape (KMERS, words), and taxa, shape (references, ranks).
    barred
        Bits of references that a query may not see, shape (queries, words); with one row the same for all.
    top, room
        How many references are kept, and how many with those that tie.
    counts
        Written, shape (queries, 3): different k-mers, the best hit (-1: none), the k-mers shared with it.
    taxa, confidences, margins
        Written, shape (queries, ranks); see :func:`descend`. Without a hit -1, 0 and 0.
    """
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    work = np.zeros(WORKSPACE, np.uint64)
    planes = np.empty((PLANES, bits.shape[1]), np.uint64)
    chosen = np.empty(room, np.int32)
    rows = np.empty((1024, (room + 63) >> 6), np.uint64)
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
        count_shared(bits, kmers, count, work, planes)
        members = select_top(planes, top, paths.shape[0], barred[min(i, barred.shape[0] - 1)], chosen)
        if members == 0:
            continue
        best = chosen[0]
        shared = count_at(planes, best)
        for j in range(1, members):
            other = count_at(planes, chosen[j])
            if other > shared:
                best, shared = chosen[j], other
        counts[i, 1], counts[i, 2] = best, shared
        if rows.shape[0] <= count:
            rows = np.empty((2 * count, rows.shape[1]), np.uint64)
        candidate_rows(bits, kmers, count, chosen, members, rows)
        votes = bootstrap_votes(rows, count, members, seed_of(query), bootstraps, draws)
        descend(votes, chosen, paths, sums, taxa[i], confidences[i], margins[i])


@compiled
def best_shared(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    bits: NDArray[np.uint64],
    references: int,
    barred: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> None:
    """Write each query's different k-mers, and how many of them its best hit has, to `counts`, shape (queries, 2)."""
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    work = np.zeros(WORKSPACE, np.uint64)
    planes = np.empty((PLANES, bits.shape[1]), np.uint64)
    chosen = np.empty(1, np.int32)
    for i in range(starts.size - 1):
        count = unique_kmers(codes[starts[i] : starts[i + 1]], seen, i, kmers)
        counts[i, 0], counts[i, 1] = count, 0
        count_shared(bits, kmers, count, work, planes)
        if count and select_top(planes, 1, references, barred[min(i, barred.shape[0] - 1)], chosen):
            counts[i, 1] = count_at(planes, chosen[0])


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
