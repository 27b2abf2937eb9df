"""Markers with known lineages for the benchmark of the classifiers, and the split into reference and queries."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis_service.sequence.reference import Source, gathered, read_source
from assaycache.archives import unpack

_SILVA = Path(__file__).parents[1].parent / "shared" / "data" / "sequences" / "silva_138_2_seed.fasta.gz"
_ITS1 = "thapbi-pict==1.0.24"  # MIT
_GREENGENES = "qiime-default-reference==0.1.3"  # Greengenes 13_8, CC BY-SA 3.0
_GREENGENES_FOLDER = "qiime_default_reference/gg_13_8_otus"

# 515F and 806R as published for the V4 region (Parada et al. 2016; Apprill et al. 2015), the latter turned.
_FORWARD = "GTGYCAGCMGCCGCGGTAA"
_REVERSE = "ATTAGAWACCCBNGTAGTCC"
_IUPAC = {"R": "AG", "Y": "CT", "M": "AC", "K": "GT", "S": "CG", "W": "AT"}
_IUPAC |= {"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"}

_LEAST_QUERY = 100


@dataclass(frozen=True)
class Query:
    """A sequence whose lineage is known, and which the reference does not hold."""

    accession: str
    letters: bytes
    lineage: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A reference, and queries that were taken out of it."""

    name: str
    reference: Source
    queries: list[Query]


def its1(folder: Path) -> Source:
    """The curated ITS1 sequences of Phytophthora and kin out of thapbi-pict, ranks genus and species."""
    package = _unpacked(_ITS1, folder)
    records = {}
    for name in ("Phytophthora_ITS1_curated.fasta", "Nothophytophthora_ITS1_curated.fasta"):
        for block in (package / "database" / name).read_text().split(">")[1:]:
            header, *lines = block.splitlines()
            for entry in header.split(";"):  # species that share the sequence
                accession, _, species = entry.strip().partition(" ")
                lineage = f"{species.split()[0]};{species}"
                records[accession] = (f"{accession}\t{lineage}", "".join(lines).encode())
    return gathered(records.values(), ranks=("genus", "species"))


def silva() -> Source | None:
    """The seed sequences of SILVA 138.2, where they lie beside the checkout."""
    return read_source(_SILVA) if _SILVA.exists() else None


def greengenes(folder: Path, *, has_tree: bool = False) -> Source:
    """Greengenes 13_8, clustered at 97 %."""
    data = _unpacked(_GREENGENES, folder) / _GREENGENES_FOLDER
    tree = data / "trees" / "97_otus.tree.gz" if has_tree else None
    return read_source(data / "rep_set" / "97_otus.fasta.gz", data / "taxonomy" / "97_otu_taxonomy.txt.gz", tree=tree)


def split(
    name: str, source: Source, one_in: int, fold: int, amplicon: Callable[[bytes], bytes], *, has_absent: bool = False
) -> Split:
    """Take one in so many sequences out, by the hash of their accessions; `fold` says which.

    With `has_absent` one in as many genera is taken out too, so that there are queries whose genus is absent.
    """
    genus = source.ranks.index("genus")
    genera = [lineage[genus] for lineage in source.lineages]
    is_absent = [has_absent and bool(name) and _number_of(name) % one_in == fold for name in genera]
    is_query = [_number_of(accession) % one_in == fold for accession in source.accessions]
    is_query = [taken or absent for taken, absent in zip(is_query, is_absent, strict=True)]
    kept = [i for i, taken in enumerate(is_query) if not taken]
    queries = [
        Query(source.accessions[i], piece, source.lineages[i])
        for i, taken in enumerate(is_query)
        if taken and len(piece := amplicon(source.letters[i])) >= _LEAST_QUERY
    ]
    reference = Source(
        source.ranks,
        [source.accessions[i] for i in kept],
        [source.lineages[i] for i in kept],
        [source.letters[i] for i in kept],
    )
    return Split(name, reference, queries)


def between(forward: str, reverse: str) -> Callable[[bytes], bytes]:
    """What cuts out what lies between two primers, the second one turned; empty where they do not bind."""
    first, second = _pattern(forward), _pattern(reverse)

    def cut(letters: bytes) -> bytes:
        start = first.search(letters)
        end = second.search(letters, start.end()) if start else None
        return letters[start.end() : end.start()] if start and end else b""

    return cut


def v4(letters: bytes) -> bytes:
    """What lies between the primers of the V4 region; empty where they do not bind."""
    return _V4(letters)


def whole(letters: bytes) -> bytes:
    """The sequence itself: it is an amplicon already."""
    return letters


def _pattern(primer: str) -> re.Pattern[bytes]:
    return re.compile("".join(f"[{_IUPAC.get(base, base)}]" for base in primer).encode())


_V4 = between(_FORWARD, _REVERSE)


def _number_of(accession: str) -> int:
    return int.from_bytes(hashlib.sha256(accession.encode()).digest()[:8], "big")


def _unpacked(package: str, folder: Path) -> Path:
    """A source distribution of the package index, unpacked and not installed; fetched once."""
    name, _, version = package.partition("==")
    target = folder / f"{name.replace('-', '_')}-{version}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--no-build-isolation", "--dest", str(folder), package], check=True)
    archive = next(path for path in folder.glob("*.tar.gz") if path.name.replace("-", "_").startswith(target.name[:8]))
    unpack(archive, folder)
    unpacked = folder / archive.name.removesuffix(".tar.gz")
    return unpacked if unpacked == target else unpacked.rename(target)
