"""The view of sequences, over results that are made up: what is tried is how it shows them, not how they come about."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from tests.support.console_page import ConsolePage
from tests.support.sequence_result import sequence_job, sequence_result

SAMPLE, OTHER = "11111111-1111-5111-8111-111111111111", "22222222-2222-5222-8222-222222222222"
_NAMES = {SAMPLE: "soil.fasta", OTHER: "sand.fasta"}


def answer(route: Route) -> None:
    path = route.request.url.split("/v1/")[1].split("?")[0]
    told: dict[str, Any]
    if path == "jobs":
        told = {"jobs": [sequence_job(one, name) for one, name in _NAMES.items()], "next_page_token": None}
    elif path.startswith("jobs/"):
        told = sequence_job(path[5:], _NAMES[path[5:]])
    else:
        told = sequence_result(seed=1 if SAMPLE in path else 2)
    route.fulfill(status=200, content_type="application/json", body=json.dumps(told))


def apart(route: Route) -> None:
    """Answer as the gateway does for a reference without a tree."""
    if "unifrac" in route.request.url:
        told: dict[str, Any] = {
            "title": "No tree",
            "detail": "The reference has no tree.",
            "reason": "REFERENCE_TREE_MISSING",
        }
        route.fulfill(status=400, content_type="application/problem+json", body=json.dumps(told))
        return
    told = {"data": {"measure": "bray_curtis: of proportions", "distances": [[0, 0.25], [0.25, 0]]}}
    route.fulfill(status=200, content_type="application/json", body=json.dumps(told))


@pytest.fixture
def sample(console: ConsolePage) -> ConsolePage:
    """The page of a sample."""
    for part in ("jobs", "results"):
        console.page.route(f"**/v1/{part}**", answer)
        console.page.route(f"**/v1/{part}/**", answer)
    console.page.route("**/visualizations/diversity**", apart)
    console.open(f"results/{SAMPLE}")
    console.drawn()
    return console


def test_what_was_left_out_comes_first_and_each_plot_says_what_it_shows(sample: ConsolePage) -> None:
    page = sample.page
    assert page.locator("h2").first.inner_text() == "Quality"
    expect(page.get_by_role("region", name="Quality", exact=True)).to_contain_text("too short: 3")
    for name in (
        "Composition by rank",
        "Confidence of the lowest",
        "Rarefaction",
        "120 unique sequences in 4 clusters",
    ):
        expect(page.get_by_role("img", name=name)).to_be_visible()


def test_a_taxon_can_be_made_the_whole_of_the_tree(sample: ConsolePage) -> None:
    region = sample.page.get_by_role("region", name="Hierarchy", exact=True)
    expect(region.get_by_role("img", name="All")).to_be_visible()
    region.get_by_label("Within").select_option(index=2)
    expect(region.get_by_role("img", name="Ascomycota")).to_be_visible()
    region.get_by_role("button", name="Whole sample").click()
    expect(region.get_by_role("img", name="All")).to_be_visible()


def test_sequences_are_searched_and_taken_away(sample: ConsolePage, tmp_path: Path) -> None:
    page = sample.page
    region = page.get_by_role("region", name="Sequences", exact=True)
    expect(region.locator("tbody tr")).to_have_count(50)
    region.get_by_label("Search").fill("seq117")
    expect(region.locator("tbody tr")).to_have_count(1)
    for button, first in (("FASTA", ">seq1;size="), ("CSV", "id,reads,status"), ("BIOM", '{"id":')):
        with page.expect_download() as download:
            region.get_by_role("button", name=button, exact=True).click()
        download.value.save_as(tmp_path / button)
        assert (tmp_path / button).read_text().startswith(first)
    table = json.loads((tmp_path / "BIOM").read_text())
    assert table["shape"] == [len(table["rows"]), 1] == [len(table["data"]), 1]


def test_samples_are_compared(sample: ConsolePage) -> None:
    region = sample.page.get_by_role("region", name="Compare samples", exact=True)
    region.get_by_label("With").select_option(OTHER)
    region.get_by_role("button", name="Add").click()
    expect(region.get_by_role("img", name="Composition by phylum")).to_be_visible()
    expect(region.get_by_role("table", name="Diversity")).to_contain_text("Shannon")
    expect(region.get_by_role("table", name="Distances by bray_curtis")).to_contain_text("0.250")
    region.get_by_role("combobox", name="Distance").select_option("weighted_unifrac")
    expect(region).to_contain_text("The reference has no tree.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(sample: ConsolePage, scheme: str, pictures: Path) -> None:
    sample.page.emulate_media(reduced_motion="reduce")  # a colour half way between two schemes is nobody's contrast
    sample.page.get_by_label("Theme").select_option(scheme)
    found = Axe().run(sample.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    sample.page.screenshot(path=pictures / f"sequences-{scheme}.png", full_page=True)
