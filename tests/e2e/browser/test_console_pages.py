"""The console's pages: a result looked at closely, jobs, the cache; for everybody, on paper and on a phone."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Route, expect

from tests.support.console_page import ConsolePage

_COLOURS = """canvas => new Set(new Uint32Array(
  canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""


@pytest.fixture(scope="module")
def trial(recording: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo recording under a name of its own."""
    file = tmp_path_factory.mktemp("files") / "jump.c3d"
    file.write_bytes(recording)
    return file


@pytest.fixture(scope="module")
def job_id(trial: Path, rest: httpx.Client) -> str:
    """Its analysis."""
    answer = rest.post(
        "/v1/analyses", files={"file": (trial.name, trial.read_bytes())}, headers={"Prefer": "return=minimal"}
    )
    answer.raise_for_status()
    found: str = answer.json()["job_id"]
    return found


@pytest.fixture
def result(console: ConsolePage, job_id: str) -> ConsolePage:
    """The page of its result."""
    console.open(f"results/{job_id}")
    console.drawn()
    return console


def canvas_of(console: ConsolePage) -> Locator:
    return console.page.locator("canvas")


def stretch_asked(console: ConsolePage) -> tuple[float, float]:
    """The start and the length of the signals that were asked for last, in milliseconds."""
    query = parse_qs(urlsplit(console.requests("GET", "/signals")[-1].url).query)
    return float(query["start_ms"][0]), float(query["length_ms"][0])


def test_the_signal_is_drawn_with_its_contractions(result: ConsolePage) -> None:
    canvas = canvas_of(result)
    assert canvas.evaluate(_COLOURS) > 20  # a blank one has one, axes alone have a few
    assert "1 contraction" in (canvas.get_attribute("aria-label") or "")
    for kind in ("Filtered", "RMS envelope"):
        result.page.get_by_role("checkbox", name=kind).uncheck()
    expect(canvas).to_have_attribute("data-points", "0")


def test_quality_comes_first_and_the_score_gives_its_reasons(result: ConsolePage) -> None:
    headings = result.page.locator("h2").all_inner_texts()
    assert headings[0] == "Quality"
    assert headings[-1] == "Provenance"
    quality = result.page.get_by_role("region", name="Quality", exact=True)
    expect(quality).to_contain_text("Mains interference")
    expect(result.page.get_by_role("region", name="Score", exact=True)).to_contain_text("No reference amplitude")


def test_looking_closer_asks_for_the_finer_signal(result: ConsolePage) -> None:
    page = result.page
    with page.expect_response("**/signals?*"):
        page.get_by_role("button", name="Look closer").click()
    assert stretch_asked(result) == (2000, 4000)
    with page.expect_response("**/signals?*"):
        page.keyboard.press("ArrowRight")
    assert stretch_asked(result) == (3000, 4000)
    with page.expect_response("**/signals?*"):
        page.keyboard.press("0")
    assert stretch_asked(result) == (0, 8000)


def test_dragging_over_the_plot_looks_closer(result: ConsolePage) -> None:
    canvas_of(result).scroll_into_view_if_needed()
    box = canvas_of(result).bounding_box()
    assert box is not None
    mouse, middle = result.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 0.4 * box["width"], middle)
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], middle, steps=4)
    with result.page.expect_response("**/signals?*"):
        mouse.up()
    start, length = stretch_asked(result)
    assert 2500 < start < 3500
    assert 1200 < length < 2000


def test_a_contraction_is_found_in_the_signal(result: ConsolePage) -> None:
    with result.page.expect_response("**/signals?*"):
        result.page.get_by_role("button", name="Show contraction 1 in the signal").click()
    start, length = stretch_asked(result)
    assert start < 3349
    assert start + length >= 7999


def test_choosing_a_channel_shows_all_that_belongs_to_it(result: ConsolePage) -> None:
    with result.page.expect_response("**/signals?label=EMG5.v*"):
        result.page.get_by_role("button", name="Show channel EMG5.v").click()
    expect(result.page.get_by_role("heading", name="Contractions of EMG5.v")).to_be_visible()
    fatigue = result.page.get_by_role("region", name="Fatigue of EMG5.v", exact=True)
    expect(fatigue.get_by_role("table")).to_contain_text("Median frequency")
    assert fatigue.locator("svg circle").count() >= 5


def test_an_unusable_channel_shows_its_raw_signal_and_no_numbers(result: ConsolePage) -> None:
    with result.page.expect_response("**/signals?label=EMG10.v*"):
        result.page.get_by_role("button", name="Show channel EMG10.v").click()
    result.drawn()
    assert canvas_of(result).evaluate(_COLOURS) > 20
    expect(result.page.get_by_text("No contraction stands out from rest.")).to_be_visible()


def test_results_can_be_taken_away_as_json_and_csv(result: ConsolePage, tmp_path: Path) -> None:
    def taken(button: str) -> tuple[str, str]:
        with result.page.expect_download() as download:
            result.page.get_by_role("button", name=button).click()
        download.value.save_as(tmp_path / "taken")
        return download.value.suggested_filename, (tmp_path / "taken").read_bytes().decode()

    name, text = taken("Download JSON")
    assert name == "jump.json"
    assert len(json.loads(text)["channels"]) == 16
    name, text = taken("Channels as CSV")
    assert name == "jump-channels.csv"
    assert len(text.splitlines()) == 17
    name, text = taken("Contractions as CSV")
    assert name == "jump-EMG1-contractions.csv"
    assert text.splitlines()[1].startswith("EMG1.v,1,3349,")


def test_what_cannot_be_used_has_no_numbers_and_a_score_says_what_it_is_made_of(result: ConsolePage) -> None:
    row = result.page.get_by_role("row", name="EMG10.v")
    expect(row.locator("td")).to_have_text(["unusable", *["\N{EN DASH}"] * 8])
    expect(result.page.locator(".tiles")).to_contain_text("score of 100, by 1 of 4 parts")


def test_an_analysis_that_does_not_say_its_stage_is_running(
    console: ConsolePage, job_id: str, rest: httpx.Client
) -> None:
    job = {**rest.get(f"/v1/jobs/{job_id}").json(), "status": "running"}
    told = 'event: progress\ndata: {"stage": "", "fraction": 0.0}\nid: running-0.000000-\n\n'
    console.page.route(f"**/v1/jobs/{job_id}", lambda route: route.fulfill(json=job))
    console.page.route("**/events", lambda route: route.fulfill(content_type="text/event-stream", body=told))
    console.page.goto(f"{console.address}/#/results/{job_id}")
    expect(console.page.get_by_role("region", name="State")).to_contain_text(re.compile("^running, 0 %"))


def test_a_job_that_is_not_there_is_an_error_that_is_understood(console: ConsolePage) -> None:
    console.open("results/00000000-0000-5000-8000-000000000000")
    expect(console.page.get_by_role("heading", name="This did not work")).to_be_visible()
    expect(console.page.get_by_role("link", name="What this means")).to_have_attribute("href", "/problems/JOB_UNKNOWN")


def test_jobs_are_filtered_and_paged(console: ConsolePage, job_id: str, rest: httpx.Client) -> None:
    job = rest.get(f"/v1/jobs/{job_id}").json()
    blob = {"sha256": job["sha256"], "size_bytes": job["size_bytes"]}
    for duration_ms in (1000, 1100):
        asked = {"blob": blob, "params": {"target_duration_ms": duration_ms}, "file_name": "paged.c3d"}
        rest.post("/v1/analyses", json=asked).raise_for_status()
    console.open("jobs")
    page = console.page
    page.get_by_label("File name contains").fill("paged")
    page.get_by_role("button", name="Filter").click()
    console.arrive()
    expect(page.locator("tbody tr")).to_have_count(2)
    console.open("jobs?limit=2&file_name=c3d")
    first, second = page.locator("tbody tr").all_inner_texts()
    page.get_by_role("link", name="Next page").click()
    console.arrive()
    following = set(page.locator("tbody tr").all_inner_texts())
    assert following
    assert not {first, second} & following
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_role("button", name="Previous page")).to_have_count(0)
    console.arrive()
    assert page.locator("tbody tr").all_inner_texts() == [first, second]
    page.get_by_label("File name contains").fill("of this name there is none")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No job matches.")).to_be_visible()


def test_jobs_show_how_far_they_have_come_without_being_asked_again(
    console: ConsolePage, job_id: str, rest: httpx.Client, pictures: Path
) -> None:
    done = next(job for job in rest.get("/v1/jobs").json()["jobs"] if job["job_id"] == job_id)
    task = {**done, "task_id": "22222222-2222-4222-8222-222222222222", "result_url": None, "file_name": "hook.c3d"}
    unfetched = {**task, "job_id": task["task_id"], "sha256": "", "size_bytes": 0, "pipeline_version": ""}
    steps = [
        {**unfetched, "status": "queued"},
        {**task, "status": "running", "progress": {"stage": "channel_features", "fraction": 0.45}},
        {**task, "status": "succeeded", "result_url": done["result_url"]},
    ]

    def answer(route: Route) -> None:
        route.fulfill(json={"jobs": [steps[0], done], "next_page_token": None})

    page = console.page
    page.clock.install()
    page.route("**/v1/jobs?*", answer)
    console.open("jobs")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("its file is fetched from the storage when its turn comes")
    page.route("**/cancel", lambda route: route.fulfill(json={"job_id": task["task_id"], "stopped": False}))
    row.get_by_role("button", name="Take hook.c3d out of the queue").click()
    expect(page.locator("#said")).to_have_text("hook.c3d has been begun, or others asked for it too: it goes on")
    assert [each.url.split("/")[-2] for each in console.requests("POST", "/v1/analyses")] == [task["task_id"]]
    link = row.get_by_role("link", name="hook.c3d")
    del steps[0]
    expect(row.get_by_role("progressbar")).to_have_js_property("value", 0.45)
    expect(row).to_contain_text("channel features, 45 %")
    page.screenshot(path=pictures / "jobs-running.png")
    del steps[0]
    expect(row).to_contain_text("succeeded")
    expect(link).to_have_attribute("href", f"#/results/{job_id}")
    expect(page.locator("#said")).to_have_text("hook.c3d: Succeeded")
    asked = len(console.requests("GET", "/v1/jobs?"))
    page.clock.run_for(60_000)
    assert len(console.requests("GET", "/v1/jobs?")) == asked, "nothing moves any more, so nothing is asked"


def test_a_queued_analysis_is_followed_in_the_list_to_its_end(
    console: ConsolePage, rest: httpx.Client, job_id: str
) -> None:
    job = rest.get(f"/v1/jobs/{job_id}").json()
    blob = {"sha256": job["sha256"], "size_bytes": job["size_bytes"]}
    for duration_ms in (2050, 2150, 2250):
        asked = {"blob": blob, "params": {"target_duration_ms": duration_ms}, "file_name": "followed.c3d"}
        assert rest.post("/v1/analyses", json=asked, headers={"Prefer": "respond-async"}).status_code == 202
    console.open("jobs?file_name=followed")
    expect(console.page.locator("tbody tr").filter(has_text="succeeded")).to_have_count(3)


def test_the_cache_page_shows_a_hit_as_it_happens(console: ConsolePage, job_id: str, rest: httpx.Client) -> None:
    console.open("cache")
    expect(console.page.get_by_role("table")).to_contain_text(["Memory"])
    expect(console.page.get_by_text("No look-up since then.")).to_be_visible()
    rest.get(f"/v1/results/{job_id}").raise_for_status()
    expect(console.page.get_by_role("img", name="Hit rate by tier")).to_be_visible()


def test_forgetting_asks_first_and_then_forgets(console: ConsolePage, job_id: str) -> None:
    console.open("cache")
    page = console.page
    page.get_by_label("What").select_option("")
    page.get_by_role("button", name="Forget …").click()
    dialog = page.get_by_role("dialog", name="Forget everything?")
    expect(dialog.get_by_role("button", name="Forget everything")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert console.requests("POST", "/v1/invalidations") == []
    page.get_by_role("button", name="Forget …").click()
    dialog.get_by_label("Type").fill("everything")
    dialog.get_by_label("Why").fill("the test says so")
    dialog.get_by_role("button", name="Forget everything").click()
    expect(page.get_by_text("Forgotten:")).to_be_visible()
    assert console.requests("POST", "/v1/invalidations")[0].post_data_json == {
        "everything": True,
        "note": "the test says so",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "jobs", "cache", "results/{job_id}"])
def test_everybody_can_use_the_pages(
    browser: Browser, address: str, rest: httpx.Client, trial: Path, place: str, scheme: str
) -> None:
    answer = rest.post("/v1/analyses", files={"file": (trial.name, trial.read_bytes())})
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    console = ConsolePage(context.new_page(), address)
    console.open(place.format(job_id=answer.json()["job_id"]))
    if place.startswith("results"):
        console.drawn()
    found = Axe().run(console.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    context.close()
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert console.faults == []


def test_the_keyboard_alone_is_enough(console: ConsolePage, trial: Path) -> None:
    console.open()
    page = console.page
    button = page.get_by_role("button", name="Choose files")
    button.wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(trial)
    link = console.until("jump.c3d", "done").get_by_role("link", name="Show the result")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="jump.c3d")).to_be_focused()


def test_who_goes_on_while_a_page_is_fetched_keeps_the_focus(console: ConsolePage, job_id: str) -> None:
    page, held = console.page, list[Route]()
    page.route("**/v1/jobs?*", lambda route: held.append(route))  # noqa: PLW0108 - a method of a list takes no notes
    console.open()
    with page.expect_request("**/v1/jobs?*"):
        page.get_by_role("link", name="Jobs").press("Enter")
    page.keyboard.press("Tab")
    held[0].continue_()
    console.arrive()
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()
    expect(page.get_by_role("link", name="Cache", exact=True)).to_be_focused()


def test_a_table_that_is_kept_up_to_date_stays_where_it_was_scrolled_to(console: ConsolePage) -> None:
    page = console.page
    page.set_viewport_size({"width": 360, "height": 740})
    console.open("cache")
    table = page.get_by_role("region", name="Where answers come from, fastest first")
    table.focus()
    table.evaluate("table => { table.scrollLeft = 40; table.dataset.old = true; }")
    expect(table).not_to_have_attribute("data-old", "true")
    expect(table).to_be_focused()
    expect(table).to_have_js_property("scrollLeft", 40)


def test_no_page_is_wider_than_a_phone(browser: Browser, address: str, rest: httpx.Client, trial: Path) -> None:
    job_id = rest.post("/v1/analyses", files={"file": (trial.name, trial.read_bytes())}).json()["job_id"]
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    console = ConsolePage(context.new_page(), address)
    for place in ("", "jobs", "cache", f"results/{job_id}"):
        console.open(place)
        assert console.page.evaluate("document.documentElement.scrollWidth") <= 360, place
    context.close()


def test_a_report_on_paper_is_light_and_has_no_buttons(result: ConsolePage, pictures: Path) -> None:
    page = result.page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("button", name="Download JSON")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="Show channel EMG1.v")).to_be_visible()  # what names a row stays
    page.set_viewport_size({"width": 688, "height": 1000})  # what an A4 sheet has between its margins, at 96 dpi
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    page.screenshot(path=pictures / "paper.png", full_page=True)
    assert page.pdf().startswith(b"%PDF")


def test_a_picture_for_the_readme(result: ConsolePage, pictures: Path) -> None:
    page = result.page
    page.set_viewport_size({"width": 1100, "height": 1020})
    page.get_by_role("button", name="Show channel EMG5.v").click()
    result.drawn()
    page.get_by_role("heading", name="Signal").evaluate("heading => heading.parentElement.scrollIntoView()")
    assert len(page.screenshot(path=pictures / "console.png")) > 20_000
