"""Two things measured in turns, so that what else the machine does weighs on both alike, and the table they make."""

import argparse
import os
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from rich.console import Console
from rich.table import Table

PAIRS = 7
"""Odd, so that the median is a measurement; enough that the spread says something."""

_QUICK_PAIRS = 3


Figure = TypeVar("Figure")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured. `quick` is for trying: its figures are not worth writing down."""

    quick: bool
    pairs: int


def effort_of(description: str | None) -> Effort:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run, for trying")
    parser.add_argument("--pairs", type=int, help=f"how many pairs of measurements; {PAIRS} unless it is quick")
    chosen = parser.parse_args()
    return Effort(chosen.quick, chosen.pairs or (_QUICK_PAIRS if chosen.quick else PAIRS))


async def in_turns(
    ours: Callable[[], Awaitable[Figure]], theirs: Callable[[], Awaitable[Figure]], pairs: int
) -> list[tuple[Figure, Figure]]:
    """Measure both, first one then the other, after one round that does not count."""
    measured = []
    for number in range(pairs + 1):
        if number % 2:
            pair = (await ours(), await theirs())
        else:
            second = await theirs()
            pair = (await ours(), second)
        measured.append(pair)
    return measured[1:]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Return the median, and in brackets the least and the most."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} ({low:{form}} to {high:{form}})"


def cpu_seconds(pid: int) -> float:
    """Return how much of the processors a process has used: what else runs here hardly shows in it."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return how much memory a process has."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def show(table: Table) -> None:
    """Print a table with what it was measured on."""
    load = os.getloadavg()[0]
    now = datetime.now(UTC)
    table.caption = f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load average {load:.1f} at the end"
    Console(width=120).print(table)
