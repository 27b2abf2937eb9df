"""The gateway keeps to its own description: generated requests against a whole stack."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assaycache.launcher import Stack, StackOptions

SECONDS = 60
SETTINGS = Path(__file__).with_name("schemathesis.toml")
ANY_PORT = dict.fromkeys(
    ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
)

OLD_FACE_EXCLUDED = (
    "negative_data_rejection",  # fields that are not known are ignored, as the frontends were promised
    "positive_data_acceptance",  # random bytes are no recording
    "unsupported_method",  # /jobs and /analyze share their form of errors, which tells no media type apart
)


def quiet(_line: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole stack; its gateway's address."""
    home = tmp_path_factory.mktemp("described")
    options = StackOptions(home=home, environment={"ANALYSIS_WORKERS": "1"}, **ANY_PORT)
    with Stack(options, quiet) as stack:
        assert stack.addresses.gateway is not None
        yield stack.addresses.gateway


def run(gateway: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Generate requests for a while."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS),
        "run", f"{gateway}/openapi.json", "--max-examples", "6", "--seed", "1", "--no-shrink", "--no-color",
        "--suppress-health-check", "all", "--request-timeout", "30", "--warnings", "off", *options,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=10 * SECONDS)


def test_v1_keeps_to_its_description_in_every_check(gateway: str, tmp_path: Path) -> None:
    done = run(gateway, tmp_path, "--include-path-regex", "^/v1/", "--checks", "all")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr


def test_the_present_frontends_routes_never_fail_and_keep_to_their_schemas(gateway: str, tmp_path: Path) -> None:
    excluded = ",".join(OLD_FACE_EXCLUDED)
    done = run(gateway, tmp_path, "--exclude-path-regex", "^/v1/", "--exclude-checks", excluded)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
