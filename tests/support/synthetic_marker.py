"""Sequences that evolved down a known tree."""

from dataclasses import dataclass

import numpy as np

from analysis_service.sequence.reference import Source

RANKS = ("domain", "family", "genus", "species")
_CHILDREN = {"family": 4, "genus": 4, "species": 4}
_DIVERGENCE = {"family": 0.15, "genus": 0.07, "species": 0.02}
_STRAINS = 3
_STRAIN_DIVERGENCE = 0.002
_LENGTH = 500

Letters = bytes


@dataclass(frozen=True)
class Marker:
    """A reference's sequences, and reads of the same species that it does not hold."""

    source: Source
    reads: list[Letters]
    truths: list[tuple[str, ...]]
    strangers: list[Letters]
    """Of genera that the reference does not hold."""


def evolved(seed: int) -> Marker:
    """Grow 4 families of 4 genera of 4 species with 3 strains each, a read a species, and 16 strange genera."""
    random = np.random.default_rng(seed)
    accessions, lineages, letters, reads, truths, strangers = [], [], [], [], [], []
    root = random.integers(0, 4, _LENGTH)
    for f in range(_CHILDREN["family"]):
        family = mutated(random, root, _DIVERGENCE["family"])
        for g in range(_CHILDREN["genus"]):
            genus = mutated(random, family, _DIVERGENCE["genus"])
            strangers.append(as_letters(mutated(random, family, _DIVERGENCE["genus"])))
            for s in range(_CHILDREN["species"]):
                species = mutated(random, genus, _DIVERGENCE["species"])
                lineage = ("Life", f"Family{f}", f"Genus{f}{g}", f"Species{f}{g}{s}")
                for strain in range(_STRAINS):
                    accessions.append(f"S{f}{g}{s}.{strain}")
                    lineages.append(lineage)
                    letters.append(as_letters(mutated(random, species, _STRAIN_DIVERGENCE)))
                reads.append(as_letters(mutated(random, species, _STRAIN_DIVERGENCE)[100:400]))
                truths.append(lineage)
    return Marker(Source(RANKS, accessions, lineages, letters), reads, truths, strangers)


def mutated(random: np.random.Generator, bases: np.ndarray, rate: float) -> np.ndarray:
    """Replace bases at a rate, each by one of the others."""
    changed = bases.copy()
    at = random.random(bases.size) < rate
    changed[at] = (changed[at] + random.integers(1, 4, at.sum())) % 4
    return changed


def as_letters(bases: np.ndarray) -> Letters:
    """Bases 0 to 3 as letters."""
    return np.frombuffer(b"ACGT", np.uint8)[bases].tobytes()
