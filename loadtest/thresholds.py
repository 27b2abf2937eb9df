"""What a plan must keep to: `thresholds.json`, and the verdict on an outcome."""

import json
from dataclasses import dataclass
from pathlib import Path

from loadtest.ghz import Outcome

_FILE = Path(__file__).parent / "thresholds.json"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The bounds of one plan. `of_echo` is the least throughput, as a ratio to the echo's in the same session."""

    p99_ms: float
    of_echo: float = 0.0


def read() -> dict[str, Threshold]:
    """Return the thresholds by plan."""
    return {plan: Threshold(**bounds) for plan, bounds in json.loads(_FILE.read_text(encoding="utf-8")).items()}


def verdict(limit: Threshold, outcome: Outcome, echo_rate: float, *, smoke: bool = False) -> list[str]:
    """Return what an outcome misses; of a smoke run, too short for the others, only errors and silence count."""
    missed = [f"{count} x {error}"[:100] for error, count in outcome.errors.items()]
    if outcome.count == 0:
        missed.append("no call was answered")
    if smoke:
        return missed
    if outcome.p99_ms > limit.p99_ms:
        missed.append(f"p99 over {limit.p99_ms:g} ms")
    if outcome.rate < limit.of_echo * echo_rate:
        missed.append(f"below {limit.of_echo:g} of the echo")
    return missed
