"""Bootstraps over the k-mers of a query, and what the references that win them vote for."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import STEP, random_word
from analysis_service.sequence.kernels.machine_code import compiled
from analysis_service.sequence.kernels.words import lowest_one, ones_in

DRAW_PLANES = 8
"""Bits of a count of drawn k-mers: up to 255 are drawn."""
_TIE_SQUARINGS = 3
TIE_DRAWS = 2**_TIE_SQUARINGS
"""Ours. On nine splits of SILVA and Greengenes there were no fewer right and no more wrong names than vsearch's. With 0
all that tie have equal shares: up to 2 points fewer right names; beyond, more names of what is absent."""


@compiled
def candidate_rows(
    bits: NDArray[np.uint64],
    kmers: NDArray[np.int32],
    count: int,
    chosen: NDArray[np.int32],
    members: int,
    rows: NDArray[np.uint64],
) -> None:
    """Write which of the chosen references has which k-mer: `rows[q, j >> 6]` bit `j & 63`; row `count` is empty.

    References that stand side by side, as kin do, are moved together.
    """
    words = (members + 63) >> 6
    word_of = np.empty(members, np.int64)
    down, up, mask = np.empty(members, np.uint64), np.empty(members, np.uint64), np.empty(members, np.uint64)
    first = np.empty(words + 1, np.int64)  # of each word, the first of its runs
    runs = 0
    j = 0
    while j < members:
        if j & 63 == 0:
            first[j >> 6] = runs
        length = 1
        room = min(64 - (j & 63), 64 - (chosen[j] & 63), members - j)
        while length < room and chosen[j + length] == chosen[j] + length:
            length += 1
        word_of[runs], down[runs], up[runs] = chosen[j] >> 6, chosen[j] & 63, j & 63
        mask[runs] = ~np.uint64(0) >> np.uint64(64 - length)
        runs += 1
        j += length
    first[words] = runs
    for q in range(count):
        row = bits[kmers[q]]
        for w in range(words):
            word = np.uint64(0)
            for r in range(first[w], first[w + 1]):
                word |= ((row[word_of[r]] >> down[r]) & mask[r]) << up[r]
            rows[q, w] = word
    rows[count, :words] = 0


@compiled
def _draw(state: np.uint64, count: int, draws: int, drawn: NDArray[np.int64]) -> np.uint64:
    """Draw k-mers with replacement; the rest of `drawn` points to the empty row."""
    for d in range(draws):
        state += STEP
        drawn[d] = np.int64(((random_word(state) >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))
    for d in range(draws, drawn.size):
        drawn[d] = count
    return state


@compiled
def _add_drawn(rows: NDArray[np.uint64], drawn: NDArray[np.int64], word: int, planes: NDArray[np.uint64]) -> None:
    """Count the drawn k-mers of 64 references: four at a time by carry-save adders, the rest by rippling."""
    ones = np.uint64(0)
    twos = np.uint64(0)
    for p in range(2, DRAW_PLANES):
        planes[p, word] = 0
    for d in range(0, drawn.size, 4):
        b, c = rows[drawn[d], word], rows[drawn[d + 1], word]
        u = ones ^ b
        carry1 = (ones & b) | (u & c)
        s = u ^ c
        b, c = rows[drawn[d + 2], word], rows[drawn[d + 3], word]
        u = s ^ b
        carry2 = (s & b) | (u & c)
        ones = u ^ c
        u = twos ^ carry1
        carry = (twos & carry1) | (u & carry2)
        twos = u ^ carry2
        p = 2
        while carry:
            a = planes[p, word]
            planes[p, word] = a ^ carry
            carry &= a
            p += 1
    planes[0, word] = ones
    planes[1, word] = twos


@compiled
def _winners(planes: NDArray[np.uint64], words: int, members: int, best: NDArray[np.uint64]) -> int:
    """Set the bits of the references with the highest count, and return how many they are."""
    for w in range(words):
        best[w] = ~np.uint64(0)
    if members & 63:
        best[words - 1] = (np.uint64(1) << np.uint64(members & 63)) - np.uint64(1)
    for p in range(DRAW_PLANES - 1, -1, -1):
        some = np.uint64(0)
        for w in range(words):
            some |= best[w] & planes[p, w]
        if some:
            for w in range(words):
                best[w] &= planes[p, w]
    ties = 0
    for w in range(words):
        ties += ones_in(best[w])
    return ties


@compiled
def bootstrap_votes(
    rows: NDArray[np.uint64],
    count: int,
    members: int,
    shared: NDArray[np.int64],
    seed: np.uint64,
    bootstraps: int,
    draws: int,
    votes: NDArray[np.float64],
) -> None:
    """Write the share of the bootstraps that each chosen reference won; those that tie share one vote.

    A share is in proportion to the chance that :data:`TIE_DRAWS` more k-mers would all miss what the reference lacks
    against the best of those that tie: (1 - d) ^ TIE_DRAWS where it lacks the part d of the query's k-mers. Equal ones
    have equal shares.

    Parameters
    ----------
    rows
        See :func:`candidate_rows`; row `count` is empty.
    shared
        How many of the query's k-mers each chosen reference has, shape (at least members,).
    votes
        Written, shape (at least members,).
    """
    words = (members + 63) >> 6
    votes[:members] = 0.0
    drawn = np.empty((draws + 3) // 4 * 4, np.int64)
    planes = np.empty((DRAW_PLANES, words), np.uint64)
    best = np.empty(words, np.uint64)
    weights = _tie_weights(shared[:members], count)
    state = seed
    for _ in range(bootstraps):
        state = _draw(state, count, draws, drawn)
        for w in range(words):
            _add_drawn(rows, drawn, w, planes)
        if _winners(planes, words, members, best) == 1:
            w = 0
            while best[w] == 0:
                w += 1
            votes[(w << 6) + lowest_one(best[w])] += 1.0
        else:
            _share(best, words, shared, weights, votes)
    for j in range(members):
        votes[j] /= bootstraps


@compiled
def _share(
    winners: NDArray[np.uint64],
    words: int,
    shared: NDArray[np.int64],
    weights: NDArray[np.float64],
    votes: NDArray[np.float64],
) -> None:
    """Divide one vote among those that tie."""
    most = 0
    for w in range(words):
        rest = winners[w]
        while rest:
            most = max(most, shared[(w << 6) + lowest_one(rest)])
            rest &= rest - np.uint64(1)
    total = 0.0
    for w in range(words):
        rest = winners[w]
        while rest:
            total += weights[most - shared[(w << 6) + lowest_one(rest)]]
            rest &= rest - np.uint64(1)
    for w in range(words):
        rest = winners[w]
        while rest:
            j = (w << 6) + lowest_one(rest)
            votes[j] += weights[most - shared[j]] / total
            rest &= rest - np.uint64(1)


@compiled
def _tie_weights(shared: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """The weight of a reference by how many k-mers it lacks against the best of those that tie."""
    weights = np.empty(shared.max() - shared.min() + 1, np.float64)
    for lacking in range(weights.size):
        weight = 1.0 - lacking / count
        for _ in range(_TIE_SQUARINGS):
            weight *= weight
        weights[lacking] = weight
    return weights


@compiled
def descend(
    votes: NDArray[np.float64],
    chosen: NDArray[np.int32],
    members: int,
    paths: NDArray[np.int32],
    sums: NDArray[np.float64],
    taxa: NDArray[np.int32],
    confidences: NDArray[np.float64],
    margins: NDArray[np.float64],
) -> None:
    """Go down the ranks, each time to the child with the most votes; of equals to the first.

    Parameters
    ----------
    votes, chosen
        The shares of the votes, and the references that they are of; those without any are moved out of the way.
    paths
        For each reference its taxon at every rank, shape (references, ranks).
    sums
        Zeros, one a taxon; zeros again afterwards.
    taxa, confidences, margins
        Written, one a rank: the taxon, its share of the votes, and by how much that exceeds the next taxon's.
    """
    voters = 0
    for j in range(members):
        if votes[j] > 0:
            votes[voters], chosen[voters] = votes[j], chosen[j]
            voters += 1
    parent = -1
    for rank in range(paths.shape[1]):
        for j in range(voters):
            sums[paths[chosen[j], rank]] += votes[j]
        best = -1
        for j in range(voters):
            taxon = paths[chosen[j], rank]
            is_child = rank == 0 or paths[chosen[j], rank - 1] == parent
            if is_child and (best < 0 or sums[taxon] > sums[best]):
                best = taxon
        other = 0.0
        for j in range(voters):
            taxon = paths[chosen[j], rank]
            if taxon != best:
                other = max(other, sums[taxon])
        taxa[rank] = best
        confidences[rank] = sums[best]
        margins[rank] = sums[best] - other
        for j in range(voters):
            sums[paths[chosen[j], rank]] = 0.0
        parent = best
