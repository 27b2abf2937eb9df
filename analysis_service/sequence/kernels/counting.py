"""How many k-mers each reference shares with a query, 64 references at a time.

Counts are bit-sliced: plane p holds bit p of the counts of 64 references in one word, and rows are added by carry-save
adders (Harley and Seal; see Muła, Kurz and Lemire 2018), so that one instruction counts for 64 references or more.
"""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.machine_code import compiled

PLANES = 17
"""Enough for the 65,536 different k-mers that a sequence can have."""
SPAN = 256
"""Words of a row that are counted at once: rows, planes and carry (26 x 2 KiB) stay in the first caches."""
_ROWS = 8
_CARRY = _ROWS
_PLANE = _ROWS + 1
WORKSPACE = (_PLANE + PLANES) * SPAN


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
def depth_of(count: int) -> int:
    """How many planes hold counts of up to `count`."""
    depth = 0
    while count >> depth:
        depth += 1
    return depth


@compiled
def count_shared(
    bits: NDArray[np.uint64],
    kmers: NDArray[np.int32],
    count: int,
    places: NDArray[np.int32],
    work: NDArray[np.uint64],
    planes: NDArray[np.uint64],
) -> None:
    """Count for the references of some words how many of the first `count` k-mers each has.

    `bits` has the shape (KMERS, words), `places` are some of those words, and of `planes`, shape
    (PLANES, at least so many), as much as :func:`depth_of` says is overwritten, a word a place.
    """
    depth = depth_of(count)
    for low in range(0, places.size, SPAN):
        width = min(SPAN, places.size - low)
        for p in range(max(depth, 3)):
            work[(_PLANE + p) * SPAN : (_PLANE + p) * SPAN + width] = 0
        for done in range(0, count, _ROWS):
            for r in range(_ROWS):
                if done + r < count:
                    row = bits[kmers[done + r]]
                    for w in range(width):
                        work[r * SPAN + w] = row[places[low + w]]
                else:
                    for w in range(width):
                        work[r * SPAN + w] = 0
            _add_eight(work, width)
            _ripple(work, width, 3)
        for p in range(depth):
            base = (_PLANE + p) * SPAN
            for w in range(width):
                planes[p, low + w] = work[base + w]


@compiled
def count_at(planes: NDArray[np.uint64], position: int) -> int:
    """The count of one reference."""
    word = position >> 6
    shift = np.uint64(position & 63)
    count = 0
    for p in range(planes.shape[0]):
        count |= int((planes[p, word] >> shift) & np.uint64(1)) << p
    return count


@compiled
def at_least(planes: NDArray[np.uint64], least: int, out: NDArray[np.uint64]) -> None:
    """Set the bits of the counts that reach `least`, which the planes can hold."""
    for w in range(out.size):
        more = np.uint64(0)
        equal = ~np.uint64(0)
        for p in range(planes.shape[0] - 1, -1, -1):
            if (least >> p) & 1:
                equal &= planes[p, w]
            else:
                more |= equal & planes[p, w]
                equal &= ~planes[p, w]
        out[w] = more | equal
