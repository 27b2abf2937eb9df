"""A service that would not protect as it was told does not start, and says why in one line without a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.people import SERVICE, TOKENS_TEXT

LISTENS = {"cache_service": "CACHE_LISTEN", "analysis_service": "ANALYSIS_LISTEN", "gateway": "GATEWAY_LISTEN"}
SECRET = "open-sesame-open-sesame"
SECONDS = 60


def start(module: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a service that is expected to end by itself."""
    listens = dict.fromkeys((*LISTENS.values(), "CACHE_METRICS_LISTEN", "ANALYSIS_METRICS_LISTEN"), "127.0.0.1:0")
    environment = {
        **os.environ,
        **listens,
        "USE_DATABASE": "false",
        **settings,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.parametrize("module", LISTENS)
def test_beyond_loopback_no_service_starts_with_tokens_but_without_tls(module: str) -> None:
    ended = start(module, **{LISTENS[module]: "0.0.0.0:0", "TOKENS": TOKENS_TEXT})
    assert ended.returncode == 2
    assert "is open to the network without TLS" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("module", LISTENS)
def test_tokens_that_are_not_valid_end_the_service_without_being_told(module: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(f'{{"tokens": [{{"token": "{SECRET}", "namespace": "lab", "role": "owner"}}]}}')
    ended = start(module, TOKENS_FILE=str(path), BLOB_URL=(tmp_path / "blobs").as_uri())
    assert ended.returncode != 0
    assert "role must be one of reader, writer, admin, service" in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("module", LISTENS)
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(module: str) -> None:
    ended = start(module, f"--service-token={SERVICE}")
    assert ended.returncode == 2
    assert "--service-token is a secret" in ended.stderr
    assert SERVICE not in ended.stderr
