"""What the classifier says of sequences whose truth is known, and that it always says the same."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis_service.sequence.assignment import Assignment, Status
from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.reference import About, Reference, Source, build
from tests.support.synthetic_marker import Marker

_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")

pytestmark = pytest.mark.slow  # where nothing is compiled yet, that takes most of a minute


@pytest.fixture(scope="module")
def classifier(reference: Reference) -> Classifier:
    return Classifier(reference)


@pytest.fixture(scope="module")
def assignments(classifier: Classifier, marker: Marker) -> list[Assignment]:
    return classifier.assign_many(marker.reads)


def names(assignment: Assignment) -> tuple[str, ...]:
    return tuple(call.name for call in assignment.ranks)


def test_reads_of_known_species_get_their_lineage(assignments: list[Assignment], marker: Marker) -> None:
    called = [names(assignment) for assignment in assignments]
    genera = [call[:3] == truth[:3] for call, truth in zip(called, marker.truths, strict=True)]
    species = [call == truth for call, truth in zip(called, marker.truths, strict=True)]
    wrong = [call[3] not in {"", truth[3]} for call, truth in zip(called, marker.truths, strict=True)]
    assert sum(genera) >= 0.95 * len(genera)
    assert sum(species) >= 0.7 * len(species)
    assert sum(wrong) <= 0.02 * len(wrong)
    assert {assignment.status for assignment in assignments} == {Status.KNOWN}


def test_the_best_hit_is_shown_with_identity_and_overlap(assignments: list[Assignment], marker: Marker) -> None:
    lineages = dict(zip(marker.source.accessions, marker.source.lineages, strict=True))
    for assignment, truth in zip(assignments, marker.truths, strict=True):
        assert lineages[assignment.hit_accession][:3] == truth[:3]
        assert assignment.identity > 0.97
        assert assignment.overlap == 1.0


def test_no_rank_is_more_probable_than_the_one_above(assignments: list[Assignment]) -> None:
    for assignment in assignments:
        probabilities = [call.calibrated for call in assignment.ranks]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0.0 <= call.confidence <= 1.0 for call in assignment.ranks)


def test_the_other_strand_is_turned_and_gets_the_same_answer(
    classifier: Classifier, assignments: list[Assignment], marker: Marker
) -> None:
    turned = [read.translate(_COMPLEMENT)[::-1] for read in marker.reads]
    for assignment, given in zip(classifier.assign_many(turned), assignments, strict=True):
        assert assignment == replace(given, strand="-")
        assert given.strand == "+"


def test_reversed_order_gives_the_same_bits(
    classifier: Classifier, assignments: list[Assignment], marker: Marker
) -> None:
    assert classifier.assign_many(marker.reads[::-1])[::-1] == assignments


def test_one_by_one_gives_the_same_bits_as_all_at_once(
    classifier: Classifier, assignments: list[Assignment], marker: Marker
) -> None:
    assert [classifier.assign(read) for read in marker.reads] == assignments


def test_two_threads_give_the_same_bits_as_one(
    classifier: Classifier, assignments: list[Assignment], marker: Marker
) -> None:
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(classifier.assign, marker.reads)) == assignments


def test_another_process_gives_the_same_bits(
    assignments: list[Assignment], marker: Marker, reference_path: Path
) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from analysis_service.sequence.classifier import Classifier
        from analysis_service.sequence.reference import Reference
        classifier = Classifier(Reference.open(Path(sys.argv[1])))
        print(classifier.assign_many([line.strip().encode() for line in sys.stdin]))
    """)
    reads = "\n".join(read.decode() for read in marker.reads[:20])
    command = [sys.executable, "-c", program, str(reference_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "NUMBA_NUM_THREADS": "1"}
    answer = subprocess.run(command, input=reads, capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.strip() == str(assignments[:20])


def test_progress_ends_at_one(classifier: Classifier, marker: Marker) -> None:
    heard: list[float] = []
    classifier.assign_many(marker.reads * 5, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 1


def test_no_sequences_give_no_assignments(classifier: Classifier) -> None:
    assert classifier.assign_many([]) == []


def _shuffled(read: bytes) -> bytes:
    return bytes(np.random.default_rng(len(read)).permutation(np.frombuffer(read, np.uint8)))


def _random(read: bytes) -> bytes:
    seed = int.from_bytes(read[:8], "little")
    return bytes(np.random.default_rng(seed).choice(np.frombuffer(b"ACGT", np.uint8), len(read)))


def _protein(read: bytes) -> bytes:
    seed = int.from_bytes(read[:8], "little")
    return bytes(np.random.default_rng(seed).choice(np.frombuffer(b"ACDEFGHIKLMNPQRSTVWY", np.uint8), len(read)))


@pytest.mark.parametrize("junk", [_shuffled, lambda read: read[::-1], _random, _protein, lambda read: b"N" * len(read)])
def test_junk_is_not_named(junk: Callable[[bytes], bytes], classifier: Classifier, marker: Marker) -> None:
    for assignment in classifier.assign_many([junk(read) for read in marker.reads]):
        assert names(assignment) == ("", "", "", "")
        assert assignment.status in {Status.NOT_THIS_MARKER, Status.UNASSIGNED}
        assert assignment.hit_accession == ""


@pytest.mark.parametrize("length", [24, 32, 48])
def test_short_junk_is_not_named_and_most_short_pieces_are(length: int, classifier: Classifier, marker: Marker) -> None:
    pieces = [read[at : at + length] for read in marker.reads for at in range(0, 250, 10)]
    named = sum(any(names(item)) for item in classifier.assign_many(pieces))
    assert named > 0.9 * len(pieces)
    for junk in (_shuffled, lambda read: read[::-1], _random):
        assert not any(any(names(item)) for item in classifier.assign_many([junk(piece) for piece in pieces]))


@pytest.mark.parametrize("letters", [b"", b"A", b"ACGTACGT", b"ACGTTGCAACGG"])
def test_what_is_too_short_is_unassigned(letters: bytes, classifier: Classifier) -> None:
    assignment = classifier.assign(letters)
    assert assignment.status == Status.UNASSIGNED
    assert names(assignment) == ("", "", "", "")


def test_sequences_of_genera_that_are_absent_are_more_novel(
    classifier: Classifier, assignments: list[Assignment], marker: Marker
) -> None:
    strange = classifier.assign_many(marker.strangers)
    assert min(item.novelty for item in strange) > max(item.novelty for item in assignments)
    families = [names(item)[1] for item in strange]
    assert sum(map(bool, families)) > len(families) / 2


def test_the_threshold_of_novelty_is_a_parameter_and_hides_the_genus(reference: Reference, marker: Marker) -> None:
    assert all(item.novelty > 0.0 for item in Classifier(reference).assign_many(marker.strangers))
    strict = Classifier(reference, ClassifierParams(novelty_threshold=0.0))
    for assignment in strict.assign_many(marker.reads):
        assert assignment.status == Status.POTENTIALLY_NOVEL
        assert names(assignment)[2:] == ("", "")
        assert names(assignment)[1] != ""


def test_a_genus_is_named_where_it_is_as_probably_in_the_reference_as_is_asked_for_of_a_name(
    reference: Reference, marker: Marker
) -> None:
    reads = marker.reads + marker.strangers
    best = Classifier(reference, ClassifierParams(min_confidence=0.0, novelty_threshold=1.0)).assign_many(reads)
    unsure = [item for item in best if item.ranks[2].confidence == 1.0 and item.novelty > 0.0]
    strict = Classifier(reference, ClassifierParams(min_confidence=1.0, novelty_threshold=1.0)).assign_many(reads)
    for guess, assignment in zip(best, strict, strict=True):
        assert bool(names(assignment)[2]) == (guess.ranks[2].confidence == 1.0 and guess.novelty == 0.0)
        assert bool(names(assignment)[1]) == (guess.ranks[1].confidence == 1.0)
    assert unsure


def test_a_threshold_of_zero_names_the_best_at_every_rank(reference: Reference, marker: Marker) -> None:
    generous = ClassifierParams(min_confidence=0.0, min_probability=0.0, novelty_threshold=1.0)
    for assignment in Classifier(reference, generous).assign_many(marker.strangers):
        assert all(names(assignment))


def test_a_stricter_gate_can_be_asked_for(reference: Reference, marker: Marker) -> None:
    strict = Classifier(reference, ClassifierParams(min_shared_fraction=1.0, bootstraps=10))
    assert {item.status for item in strict.assign_many(marker.strangers)} == {Status.NOT_THIS_MARKER}


@pytest.mark.parametrize("wrong", [{"bootstraps": 0}, {"bootstrap_kmers": 256}, {"min_confidence": 1.5}])
def test_parameters_outside_of_their_range_are_refused(wrong: dict[str, Any], reference: Reference) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Classifier(reference, ClassifierParams(**wrong))


def _twins(marker: Marker, others: list[tuple[str, ...]], folder: Path) -> Classifier:
    """A reference in which one sequence is also that of these lineages, and all the rest is as it was."""
    source = marker.source
    extra = [(f"twin{i}", lineage, source.letters[0]) for i, lineage in enumerate(others)]
    grown = Source(
        source.ranks,
        source.accessions + [accession for accession, _, _ in extra],
        source.lineages + [lineage for _, lineage, _ in extra],
        source.letters + [letters for _, _, letters in extra],
    )
    params = ClassifierParams(min_confidence=0.0, min_probability=0.0, novelty_threshold=1.0)
    return Classifier(Reference.open(build(grown, About("twins"), folder)), params)


def test_references_that_tie_share_the_vote(marker: Marker, tmp_path: Path) -> None:
    own = marker.source.lineages[0]
    classifier = _twins(marker, [(*own[:3], "Twin")], tmp_path)
    species = classifier.assign(marker.source.letters[0]).ranks[3]
    genus = classifier.assign(marker.source.letters[0]).ranks[2]
    assert 0.4 < species.confidence < 0.75  # two of one sequence, and strains of one of them that tie at times
    assert genus.confidence > 0.95


def test_a_blank_in_the_middle_of_a_lineage_keeps_what_is_below(marker: Marker, tmp_path: Path) -> None:
    lineages: list[tuple[str, ...]] = [
        (domain, "" if family == "Family1" else family, genus, species)
        for domain, family, genus, species in marker.source.lineages
    ]
    path = build(replace(marker.source, lineages=lineages), About("blanks"), tmp_path)
    assignments = Classifier(Reference.open(path)).assign_many(marker.reads)
    without = [names(item) for item, truth in zip(assignments, marker.truths, strict=True) if truth[1] == "Family1"]
    assert all(family == "" for _, family, _, _ in without)
    assert sum(genus.startswith("Genus1") for _, _, genus, _ in without) >= 0.9 * len(without)


def test_blanks_at_the_end_of_a_lineage_name_nothing_there(marker: Marker, tmp_path: Path) -> None:
    lineages = [(*lineage[:3], "") for lineage in marker.source.lineages]
    path = build(replace(marker.source, lineages=lineages), About("genera"), tmp_path)
    for assignment in Classifier(Reference.open(path)).assign_many(marker.reads):
        assert assignment.ranks[3].name == ""
        assert assignment.ranks[2].name != ""
