"""Samples of sequences in parts, with real processes: what is known of a sequence is not computed again."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from assaycache import Analysis, Client, InvalidArgument
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1 import sequence_pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.analysis.v1.sequence_pb2 import SequenceComparison
from rpc.channels import connect
from tests.support.services import Service, analysis_service, cache_service, counted
from tests.support.synthetic_marker import RANKS, Marker, evolved

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def marker() -> Marker:
    return evolved(seed=7)


@pytest.fixture(scope="module")
def fasta(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, source = tmp_path_factory.mktemp("fasta") / "marker.fasta", marker.source
    records = zip(source.accessions, source.lineages, source.letters, strict=True)
    path.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    return path


@pytest.fixture(scope="module")
def references(fasta: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one reference, which a service that is gone has built."""
    folder = tmp_path_factory.mktemp("references")
    with (
        cache_service(tmp_path_factory.mktemp("blobs")) as cache,
        analysis_service(cache.listen, REFERENCE_FOLDER=str(folder)) as analysis,
        Client.connect(cache.listen, analysis.listen) as client,
    ):
        stages: list[str] = []
        added = client.add_reference("m", fasta, ranks=RANKS, progress=lambda event: stages.append(event.stage))
        assert (added.sequences, added.ranks, added.is_default) == (len(marker_names(fasta)), RANKS, True)
        assert {"indexing", "learning"} <= set(stages)
        assert client.add_reference("m", fasta, ranks=RANKS) == added, "the same again changes nothing"
    return folder


def marker_names(fasta: Path) -> list[str]:
    return [line for line in fasta.read_text().splitlines() if line.startswith(">")]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with cache_service(tmp_path_factory.mktemp("blobs")) as service:
        yield service


@pytest.fixture(scope="module")
def analysis(cache: Service, references: Path) -> Iterator[Service]:
    with analysis_service(cache.listen, REFERENCE_FOLDER=str(references), ANALYSIS_WORKERS="2") as service:
        yield service


@pytest.fixture(scope="module")
def client(cache: Service, analysis: Service) -> Iterator[Client]:
    with Client.connect(cache.listen, analysis.listen) as client:
        yield client


def sample(reads: list[bytes]) -> bytes:
    return b"".join(b">read%d\n%s\n" % (number, read) for number, read in enumerate(reads))


def parts(analysis: Service) -> tuple[int, int]:
    """Return how many parts were computed, and how many the cache had."""
    series = 'analysis_parts_total{{origin="{}",pipeline="sequence.taxonomy"}}'
    computed, cached = (counted(analysis, series.format(origin)) for origin in ("computed", "cached"))
    return int(computed), int(cached)


def since(before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    """Return by how much both counts have grown."""
    return after[0] - before[0], after[1] - before[1]


def test_a_reference_survives_a_restart_and_names_the_reads(client: Client, marker: Marker) -> None:
    (reference,) = client.references()
    assert (reference.name, reference.is_default) == ("m", True)
    found = client.analyze(sample(marker.reads[:20]))
    assert found.identity.pipeline == "sequence.taxonomy"
    assert found.identity.reference_digest == reference.digest == found.result.reference.digest.hex()
    named = {item.id: list(item.assignment.names) for item in found.result.sequences}
    right = sum(named[f"read{number}"][2] == marker.truths[number][2] for number in range(20))
    assert right >= 18
    assert list(found.result.ranks) == list(RANKS)
    assert sum(count.reads for count in found.result.statuses) == 20
    assert found.result.params.bootstraps == 100


def test_a_result_says_what_it_was_made_with_and_what_was_left_out(
    client: Client, marker: Marker, tmp_path: Path
) -> None:
    fasta = tmp_path / "two.fasta"
    letters = [item.decode() for item in marker.source.letters[:13:12]]
    fasta.write_text("".join(f">{name}\tL;F{name}\n{item}\n" for name, item in zip("AB", letters, strict=True)))
    added = client.add_reference("said", fasta, version="7", licence="CC0", citation="Nobody 2026")
    try:
        data = f">a;size=4\n{letters[0]}\n>b\nACGTACGTAC\n".encode()
        result = client.analyze(data, reference="said", params={"min_length": 20}).result
    finally:
        client.remove_reference("said")
    said = result.reference
    assert (said.name, said.version, said.licence, said.citation) == ("said", "7", "CC0", "Nobody 2026")
    assert (said.digest.hex(), said.sequences) == (added.digest, 2)
    assert (result.reading.records, result.reading.kept_reads, result.reading.dropped.too_short) == (2, 4, 1)
    assert len(result.params.ListFields()) == len(result.params.DESCRIPTOR.fields)
    assert result.params.min_length == 20


def test_a_file_that_shares_nine_tenths_with_an_earlier_one_computes_a_tenth(
    client: Client, analysis: Service, marker: Marker
) -> None:
    before = parts(analysis)
    client.analyze(sample(marker.reads[:54]), params={"bootstraps": 90})
    assert since(before, parts(analysis)) == (54, 0)
    client.analyze(sample(marker.reads[60:0:-1]), params={"bootstraps": 90})
    assert since(before, parts(analysis)) == (54 + 7, 53)


def test_the_bits_are_the_same_whole_in_parts_in_another_order_and_on_one_worker(
    client: Client, marker: Marker, references: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reads = marker.reads[:30]
    for read in reads[:5]:
        client.analyze(sample([read]))
    in_parts = client.analyze(sample(reads))
    data = sample(reads)
    backwards = b">".join([b"", *reversed(data.split(b">")[1:])])
    turned = client.analyze(backwards)
    with (
        cache_service(tmp_path_factory.mktemp("blobs")) as cache,
        analysis_service(cache.listen, REFERENCE_FOLDER=str(references)) as alone,
        Client.connect(cache.listen, alone.listen) as other,
    ):
        whole = other.analyze(sample(reads))
    assert in_parts.result_sha256 == whole.result_sha256 == turned.result_sha256
    assert in_parts.job_id == whole.job_id != turned.job_id


def test_parameters_of_the_sample_compute_no_sequence_anew(client: Client, analysis: Service, marker: Marker) -> None:
    data, before = sample(marker.strangers[:10]), parts(analysis)
    client.analyze(data)
    otus = client.analyze(data, params={"cluster_method": "otu"})
    assert since(before, parts(analysis)) == (10, 10)
    assert not otus.cached
    client.analyze(data, params={"min_confidence": 0.5})
    assert since(before, parts(analysis)) == (20, 10), "the confidence asked for is of the sequence"


def test_samples_are_compared(client: Client, analysis: Service, marker: Marker) -> None:
    first, second = (client.analyze(sample(marker.reads[span])) for span in (slice(0, 12), slice(6, 18)))
    answer = compare(analysis, first, second)
    assert list(answer.distances) == pytest.approx([0.0, 0.5, 0.5, 0.0])
    details = SequenceComparison()
    assert answer.details.Unpack(details)
    assert details.rank == "species"
    assert [found.features for found in details.diversities] == [12, 12]
    assert sum(row.shares[0] for row in details.heatmap) + details.unassigned[0] == pytest.approx(1.0)


def test_with_a_tree_samples_have_faith_and_unifrac_and_without_the_error_says_so(
    client: Client, analysis: Service, marker: Marker, tmp_path: Path
) -> None:
    """The tree is by hand: A is of one family, B and C of another, so what is expected can be added up."""
    letters = [marker.source.letters[at] for at in (0, 60, 64)]
    fasta, tree = tmp_path / "three.fasta", tmp_path / "three.nwk"
    fasta.write_text(
        "".join(f">{name}\tL;F{name}\n{item.decode()}\n" for name, item in zip("ABC", letters, strict=True))
    )
    tree.write_text("(A:1,(B:2,C:3):4);")
    bare = client.add_reference("bare", fasta, ranks=("domain", "family"))
    told = client.add_reference("tree", fasta, tree=tree, ranks=("domain", "family"))
    assert (bare.has_tree, told.has_tree) == (False, True)
    assert [item.has_tree for item in client.references() if item.name == "tree"] == [True]
    samples = [sample([letters[at] for at in chosen]) for chosen in ((0, 1), (1, 1, 1, 2))]
    first, second = (client.analyze(data, reference="tree") for data in samples)
    assert [found.result.diversity.faith for found in (first, second)] == [1 + 2 + 4, 2 + 3 + 4]
    assert first.result.diversity.faith_method == sequence_pb2.SEQUENCE_FAITH_METHOD_BEST_HIT
    unweighted = compare(analysis, first, second, measure="unweighted_unifrac")
    assert list(unweighted.distances) == pytest.approx([0, 0.4, 0.4, 0]), "A and C, 1 + 3, of all branches, 10"
    weighted = compare(analysis, first, second, measure="weighted_unifrac")
    # |p - q|: A 1/2, B 1/4, C 1/4, both 1/2, by lengths 3.75; (p + q) by the ways from the root: 1/2, 5/4 * 6, 7/4.
    assert weighted.distances[1] == pytest.approx(3.75 / 9.75)
    assert "best hit" in weighted.measure
    details = SequenceComparison()
    assert weighted.details.Unpack(details)
    assert abs(details.axis_1[0] - details.axis_1[1]) == pytest.approx(3.75 / 9.75)
    plain = client.analyze(samples[0], reference="bare")
    assert not plain.result.diversity.HasField("faith")
    assert plain.result.diversity.faith_method == sequence_pb2.SEQUENCE_FAITH_METHOD_UNSPECIFIED
    with pytest.raises(grpc.RpcError, match="'bare' has none"):
        compare(analysis, plain, measure="unweighted_unifrac")
    with pytest.raises(grpc.RpcError, match="2 references"):
        compare(analysis, plain, first)
    tree.write_text("(A:1,B:2);")
    with pytest.raises(InvalidArgument, match="not in the tree, such as 'C'") as refused:
        client.add_reference("bad", fasta, tree=tree)
    assert refused.value.reason == "REFERENCE_INVALID"


def compare(analysis: Service, *found: Analysis, measure: str = "") -> pb2.CompareResponse:
    with connect(analysis.listen) as channel:
        request = pb2.CompareRequest(job_ids=[item.job_id for item in found], measure=measure)
        return AnalysisServiceStub(channel).Compare(request, timeout=60)


def test_without_a_reference_the_error_says_how_to_add_one(tmp_path: Path) -> None:
    with (
        cache_service(tmp_path / "blobs") as cache,
        analysis_service(cache.listen, REFERENCE_FOLDER=str(tmp_path / "none")) as bare,
        Client.connect(cache.listen, bare.listen) as client,
        pytest.raises(InvalidArgument, match="assaycache reference fetch") as refused,
    ):
        client.analyze(b">a\nACGTACGT\n")
    assert refused.value.reason == "REFERENCE_UNKNOWN"


def test_a_reference_is_known_at_once_and_gone_at_once(fasta: Path, tmp_path: Path) -> None:
    with (
        cache_service(tmp_path / "blobs") as cache,
        analysis_service(cache.listen, REFERENCE_FOLDER=str(tmp_path / "own")) as service,
        Client.connect(cache.listen, service.listen) as client,
    ):
        client.add_reference("first", fasta, ranks=RANKS)
        second = client.add_reference("second", fasta, ranks=RANKS)
        assert not second.is_default
        read = b">a\n" + fasta.read_text().splitlines()[1].encode() + b"\n"
        by_name, by_default = client.analyze(read, reference="second"), client.analyze(read)
        assert by_name.identity.reference_digest == second.digest != by_default.identity.reference_digest
        client.remove_reference("second")
        assert [reference.name for reference in client.references()] == ["first"]
        with pytest.raises(InvalidArgument) as refused:
            client.analyze(read, reference="second")
        assert refused.value.reason == "REFERENCE_UNKNOWN"
        assert client.result(by_name.job_id).result_sha256 == by_name.result_sha256
        bad = tmp_path / "bad.fasta"
        bad.write_text(">a\tX;Y\nNOT DNA\n")
        with pytest.raises(InvalidArgument) as invalid:
            client.add_reference("bad", bad)
        assert invalid.value.reason == "REFERENCE_INVALID"
