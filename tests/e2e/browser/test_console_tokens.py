"""The console where the gateway knows tokens: what each role is offered, what it is refused, and erasing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from assaycache.launcher import Stack, StackAddresses, StackOptions
from tests.e2e.conftest import ANY_PORTS, quiet
from tests.support.c3d_writer import C3dFile
from tests.support.console_page import ConsolePage
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.people import ADMIN, OWN, READER, SERVICE, TOKENS_TEXT, WRITER


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackAddresses]:
    """A stack whose services know tokens."""
    home = tmp_path_factory.mktemp("stack")
    (home / "tokens.json").write_text(TOKENS_TEXT)
    (home / "service-token").write_text(SERVICE)
    environment = {
        "TOKENS_FILE": str(home / "tokens.json"),
        "SERVICE_TOKEN_FILE": str(home / "service-token"),
        "ANALYSIS_WORKERS": "1",
    }
    with Stack(StackOptions(home=home, environment=environment, **ANY_PORTS), quiet) as running:
        yield running.addresses


@pytest.fixture
def trial(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A short recording of this test's own."""
    seed = int.from_bytes(hashlib.sha256(request.node.name.encode()).digest()[:4])
    signal = Synthesis(4.0, (Burst(1.0, 2.0, 200.0),), rate_hz=1000.0, seed=seed).samples_uv()
    path = tmp_path / "trial.c3d"
    path.write_bytes(C3dFile(np.stack([signal]), ("EMG 1",), units=("uV",)).to_bytes())
    return path


def analysed(address: str, trial: Path) -> str:
    """Have a recording analysed by a writer, and return its job."""
    answer = httpx.post(
        f"{address}/v1/analyses",
        files={"file": (trial.name, trial.read_bytes())},
        headers={"Authorization": f"Bearer {WRITER}", "Prefer": "return=minimal"},
        timeout=60,
    )
    answer.raise_for_status()
    job_id: str = answer.json()["job_id"]
    return job_id


def give(console: ConsolePage, token: str) -> None:
    """Give a token by the button, as a person does."""
    console.page.get_by_role("button", name="Token").click()
    console.page.get_by_label("Your token").fill(token)
    with console.page.expect_navigation():
        console.page.get_by_role("button", name="Use it").click()
    console.arrive()


def opened(console: ConsolePage, token: str, place: str = "") -> ConsolePage:
    """Open a page with a token."""
    console.open()
    give(console, token)
    if place:
        console.open(place)
    return console


def test_without_a_token_the_page_says_where_to_give_one_and_with_it_works(console: ConsolePage) -> None:
    console.open("jobs")
    expect(console.page.get_by_role("heading", name="This did not work")).to_be_visible()
    expect(console.page.get_by_text("A token is needed")).to_be_visible()
    expect(console.page.get_by_text("by the Token button at the top")).to_be_visible()
    give(console, "assay_a-token-that-nobody-knows")
    expect(console.page.get_by_text("The token is not known.")).to_be_visible()
    give(console, READER)
    expect(console.page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    expect(console.page.get_by_role("button", name=f"Token: reader of {OWN}")).to_be_visible()
    assert READER not in console.page.content()


def test_a_reader_finds_what_is_known_and_understands_why_nothing_can_be_sent(
    console: ConsolePage, address: str, trial: Path, tmp_path: Path, pictures: Path
) -> None:
    analysed(address, trial)
    new = tmp_path / "new.c3d"
    new.write_bytes(trial.read_bytes() + bytes(512))
    page = opened(console, READER).page
    expect(page.get_by_text("needs the role writer; your token has the role reader")).to_be_visible()
    console.choose(trial, new)
    expect(console.until("trial.c3d", "done")).to_contain_text("cached")
    line = console.until("new.c3d", "failed")
    expect(line).to_contain_text("This needs the role writer; the token has the role reader.")
    expect(line).to_contain_text("give yours by the Token button")
    page.screenshot(path=pictures / "reader.png", full_page=True)


@pytest.mark.parametrize("token", [READER, WRITER], ids=["reader", "writer"])
def test_who_is_no_admin_is_offered_nothing_that_takes_away(
    console: ConsolePage, address: str, trial: Path, token: str
) -> None:
    job_id = analysed(address, trial)
    page = opened(console, token, f"results/{job_id}").page
    console.drawn()
    expect(page.get_by_role("button", name="Download JSON")).to_be_visible()
    expect(page.get_by_role("button", name="Forget …")).to_have_count(0)
    expect(page.get_by_role("button", name="Erase the file …")).to_have_count(0)
    expect(page.get_by_text("needs the role admin")).to_be_visible()
    console.open("cache")
    expect(page.get_by_text("needs the role admin")).to_be_visible()
    assert console.requests("GET", "/v1/stats") == []


def test_an_admin_erases_a_file_after_typing_the_word(
    console: ConsolePage, address: str, trial: Path, pictures: Path
) -> None:
    job_id = analysed(address, trial)
    page = opened(console, ADMIN, f"results/{job_id}").page
    page.get_by_role("button", name="Erase the file …").click()
    dialog = page.get_by_role("dialog", name="Erase trial.c3d?")
    doing = dialog.get_by_role("button", name="Erase it for good")
    expect(doing).to_be_disabled()
    dialog.get_by_label("Type “erase”").fill("Erase!")
    expect(doing).to_be_disabled()
    dialog.get_by_role("button", name="Keep everything").click()
    assert console.requests("DELETE", "/v1/blobs/") == []
    page.get_by_role("button", name="Erase the file …").click()
    dialog.get_by_label("Type “erase”").fill("erase")
    dialog.get_by_label("Why").fill("asked by the patient")
    page.screenshot(path=pictures / "erase-dialog.png")
    doing.click()
    expect(page.get_by_role("heading", name="Erased")).to_be_focused()
    expect(page.get_by_text("trial.c3d is erased.")).to_be_visible()
    expect(page.get_by_text("Removed: 1 file, 1 result,")).to_be_visible()
    assert "note=asked+by+the+patient" in console.requests("DELETE", "/v1/blobs/")[0].url
    page.screenshot(path=pictures / "erased.png")
    shown = {"Authorization": f"Bearer {ADMIN}"}
    assert httpx.get(f"{address}/v1/results/{job_id}", headers=shown).status_code == 404


def test_a_file_is_erased_by_itself_without_being_sent(console: ConsolePage, address: str, trial: Path) -> None:
    analysed(address, trial)
    page = opened(console, ADMIN, "cache").page
    region = page.get_by_role("region", name="Erase a file", exact=True)
    with page.expect_file_chooser() as chooser:
        region.get_by_role("button", name="Hash a file here").click()
    chooser.value.set_files(trial)
    expect(region.get_by_label("SHA-256")).to_have_value(hashlib.sha256(trial.read_bytes()).hexdigest())
    for said in ("trial.c3d is erased.", "Nothing"):
        region.get_by_role("button", name="Erase …").click()
        page.get_by_label("Type “erase”").fill("erase")
        page.get_by_role("button", name="Erase it for good").click()
        expect(region).to_contain_text(said)
    assert console.requests("PUT", "/v1/blobs/") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("token", "place"), [(READER, ""), (READER, "cache"), (ADMIN, "cache")])
def test_everybody_can_use_what_tokens_show(
    console: ConsolePage, token: str, place: str, scheme: str, pictures: Path
) -> None:
    page = opened(console, token, place).page
    page.emulate_media(reduced_motion="reduce")
    page.get_by_label("Theme").select_option(scheme)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    page.screenshot(path=pictures / f"tokens-{place or 'files'}-{scheme}-{token == ADMIN}.png", full_page=True)
