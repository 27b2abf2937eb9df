"""Samples of sequences in exactly the form that the frontends read."""

import orjson
import pytest

from gateway import sequence_view
from gateway.analyses import Answer
from gateway.backend import Pipeline, Result, Submission
from gateway.formats import pipeline_for
from gateway.rendered import Rendering
from gateway.views import answer_json
from rpc.errors import InvalidArgument


def taxon(name: str, reads: int, *lineage: str) -> dict[str, object]:
    return {"name": name, "lineage": lineage, "sequences": 1, "reads": reads, "share": reads / 10, "color": "#aabbcc"}


def listed(name: str, names: list[str], status: str, cluster: str) -> dict[str, object]:
    assignment = {"status": status, "names": names, "confidences": [1.0, 0.9], "overlap": 0.987, "novelty": 0.25}
    return {
        "id": name,
        "letters": "ACGTACGT",
        "abundance": 5,
        "cluster": cluster,
        "assignment": {**assignment, "x": 0.1, "y": 0.2, "z": 0.3},
    }


NODE = {"name": "Sample", "rank": "", "sequences": 2, "reads": 10, "color": "#9e9e9e"}
GENUS = {**NODE, "name": "A", "rank": "genus"}
SPECIES = {**NODE, "name": "A b", "rank": "species", "children": []}

RESULT = {
    "reading": {"kept_reads": 10},
    "ranks": ["genus", "species"],
    "statuses": [{"status": "known", "reads": 7}, {"status": "potentially_novel", "reads": 3}],
    "mean_confidence": 0.8765,
    "compositions": [
        {"rank": "genus", "taxa": [taxon("A", 10, "A")], "unassigned": taxon("Unassigned", 0)},
        {
            "rank": "species",
            "taxa": [taxon("A b", 5, "A", "A b"), taxon("A c", 2, "A", "A c")],
            "unassigned": taxon("Unassigned", 3),
        },
    ],
    "hierarchy": {**NODE, "children": [{**GENUS, "children": [SPECIES]}]},
    "sankey": {
        "nodes": [{"id": 0, "name": "A", "rank": "genus"}, {"id": 1, "name": "A b", "rank": "species"}],
        "links": [{"source": 0, "target": 1, "reads": 10}],
    },
    "clusters": [{"id": "C1", "color": "#112233"}, {"id": "N1", "color": "#445566"}],
    "sequences": [
        listed("s1", ["A", "A b"], "known", "C1"),
        listed("s2", ["A", ""], "potentially_novel", "N1"),
        listed("s3", ["", ""], "not_this_marker", ""),
    ],
}


def answer_of(*, cached: bool, compute_ms: float | None) -> Answer:
    result = Result("job", Pipeline("sequence.taxonomy"), b"digest", None, cached, compute_ms=compute_ms)
    return Answer(result, Rendering(b"digest", orjson.dumps(RESULT)))


def test_the_answer_has_exactly_the_form_of_the_frontend() -> None:
    answer = answer_of(cached=False, compute_ms=3210.0)
    said = orjson.loads(answer_json(answer, Submission("pond.fasta", {"depth_m": 3})))
    assert said == {
        "status": "success",
        "job_id": "job",
        "cached": False,
        "data": {
            "metadata": {
                "sampleName": "pond.fasta",
                "totalSequences": 10,
                "processingTime": "3.2s",
                "avgConfidence": 87.6,
                "novelSequences": 3,
                "userMetadata": {"depth_m": 3},
            },
            "taxonomy_summary": [
                {"name": "A b", "value": 5, "color": "#aabbcc"},
                {"name": "A c", "value": 2, "color": "#aabbcc"},
                {"name": "Unassigned", "value": 3, "color": "#aabbcc"},
            ],
            "sequences": [
                row("s1", "A;A b", 0.9, "C1", "known"),
                row("s2", "A", 1.0, "N1", "potentially_novel"),
                row("s3", "Unassigned", 0.0, "", "not_this_marker"),
            ],
            "cluster_data": [
                {"x": 0.1, "y": 0.2, "z": 0.3, "cluster": "C1", "color": "#112233"},
                {"x": 0.1, "y": 0.2, "z": 0.3, "cluster": "N1", "color": "#445566"},
            ],
        },
    }


def row(accession: str, taxonomy: str, confidence: float, cluster: str, status: str) -> dict[str, object]:
    return {
        "accession": accession,
        "taxonomy": taxonomy,
        "length": 8,
        "confidence": confidence,
        "overlap": 98.7,
        "cluster": cluster,
        "novelty_score": 0.25,
        "status": status,
    }


def test_metadata_that_was_not_sent_is_not_there() -> None:
    answer = answer_of(cached=True, compute_ms=None)
    assert "userMetadata" not in orjson.loads(answer_json(answer, Submission("pond.fasta")))["data"]["metadata"]


def test_views_end_at_the_rank_that_is_asked_for() -> None:
    assert [taxon["name"] for taxon in sequence_view.composition(RESULT, "genus")["taxa"]] == ["A"]
    assert sequence_view.composition(RESULT, "")["rank"] == "species"
    assert sequence_view.hierarchy(RESULT, "genus")["root"]["children"][0]["children"] == []
    assert sequence_view.hierarchy(RESULT, "")["root"]["children"][0]["children"][0]["name"] == "A b"
    assert sequence_view.sankey(RESULT, "genus")["links"] == []
    assert len(sequence_view.sankey(RESULT, "")["nodes"]) == 2
    with pytest.raises(InvalidArgument, match="genus, species"):
        sequence_view.sankey(RESULT, "phylum")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b">a\nACGT", "x"),
        (b"# made by hand\n\n>a\nACGT", "x"),
        (b"@a\nACGT\n+\nIIII\n", "reads.bin"),
        (b"\xef\xbb\xbf>a\nACGT", "x"),
        (b"\x1f\x8b broken", "reads.fastq.gz"),
        (b"\0\0", "sample.fa"),
    ],
)
def test_sequences_are_known_by_their_content_else_by_their_name(head: bytes, name: str) -> None:
    assert pipeline_for(head, name) == "sequence.taxonomy"
