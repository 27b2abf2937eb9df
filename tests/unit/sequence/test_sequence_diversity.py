"""Diversity within and between samples, against values worked out by hand."""

import math
import random
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skbio import TreeNode

from analysis_service.sequence.reference.newick import phylogeny_of
from analysis_service.sequence.sample.comparison import (
    PHYLOGENETIC,
    BetaMetric,
    Distances,
    distances,
    heatmap,
    ordination,
)
from analysis_service.sequence.sample.composition import Composition, composition
from analysis_service.sequence.sample.diversity import FaithMethod, alpha_diversity, faith_diversity, sample_diversity
from analysis_service.sequence.sample.lineage import lineage_counts
from analysis_service.sequence.sample.member import NOT_THIS_MARKER, SampleMember
from analysis_service.sequence.sample.rarefaction import rarefaction
from analysis_service.sequence.sample_params import ShannonBase
from tests.support.sample_synthesis import member

COUNTS = (4, 2, 1, 1)
TREE = phylogeny_of(TreeNode.read(["((a:1,b:2):3,(c:4,d:5):6);"]))

abundances = st.lists(st.integers(1, 500), min_size=1, max_size=20)


def test_richness_singletons_and_doubletons_are_counted() -> None:
    found = alpha_diversity((*COUNTS, 0))
    assert (found.features, found.reads, found.singletons, found.doubletons) == (4, 8, 2, 1)


@pytest.mark.parametrize(
    ("base", "expected"),
    [(ShannonBase.TWO, 1.75), (ShannonBase.E, 1.75 * math.log(2)), (ShannonBase.TEN, 1.75 * math.log10(2))],
)
def test_shannon_is_in_the_base_that_is_stated(base: ShannonBase, expected: float) -> None:
    # Shares 1/2, 1/4, 1/8, 1/8: 1/2 * 1 + 1/4 * 2 + 2 * 1/8 * 3 = 1.75 bits.
    found = alpha_diversity(COUNTS, base)
    assert found.shannon == pytest.approx(expected, rel=1e-12)
    assert found.shannon_base is base


def test_simpson_is_the_chance_that_two_reads_differ() -> None:
    # 1 - (1/4 + 1/16 + 1/64 + 1/64)
    assert alpha_diversity(COUNTS).simpson == pytest.approx(1 - 22 / 64, rel=1e-12)


def test_chao1_is_the_bias_corrected_one() -> None:
    # 4 + 2 * 1 / (2 * (1 + 1))
    assert alpha_diversity(COUNTS).chao1 == pytest.approx(4.5, rel=1e-12)


def test_pielou_is_shannon_by_its_greatest_value() -> None:
    # 1.75 bits of log2(4) = 2; the base cancels.
    for base in ShannonBase:
        assert alpha_diversity(COUNTS, base).pielou == pytest.approx(1.75 / 2, rel=1e-12)


def test_what_is_not_defined_is_none() -> None:
    nothing = alpha_diversity(())
    assert (nothing.features, nothing.reads) == (0, 0)
    assert {nothing.shannon, nothing.simpson, nothing.chao1, nothing.pielou, nothing.faith} == {None}
    one = alpha_diversity((7,))
    assert (one.shannon, one.simpson, one.chao1, one.pielou) == (0.0, 0.0, 1.0, None)


@given(abundances)
def test_the_order_of_counts_changes_no_bit_of_diversity(counts: list[int]) -> None:
    shuffled = random.Random(0).sample(counts, len(counts))
    assert alpha_diversity(shuffled) == alpha_diversity(counts)
    assert rarefaction(shuffled, 10) == rarefaction(counts, 10)


def test_faith_is_the_length_of_the_tree_down_to_what_was_found() -> None:
    # a and c: 1 + 3 + 4 + 6; b was not found. Of one kind: down from the root, too.
    assert faith_diversity({"c": 1, "a": 9, "b": 0}, TREE) == pytest.approx(14.0)
    assert faith_diversity({"a": 2}, TREE) == pytest.approx(4.0)
    assert faith_diversity({"b": 0}, TREE) is None


def test_a_samples_diversity_is_that_of_its_unique_sequences_of_the_marker() -> None:
    sample = (
        member(b"AAAA", 3, "A", hit="a"),
        member(b"AAAC", 1, "A", hit="a"),
        member(b"AAAG", 90, "", status=NOT_THIS_MARKER),
    )
    found = sample_diversity(sample, phylogeny=TREE)
    assert (found.features, found.reads, found.faith, found.faith_method) == (2, 4, 4.0, FaithMethod.BEST_HIT)


def test_without_faith_it_is_said_why() -> None:
    sample = (member(b"AAAA", 3, "A"),)
    for phylogeny, method in ((TREE, FaithMethod.NO_HIT), (None, None)):
        found = sample_diversity(sample, phylogeny=phylogeny)
        assert (found.faith, found.faith_method) == (None, method)


def test_rarefaction_is_the_mean_over_all_ways_to_draw() -> None:
    reads = [feature for feature, count in enumerate(COUNTS) for _ in range(count)]
    curve = rarefaction(COUNTS, points=8)
    assert [point.reads for point in curve] == list(range(1, 9))
    for point in curve:
        draws = [len(set(draw)) for draw in combinations(reads, point.reads)]
        assert point.features == pytest.approx(sum(draws) / len(draws), rel=1e-9)


def test_rarefaction_ends_at_what_was_seen_and_never_falls() -> None:
    curve = rarefaction([5000, 300, 20, 20, 1, 1, 1], points=40)
    features = [point.features for point in curve]
    assert (curve[0].reads, curve[-1].reads) == (1, 5343)
    assert features[0] == pytest.approx(1.0)
    assert features[-1] == pytest.approx(7.0)
    assert features == sorted(features)
    assert rarefaction((), 10) == ()


def test_bray_curtis_is_of_proportions() -> None:
    # Shares x: 1/2, 1/2, 0; y: 1/4, 1/4, 1/2. Half of 1/4 + 1/4 + 1/2.
    found = distances({"x": {"a": 5, "b": 5}, "y": {"a": 100, "b": 100, "c": 200}})
    assert found.samples == ("x", "y")
    assert found.values[0][1] == pytest.approx(0.5, rel=1e-12)
    assert found.values[0][0] == 0.0


def test_jaccard_is_of_presence() -> None:
    found = distances({"x": {"a": 5, "b": 5, "d": 0}, "y": {"b": 1, "c": 900}}, BetaMetric.JACCARD)
    assert found.values[0][1] == pytest.approx(2 / 3, rel=1e-12)


def test_unifrac_is_the_branch_length_that_is_not_shared() -> None:
    samples = {"x": {"a": 2, "b": 2}, "y": {"b": 1, "c": 3}, "z": {"d": 1}}
    found = distances(samples, BetaMetric.UNWEIGHTED_UNIFRAC, TREE)
    # x: a1 b2 ab3; y: b2 ab3 c4 cd6; shared 5 of 16.
    assert found.values[0][1] == pytest.approx(11 / 16, rel=1e-12)
    assert found.values[0][2] == pytest.approx(1.0)


def test_weighted_unifrac_is_by_proportions() -> None:
    samples = {"x": {"a": 2, "b": 2}, "y": {"b": 1, "c": 3}}
    found = distances(samples, BetaMetric.WEIGHTED_UNIFRAC, TREE)
    # |p - q| by branch: a 1/2, b 1/4, c 3/4, ab 3/4, cd 3/4, each by its length: 1/2 + 2/4 + 3 + 9/4 + 18/4 = 10.75.
    # Greatest: (p + q) by the way from the root to each tip: a 1/2 * 4, b 3/4 * 5, c 3/4 * 10 = 13.25.
    assert found.values[0][1] == pytest.approx(10.75 / 13.25, rel=1e-12)


@pytest.mark.parametrize("metric", sorted(PHYLOGENETIC))
def test_unifrac_without_a_tree_is_refused(metric: BetaMetric) -> None:
    with pytest.raises(ValueError, match="needs a tree, and the reference has none"):
        distances({"x": {"a": 1}}, metric)


def test_a_sample_without_reads_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="samples without reads cannot be compared: y"):
        distances({"x": {"a": 1}, "y": {"a": 0}})
    with pytest.raises(ValueError, match="samples without reads cannot be compared: there is none"):
        distances({})


def test_principal_coordinates_keep_distances() -> None:
    # Points at 0, 3 and 4 of a line.
    values = ((0.0, 0.3, 0.4), (0.3, 0.0, 0.1), (0.4, 0.1, 0.0))
    found = ordination(Distances(BetaMetric.BRAY_CURTIS, ("x", "y", "z"), values))
    first = [point[0] for point in found.points]
    assert np.abs(np.subtract.outer(first, first)) == pytest.approx(np.array(values), abs=1e-9)
    assert max(first, key=abs) > 0
    assert found.explained[0] == pytest.approx(1.0)


def test_equal_samples_lie_at_one_point() -> None:
    found = ordination(distances({"x": {"a": 1}, "y": {"a": 5}}))
    assert (found.points, found.explained) == (((0.0,), (0.0,)), (0.0,))


def test_an_ordination_needs_two_samples() -> None:
    with pytest.raises(ValueError, match="at least two samples"):
        ordination(distances({"x": {"a": 1}}))


def test_the_order_of_samples_changes_nothing() -> None:
    chance = random.Random(5)
    samples = {f"s{at}": {f"f{feature}": chance.randint(1, 9) for feature in range(12)} for at in range(6)}
    first = distances(samples)
    turned = {name: dict(reversed(counts.items())) for name, counts in reversed(samples.items())}
    assert distances(turned) == first
    assert ordination(distances(turned)) == ordination(first)


def composed(sample: Iterable[SampleMember], rank: str, ranks: Sequence[str]) -> Composition:
    return composition(lineage_counts(sample, ranks), rank, ranks)


def test_a_heatmap_holds_each_samples_shares() -> None:
    ranks = ("domain",)
    first = composed((member(b"A", 6, "P"), member(b"C", 3, "Q"), member(b"G", 1, "")), "domain", ranks)
    second = composed((member(b"A", 5, "Q"),), "domain", ranks)
    found = heatmap({"y": second, "x": first})
    assert (found.rank, found.samples, found.taxa) == ("domain", ("x", "y"), ("Q", "P"))
    assert found.shares == ((0.3, 1.0), (0.6, 0.0))
    assert found.reads == ((3, 5), (6, 0))
    assert found.unassigned == (0.1, 0.0)


def test_compositions_of_different_ranks_are_not_compared() -> None:
    ranks = ("domain", "genus")
    sample = (member(b"A", 6, "P", "Q"),)
    with pytest.raises(ValueError, match="of one rank are compared"):
        heatmap({"x": composed(sample, "domain", ranks), "y": composed(sample, "genus", ranks)})
