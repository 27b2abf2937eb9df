"""What a person does first: `make up`, the printed address, a recording dropped there, its signal seen."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.console_page import ConsolePage
from tests.support.recordings import CHECKOUT, demo_recording

_PORTS = [f"--{name}-port=0" for name in ("gateway", "cache", "analysis", "cache-metrics", "analysis-metrics")]
Cli = Callable[..., str]


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """Run the command as the Makefile does, in a home of its own; nothing goes on running after the test."""
    environment = {**os.environ, "ASSAYCACHE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CHECKOUT)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "assaycache", *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300
        ).stdout

    yield run
    assert run("down") == "Stopped.\n"


def test_from_nothing_to_a_plot(cli: Cli, page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    recording = demo_recording()
    begun = time.monotonic()
    told = cli("up", "--detach", *_PORTS)
    up = time.monotonic()
    address = re.search(r"Console +(http://\S+)/", told)
    assert address is not None, told
    console = ConsolePage(page, address[1])
    console.open()
    console.drop_file(recording)
    console.until(recording.name, "done").get_by_role("link", name="Show the result").click()
    console.drawn()
    drawn = time.monotonic()
    assert console.faults == []
    with capsys.disabled():
        print(f"\nfrom `make up` to a plot: {drawn - begun:.1f} s, of which {up - begun:.1f} s until all is up")
