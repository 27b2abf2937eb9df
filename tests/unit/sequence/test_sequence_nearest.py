"""The references that share the most k-mers are those that counting everything finds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis_service.sequence.kernels.bit_rows import block_rows, row_words, word_rows
from analysis_service.sequence.kernels.counting import PLANES, WORKSPACE
from analysis_service.sequence.kernels.kmers import KMERS, unique_kmers
from analysis_service.sequence.kernels.nearest import nearest
from analysis_service.sequence.search import Codes, joined

_LENGTH = 120


def _families(count: int, size: int, differences: int, seed: int) -> list[Codes]:
    """Families of sequences side by side, as in a reference: each differs from its family's by a few letters."""
    random = np.random.default_rng(seed)
    sequences = []
    for founder in random.integers(0, 4, (count, _LENGTH)).astype(np.uint8):
        for _ in range(size):
            child = founder.copy()
            child[random.integers(0, _LENGTH, differences)] = random.integers(0, 4, differences)
            sequences.append(child)
    return sequences


def _bits(sequences: list[Codes]) -> NDArray[np.uint64]:
    codes, starts = joined(sequences)
    blocks = [block_rows(codes, starts, first) for first in range(0, len(sequences), 512)]
    bits = np.concatenate(blocks, axis=1)
    assert bits.shape == (KMERS, row_words(len(sequences)))
    return bits


def _kmers(query: Codes) -> NDArray[np.int32]:
    out = np.empty(KMERS, np.int32)
    return out[: unique_kmers(query, np.full(KMERS, -1, np.int64), 0, out)].copy()


def _found(
    bits: NDArray[np.uint64], kmers: NDArray[np.int32], top: int, lacking: int, barred: NDArray[np.uint64]
) -> tuple[list[int], list[int], int, int]:
    presence = word_rows(bits)
    chosen, shared = np.empty(top, np.int32), np.empty(top, np.int64)
    room = np.zeros(WORKSPACE, np.uint64), np.empty((PLANES, presence.shape[1]), np.uint64)
    wide = np.empty((PLANES, bits.shape[1]), np.uint64), np.empty(bits.shape[1], np.int32)
    members, hit, most = nearest(bits, presence, kmers, kmers.size, top, lacking, barred, *room, *wide, chosen, shared)
    return chosen[:members].tolist(), shared[:members].tolist(), hit, most


def _expected(counts: NDArray[np.int64], top: int, lacking: int) -> tuple[list[int], list[int], int, int]:
    """By counting everything; of those that tie for the last places an even choice."""
    best = np.flatnonzero(counts > 0)
    if best.size > top:
        last = np.sort(counts)[-top]
        above, ties = np.flatnonzero(counts > last), np.flatnonzero(counts == last)
        room = top - above.size
        at = np.arange(ties.size)
        even = (at + 1) * room // ties.size > at * room // ties.size
        best = np.sort(np.concatenate([above, ties[even] if ties.size > room else ties]))
    if best.size == 0:
        return [], [], -1, 0
    most = counts[best].max()
    hit = best[counts[best].argmax()]
    kept = best[counts[best] >= most - lacking]
    return kept.tolist(), counts[kept].tolist(), int(hit), int(most)


@pytest.mark.parametrize(("families", "size"), [(3, 10), (40, 64), (90, 50), (4, 900)])
@pytest.mark.parametrize(("top", "lacking"), [(1, 0), (16, 5), (16, 200), (128, 28), (128, 200)])
def test_what_cannot_be_near_is_left_out_and_nothing_else(families: int, size: int, top: int, lacking: int) -> None:
    sequences = _families(families, size, differences=6, seed=families)
    bits = _bits(sequences)
    random = np.random.default_rng(top + lacking)
    nobody, some = np.zeros(bits.shape[1], np.uint64), random.integers(0, 2**63, bits.shape[1], np.uint64)
    stranger = random.integers(0, 4, _LENGTH).astype(np.uint8)
    mixed = np.concatenate([sequences[0][:60], sequences[-1][60:]])
    for query in (sequences[0], sequences[len(sequences) // 2], mixed, stranger, sequences[0][:20]):
        kmers = _kmers(query)
        for barred in (nobody, some):
            allowed = bits[kmers] & ~barred
            counts = np.unpackbits(allowed.view(np.uint8), axis=1, bitorder="little").sum(axis=0, dtype=np.int64)
            assert _found(bits, kmers, top, lacking, barred) == _expected(counts, top, lacking)
