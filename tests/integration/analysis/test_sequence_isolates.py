"""Isolates of known species out of thapbi-pict, against its own curated references."""

import os
import re
from pathlib import Path

import edlib
import pytest

from analysis_service.sequence.assignment import Assignment
from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.reference import About, Reference, Source, build, gathered
from assaycache.sequence_samples import fetch_demo_sequences

pytestmark = pytest.mark.slow

_SAMPLES = Path(os.environ.get("ASSAYCACHE_SAMPLES") or Path(__file__).parents[3] / ".assaycache" / "samples")


@pytest.fixture(scope="module")
def package() -> Path:
    return fetch_demo_sequences(_SAMPLES / "sequences")


def records(fasta: Path) -> list[tuple[str, bytes]]:
    blocks = (block.partition("\n") for block in fasta.read_text().split(">")[1:])
    return [(header, letters.replace("\n", "").encode()) for header, _, letters in blocks]


@pytest.fixture(scope="module")
def source(package: Path) -> Source:
    lineages = {}
    for name in ("Phytophthora", "Nothophytophthora"):
        for header, letters in records(package / "database" / f"{name}_ITS1_curated.fasta"):
            for entry in header.split(";"):
                accession, _, species = entry.strip().partition(" ")
                lineages[accession] = (f"{accession}\t{species.split()[0]};{species}", letters.upper())
    return gathered(lineages.values(), ranks=("genus", "species"))


@pytest.fixture(scope="module")
def classifier(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier(Reference.open(build(source, About("its1"), tmp_path_factory.mktemp("its1"))))


def most_abundant(fasta: Path) -> bytes:
    """The letters of the sequence of which an isolate has most."""
    _, letters = max(records(fasta), key=lambda record: int(record[0].split()[0].rpartition("_")[2]))
    return letters


def assigned(isolate: str, package: Path, classifier: Classifier) -> Assignment:
    (fasta,) = (package / "database" / "single_isolates").glob(f"{isolate}*.fasta")
    return classifier.assign(most_abundant(fasta))


def isolates(package: Path, source: Source) -> list[tuple[str, bytes]]:
    """Every isolate whose file is called by a species that the reference has, and that holds a sequence."""
    known = {words[-1]: species for _, species in source.lineages if len(words := species.lower().split()) == 2}
    found = []
    for fasta in sorted((package / "database" / "single_isolates").glob("*.fasta")):
        said = re.search(r"(?:^|-)P-([A-Za-z]+)", fasta.stem)
        if said and said[1].lower() in known and records(fasta):
            found.append((known[said[1].lower()], most_abundant(fasta)))
    return found


def species_within_a_letter(letters: bytes, source: Source) -> set[str]:
    """The species of the reference that have a sequence within one letter of the nearest one."""
    edits = [edlib.align(letters, other, mode="NW", task="distance")["editDistance"] for other in source.letters]
    return {lineage[1] for lineage, count in zip(source.lineages, edits, strict=True) if count <= min(edits) + 1}


def test_no_isolate_is_called_another_species_and_what_is_not_called_has_near_twins(
    package: Path, source: Source, classifier: Classifier
) -> None:
    cases = isolates(package, source)
    called = [classifier.assign(letters).ranks for _, letters in cases]
    assert {genus.name for genus, _ in called} == {"Phytophthora"}
    assert all(name in ("", truth) for (truth, _), (_, (name, *_)) in zip(cases, called, strict=True))
    unsure = [case for case, (_, species) in zip(cases, called, strict=True) if not species.name]
    twins = [species_within_a_letter(letters, source) for _, letters in unsure]
    assert all(truth in found and len(found) > 1 for (truth, _), found in zip(unsure, twins, strict=True))


@pytest.mark.parametrize(
    ("isolate", "species"),
    [
        ("75-BT3-1gDNA-P-austrocedrae", "Phytophthora austrocedri"),
        ("P-cinnamomi-82", "Phytophthora cinnamomi"),
        ("SCRP23-P-boehmeriae", "Phytophthora boehmeriae"),
        ("SCRP386-P-iranica", "Phytophthora iranica"),
        ("SCRP607-P-fallax", "Phytophthora fallax"),
        ("SCRP893-P-sojae", "Phytophthora sojae"),
        ("SCRP660-P-syringae", "Phytophthora syringae"),
    ],
)
def test_an_isolate_is_of_its_species(isolate: str, species: str, package: Path, classifier: Classifier) -> None:
    assignment = assigned(isolate, package, classifier)
    assert [call.name for call in assignment.ranks] == ["Phytophthora", species]
    assert assignment.identity > 0.98


def test_species_that_share_their_sequence_are_not_told_apart(package: Path, classifier: Classifier) -> None:
    assignment = assigned("88069-P-infestans", package, classifier)
    assert [call.name for call in assignment.ranks] == ["Phytophthora", ""]
