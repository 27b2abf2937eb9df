"""K-mers as numbers: two bits a base, the first base highest."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.machine_code import compiled

K = 8
"""Length of the words that are compared (Edgar 2016, SINTAX; Wang et al. 2007, RDP classifier)."""
KMERS = 4**K
UNKNOWN = 4
"""The code of any letter that is not one of A, C, G, T: no k-mer contains it."""


def _codes(letters: bytes) -> NDArray[np.uint8]:
    table = np.full(256, UNKNOWN, np.uint8)
    for code, letter in enumerate(letters):
        table[letter] = table[ord(chr(letter).lower())] = code
    return table


CODES = _codes(b"ACGT")
CODES[[ord("U"), ord("u")]] = 3
"""The code of every letter, shape (256,)."""
_COMPLEMENTS = np.array([3, 2, 1, 0, UNKNOWN], np.uint8)


def encoded(letters: bytes) -> NDArray[np.uint8]:
    """The codes of a sequence's letters: A, C, G, T (or U) are 0 to 3, all others :data:`UNKNOWN`."""
    return CODES[np.frombuffer(letters, np.uint8)]


def reverse_complement(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The codes of the other strand."""
    return np.ascontiguousarray(_COMPLEMENTS[codes[::-1]])


def reverse_complement_kmers() -> NDArray[np.int64]:
    """For every k-mer the one that stands opposite, shape (KMERS,)."""
    rest = np.arange(KMERS)
    opposite = np.zeros(KMERS, np.int64)
    for _ in range(K):
        opposite = opposite * 4 + 3 - rest % 4
        rest //= 4
    return opposite


@compiled
def unique_kmers(codes: NDArray[np.uint8], seen: NDArray[np.int64], mark: int, out: NDArray[np.int32]) -> int:
    """Write the different k-mers of a sequence in order of appearance, and return how many.

    `seen`, shape (KMERS,), holds no `mark` before, and `mark` for each k-mer after.
    """
    count = 0
    kmer = 0
    run = 0
    for code in codes:
        if code >= UNKNOWN:
            run = 0
            continue
        kmer = ((kmer << 2) | code) & (KMERS - 1)
        run += 1
        if run >= K and seen[kmer] != mark:
            seen[kmer] = mark
            out[count] = kmer
            count += 1
    return count


@compiled
def seed_of(codes: NDArray[np.uint8]) -> np.uint64:
    """A hash of a sequence (FNV-1a, 64 bits), from which its random numbers start."""
    value = np.uint64(0xCBF29CE484222325)
    for code in codes:
        value = (value ^ np.uint64(code)) * np.uint64(0x100000001B3)
    return value


@compiled
def random_word(state: np.uint64) -> np.uint64:
    """The random number of a state; the next state is this one plus :data:`STEP` (SplitMix64, Steele et al. 2014)."""
    word = state
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


STEP = np.uint64(0x9E3779B97F4A7C15)
