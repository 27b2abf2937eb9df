"""Which reference has which k-mer: one row of bits a k-mer, one bit a reference."""

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.kmers import KMERS, unique_kmers
from analysis_service.sequence.kernels.machine_code import compiled

BLOCK_WORDS = 8
"""References are entered in blocks of 512: one cache line of every row."""
WORD_BITS = 64


def row_words(references: int) -> int:
    """How many words a row has, filled up to whole cache lines."""
    block = BLOCK_WORDS * WORD_BITS
    return (references + block - 1) // block * BLOCK_WORDS


@compiled
def block_rows(codes: NDArray[np.uint8], starts: NDArray[np.int64], first: int) -> NDArray[np.uint64]:
    """The rows of the references `first` to `first` + 511, shape (KMERS, BLOCK_WORDS).

    Reference i has the codes from `starts[i]` to `starts[i + 1]`.
    """
    rows = np.zeros((KMERS, BLOCK_WORDS), np.uint64)
    seen = np.full(KMERS, -1, np.int64)
    kmers = np.empty(KMERS, np.int32)
    last = min(starts.size - 1, first + BLOCK_WORDS * WORD_BITS)
    for i in range(first, last):
        count = unique_kmers(codes[starts[i] : starts[i + 1]], seen, i, kmers)
        word = (i - first) >> 6
        bit = np.uint64(1) << np.uint64(i & 63)
        for j in range(count):
            rows[kmers[j], word] |= bit
    return rows


@compiled
def word_rows(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Which words of its row have a k-mer at all: one bit a word, shape (KMERS, words / 64)."""
    rows = np.zeros((bits.shape[0], (bits.shape[1] + WORD_BITS - 1) // WORD_BITS), np.uint64)
    for kmer in range(bits.shape[0]):
        for w in range(bits.shape[1]):
            if bits[kmer, w]:
                rows[kmer, w >> 6] |= np.uint64(1) << np.uint64(w & 63)
    return rows
