"""Samples of sequences over REST, as the frontends ask for them and draw them."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from assaycache import Client
from assaycache.launcher import StackAddresses
from tests.support.synthetic_marker import RANKS, Marker, evolved

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def marker() -> Marker:
    return evolved(seed=7)


@pytest.fixture(scope="module")
def reference(stack: StackAddresses, marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the reference that is installed."""
    source, fasta = marker.source, tmp_path_factory.mktemp("marker") / "marker.fasta"
    records = zip(source.accessions, source.lineages, source.letters, strict=True)
    fasta.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    with Client.connect(",".join(stack.cache), ",".join(stack.analysis)) as client:
        return client.add_reference("marker", fasta, ranks=RANKS).name


def posted(rest: httpx.Client, reads: list[bytes], name: str = "pond.fasta", reference: str = "") -> dict[str, Any]:
    content = b"".join(b">read%d\n%s\n" % item for item in enumerate(reads))
    form = {"metadata": '{"depth_m": 3}', **({"reference": reference} if reference else {})}
    answer = rest.post("/analyze", files={"file": (name, content)}, data=form)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def test_a_sample_comes_in_the_frontends_form_and_stays_under_its_job(
    rest: httpx.Client, reference: str, marker: Marker
) -> None:
    said = posted(rest, marker.reads)
    data = said["data"]
    assert set(data) == {"metadata", "taxonomy_summary", "sequences", "cluster_data"}
    assert data["metadata"]["sampleName"] == "pond.fasta"
    assert data["metadata"]["userMetadata"] == {"depth_m": 3}
    assert data["metadata"]["totalSequences"] == len(marker.reads) == len(data["sequences"])
    assert 0 < data["metadata"]["avgConfidence"] <= 100
    assert data["metadata"]["processingTime"].endswith("s")
    assert sum(item["value"] for item in data["taxonomy_summary"]) == len(marker.reads)
    assert {"x", "y", "z", "cluster", "color"} == set(data["cluster_data"][0])
    again = posted(rest, marker.reads, "renamed.txt")
    assert (again["cached"], again["job_id"]) == (True, said["job_id"])
    assert again["data"]["sequences"] == data["sequences"]
    assert rest.get(f"/jobs/{said['job_id']}").json()["data"]["sequences"] == data["sequences"]


def test_views_of_one_sample_and_of_several(rest: httpx.Client, reference: str, marker: Marker) -> None:
    first, second = posted(rest, marker.reads[:40])["job_id"], posted(rest, marker.reads[20:60])["job_id"]
    composition = rest.get(f"/visualizations/composition/{first}", params={"rank": "family"}).json()["data"]
    assert sum(taxon["reads"] for taxon in composition["taxa"]) == 40
    root = rest.get(f"/visualizations/hierarchy/{first}", params={"rank": "genus"}).json()["data"]["root"]
    assert root["reads"] == sum(child["reads"] for child in root["children"]) == 40
    drawn = rest.get(f"/visualizations/sankey/{first}").json()["data"]
    assert {node["rank"] for node in drawn["nodes"]} == set(RANKS)
    jobs = {"job_ids": f"{first},{second}"}
    heatmap = rest.get("/visualizations/heatmap", params={**jobs, "rank": "genus"}).json()["data"]
    assert len(heatmap["taxa"]) == len(heatmap["shares"]) > 1
    diversity = rest.get("/visualizations/diversity", params=jobs).json()["data"]
    assert diversity["job_ids"] == [first, second]
    assert diversity["distances"][0][1] == diversity["distances"][1][0] == pytest.approx(0.5)
    assert [item["features"] for item in diversity["diversity"]] == [40, 40]
    refused = rest.get("/visualizations/diversity", params={**jobs, "measure": "weighted_unifrac"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "REFERENCE_TREE_MISSING")


def test_with_a_tree_samples_are_drawn_by_unifrac(
    rest: httpx.Client, stack: StackAddresses, reference: str, marker: Marker, tmp_path: Path
) -> None:
    """A star of all sequences: what is shared is what both have hits of, one branch each."""
    source, fasta, tree = marker.source, tmp_path / "one.fasta", tmp_path / "star.nwk"
    chosen = range(0, len(source.accessions), 12)
    names = [source.accessions[at] for at in chosen]
    records = zip(names, (source.lineages[at] for at in chosen), (source.letters[at] for at in chosen), strict=True)
    fasta.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    tree.write_text(f"(({','.join(f'{name}:1' for name in names)}):0);")
    with Client.connect(",".join(stack.cache), ",".join(stack.analysis)) as client:
        client.add_reference("star", fasta, ranks=RANKS, tree=tree)
    letters = [source.letters[at] for at in chosen]
    jobs = [posted(rest, letters[span], reference="star")["job_id"] for span in (slice(0, 8), slice(4, 12))]
    asked = {"job_ids": ",".join(jobs), "measure": "unweighted_unifrac"}
    drawn = rest.get("/visualizations/diversity", params=asked).json()["data"]
    assert drawn["distances"][0][1] == pytest.approx(8 / 12)
    assert [item["faith"] for item in drawn["diversity"]] == [8, 8]
    assert abs(drawn["pcoa"]["points"][0][0] - drawn["pcoa"]["points"][1][0]) == pytest.approx(8 / 12)
    other = posted(rest, marker.reads[:40])["job_id"]
    refused = rest.get("/visualizations/heatmap", params={"job_ids": f"{jobs[0]},{other}"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "REFERENCES_DIFFER")


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("composition/6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", 404, "JOB_UNKNOWN"),
        ("nonsense/6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", 400, "FIELD_INVALID"),
        ("heatmap", 400, "FIELD_MISSING"),
        ("diversity?job_ids=6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", 404, "JOB_UNKNOWN"),
    ],
)
def test_views_that_cannot_be_drawn_say_why(rest: httpx.Client, path: str, status: int, reason: str) -> None:
    answer = rest.get(f"/visualizations/{path}")
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
