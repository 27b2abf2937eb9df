"""References: built the same whenever, opened whole or not at all, kept under names."""

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis_service.sequence.reference import (
    About,
    Library,
    Reference,
    ReferenceProblem,
    ReferenceReason,
    Source,
    build,
    gathered,
    read_source,
)
from analysis_service.sequence.reference.artefact import ArtefactWriter
from tests.support.synthetic_marker import Marker

ABOUT = About("synthetic", "1", "CC0", "nobody")


@pytest.fixture(scope="module")
def small(marker: Marker) -> Source:
    """A tenth of the marker: for what does not depend on what is learnt."""
    chosen = slice(None, None, 10)
    whole = marker.source
    return Source(whole.ranks, whole.accessions[chosen], whole.lineages[chosen], whole.letters[chosen])


@pytest.fixture(scope="module")
def built(small: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(small, ABOUT, tmp_path_factory.mktemp("built"))


@pytest.fixture
def artefact(built: Path, tmp_path: Path) -> Path:
    """One that a test may damage."""
    folder = tmp_path / "made"
    folder.mkdir()
    return Path(shutil.copy(built, folder))


def reason_of(problem: pytest.ExceptionInfo[ReferenceProblem]) -> ReferenceReason:
    return problem.value.reason


def test_building_twice_gives_the_same_digest_whatever_the_order(source: Source, tmp_path: Path) -> None:
    order = list(range(len(source.accessions)))
    random.Random(1).shuffle(order)
    mixed = Source(
        source.ranks,
        [source.accessions[i] for i in order],
        [source.lineages[i] for i in order],
        [source.letters[i] for i in order],
    )
    first, second = build(source, ABOUT, tmp_path / "a"), build(mixed, ABOUT, tmp_path / "b")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_what_is_said_of_a_reference_is_in_its_digest(small: Source, artefact: Path, tmp_path: Path) -> None:
    assert build(small, replace(ABOUT, version="2"), tmp_path / "b").name != artefact.name


def test_an_open_reference_holds_what_it_was_built_from(small: Source, artefact: Path) -> None:
    reference = Reference.open(artefact)
    assert reference.about == ABOUT
    assert reference.digest == artefact.stem
    assert reference.taxonomy.ranks == small.ranks
    held = {reference.accessions[i]: (reference.lineage_of(i), reference.letters_of(i)) for i in range(len(reference))}
    given = zip(small.accessions, zip(small.lineages, small.letters, strict=True), strict=True)
    assert held == dict(given)


def test_its_arrays_are_mapped_and_cannot_be_written(artefact: Path) -> None:
    bits = Reference.open(artefact).bits
    assert not bits.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        bits[0, 0] = 1


def test_every_kmer_of_a_sequence_has_its_bit(artefact: Path) -> None:
    reference = Reference.open(artefact)
    word = reference.letters_of(3)[40:48]
    number = sum(b"ACGT".index(base) * 4 ** (7 - place) for place, base in enumerate(word))
    owners = {i for i in range(len(reference)) if reference.bits[number, i >> 6] >> np.uint64(i & 63) & np.uint64(1)}
    assert owners == {i for i in range(len(reference)) if word in reference.letters_of(i)}
    assert 3 in owners


def test_progress_rises_to_one(small: Source, tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    build(small, ABOUT, tmp_path, lambda stage, fraction: heard.append((stage, fraction)))
    fractions = [fraction for _, fraction in heard]
    assert fractions == sorted(fractions)
    assert heard[-1] == ("done", 1.0)
    assert {"indexing", "learning", "writing"} <= {stage for stage, _ in heard}


def test_a_build_that_fails_leaves_nothing(small: Source, tmp_path: Path) -> None:
    def interrupt(stage: str, fraction: float) -> None:
        if stage == "learning":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(small, ABOUT, tmp_path, interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [0, 20, 100, 5000, 200_000, -1, -40])
def test_any_changed_byte_is_noticed(at: int, artefact: Path) -> None:
    content = bytearray(artefact.read_bytes())
    offset = at if at != 100 else 47  # the last byte of the head's digest
    content[offset] ^= 0x40
    artefact.write_bytes(content)
    with pytest.raises(ReferenceProblem) as problem:
        Reference.open(artefact)
    assert reason_of(problem) in {ReferenceReason.REFERENCE_DAMAGED, ReferenceReason.REFERENCE_UNSUPPORTED}


@pytest.mark.parametrize("kept", [0, 10, 63, 5000, -1])
def test_a_truncated_file_is_damaged(kept: int, artefact: Path) -> None:
    artefact.write_bytes(artefact.read_bytes()[:kept])
    with pytest.raises(ReferenceProblem) as problem:
        Reference.open(artefact, is_verified=False)
    assert reason_of(problem) == ReferenceReason.REFERENCE_DAMAGED


def test_a_later_form_is_unsupported(artefact: Path) -> None:
    content = bytearray(artefact.read_bytes())
    content[8] = 99
    artefact.write_bytes(content)
    with pytest.raises(ReferenceProblem) as problem:
        Reference.open(artefact)
    assert reason_of(problem) == ReferenceReason.REFERENCE_UNSUPPORTED


def test_a_missing_file_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem) as problem:
        Reference.open(tmp_path / "none.reference")
    assert reason_of(problem) == ReferenceReason.REFERENCE_UNKNOWN


def test_fasta_is_read_with_gaps_lower_case_and_uracil_plain_or_compressed(tmp_path: Path) -> None:
    text = b">A1\tBacteria;Firmicutes\nacgu--ACGU\n.RYN\n>A2\tBacteria;\nAAAA\n"
    (tmp_path / "plain.fasta").write_bytes(text)
    (tmp_path / "packed.fasta.gz").write_bytes(gzip.compress(text))
    for name in ("plain.fasta", "packed.fasta.gz"):
        source = read_source(tmp_path / name, ranks=("domain", "phylum"))
        assert source.letters == [b"ACGTACGTRYN", b"AAAA"]
        assert source.lineages == [("Bacteria", "Firmicutes"), ("Bacteria", "")]


def test_lineages_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.fasta").write_text(">A1 some words\nACGT\n>A2\nACGT\n")
    (tmp_path / "a.txt").write_text("A2\tk__Archaea; p__x\nA1\tk__Bacteria; p__y\n")
    source = read_source(tmp_path / "a.fasta", tmp_path / "a.txt")
    assert source.ranks == ("kingdom", "phylum")
    assert source.lineages == [("Bacteria", "y"), ("Archaea", "x")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no sequence"),
        ("ACGT\n", "cannot be read"),
        (">A1\tx;y\nACGT\n>A1\tx;y\nACGT\n", "'A1' occurs twice"),
        (">A1\tx;y\nACGTQ\n", "'Q', which is no nucleotide"),
        (">A1\tx;y\n\n", "'A1' is empty"),
        (">\tx;y\nACGT\n", "has no accession"),
        (">A1\nACGT\n", "No sequence has a lineage"),
    ],
)
def test_fasta_that_cannot_be_used_says_why(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.fasta").write_text(text)
    with pytest.raises(ReferenceProblem, match=message) as problem:
        read_source(tmp_path / "a.fasta")
    assert reason_of(problem) == ReferenceReason.REFERENCE_INVALID


def test_a_sequence_that_the_table_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.fasta").write_text(">A1\nACGT\n")
    (tmp_path / "a.txt").write_text("A2\tk__Archaea\n")
    with pytest.raises(ReferenceProblem, match="no lineage for 'A1'"):
        read_source(tmp_path / "a.fasta", tmp_path / "a.txt")


@pytest.mark.parametrize("letters", [[b"ACGTACGTAC"], [b"ACGTACGTAC", b"ACGTNACGT"]])
def test_too_little_to_build_from_is_refused(letters: list[bytes], tmp_path: Path) -> None:
    source = gathered((f"A{i}\tx;y", item) for i, item in enumerate(letters))
    with pytest.raises(ReferenceProblem) as problem:
        build(source, ABOUT, tmp_path)
    assert reason_of(problem) == ReferenceReason.REFERENCE_INVALID


def test_two_short_sequences_make_a_reference(tmp_path: Path) -> None:
    source = gathered([("A\tx;y", b"ACGTACGTAC"), ("B\tx;z", b"TTGCATTGCATGCATT")])
    assert len(Reference.open(build(source, ABOUT, tmp_path))) == 2


def test_a_library_knows_several_references_and_one_default(small: Source, tmp_path: Path) -> None:
    library = Library(tmp_path)
    first = library.add(small, About("one"))
    second = library.add(small, About("two"))
    assert library.listing().digests == {"one": first, "two": second}
    assert library.listing().default == "one"
    library.choose("two")
    assert library.open().digest == second
    assert library.open("one").digest == library.open(first).digest == first


def test_removing_a_reference_removes_its_file_and_moves_the_default(small: Source, tmp_path: Path) -> None:
    library = Library(tmp_path)
    first, second = library.add(small, About("one")), library.add(small, About("two"))
    kept_open = library.open("one")
    library.remove("one")
    assert not library.path_of(first).exists()
    assert library.listing().default == "two"
    assert library.digest_of() == second
    assert len(kept_open.letters_of(0)) > 0


def test_a_name_stands_for_another_reference_only_if_it_is_to_be_replaced(small: Source, tmp_path: Path) -> None:
    library = Library(tmp_path)
    first = library.add(small, About("one", "1"))
    assert library.add(small, About("one", "1")) == first
    with pytest.raises(ReferenceProblem) as problem:
        library.add(small, About("one", "2"))
    assert reason_of(problem) == ReferenceReason.REFERENCE_EXISTS
    assert [path.stem for path in tmp_path.glob("*.reference")] == [first]
    second = library.add(small, About("one", "2"), is_replacing=True)
    assert [path.stem for path in tmp_path.glob("*.reference")] == [second]


@pytest.mark.parametrize("act", ["open", "choose", "remove"])
def test_an_unknown_name_says_what_there_is(act: str, tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem, match="no reference 'silva'") as problem:
        getattr(Library(tmp_path), act)("silva")
    assert reason_of(problem) == ReferenceReason.REFERENCE_UNKNOWN


def test_an_empty_library_has_no_default(tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem, match="no default"):
        Library(tmp_path).open()


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"default": "x"})])
def test_a_damaged_index_is_a_typed_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "references.json").write_text(text)
    with pytest.raises(ReferenceProblem) as problem:
        Library(tmp_path).listing()
    assert reason_of(problem) == ReferenceReason.REFERENCE_DAMAGED


def test_what_a_killed_build_left_is_swept_and_what_is_being_built_is_not(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from analysis_service.sequence.reference.artefact import ArtefactWriter\n"
        "with ArtefactWriter(Path(sys.argv[1])): print('there', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == b"there\n"
        builder.kill()
    (dead,) = tmp_path.iterdir()
    library = Library(tmp_path)
    assert library.sweep() == 0, "it may be too young to be locked yet"
    with ArtefactWriter(tmp_path):
        for path in tmp_path.iterdir():
            os.utime(path, (0, 0))
        assert library.sweep() == 1
        (alive,) = tmp_path.iterdir()
        assert alive != dead
    assert list(tmp_path.iterdir()) == []
