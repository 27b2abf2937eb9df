"""A real reference to try sequences on: the curated ITS1 sequences of thapbi-pict, as plain FASTA with lineages."""

from pathlib import Path

from assaycache.sequence_samples import fetch_demo_sequences

NAME = "its1-curated"
VERSION = "thapbi-pict 1.0.24"
LICENCE = "MIT"
CITATION = "Cock et al. 2023, THAPBI PICT, PeerJ 11:e15648"
RANKS = ("genus", "species")

_GENERA = ("Phytophthora", "Nothophytophthora")


def fetch_demo_reference(folder: Path) -> Path:
    """The reference as FASTA with lineages `genus;species`: out of `folder`, or out of the downloaded package.

    Raises
    ------
    SampleUnavailableError
        The package could not be downloaded, or is not what it should be.
    """
    target = folder / f"{NAME}.fasta"
    if target.exists():
        return target
    package = fetch_demo_sequences(folder)
    records: dict[str, str] = {}
    for genus in _GENERA:
        records.update(_records(package / "database" / f"{genus}_ITS1_curated.fasta"))
    unfinished = target.with_suffix(".new")
    unfinished.write_text("".join(records.values()))
    unfinished.replace(target)
    return target


def _records(fasta: Path) -> dict[str, str]:
    """Records by accession; a header of several entries is as many records of one sequence."""
    found = {}
    for block in fasta.read_text().split(">")[1:]:
        header, _, letters = block.partition("\n")
        for entry in header.split(";"):
            accession, _, species = entry.strip().partition(" ")
            found[accession] = f">{accession}\t{species.split()[0]};{species}\n{letters.replace(chr(10), '').upper()}\n"
    return found
