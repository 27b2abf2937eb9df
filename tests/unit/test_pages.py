"""The pages: a test that is named there exists, and each row about failures names one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
FAILURES = (ROOT / "docs" / "failure-behaviour.md").read_text(encoding="utf-8")
ROWS = [line for line in FAILURES.splitlines() if line.startswith("| ")][1:]
FILES = list((ROOT / "tests").rglob("test_*.py"))
TESTS = {name for file in FILES for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))}
NAMES = TESTS | {file.stem for file in FILES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_exists(page: Path) -> None:
    assert set(re.findall(r"\btest_\w+", page.read_text(encoding="utf-8"))) <= NAMES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:40])
def test_a_row_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"::(test_\w+)`", row.rsplit(" | ", 1)[1])
    assert named
    assert set(named) <= TESTS


def test_there_are_rows() -> None:
    assert len(ROWS) > 40
