"""Whatever the bytes are: a recording, or a typed error. Nothing else, and in bounded time and memory."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.c3d_fuzzer import HANG_S, MEMORY_BYTES
from tests.support.recordings import CHECKOUT


def fuzzed(count: int, seed: int, *options: str) -> dict[str, Any]:
    """The report of a process of its own: a crash or a hang of it fails here, with its last words."""
    command = [sys.executable, "-W", "error", "-m", "tests.support.c3d_fuzzer", *options]
    numbers = ["--count", str(count), "--seed", str(seed)]
    done = subprocess.run([*command, *numbers], capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def assert_bounded_and_typed(report: dict[str, Any], count: int) -> None:
    print(report)
    assert report["untyped"] == []
    assert "NO MESSAGE" not in report["outcomes"]
    assert sum(report["outcomes"].values()) == count
    assert report["slowest_s"] < HANG_S
    assert report["peak_bytes"] < MEMORY_BYTES


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_every_mutation_ends_in_a_result_or_a_typed_error(seed: int) -> None:
    report = fuzzed(150, seed)
    assert_bounded_and_typed(report, 150)
    assert {"ANALYSED", "ANALYSED WITH WARNINGS", "FILE_TRUNCATED", "FILE_CORRUPT"} < set(report["outcomes"])


def test_half_a_file_is_noticed_in_every_encoding() -> None:
    assert set(fuzzed(0, 0)["halves"].values()) == {"FILE_TRUNCATED"}


@pytest.mark.slow
def test_so_do_thousands_of_several_files() -> None:
    report = fuzzed(6000, 20, "--with-real")
    assert_bounded_and_typed(report, 6000)
    halves = {name: found for name, found in report["halves"].items() if name != "badParameterOffset.c3d"}
    assert set(halves.values()) == {"FILE_TRUNCATED"}
