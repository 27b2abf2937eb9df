"""The command line, run in this process, with a client that is played."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assaycache.cli import app
from assaycache.client.client import Client
from tests.unit.cli.cli_standins import PlayedClient

Run = Callable[..., Any]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> PlayedClient:
    """What the command line talks to; a stack of this machine's own is never looked at."""
    played = PlayedClient()

    def connect(cache: str, analysis: str, _ca_file: Path | None, *, server_name: str, token: str) -> PlayedClient:
        played.addresses = (cache, analysis)
        played.shown = (server_name, token)
        return played

    monkeypatch.setattr(Client, "connect", staticmethod(connect))
    return played


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in an empty folder; the answer has exit_code, stdout and stderr. It reads `stdin`."""
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE_ADDRESS", "ANALYSIS_ADDRESS", "ASSAYCACHE_HOME", "USE_DATABASE", "TLS_CA_FILE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments, stdin=b"": runner.invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file; what is in it does not matter here."""
    path = tmp_path / "jump.c3d"
    path.write_bytes(b"recording")
    return path
