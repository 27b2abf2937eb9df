"""Operational taxonomic units: every sequence joins the first, more abundant one that it is nearly identical to."""

from collections.abc import Sequence

import edlib
import numpy as np
from numpy.typing import NDArray

_K = 4
_CODES = np.zeros(256, np.int64)
_CODES[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4)
_FIRST_ROOM = 64


def centroids(letters: Sequence[bytes], least_identity: float) -> list[int]:
    """Greedy clustering in the order given (Edgar 2013, Nat Methods 10:996; chimeras are not looked for).

    Parameters
    ----------
    letters : sequence of bytes
        Unique sequences, most abundant first.
    least_identity : float
        Least identity to a cluster's first sequence, 0 to 1: matching columns by columns of a global alignment of
        least edit distance (Sosic & Sikic 2017, edlib). An ambiguity code matches only itself.

    Returns
    -------
    list of int
        The cluster of each sequence, numbered from 0 in the order of their first sequences. Where several are similar
        enough, the most similar one is taken, and the first of equals.
    """
    found = _Centroids(least_identity)
    return [found.place(sequence) for sequence in letters]


def identity(first: bytes, second: bytes, most_edits: int = -1) -> float:
    """Matching columns by columns of a global alignment of least edit distance, 0 to 1.

    Parameters
    ----------
    first, second : bytes
        Two sequences, not empty.
    most_edits : int
        Give up beyond so many edits and return 0; -1 is no limit.
    """
    found = edlib.align(first, second, mode="NW", task="distance", k=most_edits)
    if found["editDistance"] < 0:
        return 0.0
    cigar = edlib.align(first, second, mode="NW", task="path", k=found["editDistance"])["cigar"]
    columns = _columns(cigar)
    return (columns - int(found["editDistance"])) / columns


class _Centroids:
    """The first sequences of clusters, with their k-mer counts."""

    def __init__(self, least_identity: float) -> None:
        self._least = least_identity
        self._letters: list[bytes] = []
        self._counts = np.zeros((_FIRST_ROOM, 4**_K), np.int16)

    def place(self, letters: bytes) -> int:
        """The cluster of a sequence, a new one if need be."""
        counts = _kmer_counts(letters)
        best, place = 0.0, -1
        for candidate in self._candidates(letters, counts):
            found = identity(letters, self._letters[candidate], self._most_edits(len(letters)))
            if found >= self._least and found > best:
                best, place = found, candidate
        return place if place >= 0 else self._open(letters, counts)

    def _candidates(self, letters: bytes, counts: NDArray[np.int16]) -> list[int]:
        """Those that can be near enough: an edit changes K k-mers at most, so 2 K counts (Ukkonen 1992)."""
        differences = np.abs(self._counts[: len(self._letters)] - counts).sum(axis=1, dtype=np.int64)
        return [int(place) for place in np.flatnonzero(differences <= 2 * _K * self._most_edits(len(letters)))]

    def _most_edits(self, length: int) -> int:
        """Edits that a sequence can have at the least identity: e of the m + e columns, m being at most its length."""
        return int(length * (1.0 - self._least) / self._least + 1e-9)

    def _open(self, letters: bytes, counts: NDArray[np.int16]) -> int:
        place = len(self._letters)
        if place == len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        self._letters.append(letters)
        self._counts[place] = counts
        return place


def _kmer_counts(letters: bytes) -> NDArray[np.int16]:
    codes = _CODES[np.frombuffer(letters, np.uint8)]
    if len(codes) < _K:
        return np.zeros(4**_K, np.int16)
    words = sum(codes[at : len(codes) - _K + 1 + at] * 4 ** (_K - 1 - at) for at in range(_K))
    return np.bincount(words, minlength=4**_K).astype(np.int16)


def _columns(cigar: str) -> int:
    return sum(int(number) for number in _numbers(cigar))


def _numbers(cigar: str) -> list[str]:
    return "".join(letter if letter.isdigit() else " " for letter in cigar).split()
