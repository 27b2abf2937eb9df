"""Load on a running stack by ghz, checked against thresholds.

`python -m loadtest [--cache HOST:PORT --analysis HOST:PORT] [--seconds S] [--smoke]`. Without addresses it starts a
stack of its own. The exit code is 1 where a threshold is missed, and 3 where ghz is not to be had. docs/load-testing.md
tells how to read the table.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.table import Table

from assaycache.launcher import default_home
from assaycache.packages import SampleUnavailableError
from bench.pairs import show
from bench.stack import bare_server, running
from loadtest.ghz import PLANS, GhzError, GhzMissingError, Outcome, find, run
from loadtest.scene import RESULT_BYTES, Data, Scene
from loadtest.thresholds import Threshold, read, verdict

_SMOKE_SECONDS = 20.0


def plans(scene: Scene, analysis: str) -> dict[str, Callable[[], Data]]:
    """Return the plans, in order, with what prepares the data of each."""
    return {
        "lookup-hit": scene.lookup_hit,
        "lookup-hit-by-proto": scene.lookup_hit,
        "lookup-miss": scene.lookup_miss,
        "lookup-nine-in-ten": scene.lookup_nine_in_ten,
        "batch-lookup": scene.batch_lookup,
        "ingest": scene.ingest,
        "reserve-stampede": scene.reserve_stampede,
        "analyze-cached": lambda: scene.analyze_cached(analysis, default_home() / "samples"),
    }


@contextlib.contextmanager
def stack(chosen: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield the addresses of the cache and the analysis service: the ones that were given, or a stack of our own."""
    if chosen.cache and chosen.analysis:
        yield chosen.cache, chosen.analysis
        return
    with running() as started:
        yield started.addresses.cache[0], started.addresses.analysis[0]


def outcomes(ghz: Path, chosen: argparse.Namespace) -> Iterator[tuple[str, Outcome | str]]:
    """Run the echo and all plans; yields each with what it came to, or why it was left out."""
    seconds = _SMOKE_SECONDS / (len(list(PLANS.glob("*.json")))) if chosen.smoke else chosen.seconds
    with stack(chosen) as (cache, analysis):
        scene = Scene(cache)
        with bare_server(str(RESULT_BYTES)) as (echo, _):
            yield "echo", run(ghz, "echo", echo, scene.lookup_hit(), seconds)
        for plan, prepare in plans(scene, analysis).items():
            try:
                data = prepare()
            except SampleUnavailableError as error:
                yield plan, f"left out: {error}"
                continue
            yield plan, run(ghz, plan, analysis if plan == "analyze-cached" else cache, data, seconds)


def report(ghz: Path, chosen: argparse.Namespace) -> bool:
    """Print the table; return whether all thresholds are kept."""
    table = Table("plan", "calls", "errors", "calls/s", "of the echo", "p50", "p99", "verdict")
    limits: dict[str, Threshold] = read()
    echo_rate, kept = 0.0, True
    for plan, outcome in outcomes(ghz, chosen):
        if isinstance(outcome, str):
            table.add_row(plan, *[""] * 6, outcome)
            continue
        echo_rate = echo_rate or outcome.rate
        missed = verdict(limits[plan], outcome, echo_rate, smoke=chosen.smoke)
        kept = kept and not missed
        table.add_row(
            plan,
            f"{outcome.count:,}",
            f"{sum(outcome.errors.values())}",
            f"{outcome.rate:,.0f}",
            f"{outcome.rate / echo_rate:.3f}",
            f"{outcome.p50_ms:.1f} ms",
            f"{outcome.p99_ms:.1f} ms",
            "; ".join(missed) or "ok",
        )
    show(table)
    return kept


def main() -> int:
    """Find ghz, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", help="the cache service, as host:port")
    parser.add_argument("--analysis", help="the analysis service, as host:port")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each plan runs, in seconds")
    parser.add_argument("--smoke", action="store_true", help="all plans in 20 s together; only errors count")
    parser.add_argument("--optional", action="store_true", help="where ghz is not to be had, say so and succeed")
    chosen = parser.parse_args()
    try:
        return 0 if report(find(), chosen) else 1
    except GhzMissingError as error:
        print(error, file=sys.stderr)
        return 0 if chosen.optional else 3
    except GhzError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
