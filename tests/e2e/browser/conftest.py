"""The console in a real browser, over a whole stack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assaycache.launcher import StackAddresses
from tests.support.console_page import ConsolePage

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; `CHROMIUM` may say where it is."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to sandbox root
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=sandbox)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address(stack: StackAddresses) -> str:
    """Where the gateway answers."""
    assert stack.gateway is not None
    return stack.gateway


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's window that knows nothing of earlier ones."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that keeps what it asked for and complained about."""
    return context.new_page()


@pytest.fixture
def console(page: Page, address: str) -> Iterator[ConsolePage]:
    """The console; after the test it must have spoken to its gateway only, and its scripts must not have failed."""
    opened = ConsolePage(page, address)
    yield opened
    assert [url for url in opened.asked if not url.startswith((address, "blob:", "data:"))] == []
    assert opened.faults == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: `PICTURES` keeps them for the README."""
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
