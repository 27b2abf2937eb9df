"""A reference: sequences of known lineage, indexed, with what was learnt from them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.calibration import Calibration
from analysis_service.sequence.gate import Gate
from analysis_service.sequence.logistic import Logistic
from analysis_service.sequence.novelty import Novelty
from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.projection import Projection
from analysis_service.sequence.reference.artefact import TREE, Artefact
from analysis_service.sequence.reference.texts import Texts
from analysis_service.sequence.taxonomy import Taxonomy


@dataclass(frozen=True)
class About:
    """Where a reference comes from, as its user says it.

    Attributes
    ----------
    name, version : str
        Such as `silva` and `138.2`.
    licence, citation : str
        Under which terms it may be used, and what to cite; shown with every result.
    """

    name: str
    version: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Reference:
    """An open reference. Its arrays are mapped from the file and cost no memory of their own.

    Attributes
    ----------
    digest : str
        SHA-256 of the content, in hexadecimal.
    accessions : Texts
        One a sequence, in the order of lineage and accession, whatever the order they were given in.
    taxonomy : Taxonomy
    bits : NDArray of uint64, shape (KMERS, words)
        Which sequence has which 8-mer.
    strand_weights : NDArray of int32, shape (KMERS,)
    gate, calibration, novelty, projection
        What was fitted on the sequences themselves.
    phylogeny : Phylogeny or None
        The tree whose tips are the accessions, if it was given one.
    """

    about: About
    digest: str
    accessions: Texts
    taxonomy: Taxonomy
    bits: NDArray[np.uint64]
    strand_weights: NDArray[np.int32]
    gate: Gate
    calibration: Calibration
    novelty: Novelty
    projection: Projection
    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    phylogeny: Phylogeny | None

    @classmethod
    def open(cls, path: Path, *, is_verified: bool = True) -> Self:
        """Open the artefact at `path`.

        Parameters
        ----------
        is_verified
            Whether the whole content is compared with its digests; a process that opens what another has verified
            may leave it out.

        Raises
        ------
        ReferenceProblem
            REFERENCE_DAMAGED, REFERENCE_UNSUPPORTED or REFERENCE_UNKNOWN.
        """
        artefact = Artefact(path, is_verified=is_verified)
        head = artefact.head
        names = Texts(artefact.array("taxon_letters"), artefact.array("taxon_starts"))
        return cls(
            about=About(**head["about"]),
            digest=artefact.digest,
            accessions=Texts(artefact.array("accession_letters"), artefact.array("accession_starts")),
            taxonomy=Taxonomy(tuple(head["ranks"]), list(names), artefact.array("paths")),
            bits=artefact.array("bits"),
            strand_weights=artefact.array("strand_weights"),
            gate=Gate(tuple(head["gate"]["kmers"]), tuple(head["gate"]["thresholds"])),
            calibration=Calibration(tuple(map(_logistic, head["calibration"]))),
            novelty=Novelty(head["novelty"]["rank"], _logistic(head["novelty"]["model"])),
            projection=Projection(artefact.array("projection_mean"), artefact.array("projection_axes")),
            letters=artefact.array("letters"),
            starts=artefact.array("starts"),
            phylogeny=_phylogeny(artefact),
        )

    def __len__(self) -> int:
        return len(self.accessions)

    def letters_of(self, index: int) -> bytes:
        """The upper-case letters of one of its sequences."""
        return self.letters[self.starts[index] : self.starts[index + 1]].tobytes()

    def lineage_of(self, index: int) -> tuple[str, ...]:
        """The lineage of one of its sequences, one name a rank; '' is blank."""
        return tuple(self.taxonomy.names[taxon] for taxon in self.taxonomy.paths[index])


def head_of(
    about: About, ranks: tuple[str, ...], gate: Gate, calibration: Calibration, novelty: Novelty
) -> dict[str, Any]:
    """What the head of an artefact says, to be read again by :meth:`Reference.open`."""
    return {
        "about": asdict(about),
        "ranks": list(ranks),
        "gate": asdict(gate),
        "calibration": [asdict(model) for model in calibration.by_rank],
        "novelty": asdict(novelty),
    }


def _phylogeny(artefact: Artefact) -> Phylogeny | None:
    if TREE not in artefact.head["arrays"]:
        return None
    names = Texts(artefact.array("tree_letters"), artefact.array("tree_starts"))
    return Phylogeny(names, artefact.array(TREE), artefact.array("tree_lengths"))


def _logistic(said: Mapping[str, Any]) -> Logistic:
    return Logistic(said["intercept"], tuple(said["weights"]))
