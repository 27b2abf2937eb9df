"""The page about failures: each row names tests, and they exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "failure-behaviour.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ")][1:]
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:40])
def test_a_row_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"::(test_\w+)`", row.rsplit(" | ", 1)[1])
    assert named
    assert set(named) <= TESTS


def test_there_are_rows() -> None:
    assert len(ROWS) > 40
