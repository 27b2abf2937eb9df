"""Files in the console: hashed here, looked up, sent only if missing, followed, cancelled, refused."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.support.console_page import ConsolePage
from tests.support.long_recording import long_recording

_SLOW_BYTES_PER_S = 100_000
_PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def session_bytes() -> bytes:
    """A recording that takes a second or so to be analysed."""
    return long_recording(minutes=2.0, channels=6)


@pytest.fixture
def session(tmp_path: Path, session_bytes: bytes) -> Path:
    """That recording as a file of this test's own."""
    file = tmp_path / "session.c3d"
    file.write_bytes(session_bytes)
    return file


def question_of(data: bytes) -> dict[str, object]:
    return {"blob": {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}}


def wait_until_begun(rest: httpx.Client, job_id: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while rest.get(f"/v1/jobs/{job_id}").json()["status"] == "queued":
        assert time.monotonic() < until, "nobody begins it"
        time.sleep(0.05)


@contextmanager
def slow_line(console: ConsolePage) -> Iterator[None]:
    """Make the line slow for a while, so that an upload lasts."""
    line = console.page.context.new_cdp_session(console.page)

    def at_most(upload_bytes_per_s: int) -> None:
        speeds = {"downloadThroughput": -1, "uploadThroughput": upload_bytes_per_s}
        line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **speeds})

    at_most(_SLOW_BYTES_PER_S)
    yield
    at_most(-1)


def test_a_recording_is_hashed_looked_up_uploaded_and_followed_to_its_end(console: ConsolePage, session: Path) -> None:
    console.open()
    console.choose(session)
    line = console.until("session.c3d", "done")
    expect(line).to_contain_text("uploaded and analysed")
    states = console.states
    order = ["Hashing it here", "Looking it up", "Uploading", "Analysing"]
    assert [state for state in dict.fromkeys(states) if state in order] == order
    assert len(console.requests("PUT", "/v1/blobs/")) == 1


def test_the_same_bytes_again_are_answered_from_the_cache_and_nothing_is_sent(
    console: ConsolePage, session: Path
) -> None:
    known_by_another_name = session.rename(session.with_name("renamed.c3d"))
    console.open()
    console.choose(known_by_another_name)
    line = console.until("renamed.c3d", "done")
    expect(line.get_by_text("cached", exact=True)).to_be_visible()
    expect(line).to_contain_text("nothing was uploaded")
    assert console.requests("PUT", "") == []
    assert console.requests("POST", "/v1/analyses") == []


def test_many_files_at_once_each_come_to_their_end(console: ConsolePage, recording: bytes, tmp_path: Path) -> None:
    files = [tmp_path / f"trial-{at}.c3d" for at in range(3)]
    for at, file in enumerate(files):
        file.write_bytes(recording + bytes(at))
    console.open()
    console.choose(*files)
    for file in files:
        console.until(file.name, "done")


def test_a_cancelled_upload_leaves_nothing(
    console: ConsolePage, recording: bytes, tmp_path: Path, rest: httpx.Client
) -> None:
    data = recording + b"to be cancelled"
    file = tmp_path / "cancelled.c3d"
    file.write_bytes(data)
    console.open()
    with slow_line(console):
        console.choose(file)
        line = console.until("cancelled.c3d", "uploading")
        line.get_by_role("button", name="Cancel").click()
    console.until("cancelled.c3d", "cancelled")
    expect(line.get_by_role("button", name="Try cancelled.c3d again")).to_be_focused()
    assert rest.post("/v1/lookups", json=question_of(data)).json()["blob_present"] is False


def test_an_analysis_that_others_work_on_is_cancelled_here_only_and_that_is_said(
    console: ConsolePage, session: Path, rest: httpx.Client
) -> None:
    session.write_bytes(session.read_bytes() + b"begun")
    held = list[Route]()
    console.page.route("**/events", lambda route: held.append(route))  # noqa: PLW0108 - a method of a list takes no notes
    console.open()
    console.choose(session)
    line = console.until("session.c3d", "queued")
    job_id = rest.post("/v1/lookups", json=question_of(session.read_bytes())).json()["job_id"]
    wait_until_begun(rest, job_id)
    line.get_by_role("button", name="Cancel").click()
    expect(console.until("session.c3d", "cancelled")).to_contain_text("it has been begun")


def test_a_cancelled_file_can_be_tried_again(console: ConsolePage, session: Path) -> None:
    session.write_bytes(session.read_bytes() + b"another")
    console.open()
    with slow_line(console):
        console.choose(session)
        console.until("session.c3d", "uploading").get_by_role("button", name="Cancel").click()
    console.line("session.c3d").get_by_role("button", name="again").click()
    console.until("session.c3d", "done")


def test_a_file_that_is_no_recording_says_why_and_where_to_read_on(console: ConsolePage) -> None:
    console.open()
    console.drop(notes_c3d="these are notes, not a recording")
    line = console.until("notes.c3d", "failed")
    expect(line.locator(".notice")).to_contain_text("C3D")
    line.get_by_role("link", name="What this means").click()
    expect(console.page).to_have_url(f"{console.address}/problems/FILE_NOT_C3D")
    expect(console.page.locator("h1")).to_contain_text("FILE_NOT_C3D")


def test_a_file_over_the_limit_is_refused_before_it_is_hashed_or_sent(console: ConsolePage) -> None:
    console.open()
    console.drop(large_c3d="x" * 8_000_001)
    line = console.until("large.c3d", "failed")
    expect(line).to_contain_text("The largest file taken here has 8,000,000 bytes")
    assert console.requests("POST", "") == []


def test_an_empty_file_is_refused(console: ConsolePage) -> None:
    console.open()
    console.drop(empty_c3d="")
    expect(console.until("empty.c3d", "failed")).to_contain_text("no bytes")


def test_a_name_that_is_markup_stays_text(console: ConsolePage) -> None:
    name = "<img src=x onerror=document.title='broken'>"
    console.open()
    console.drop(**{f"{name}_c3d": "no recording"})
    expect(console.until(name, "failed").locator(".name")).to_have_text(f"{name}.c3d")
    assert console.page.locator("main img").count() == 0
    console.page.goto(f"{console.address}/#/jobs?status=failed")
    expect(console.page.get_by_role("table")).to_contain_text(f"{name}.c3d")
    assert console.page.locator("main img").count() == 0


def test_a_browser_that_cannot_hash_sends_the_file_and_is_answered(
    console: ConsolePage, recording: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "unhashed.c3d"
    file.write_bytes(recording + b"unhashed")
    console.page.add_init_script("Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined });")
    console.open()
    console.choose(file)
    console.until("unhashed.c3d", "done")
    assert console.requests("POST", "/v1/lookups") == []
    assert len(console.requests("POST", "/v1/analyses")) == 1


def test_events_go_on_after_a_lost_connection(console: ConsolePage, recording: bytes, tmp_path: Path) -> None:
    file = tmp_path / "lost.c3d"
    file.write_bytes(recording + b"lost")
    console.page.route("**/events", lambda route: route.abort("connectionreset"), times=1)
    console.open()
    console.choose(file)
    console.until("lost.c3d", "done")
    assert len(console.requests("GET", "/v1/analyses/")) == 2


def test_a_gateway_that_does_not_answer_is_said_so(console: ConsolePage, context: BrowserContext) -> None:
    console.open()
    context.set_offline(True)
    console.drop(unsent_c3d="any text")
    expect(console.until("unsent.c3d", "failed")).to_contain_text("The gateway does not answer")


def test_parameters_that_are_set_are_asked_and_defaults_are_not(
    console: ConsolePage, recording: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "asked.c3d"
    file.write_bytes(recording)
    console.open()
    console.page.get_by_text("Parameters of the files").click()
    console.page.get_by_label("Analysis").select_option("emg.session")
    console.page.get_by_label("Threshold k").fill("4")
    console.page.get_by_label("Low cut hz").fill("20")
    console.choose(file)
    console.until("asked.c3d", "done")
    assert console.requests("POST", "/v1/lookups")[0].post_data_json["params"] == {"threshold_k": 4}


def test_a_token_is_shown_with_every_request_of_the_tab(console: ConsolePage) -> None:
    console.open()
    console.page.get_by_role("button", name="Token").click()
    dialog = console.page.get_by_role("dialog", name="Token")
    dialog.get_by_label("Your token").fill("of-nobody")
    with console.page.expect_request("**/v1/pipelines") as asked:
        dialog.get_by_role("button", name="Use it").click()
    assert asked.value.headers["authorization"] == "Bearer of-nobody"
