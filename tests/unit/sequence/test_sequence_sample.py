"""A sample as a whole: what is counted adds up, and the order of the input changes nothing."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_service.sequence.sample.colours import NEUTRAL, PALETTE, colour_of
from analysis_service.sequence.sample.composition import composition, folded
from analysis_service.sequence.sample.lineage import LineageCount, lineage_counts
from analysis_service.sequence.sample.member import (
    KNOWN,
    NOT_THIS_MARKER,
    POTENTIALLY_NOVEL,
    STATUSES,
    UNASSIGNED,
    SampleMember,
)
from analysis_service.sequence.sample.views import HierarchyNode, hierarchy, sankey
from analysis_service.sequence.sample.whole import analyse
from analysis_service.sequence.sample_params import SampleParams
from tests.support.sample_synthesis import member

RANKS = ("domain", "family", "genus")

SAMPLE = (
    member(b"AAAA", 50, "Bacteria", "Vibrionaceae", "Vibrio"),
    member(b"AAAC", 30, "Bacteria", "Vibrionaceae", "Aliivibrio"),
    member(b"AAAG", 10, "Bacteria", "Vibrionaceae", "", status=POTENTIALLY_NOVEL),
    member(b"AAAT", 6, "Bacteria", "", "Vibrio"),
    member(b"AACA", 3, "", "", "", status=UNASSIGNED),
    member(b"AACC", 1, "", "", "", status=NOT_THIS_MARKER),
)


def lineages_of(sample: Iterable[SampleMember]) -> tuple[LineageCount, ...]:
    return lineage_counts(sample, RANKS)


names = st.sampled_from(["", "A", "B", "C"])
samples = st.lists(
    st.builds(
        lambda letters, abundance, calls, status: member(letters, abundance, *calls, status=status),
        st.binary(min_size=1, max_size=6).map(lambda raw: bytes(b"ACGT"[value % 4] for value in raw)),
        st.integers(1, 1000),
        st.tuples(names, names, names),
        st.sampled_from(STATUSES),
    ),
    unique_by=lambda item: item.letters,
    max_size=12,
)


def test_a_composition_counts_sequences_and_reads_and_keeps_the_unassigned_apart() -> None:
    found = composition(lineages_of(SAMPLE), "family", RANKS)
    assert [(taxon.name, taxon.sequences, taxon.reads) for taxon in found.taxa] == [
        ("Vibrionaceae", 3, 90),
        ("Unnamed family", 1, 6),
    ]
    assert (found.unassigned.name, found.unassigned.sequences, found.unassigned.reads) == ("Unassigned", 2, 4)
    assert (found.sequences, found.reads) == (6, 100)
    assert found.taxa[0].share == 0.9


def test_taxa_of_one_name_in_several_lineages_are_told_apart() -> None:
    found = composition(lineages_of(SAMPLE), "genus", RANKS)
    assert [taxon.name for taxon in found.taxa] == [
        "Vibrio (Bacteria; Vibrionaceae)",
        "Aliivibrio",
        "Vibrio (Bacteria; Unnamed family)",
    ]
    assert found.taxa[0].color == found.taxa[2].color == colour_of("Vibrio")


def test_a_rank_that_the_reference_does_not_have_is_refused() -> None:
    for view in (
        lambda: composition(lineages_of(SAMPLE), "species", RANKS),
        lambda: hierarchy(lineages_of(SAMPLE), RANKS, "species"),
    ):
        with pytest.raises(ValueError, match="'species' is none of the reference's ranks: domain, family, genus"):
            view()


def test_an_assignment_of_another_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="an assignment has 3 ranks, the reference has 2"):
        lineage_counts(SAMPLE, RANKS[:2])


def test_the_smaller_taxa_of_a_chart_are_folded_into_one() -> None:
    shown = folded(composition(lineages_of(SAMPLE), "genus", RANKS), most=1)
    assert [(taxon.name, taxon.reads) for taxon in shown] == [
        ("Vibrio (Bacteria; Vibrionaceae)", 50),
        ("Other", 36),
        ("Unassigned", 14),
    ]


@given(samples, st.integers(0, 3))
def test_every_composition_adds_up_to_the_sample(sample: list[SampleMember], most: int) -> None:
    for rank in RANKS:
        found = composition(lineages_of(sample), rank, RANKS)
        for parts in ((*found.taxa, found.unassigned), folded(found, most)):
            assert sum(taxon.reads for taxon in parts) == found.reads == sum(item.abundance for item in sample)
            assert sum(taxon.sequences for taxon in parts) == found.sequences == len(sample)
        assert len({taxon.name for taxon in found.taxa}) == len(found.taxa)


def nodes_of(node: HierarchyNode) -> list[HierarchyNode]:
    return [node, *(inner for child in node.children for inner in nodes_of(child))]


@given(samples, st.sampled_from(RANKS))
def test_the_children_of_a_hierarchys_node_add_up_to_it(sample: list[SampleMember], deepest: str) -> None:
    root = hierarchy(lineages_of(sample), RANKS, deepest)
    assert (root.reads, root.sequences) == (sum(item.abundance for item in sample), len(sample))
    for node in nodes_of(root):
        if node.children:
            assert sum(child.reads for child in node.children) == node.reads
            assert sum(child.sequences for child in node.children) == node.sequences


@given(samples, st.sampled_from(RANKS))
def test_the_flows_of_every_rank_add_up_to_the_sample(sample: list[SampleMember], deepest: str) -> None:
    flows = sankey(lineages_of(sample), RANKS, deepest)
    reads = sum(item.abundance for item in sample)
    assert [node.id for node in flows.nodes] == list(range(len(flows.nodes)))
    for rank in RANKS[: RANKS.index(deepest) + 1]:
        assert sum(node.reads for node in flows.nodes if node.rank == rank) == reads
    for node in flows.nodes:
        if node.rank != RANKS[0]:
            assert sum(link.reads for link in flows.links if link.target == node.id) == node.reads
        if node.rank != deepest:
            assert sum(link.reads for link in flows.links if link.source == node.id) == node.reads


def test_a_hierarchy_ends_where_nothing_deeper_is_named() -> None:
    root = hierarchy(lineages_of(SAMPLE), RANKS)
    assert [(node.name, node.rank, node.reads) for node in nodes_of(root)] == [
        ("Sample", "", 100),
        ("Bacteria", "domain", 96),
        ("Vibrionaceae", "family", 90),
        ("Vibrio", "genus", 50),
        ("Aliivibrio", "genus", 30),
        ("Unassigned", "genus", 10),
        ("Unnamed family", "family", 6),
        ("Vibrio", "genus", 6),
        ("Unassigned", "domain", 4),
    ]


def test_flows_join_taxa_of_neighbouring_ranks() -> None:
    flows = sankey(lineages_of(SAMPLE), RANKS, "family")
    shown = {node.id: (node.name, node.rank) for node in flows.nodes}
    assert {(shown[link.source], shown[link.target], link.reads) for link in flows.links} == {
        (("Bacteria", "domain"), ("Vibrionaceae", "family"), 90),
        (("Bacteria", "domain"), ("Unnamed family", "family"), 6),
        (("Unassigned", "domain"), ("Unassigned", "family"), 4),
    }


def test_an_empty_sample_has_empty_views() -> None:
    assert hierarchy(lineages_of(()), RANKS) == HierarchyNode("Sample", "", 0, 0, NEUTRAL, ())
    assert sankey(lineages_of(()), RANKS).nodes == ()
    assert sankey(lineages_of(()), RANKS).links == ()


def test_a_colour_follows_from_the_name_alone() -> None:
    # Written down here, so that no release changes the colours of published figures unnoticed.
    assert (colour_of("Vibrio"), colour_of("Bacteria")) == ("#6ce5a8", "#b1256b")
    assert colour_of("Vibrio") in PALETTE
    assert colour_of("") == NEUTRAL
    assert len(set(PALETTE)) == 96
    assert len({colour_of(f"taxon {number}") for number in range(200)}) > 70


def test_all_that_is_said_of_a_sample_adds_up() -> None:
    whole = analyse(SAMPLE, RANKS, SampleParams())
    assert (whole.sequences, whole.reads) == (6, 100)
    assert [(count.status, count.sequences, count.reads) for count in whole.statuses] == [
        (KNOWN, 3, 86),
        (POTENTIALLY_NOVEL, 1, 10),
        (NOT_THIS_MARKER, 1, 1),
        (UNASSIGNED, 1, 3),
    ]
    assert [found.rank for found in whole.compositions] == list(RANKS)
    assert whole.hierarchy == hierarchy(lineages_of(SAMPLE), RANKS)
    assert whole.sankey == sankey(lineages_of(SAMPLE), RANKS)
    assert whole.diversity.reads == 99
    assert whole.rarefaction[-1].reads == 99
    assert whole.rarefaction[-1].features == pytest.approx(5)


def test_the_order_of_the_input_changes_nothing() -> None:
    chance = random.Random(3)
    letters = [bytes(chance.choices(b"ACGT", k=40)) for _ in range(120)]
    sample = [
        member(
            sequence,
            chance.choice((1, 1, 2, 7)),
            chance.choice("AB"),
            chance.choice("CD"),
            chance.choice(("E", "")),
            status=chance.choice(STATUSES),
            coordinates=(chance.gauss(chance.choice((0, 9)), 1), chance.gauss(0, 1), 0.0),
        )
        for sequence in letters
    ]
    first = analyse(sample, RANKS, SampleParams())
    for _ in range(5):
        chance.shuffle(sample)
        assert analyse(sample, RANKS, SampleParams()) == first
