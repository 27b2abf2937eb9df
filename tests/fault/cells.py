"""The matrix: which part fails, how, and during what; and which of the cells make no sense, with the reason."""

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import NamedTuple


class Cell(NamedTuple):
    """One combination."""

    part: str
    fault: str
    during: str


PARTS = ("valkey", "postgresql", "blobs", "cache", "analysis")
FAULTS = ("killed", "hung", "restarted", "full", "corrupted")
DURING = ("lookup", "ingest", "reserve", "commit", "invalidate")

_NO_DISK = "keeps nothing on a disk, and its memory is bounded by its settings"
_UPLOADS = "an analysis service takes no uploads"

NO_SENSE: dict[tuple[str, str], str] = {
    ("blobs", "hung"): "a local folder has no process that could be stopped",
    ("blobs", "restarted"): "a local folder has no process; being away and back again is `killed` and its repair",
    ("cache", "full"): _NO_DISK,
    ("cache", "corrupted"): "what a process has in memory was checked when it came in",
    ("analysis", "full"): _NO_DISK,
    ("analysis", "corrupted"): "it keeps nothing; damaged parts are found by tests/integration/analysis",
}
"""Why a part and a fault do not go together."""

_ALL = [Cell(*cell) for cell in product(PARTS, FAULTS, DURING)]


def reason_against(cell: Cell) -> str:
    """Return why a cell makes no sense; empty where it does."""
    if cell.part == "analysis" and cell.during == "ingest":
        return _UPLOADS
    return NO_SENSE.get((cell.part, cell.fault), "")


def sensible() -> list[Cell]:
    """Return all cells that make sense."""
    return [cell for cell in _ALL if not reason_against(cell)]


def chosen(*, all_of_them: bool) -> list[Cell]:
    """Return the cells that are run: all that make sense, or few in which every pair of values is met."""
    return sensible() if all_of_them else pairwise(sensible())


def pairwise(cells: Iterable[Cell]) -> list[Cell]:
    """Return few of the cells in which every pair of values that any of them has is met."""
    left = list(cells)
    unmet = {pair for cell in left for pair in _pairs(cell)}
    chosen = []
    while unmet:
        best = max(left, key=lambda cell: len(unmet.intersection(_pairs(cell))))
        unmet.difference_update(_pairs(best))
        left.remove(best)
        chosen.append(best)
    return chosen


def _pairs(cell: Cell) -> Iterator[tuple[tuple[int, str], ...]]:
    yield from combinations(enumerate(cell), 2)
