"""The demo and the command line as people run them: real engines, real services, a real recording."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.recordings import CHECKOUT, demo_recording

Run = Callable[..., "subprocess.CompletedProcess[str]"]
FREE_PORTS = [f"--{name}-port=0" for name in ("gateway", "cache", "analysis", "cache-metrics", "analysis-metrics")]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module with a home of its own."""
    own = ("CACHE_ADDRESS", "ANALYSIS_ADDRESS", "REDIS_URL", "DATABASE_URL", "BLOB_URL", "USE_DATABASE")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    path = os.pathsep.join(filter(None, [str(CHECKOUT), environment.get("PYTHONPATH")]))
    environment |= {"ASSAYCACHE_HOME": str(tmp_path / "home"), "PYTHONPATH": path, "COLUMNS": "160"}

    def run_module(*arguments: object, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", *(str(argument) for argument in arguments)]
        return subprocess.run(
            command, env=environment | more, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
        )

    return run_module


@pytest.mark.parametrize("use_database", ["true", "false"])
def test_the_demo_succeeds_twice_in_one_home(run: Run, tmp_path: Path, use_database: str) -> None:
    samples = tmp_path / "home" / "samples"
    samples.mkdir(parents=True)
    shutil.copy(demo_recording(), samples)
    for _ in range(2):
        done = run("assaycache.demo", USE_DATABASE=use_database)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("out of PostgreSQL" in done.stdout) == (use_database == "true")
        assert ("do not survive a restart" in done.stdout) == (use_database == "false")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["samples"]


@pytest.fixture
def stack(run: Run) -> Iterator[None]:
    """A stack in the background."""
    started = run("assaycache", "up", "--detach", *FREE_PORTS)
    assert started.returncode == 0, started.stderr
    yield
    stopped = run("assaycache", "down")
    assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n")


@pytest.mark.usefixtures("stack")
def test_a_recording_is_analysed_once_and_found_again(run: Run, tmp_path: Path) -> None:
    assert run("assaycache", "health").returncode == 0
    renamed = shutil.copy(demo_recording(), tmp_path / "renamed.c3d")
    computed, cached = (
        json.loads(run("assaycache", "analyze", path, "--json").stdout) for path in (demo_recording(), renamed)
    )
    assert (computed["cached"], cached["cached"]) == (False, True)
    assert computed["job_id"] == cached["job_id"]
    assert cached["file_name"] == "renamed.c3d"
    (job,) = json.loads(run("assaycache", "jobs", "--json").stdout)
    assert (job["job_id"], job["status"]) == (computed["job_id"], "succeeded")
    assert json.loads(run("assaycache", "stats", "--json").stdout)["hits_total"] == 1
    drawn = run("assaycache", "analyze", "ren*.c3d", "--save-plots", "plots")
    assert (drawn.returncode, [path.suffix for path in (tmp_path / "plots").iterdir()]) == (0, [".png"]), drawn.stderr
    points = run("assaycache", "signals", job["job_id"], "-c", "EMG5.v", "--csv").stdout.splitlines()
    assert len(points) == 1 + 3 * 4000
    assert run("assaycache", "explain", renamed).stdout.startswith("It has an answer.")


@pytest.mark.usefixtures("stack")
def test_files_that_cannot_be_analysed_are_told_apart(run: Run, tmp_path: Path) -> None:
    broken = {"FILE_EMPTY": b"", "FILE_NOT_C3D": b"hello", "FILE_TRUNCATED": demo_recording().read_bytes()[:500_000]}
    for reason, content in broken.items():
        path = tmp_path / f"{reason}.c3d"
        path.write_bytes(content)
        for _ in range(2):
            done = run("assaycache", "analyze", path)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"({reason})" in done.stderr
    unknown = run("assaycache", "analyze", demo_recording(), "--set", "treshold_k=4")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert run("assaycache", "health").returncode == 0


def test_without_services_the_command_line_says_how_to_start_them(run: Run) -> None:
    done = run("assaycache", "analyze", demo_recording(), "--cache", "127.0.0.1:1", "--analysis", "127.0.0.1:1")
    assert done.returncode == 3
    assert "Start the services with: assaycache up" in done.stderr
