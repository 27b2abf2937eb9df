"""What a reference learns of itself, and the arithmetic below the classifier against its plain definition."""

import numpy as np
import pytest

from analysis_service.sequence.calibration import expected_calibration_error, fit_calibration
from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.gate import GateSample, fit_gate
from analysis_service.sequence.identity import align
from analysis_service.sequence.kernels.diagonals import offsets
from analysis_service.sequence.kernels.kmers import KMERS, encoded, reverse_complement, reverse_complement_kmers
from analysis_service.sequence.logistic import fit_logistic
from analysis_service.sequence.reference import Reference
from analysis_service.sequence.search import Found, Search, joined
from tests.support.synthetic_marker import Marker

pytestmark = pytest.mark.slow  # where nothing is compiled yet, that takes half a minute


def kmers_of(letters: bytes) -> set[bytes]:
    return {letters[i : i + 8] for i in range(len(letters) - 7)}


def test_shared_kmers_are_those_of_a_plain_count(reference: Reference, marker: Marker) -> None:
    search = Search(reference.bits, reference.taxonomy.paths, len(reference.taxonomy.names))
    reads = [marker.reads[0], marker.reads[7][:9], marker.strangers[3]]
    kmers, shared = search.shared_with_best([encoded(read) for read in reads])
    for read, count, best in zip(reads, kmers, shared, strict=True):
        own = kmers_of(read)
        assert count == len(own)
        assert best == max(len(own & kmers_of(letters)) for letters in marker.source.letters)


def test_hidden_references_are_not_found(reference: Reference) -> None:
    search = Search(reference.bits, reference.taxonomy.paths, len(reference.taxonomy.names))
    query = encoded(reference.letters_of(5))
    seen = search.find([query], ClassifierParams())
    hidden = search.find([query], ClassifierParams(), search.barring([np.array([5])]))
    assert seen.hits[0] == 5
    assert hidden.hits[0] != 5
    assert hidden.shared[0] < seen.shared[0]


def test_more_ties_than_there_is_room_for_favour_no_end_of_the_reference() -> None:
    bits = np.zeros((KMERS, 16), np.uint64)
    bits[0, :] = ~np.uint64(0)  # 1,024 references share AAAAAAAA
    paths = np.arange(1024, dtype=np.int32).reshape(-1, 1) // 512
    found = Search(bits, paths, 2).find([encoded(b"A" * 20)], ClassifierParams())
    assert found.confidences[0, 0] == pytest.approx(0.5, abs=0.01)


def test_kmers_of_the_other_strand_are_found_by_number() -> None:
    word = encoded(b"ACCGTTAG")
    number = int("".join(map(str, word)), 4)
    opposite = int("".join(map(str, reverse_complement(word))), 4)
    assert reverse_complement_kmers()[number] == opposite
    assert (reverse_complement_kmers()[reverse_complement_kmers()] == np.arange(KMERS)).all()


@pytest.mark.parametrize(
    ("query", "reference", "identity", "overlap"),
    [
        (b"ACGTACGTAC", b"TTTTACGTACGTACGGGG", 1.0, 1.0),
        (b"TTTTACGTACGTACGGGG", b"ACGTACGTAC", 1.0, 0.5556),
        (b"ACGTTCGTAC", b"TTTTACGTACGTACGGGG", 0.9, 1.0),
        (b"CCCCCACGTTAGCATCG", b"ACGTTAGCATCGATTTTTTTTTTTT", 1.0, 0.7059),
        (b"AAAA", b"", 0.0, 0.0),
    ],
)
def test_identity_is_of_the_aligned_part_and_overlap_says_how_much_that_is(
    query: bytes, reference: bytes, identity: float, overlap: float
) -> None:
    assert align(query, reference) == (identity, overlap)


def _overconfident(seed: int) -> tuple[Found, np.ndarray]:
    """Calls at one rank of which fewer are right than their shares of the votes say, and the truths."""
    random = np.random.default_rng(seed)
    shares = random.uniform(0.02, 1.0, (4000, 1)).round(4)
    is_right = random.random((4000, 1)) < shares**3
    counts = np.full(4000, 100)
    found = Found(counts, counts, counts, np.ones((4000, 1), np.int32), shares, shares)
    return found, np.where(is_right, 1, 0).astype(np.int32)


def test_calibration_brings_confidences_nearer_to_the_truth() -> None:
    found, truths = _overconfident(seed=1)
    calibration = fit_calibration(found, truths, np.ones(truths.shape, bool))
    fresh, outcomes = _overconfident(seed=2)
    is_right = outcomes[:, 0] == 1
    raw = expected_calibration_error(fresh.confidences[:, 0], is_right)
    assert expected_calibration_error(calibration.calibrated(fresh)[:, 0], is_right) < raw / 3


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    probabilities = np.array([0.95, 0.95, 0.15, 0.15])
    assert expected_calibration_error(probabilities, np.array([True, True, False, False])) == pytest.approx(0.1)
    assert expected_calibration_error(probabilities, np.array([True, False, False, False])) == pytest.approx(0.3)


def test_a_regression_recovers_the_odds_it_was_made_with() -> None:
    random = np.random.default_rng(3)
    features = random.normal(size=(20_000, 2))
    odds = 0.5 + 2.0 * features[:, 0] - 1.0 * features[:, 1]
    model = fit_logistic(features, random.random(20_000) < 1 / (1 + np.exp(-odds)))
    assert model.intercept == pytest.approx(0.5, abs=0.1)
    assert model.weights == pytest.approx((2.0, -1.0), abs=0.1)


def test_one_outcome_only_gives_its_smoothed_rate() -> None:
    model = fit_logistic(np.ones((99, 2)), np.ones(99, bool))
    assert model.probabilities(np.zeros((1, 2)))[0] == pytest.approx(99.5 / 100, abs=0.001)


def test_the_gate_lies_between_chance_and_the_references_own() -> None:
    short = GateSample(np.full(100, 64), np.full(100, 0.9), np.full(100, 0.3))
    long = GateSample(np.full(100, 256), np.full(100, 0.9), np.full(100, 0.1))
    gate = fit_gate([long, short])
    at = np.array([10, 64, 128, 256, 9999])
    for fraction, passing in ((0.29, [False, False, False, False, False]), (0.31, [False, False, False, True, True])):
        passed = gate.passes(at, np.full(5, fraction))
        assert passed.tolist()[:2] == passing[:2]
    assert gate.thresholds == (0.45, 0.3)
    assert gate.passes(np.array([128]), np.array([0.38]))[0]
    assert not gate.passes(np.array([128]), np.array([0.37]))[0]


def test_the_gate_lies_above_chance_where_the_references_own_share_less() -> None:
    gate = fit_gate([GateSample(np.full(100, 64), np.full(100, 0.1), np.full(100, 0.3))])
    assert gate.thresholds == (0.3,)


def test_kin_lie_near_each_other_in_the_projection(reference: Reference, marker: Marker) -> None:
    assignments = Classifier(reference).assign_many(marker.reads)
    places = np.array([assignment.coordinates for assignment in assignments])
    families = np.array([truth[1] for truth in marker.truths])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    is_kin = families[:, None] == families[None]
    assert apart[is_kin].mean() < 0.5 * apart[~is_kin].mean()


def test_kmers_tell_where_in_its_hit_a_query_begins(marker: Marker) -> None:
    references = [encoded(letters) for letters in marker.source.letters[:2]]
    queries = [references[1][120:300], np.concatenate([references[0][:7][::-1], references[0][:200]]), references[0]]
    letters = np.frombuffer(b"".join(marker.source.letters[:2]), np.uint8)
    edges = np.array([0, 500, 1000])
    found = np.zeros(3, np.int64)
    offsets(*joined(queries), letters, edges, np.array([1, 0, -1]), found)
    assert found.tolist() == [120, -7, 0]


def test_ties_are_shared_by_what_each_lacks_over_all() -> None:
    bits = np.zeros((KMERS, 8), np.uint64)
    query = encoded(b"ACGTTGCAACGGTCAATGCCTTAGGACTAACC")
    kmers = [int("".join(map(str, query[i : i + 8])), 4) for i in range(query.size - 7)]
    bits[kmers, 0] = 0b111
    bits[kmers[0], 0] = 0b011  # the third lacks one of 25
    paths = np.arange(3, dtype=np.int32).reshape(-1, 1)
    found = Search(bits, paths, 3).find([query], ClassifierParams(bootstrap_kmers=8, bootstraps=1000))
    equal, lesser = found.confidences[0, 0], 1.0 - 2 * found.confidences[0, 0]
    tied = (24 / 25) ** 8
    assert lesser == pytest.approx(tied * tied / (2 + tied), abs=0.02)
    assert equal > 1 / 3
