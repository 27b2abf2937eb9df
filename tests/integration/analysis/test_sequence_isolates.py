"""Isolates of known species out of thapbi-pict, against its own curated references."""

import os
from pathlib import Path

import pytest

from analysis_service.sequence.assignment import Assignment
from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.reference import About, Reference, build, gathered
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
def classifier(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    lineages = {}
    for name in ("Phytophthora", "Nothophytophthora"):
        for header, letters in records(package / "database" / f"{name}_ITS1_curated.fasta"):
            for entry in header.split(";"):
                accession, _, species = entry.strip().partition(" ")
                lineages[accession] = (f"{accession}\t{species.split()[0]};{species}", letters.upper())
    source = gathered(lineages.values(), ranks=("genus", "species"))
    return Classifier(Reference.open(build(source, About("its1"), tmp_path_factory.mktemp("its1"))))


def assigned(isolate: str, package: Path, classifier: Classifier) -> Assignment:
    """The most abundant sequence of an isolate."""
    (fasta,) = (package / "database" / "single_isolates").glob(f"{isolate}*.fasta")
    _, letters = max(records(fasta), key=lambda record: int(record[0].split()[0].rpartition("_")[2]))
    return classifier.assign(letters)


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
