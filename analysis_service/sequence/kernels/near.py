"""How few edits turn a query into what lies in its hit where its k-mers point.

For each number of edits it is followed how far a query can be read on each diagonal (Ukkonen 1985, Inf Control 64:100;
Myers 1986, Algorithmica 1:251): the work grows with the edits, not with the product of both lengths.
"""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.machine_code import compiled

MARGIN = 32
"""Letters on either side of the place that k-mers point to, and the most edits."""

_NOWHERE = -(2**30)


@compiled
def near(
    letters: NDArray[np.uint8],
    starts: NDArray[np.int64],
    references: NDArray[np.uint8],
    reference_starts: NDArray[np.int64],
    hits: NDArray[np.int64],
    begins: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Write the edits of each query against its hit, and how many letters of the hit it spans.

    Of the places with the fewest edits that which ends first is taken, and there the longest, as edlib's infix mode
    does (Šošić and Šikić 2017).

    Parameters
    ----------
    letters, starts
        The queries one after the other, upper case.
    references, reference_starts
        The references one after the other.
    hits
        For each query the index of a reference, or -1.
    begins
        Where in its hit each query begins, as far as its k-mers tell; negative where that is before the hit.
    out
        Written, shape (queries, 2); -1 edits where there is no hit, where there are more than :data:`MARGIN`, and where
        the query may hang over an end of its hit.
    """
    rows = np.empty((2, 4 * MARGIN + 3), np.int64)
    for i in range(starts.size - 1):
        out[i, 0], out[i, 1] = -1, 0
        if hits[i] >= 0:
            reference = references[reference_starts[hits[i]] : reference_starts[hits[i] + 1]]
            out[i, 0], out[i, 1] = _near(letters[starts[i] : starts[i + 1]], reference, begins[i], rows)


@compiled
def _near(
    query: NDArray[np.uint8], reference: NDArray[np.uint8], begin: int, rows: NDArray[np.int64]
) -> tuple[int, int]:
    end = begin + query.size
    if query.size == 0 or begin < 0 or end > reference.size:
        return -1, 0
    if (query == reference[begin:end]).all():
        return 0, query.size
    start = max(0, begin - MARGIN)
    window = reference[start : end + MARGIN]
    edits, lowest, _ = _fewest(query, window, True, MARGIN, rows)
    if edits < 0:
        return -1, 0
    last = query.size + lowest
    _, _, highest = _fewest(query[::-1].copy(), window[:last][::-1].copy(), False, edits, rows)
    span = query.size + highest
    if begin == 0 or end == reference.size or start + last == span or start + last == reference.size:
        return -1, 0
    return edits, span


@compiled
def _fewest(
    query: NDArray[np.uint8], window: NDArray[np.uint8], is_anywhere: bool, most: int, rows: NDArray[np.int64]
) -> tuple[int, int, int]:
    """Find the fewest edits with which all of a query is read, anywhere in a window or from its first letter on.

    Diagonal d is where letter i of the query stands against letter i + d of the window.

    Returns
    -------
    tuple of int
        The edits, -1 for more than `most`, and the lowest and the highest diagonal on which they suffice.
    """
    low, high = -most, most + is_anywhere * (window.size - query.size)
    rows[:] = _NOWHERE
    before, after = rows[0], rows[1]
    for edits in range(most + 1):
        lowest, highest = high + 1, low - 1
        for d in range(-edits, high + 1):
            at = d - low + 1
            i = max(before[at - 1], before[at] + 1, before[at + 1] + 1)
            if edits == 0 and (d == 0 or (d > 0 and is_anywhere)):
                i = 0
            i = min(i, query.size, window.size - d)
            if i < max(0, -d):
                continue
            while i < query.size and i + d < window.size and query[i] == window[i + d]:
                i += 1
            after[at] = i
            if i == query.size:
                lowest, highest = min(lowest, d), d
        if lowest <= highest:
            return edits, lowest, highest
        before, after = after, before
    return -1, 0, 0
