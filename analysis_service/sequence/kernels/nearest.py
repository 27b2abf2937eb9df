"""Which references share the most k-mers with a query, without counting those that cannot.

References stand in the order of their lineages, so that the 64 of a word are kin. How many of the query's k-mers occur
in any of them is at least what each of them shares: a word whose bound is too low is left out, and nothing is lost.
"""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.bit_rows import WORD_BITS
from analysis_service.sequence.kernels.counting import at_least, count_at, count_shared, depth_of
from analysis_service.sequence.kernels.machine_code import compiled
from analysis_service.sequence.kernels.words import lowest_one, ones_in

LEADERS = 8
"""Words that are counted first, those with the highest bounds: one cache line where they are neighbours."""


@compiled
def nearest(
    bits: NDArray[np.uint64],
    presence: NDArray[np.uint64],
    kmers: NDArray[np.int32],
    count: int,
    top: int,
    lacking: int,
    barred: NDArray[np.uint64],
    work: NDArray[np.uint64],
    bounds: NDArray[np.uint64],
    planes: NDArray[np.uint64],
    places: NDArray[np.int32],
    chosen: NDArray[np.int32],
    shared: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Find the `top` references that share the most of `count` k-mers, but those that lack too many.

    Parameters
    ----------
    bits, presence
        Which reference has which k-mer, shape (KMERS, words), and which word has it at all, shape (KMERS, words / 64).
    top
        Those that tie with the last are all taken while there is room, else an even choice of them: no order of the
        references favours one.
    lacking
        A reference that shares so many k-mers less than the best hit is still taken.
    barred
        Bits of references that are left out, as are those that share nothing.
    work, bounds, planes, places
        Room, as wide as `presence` (bounds) and as `bits` (planes, places).
    chosen, shared
        Written: the references in ascending order, and how many of the k-mers each has.

    Returns
    -------
    tuple of int
        How many there are, the best hit and how many k-mers it shares; 0, -1 and 0 without any.
    """
    words = bits.shape[1]
    depth = depth_of(count)
    if words <= LEADERS:
        for w in range(words):
            places[w] = w
        return _among(bits, kmers, count, top, lacking, barred, work, planes, places[:words], chosen, shared)
    everywhere = places[: presence.shape[1]]
    for w in range(everywhere.size):
        everywhere[w] = w
    count_shared(presence, kmers, count, everywhere, work, bounds)
    level = np.empty(presence.shape[1], np.uint64)
    leading = np.empty(presence.shape[1], np.uint64)
    level[:] = ~np.uint64(0)
    _select(bounds[:depth], LEADERS, LEADERS, level, leading)
    known = _positions(leading, places)
    members, hit, most = _among(bits, kmers, count, top, lacking, barred, work, planes, places[:known], chosen, shared)
    least = max(1, most - lacking)
    if members == top:
        least = max(least, shared[:members].min())
    at_least(bounds[:depth], least, level)
    missing = np.uint64(0)
    for w in range(level.size):
        missing |= level[w] & ~leading[w]
    if missing:
        known = _positions(level, places)
        return _among(bits, kmers, count, top, lacking, barred, work, planes, places[:known], chosen, shared)
    return members, hit, most


@compiled
def _among(
    bits: NDArray[np.uint64],
    kmers: NDArray[np.int32],
    count: int,
    top: int,
    lacking: int,
    barred: NDArray[np.uint64],
    work: NDArray[np.uint64],
    planes: NDArray[np.uint64],
    places: NDArray[np.int32],
    chosen: NDArray[np.int32],
    shared: NDArray[np.int64],
) -> tuple[int, int, int]:
    """As :func:`nearest`, among the references of some words."""
    depth = depth_of(count)
    count_shared(bits, kmers, count, places, work, planes)
    level = np.empty(places.size, np.uint64)
    above = np.empty(places.size, np.uint64)
    for w in range(places.size):
        level[w] = ~barred[places[w]]
    _select(planes[:depth, : places.size], top, chosen.size, level, above)
    found = _positions(above, chosen)
    best = 0
    for j in range(found):
        shared[j] = count_at(planes[:depth], chosen[j])
        if shared[j] > shared[best]:
            best = j
    if found == 0:
        return 0, -1, 0
    hit, most = _reference(chosen[best], places), shared[best]
    kept = 0
    for j in range(found):
        if shared[j] >= most - lacking:
            chosen[kept], shared[kept] = _reference(chosen[j], places), shared[j]
            kept += 1
    return kept, hit, most


@compiled
def _reference(position: int, places: NDArray[np.int32]) -> int:
    return int(places[position >> 6]) * WORD_BITS + (position & 63)


@compiled
def _select(
    planes: NDArray[np.uint64], top: int, room: int, level: NDArray[np.uint64], above: NDArray[np.uint64]
) -> None:
    """Set the bits of the `top` highest counts in `above`, of those whose bit is set in `level`, which is used up."""
    words = level.size
    above[:] = 0
    taken = 0
    lowest = 0
    for p in range(planes.shape[0] - 1, -1, -1):
        more = 0
        for w in range(words):
            more += ones_in(level[w] & planes[p, w])
        if taken + more > top:
            lowest |= 1 << p
            for w in range(words):
                level[w] &= planes[p, w]
        elif more:
            taken += more
            for w in range(words):
                above[w] |= level[w] & planes[p, w]
                level[w] &= ~planes[p, w]
    if lowest:
        _add_ties(level, room - taken, above)


@compiled
def _add_ties(level: NDArray[np.uint64], room: int, above: NDArray[np.uint64]) -> None:
    ties = 0
    for w in range(level.size):
        ties += ones_in(level[w])
    at = 0
    for w in range(level.size):
        rest = level[w]
        while rest:
            if ties <= room or (at + 1) * room // ties > at * room // ties:
                above[w] |= rest & (~rest + np.uint64(1))
            rest &= rest - np.uint64(1)
            at += 1


@compiled
def _positions(members: NDArray[np.uint64], out: NDArray[np.int32]) -> int:
    count = 0
    for w in range(members.size):
        rest = members[w]
        while rest:
            out[count] = w * WORD_BITS + lowest_one(rest)
            rest &= rest - np.uint64(1)
            count += 1
    return count
