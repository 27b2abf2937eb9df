"""What a reference teaches about itself while it is built: sequences are left out and asked for."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.calibration import Calibration, fit_calibration
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.gate import MIN_KMERS, Gate, GateSample, fit_gate
from analysis_service.sequence.identity import align
from analysis_service.sequence.kernels.kmers import UNKNOWN, K
from analysis_service.sequence.novelty import Novelty, NoveltyExamples, fit_novelty, novelty_rank
from analysis_service.sequence.projection import Projection, fit_projection
from analysis_service.sequence.search import Codes, Found, Search
from analysis_service.sequence.taxonomy import Taxonomy

_SAMPLE = 3000
"""Sequences that are left out, at most: enough for the five numbers of a rank's regression."""
_PROJECTION_SAMPLE = 5000
_BATCH = 100
_AMPLICONS = (150, 250, 400)
"""Lengths of reads; one in four of the sequences left out is asked for whole, the others by a piece like these."""
_GATE_LENGTHS = (24, 32, 48, 64, 128, 256, 512, 1024, 2048)
"""From where there are 16 k-mers on: of short pieces chance shares much more."""
_GATE_SAMPLE = 400
_LETTERS = np.frombuffer(b"ACGTN", np.uint8)

Stage = Callable[[float], None]


@dataclass(frozen=True)
class Lessons:
    """All that is fitted on a reference."""

    gate: Gate
    calibration: Calibration
    novelty: Novelty
    projection: Projection


class Teacher:
    """Asks a reference for its own sequences, chosen by hashes of their accessions and so always the same.

    Parameters
    ----------
    search
        The reference's search.
    taxonomy
        Its taxa.
    accessions
        Its accessions.
    sequences
        The codes of its sequences.
    """

    def __init__(self, search: Search, taxonomy: Taxonomy, accessions: Sequence[str], sequences: list[Codes]) -> None:
        self._search = search
        self._taxonomy = taxonomy
        self._sequences = sequences
        self._hashes = np.array([_hash_of(accession) for accession in accessions], np.uint64)
        self._order = np.argsort(self._hashes, kind="stable")

    def lessons(self, report: Stage) -> Lessons:
        """Fit everything."""
        gate = self._gate()
        report(0.2)
        asked = [int(i) for i in self._order[:_SAMPLE] if self._piece(int(i)).size >= K]
        pieces = [self._piece(i) for i in asked]
        found = self._find(pieces, [np.array([i]) for i in asked], lambda done: report(0.2 + 0.35 * done))
        truths = self._taxonomy.paths[asked]
        is_named = np.array([name != "" for name in self._taxonomy.names])[truths]
        calibration = fit_calibration(found, truths, is_named)
        novelty = self._novelty(asked, pieces, found, lambda done: report(0.55 + 0.35 * done))
        projection = fit_projection([self._sequences[i] for i in np.sort(self._order[:_PROJECTION_SAMPLE])])
        report(1.0)
        return Lessons(gate, calibration, novelty, projection)

    def _piece(self, i: int) -> Codes:
        """A read-like piece of a sequence, or all of it."""
        sequence, number = self._sequences[i], int(self._hashes[i])
        number, kind = divmod(number, 1 + len(_AMPLICONS))
        return sequence if kind == len(_AMPLICONS) else _cut(sequence, _AMPLICONS[kind], number)

    def _find(self, pieces: list[Codes], hidden: list[NDArray[np.int64]], report: Stage) -> Found:
        parts = []
        for first in range(0, len(pieces), _BATCH):
            batch = slice(first, first + _BATCH)
            parts.append(self._search.find(pieces[batch], ClassifierParams(), self._search.barring(hidden[batch])))
            report(min(1.0, (first + _BATCH) / len(pieces)))
        return Found(*(np.concatenate([getattr(part, name) for part in parts]) for name in Found.__annotations__))

    def _gate(self) -> Gate:
        """Compare the sequences' own k-mers with those of shuffled and of reversed (not complemented) ones."""
        typical = float(np.median([sequence.size for sequence in self._sequences]))
        asked = [int(i) for i in self._order[:_GATE_SAMPLE]]
        samples = []
        for length in sorted({min(length, int(typical)) for length in _GATE_LENGTHS}):
            pieces = [_cut(self._sequences[i], length, int(self._hashes[i])) for i in asked]
            hidden = self._search.barring([np.array([i]) for i in asked])
            kmers, shared = self._search.shared_with_best(pieces, hidden)
            generator = np.random.Generator(np.random.PCG64(length))
            chance = [generator.permutation(piece) for piece in pieces] + [piece[::-1].copy() for piece in pieces]
            of_chance, by_chance = self._search.shared_with_best(chance)
            enough, enough_by_chance = kmers >= MIN_KMERS, of_chance >= MIN_KMERS
            if enough.any() and enough_by_chance.any():
                own = shared[enough] / kmers[enough]
                samples.append(
                    GateSample(kmers[enough], own, by_chance[enough_by_chance] / of_chance[enough_by_chance])
                )
        return fit_gate(samples)

    def _novelty(self, asked: list[int], pieces: list[Codes], alone: Found, report: Stage) -> Novelty:
        rank = novelty_rank(self._taxonomy.ranks)
        paths = self._taxonomy.paths[:, rank]
        sizes = self._taxonomy.members_at(rank)
        is_named = np.array([self._taxonomy.names[paths[i]] != "" for i in asked], bool)
        has_others = np.array([sizes[paths[i]] > 1 for i in asked], bool)
        members = _members(paths, len(sizes))
        without = self._find(pieces, [members[paths[i]] for i in asked], report)
        return fit_novelty(
            rank,
            self._examples(pieces, alone, is_named & has_others),
            self._examples(pieces, without, is_named),
            float((sizes[paths] == 1).mean()),
        )

    def _examples(self, pieces: list[Codes], found: Found, kept: NDArray[np.bool_]) -> NoveltyExamples:
        at = np.flatnonzero(kept)
        identities = [
            align(_letters(pieces[i]), _letters(self._sequences[found.hits[i]])).identity if found.hits[i] >= 0 else 0.0
            for i in at
        ]
        return NoveltyExamples(found.only(at), np.array(identities))


def _hash_of(accession: str) -> int:
    return int.from_bytes(hashlib.sha256(accession.encode()).digest()[:8], "little")


def _cut(sequence: Codes, length: int, number: int) -> Codes:
    start = number % max(1, sequence.size - length + 1)
    return sequence[start : start + length]


def _letters(codes: Codes) -> bytes:
    return _LETTERS[np.minimum(codes, UNKNOWN)].tobytes()


def _members(taxa: NDArray[np.int32], taxon_count: int) -> list[NDArray[np.int64]]:
    """The references of each taxon."""
    order = np.argsort(taxa, kind="stable")
    return np.split(order, np.cumsum(np.bincount(taxa, minlength=taxon_count))[:-1])
