"""Groups of sequences: named by what they hold, largest first, the same whatever the order."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_service.sequence.sample import clusters
from analysis_service.sequence.sample.clusters import Clustering, cluster
from analysis_service.sequence.sample.member import NOT_THIS_MARKER, POTENTIALLY_NOVEL, SampleMember
from analysis_service.sequence.sample.otus import centroids, identity
from analysis_service.sequence.sample_params import ClusterMethod, SampleParams
from tests.support.read_synthesis import random_letters, substituted
from tests.support.sample_synthesis import member

OTU = SampleParams(cluster_method=ClusterMethod.OTU)


def clouds(*centres: tuple[float, int, int], seed: int = 2) -> list[SampleMember]:
    """Sequences whose projections lie around some centres: (place, sequences, abundance of each)."""
    chance = np.random.default_rng(seed)
    found = []
    for place, count, abundance in centres:
        for _ in range(count):
            x, y = chance.normal(place, 0.1, 2)
            found.append(member(random_letters(60, chance), abundance, "A", coordinates=(float(x), float(y), 0.0)))
    return found


def ids_by_place(sample: list[SampleMember], found: Clustering) -> dict[int, set[str]]:
    ids: dict[int, set[str]] = {}
    for item in sample:
        ids.setdefault(round(item.coordinates[0]), set()).add(found.id_of[item.letters])
    return ids


def test_clusters_are_numbered_by_their_reads() -> None:
    sample = clouds((0, 40, 1), (5, 20, 9), (10, 30, 2))
    found = cluster(sample, SampleParams())
    ids = ids_by_place(sample, found)
    assert [ids[place] - {"C0"} for place in (5, 10, 0)] == [{"C1"}, {"C2"}, {"C3"}]
    reads = [group.reads for group in found.clusters if group.id != "C0"]
    assert reads == sorted(reads, reverse=True)
    assert sum(group.reads for group in found.clusters) == 40 + 180 + 60
    assert sum(group.sequences for group in found.clusters) == 90


def test_a_lone_sequence_far_away_is_outside_of_every_cluster() -> None:
    sample = [*clouds((0, 30, 1), (5, 30, 1)), member(b"ACGT", 1, "A", coordinates=(99.0, 99.0, 0.0))]
    found = cluster(sample, SampleParams())
    assert found.id_of[b"ACGT"] == "C0"
    assert found.clusters[0].id == "C0"


def test_one_cloud_is_one_cluster() -> None:
    same = [
        member(bytes(letters), 1, "A")
        for letters in (b"A" * 30 + b"ACGT"[at % 4 : at % 4 + 1] * at for at in range(30))
    ]
    assert {group.id for group in cluster(same, SampleParams()).clusters} == {"C1"}


def test_potentially_novel_sequences_are_grouped_by_themselves() -> None:
    chance = np.random.default_rng(1)
    first, second = random_letters(100, chance), random_letters(100, chance)
    sample = [
        member(first, 9, "A"),
        member(substituted(first, [50]), 5, "A", status=POTENTIALLY_NOVEL),
        member(substituted(first, [60]), 4, "A", status=POTENTIALLY_NOVEL),
        member(second, 1, "A", status=POTENTIALLY_NOVEL),
    ]
    found = cluster(sample, SampleParams())
    assert [(group.id, group.sequences, group.reads) for group in found.clusters] == [
        ("C1", 1, 9),
        ("N1", 2, 9),
        ("N2", 1, 1),
    ]


@pytest.mark.parametrize("method", ClusterMethod)
def test_what_is_not_of_the_marker_is_in_no_cluster(method: ClusterMethod) -> None:
    sample = [member(b"ACGT", 3, "A"), member(b"TTTT", 2, "", status=NOT_THIS_MARKER)]
    found = cluster(sample, SampleParams(cluster_method=method))
    assert found.id_of == {b"ACGT": "C1", b"TTTT": ""}
    assert [group.id for group in found.clusters] == ["C1"]


@pytest.mark.parametrize("method", ClusterMethod)
def test_the_order_of_sequences_changes_no_cluster(method: ClusterMethod) -> None:
    sample = clouds((0, 25, 1), (3, 25, 1), (6, 25, 1))
    params = SampleParams(cluster_method=method)
    first = cluster(sample, params)
    random.Random(0).shuffle(sample)
    assert cluster(sample, params) == first


def test_beyond_the_limit_a_sequence_joins_its_nearest_neighbours_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = clouds((0, 40, 3), (5, 40, 2), (5, 10, 1))
    monkeypatch.setattr(clusters, "MOST_CLUSTERED", 80)
    ids = ids_by_place(sample, cluster(sample, SampleParams()))
    assert ids[0] - {"C0"} == {"C1"}
    assert ids[5] - {"C0"} == {"C2"}


def test_an_otu_holds_what_is_nearly_identical_to_its_most_abundant_sequence() -> None:
    chance = np.random.default_rng(3)
    letters = random_letters(100, chance)
    near, far = substituted(letters, [10, 50, 90]), substituted(letters, [10, 30, 50, 90])
    sample = [member(letters, 9, "A"), member(near, 5, "A"), member(far, 1, "A")]
    found = cluster(sample, OTU)
    assert [found.id_of[item.letters] for item in sample] == ["C1", "C1", "C2"]


def test_identity_counts_columns_of_the_alignment() -> None:
    assert identity(b"ACGTACGT", b"ACGTACGT") == 1.0
    assert identity(b"ACGTACGT", b"ACGAACGT") == 7 / 8
    assert identity(b"ACGTACGT", b"ACGTCGT") == 7 / 8
    assert identity(b"ACGT", b"TTTT", most_edits=1) == 0.0


sequences = st.lists(st.text("ACGTN", min_size=1, max_size=40).map(str.encode), unique=True, max_size=25)


@given(sequences, st.sampled_from([0.7, 0.8, 0.9, 0.97, 1.0]))
def test_otus_are_those_of_comparing_everything_with_everything(letters: list[bytes], least: float) -> None:
    expected: list[int] = []
    firsts: list[bytes] = []
    for sequence in letters:
        found = [(identity(sequence, first), -place) for place, first in enumerate(firsts)]
        best = max(found, default=(0.0, 0))
        if best[0] < least:
            firsts.append(sequence)
        expected.append(-best[1] if best[0] >= least else len(firsts) - 1)
    assert centroids(letters, least) == expected
