"""How the console is sent: to browsers at the root, with a policy that lets nothing in from elsewhere."""

import re
from importlib.resources import files
from pathlib import PurePosixPath

import httpx
import pytest

_FILES = files("gateway.console").joinpath("files")
_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def names(folder: str = "") -> list[str]:
    """The names of all files, with their folders."""
    found: list[str] = []
    for item in _FILES.joinpath(folder).iterdir():
        name = str(PurePosixPath(folder) / item.name)
        found += names(name) if item.is_dir() else [name]
    return found


SCRIPTS = [name for name in names() if name.endswith(".js")]


def text_of(name: str) -> str:
    return _FILES.joinpath(name).read_text("utf-8")


async def test_the_root_is_a_page_to_browsers_and_a_list_of_addresses_to_programs(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers=_BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    listed = await client.get("/")
    assert "addresses" in listed.json()
    assert "Accept" in page.headers["vary"]
    assert "Accept" in listed.headers["vary"]


async def test_only_the_gateways_own_files_are_let_in(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/", headers=_BROWSER)).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "connect", "img")} == {"'self'"}
    assert rules["require-trusted-types-for"] == "'script'"


async def test_every_file_is_sent_as_what_it_is(client: httpx.AsyncClient) -> None:
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "html": "text/html"}
    for name in names():
        answer = await client.get(f"/console/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-type"].startswith(types[name.rpartition(".")[2]])
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_the_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/console/base.css")
    again = await client.get("/console/base.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("name", ["nothing.js", "../__init__.py", "%2e%2e/__init__.py", "js", ""])
async def test_nothing_but_those_files_can_be_asked_for(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/console/{name}")).status_code == 404


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_imports_files_that_exist(name: str) -> None:
    for wanted in re.findall(r'from "(\.[^"]+)"', text_of(name)):
        parts: list[str] = []
        for part in (PurePosixPath(name).parent / wanted).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        assert _FILES.joinpath(*parts).is_file(), f"{name} imports {wanted}"


@pytest.mark.parametrize("name", names())
def test_no_file_makes_markup_of_text_or_names_another_host(name: str) -> None:
    text = text_of(name)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=\"", text)
    known = {"http://www.w3.org/2000/svg", "http://biom-format.org"}  # names of formats, never asked for
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= known


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_short_enough_to_be_read(name: str) -> None:
    assert len(text_of(name).splitlines()) < 300
