"""The view of sequences, over results that are made up: what is tried is how it shows them, not how they come about."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Route, expect

from tests.support.console_page import ConsolePage
from tests.support.sequence_result import sequence_job, sequence_result

SAMPLE, OTHER, THIRD, STRANGER = (f"{digit * 8}-1111-5111-8111-111111111111" for digit in "1234")
_NAMES = {SAMPLE: "soil.fasta", OTHER: "sand.fasta", THIRD: "gravel.fasta"}


def answer(route: Route) -> None:
    path = route.request.url.split("/v1/")[1].split("?")[0]
    told: dict[str, Any]
    if path == "jobs":
        stranger = sequence_job(STRANGER, "river.fasta", reference="ef" * 32)
        jobs = [*(sequence_job(one, name) for one, name in _NAMES.items()), stranger]
        told = {"jobs": jobs, "next_page_token": None}
    elif path.startswith("jobs/"):
        told = sequence_job(path[5:], _NAMES[path[5:]])
    else:
        told = sequence_result(seed=1 if SAMPLE in path else 2)
    route.fulfill(status=200, content_type="application/json", body=json.dumps(told))


def compared(route: Route) -> None:
    """Answer as the gateway does for samples of a reference without a tree: the second is quite like the first."""
    asked = parse_qs(urlsplit(route.request.url).query)
    count = len(asked["job_ids"][0].split(","))
    figures = {"features": 120, "shannon": 3.9, "simpson": 0.97, "chao1": 131.2, "pielou": 0.81, "faith": None}
    apart = [[0.0, 0.02, 0.9], [0.02, 0.0, 0.9], [0.9, 0.9, 0.0]]
    told = {
        "measure": "bray_curtis: of proportions",
        "diversity": [figures] * count,
        "distances": [row[:count] for row in apart[:count]],
        "pcoa": {"points": [[-0.3, 0.01], [-0.3, -0.01], [0.6, 0.0]][:count], "explained": [0.97, 0.03]},
        "rank": asked.get("rank", [""])[0],
        "taxa": ["Fungi; Ascomycota", "Fungi; Mucoromycota"],
        "shares": [[0.75, 0.5, 0.0][:count], [0.25, 0.0, 0.0003][:count]],
        "reads": [[75, 50, 0][:count], [25, 0, 3][:count]],
        "unassigned": [0.0, 0.5, 0.9997][:count],
    }
    route.fulfill(json={"data": told})


@pytest.fixture
def sample(console: ConsolePage) -> ConsolePage:
    """The page of a sample."""
    for part in ("jobs", "results"):
        console.page.route(f"**/v1/{part}**", answer)
        console.page.route(f"**/v1/{part}/**", answer)
    console.page.route("**/visualizations/*?**", compared)
    console.open(f"results/{SAMPLE}")
    console.drawn()
    return console


def test_what_was_left_out_comes_first_and_each_plot_says_what_it_shows(sample: ConsolePage) -> None:
    page = sample.page
    assert page.locator("h2").first.inner_text() == "Quality"
    expect(page.get_by_role("region", name="Quality", exact=True)).to_contain_text("3 too short")
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


def comparison_of(console: ConsolePage, *names: str) -> Locator:
    """The comparison with these samples."""
    region = console.page.get_by_role("region", name="Compare samples", exact=True)
    for name in names:
        region.get_by_role("checkbox", name=name).check()
    return region


def test_only_samples_of_the_same_reference_are_offered(sample: ConsolePage) -> None:
    region = comparison_of(sample)
    expect(region.get_by_role("checkbox")).to_have_count(2)
    expect(region).not_to_contain_text("river.fasta")


def test_two_samples_have_a_distance_and_shares_side_by_side(sample: ConsolePage) -> None:
    region = comparison_of(sample, "sand.fasta")
    expect(region.get_by_role("table", name="Distances of proportions")).to_contain_text("0.020")
    expect(region.get_by_role("table", name="Diversity")).to_contain_text("Shannon")
    expect(region.get_by_role("table", name="Share of each phylum")).to_contain_text("75.0")
    expect(region).to_contain_text("With a third sample, a plot shows which ones are alike.")


def test_three_samples_are_arranged_by_how_alike_they_are(sample: ConsolePage) -> None:
    region = comparison_of(sample, "sand.fasta", "gravel.fasta")
    plot = region.get_by_role("img", name="Principal coordinates of Bray-Curtis distances")
    expect(plot).to_have_accessible_name(re.compile("3 samples by axis 1, 97.0 % of the variation and axis 2, 3.0 %"))
    expect(plot.locator("circle")).to_have_count(3)
    expect(plot.locator(".strong text")).to_have_text(["1, 2", "3"])  # those that hide one another share a label
    expect(region.get_by_role("list", name="Samples").locator("li")).to_have_text(
        ["soil.fasta (this one)", "sand.fasta", "gravel.fasta"]
    )
    region.get_by_text("Coordinates", exact=True).click()
    expect(region.get_by_role("table", name="Principal coordinates")).to_contain_text("0.600")


def test_the_larger_a_share_the_stronger_the_colour_of_its_cell(sample: ConsolePage) -> None:
    table = comparison_of(sample, "sand.fasta", "gravel.fasta").get_by_role("table", name="Share of each phylum")
    expect(table.locator("tbody th")).to_have_text(["Ascomycota", "Mucoromycota", "Unassigned"])
    expect(table.locator(".heat")).to_have_text(["75.0", "50.0", "0", "25.0", "0", "< 0.1", "0", "50.0", "100.0"])
    shades = [
        cell.evaluate("cell => Number(cell.style.getPropertyValue('--share'))") for cell in table.locator(".heat").all()
    ]
    assert shades[8] > shades[0] > shades[1] > shades[3] > shades[5] > shades[2] == 0


def test_a_measure_that_the_reference_cannot_serve_is_not_offered(sample: ConsolePage) -> None:
    region = comparison_of(sample, "sand.fasta")
    offered = region.get_by_role("combobox", name="Distance").locator("option:not(:disabled)")
    expect(offered).to_have_text(["Bray-Curtis", "Jaccard"])


def test_the_comparison_follows_what_is_chosen(sample: ConsolePage) -> None:
    region = comparison_of(sample, "sand.fasta")
    region.get_by_role("combobox", name="Rank").select_option("genus")
    expect(region.get_by_role("table", name="Share of each genus")).to_be_visible()
    with sample.page.expect_request("**/visualizations/diversity?*measure=jaccard*"):
        region.get_by_role("combobox", name="Distance").select_option("jaccard")
    region.get_by_role("checkbox", name="sand.fasta").uncheck()
    expect(region.get_by_role("table")).to_have_count(0)


def test_what_cannot_be_compared_says_why(sample: ConsolePage) -> None:
    told = {"status": "error", "message": "They were made with two references.", "reason": "REFERENCES_DIFFER"}
    sample.page.route(
        "**/visualizations/*?**",
        lambda route: route.fulfill(status=400, json=told),
    )
    told_once = comparison_of(sample, "sand.fasta").locator(".notice")
    expect(told_once).to_contain_text(["They were made with two references."])
    expect(told_once.get_by_role("link")).to_have_attribute("href", "/problems/REFERENCES_DIFFER")


def test_it_is_no_wider_than_a_phone(sample: ConsolePage) -> None:
    sample.page.set_viewport_size({"width": 360, "height": 740})
    expect(comparison_of(sample, "sand.fasta", "gravel.fasta").locator(".heat")).to_have_count(9)
    assert sample.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(sample: ConsolePage, scheme: str, pictures: Path) -> None:
    expect(comparison_of(sample, "sand.fasta", "gravel.fasta").locator(".heat")).to_have_count(9)
    sample.page.emulate_media(reduced_motion="reduce")  # a colour half way between two schemes is nobody's contrast
    sample.page.get_by_label("Theme").select_option(scheme)
    found = Axe().run(sample.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    sample.page.screenshot(path=pictures / f"sequences-{scheme}.png", full_page=True)
