"""The load generator ghz: found, installed where there is Go, and run."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools"
PLANS = Path(__file__).parent / "plans"

_MODULE = "github.com/bojand/ghz/cmd/ghz@v0.121.0"
_INSTALL_SECONDS = 600  # Go builds it from source: a minute or two, several on a busy machine
_GRACE_SECONDS = 60


class GhzMissingError(Exception):
    """ghz is not here; the message says how to get it."""


class GhzError(Exception):
    """ghz did not run to its end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one plan came to."""

    count: int
    errors: Mapping[str, int]
    rate: float
    p50_ms: float
    p99_ms: float


def find() -> Path:
    """Return ghz, from PATH or the project's tool folder; install it there where there is Go.

    Raises:
        GhzMissingError: with how to get it.
    """
    found = shutil.which("ghz", path=os.pathsep.join((str(TOOLS), os.environ.get("PATH", ""))))
    return Path(found) if found else _installed()


def run(ghz: Path, plan: str, address: str, data: object, seconds: float) -> Outcome:
    """Run a plan against an address, with the data of its calls.

    Raises:
        GhzError: if ghz did not run to its end.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # some data is longer than a command may be
        json.dump(data, file)
        file.flush()
        options = (f"--config={PLANS / plan}.json", f"--data-file={file.name}", f"--duration={seconds:g}s")
        try:
            done = subprocess.run(
                [str(ghz), *options, "--format=json", address],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=seconds + _GRACE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GhzError(f"{plan}: ghz did not end within {_GRACE_SECONDS} s of its time") from error
    if done.returncode != 0:
        raise GhzError(f"{plan}: {done.stderr.strip() or done.stdout.strip()}")
    return outcome_of(json.loads(done.stdout))


def outcome_of(report: Mapping[str, Any]) -> Outcome:
    """Return what ghz's report in JSON says; its times are nanoseconds."""
    at = {item["percentage"]: item["latency"] / 1e6 for item in report.get("latencyDistribution") or ()}
    return Outcome(
        count=report["count"],
        errors=report.get("errorDistribution") or {},
        rate=report["rps"],
        p50_ms=at.get(50, 0.0),
        p99_ms=at.get(99, 0.0),
    )


def _installed() -> Path:
    go = shutil.which("go")
    if go is None:
        raise GhzMissingError(f"ghz is not on PATH and there is no Go: install Go, or ghz ({_MODULE}), and try again.")
    print(f"ghz is not on PATH: go install {_MODULE}", flush=True)
    environment = {**os.environ, "GOBIN": str(TOOLS)}
    try:
        done = subprocess.run(
            [go, "install", _MODULE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GhzMissingError(f"go install {_MODULE} took more than {_INSTALL_SECONDS} s.") from error
    if done.returncode != 0:
        raise GhzMissingError(f"go install {_MODULE} failed: {done.stderr.strip()[-300:]}")
    return TOOLS / "ghz"
