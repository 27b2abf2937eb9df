"""How many k-mers each reference shares with a query, 64 references at a time.

Counts are bit-sliced: plane p holds bit p of the counts of 64 references in one word, and rows are added by carry-save
adders (Harley and Seal; see Muła, Kurz and Lemire 2018), so that one instruction counts for 64 references or more.
"""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.bit_rows import WORD_BITS
from analysis_service.sequence.kernels.machine_code import compiled
from analysis_service.sequence.kernels.words import lowest_one, ones_in

PLANES = 17
"""Enough for the 65,536 different k-mers that a sequence can have."""
SPAN = 256
"""Words of a row that are counted at once: rows, planes and carry (26 x 2 KiB) stay in the first caches."""
_ROWS = 8
_CARRY = _ROWS
_PLANE = _ROWS + 1
WORKSPACE = (_PLANE + PLANES) * SPAN
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def _add_eight(work: NDArray[np.uint64], width: int) -> None:
    """Add eight rows to the three lowest planes; what is carried out of them is left in the carry."""
    for w in range(width):
        a, b, c = work[_PLANE * SPAN + w], work[w], work[SPAN + w]
        u = a ^ b
        carry1 = (a & b) | (u & c)
        s = u ^ c
        b, c = work[2 * SPAN + w], work[3 * SPAN + w]
        u = s ^ b
        carry2 = (s & b) | (u & c)
        s = u ^ c
        b, c = work[4 * SPAN + w], work[5 * SPAN + w]
        u = s ^ b
        carry3 = (s & b) | (u & c)
        s = u ^ c
        b, c = work[6 * SPAN + w], work[7 * SPAN + w]
        u = s ^ b
        carry4 = (s & b) | (u & c)
        work[_PLANE * SPAN + w] = u ^ c
        a = work[(_PLANE + 1) * SPAN + w]
        u = a ^ carry1
        four1 = (a & carry1) | (u & carry2)
        s = u ^ carry2
        u = s ^ carry3
        four2 = (s & carry3) | (u & carry4)
        work[(_PLANE + 1) * SPAN + w] = u ^ carry4
        a = work[(_PLANE + 2) * SPAN + w]
        u = a ^ four1
        work[_CARRY * SPAN + w] = (a & four1) | (u & four2)
        work[(_PLANE + 2) * SPAN + w] = u ^ four2


@compiled
def _ripple(work: NDArray[np.uint64], width: int, plane: int) -> None:
    """Add the carry to a plane, and what that carries to the next, until nothing is carried."""
    for p in range(plane, PLANES):
        rest = np.uint64(0)
        base = (_PLANE + p) * SPAN
        for w in range(width):
            a, c = work[base + w], work[_CARRY * SPAN + w]
            work[base + w] = a ^ c
            work[_CARRY * SPAN + w] = a & c
            rest |= a & c
        if rest == 0:
            return


@compiled
def count_shared(
    bits: NDArray[np.uint64],
    kmers: NDArray[np.int32],
    count: int,
    work: NDArray[np.uint64],
    planes: NDArray[np.uint64],
) -> None:
    """Count for every reference how many of the first `count` k-mers it has.

    `bits` has the shape (KMERS, words) and `planes`, which is overwritten, (PLANES, words).
    """
    words = bits.shape[1]
    for low in range(0, words, SPAN):
        width = min(SPAN, words - low)
        work[_PLANE * SPAN :] = 0
        done = 0
        while done < count:
            for r in range(_ROWS):
                if done + r < count:
                    row = bits[kmers[done + r]]
                    for w in range(width):
                        work[r * SPAN + w] = row[low + w]
                else:
                    for w in range(width):
                        work[r * SPAN + w] = 0
            _add_eight(work, width)
            _ripple(work, width, 3)
            done += _ROWS
        for p in range(PLANES):
            base = (_PLANE + p) * SPAN
            for w in range(width):
                planes[p, low + w] = work[base + w]


@compiled
def count_at(planes: NDArray[np.uint64], reference: int) -> int:
    """The count of one reference."""
    word = reference >> 6
    shift = np.uint64(reference & 63)
    count = 0
    for p in range(planes.shape[0]):
        count |= int((planes[p, word] >> shift) & np.uint64(1)) << p
    return count


@compiled
def select_top(
    planes: NDArray[np.uint64],
    top: int,
    references: int,
    barred: NDArray[np.uint64],
    chosen: NDArray[np.int32],
) -> int:
    """Write the `top` references with the highest counts in ascending order, and return how many.

    Those that tie with the last are all taken while there is room in `chosen`, else an even choice of them: no order
    of the references favours one. References whose bit in `barred` is set, and those that share nothing, are left out.
    """
    words = planes.shape[1]
    level = np.empty(words, np.uint64)  # those that may have the lowest count taken
    above = np.zeros(words, np.uint64)
    for w in range(words):
        level[w] = ~barred[w]
    tail = references & 63
    for w in range((references + WORD_BITS - 1) >> 6, words):
        level[w] = 0
    if tail:
        level[references >> 6] &= (np.uint64(1) << np.uint64(tail)) - np.uint64(1)
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
        _add_ties(level, chosen.size - taken, above)
    return _positions(above, chosen)


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
