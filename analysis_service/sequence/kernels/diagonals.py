"""Where in a reference a query belongs."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import CODES, KMERS, UNKNOWN, K
from analysis_service.sequence.kernels.machine_code import compiled


@compiled
def offsets(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    letters: NDArray[np.uint8],
    letter_starts: NDArray[np.int64],
    hits: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Write where in its hit each query begins, by most of the k-mers that they share; of equals the first.

    Parameters
    ----------
    codes, starts
        The queries one after the other.
    letters, letter_starts
        The letters of all references one after the other.
    hits
        For each query the index of a reference that shares k-mers with it, or -1.
    out
        Written where there is a hit; negative where the query begins before the reference.
    """
    seen = np.full(KMERS, -1, np.int64)
    place = np.empty(KMERS, np.int64)
    tally = np.zeros(0, np.int32)
    for i in range(starts.size - 1):
        if hits[i] < 0:
            continue
        query = codes[starts[i] : starts[i + 1]]
        reference = letters[letter_starts[hits[i]] : letter_starts[hits[i] + 1]]
        if tally.size < query.size + reference.size:
            tally = np.zeros(2 * (query.size + reference.size), np.int32)
        _note_first_places(query, i, seen, place)
        best = _tally_offsets(reference, i, query.size, seen, place, tally)
        out[i] = best - query.size
        tally[: query.size + reference.size] = 0


@compiled
def _note_first_places(query: NDArray[np.uint8], mark: int, seen: NDArray[np.int64], place: NDArray[np.int64]) -> None:
    kmer = 0
    run = 0
    for j in range(query.size):
        code = query[j]
        if code >= UNKNOWN:
            run = 0
            continue
        kmer = ((kmer << 2) | code) & (KMERS - 1)
        run += 1
        if run >= K and seen[kmer] != mark:
            seen[kmer] = mark
            place[kmer] = j


@compiled
def _tally_offsets(
    reference: NDArray[np.uint8],
    mark: int,
    shift: int,
    seen: NDArray[np.int64],
    place: NDArray[np.int64],
    tally: NDArray[np.int32],
) -> int:
    best = 0
    kmer = 0
    run = 0
    for j in range(reference.size):
        code = CODES[reference[j]]
        if code >= UNKNOWN:
            run = 0
            continue
        kmer = ((kmer << 2) | code) & (KMERS - 1)
        run += 1
        if run >= K and seen[kmer] == mark:
            offset = j - place[kmer] + shift
            tally[offset] += 1
            if tally[offset] > tally[best] or (tally[offset] == tally[best] and offset < best):
                best = offset
    return best
