"""`python -m assaycache.demo`: run the demo and print what happened; exit code 1 if it was not what must happen."""

import shutil
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.analysis.v1.emg_pb2 import EmgSession
from assaycache.cli import emg, sequences
from assaycache.cli.words import seconds_text
from assaycache.demo.sequences import samples
from assaycache.demo.walk import ExpectationFailed, Walk
from assaycache.launcher import AlreadyRunning, LauncherError, StackOptions, default_home
from assaycache.launcher.folders import lock_holder
from assaycache.packages import SampleUnavailableError
from assaycache.samples import fetch_demo_recording
from rpc.errors import AssayError

FREE: dict[str, Any] = dict.fromkeys(
    ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
)
"""Any free ports, so that the demo runs beside a stack that is up."""

FAILURES = (ExpectationFailed, SampleUnavailableError, LauncherError, AssayError, OSError, ValueError)

NEXT = {
    "make up": "leaves a stack running and prints its addresses; REST is described there at /docs",
    ".venv/bin/assaycache analyze RECORDING.c3d": "your own recording; also: jobs, stats, health, --help",
    "docs/": "REST, gRPC, the command line, what is in the cache key",
}


def main() -> int:
    """Run the demo."""
    console = Console()
    try:
        walk = _prepared(console)
        walk.run()
    except FAILURES as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped; nothing is left running.")
        return 130
    _print_outcome(console, walk)
    shutil.rmtree(walk.options.home)
    return 0


def _prepared(console: Console) -> Walk:
    folder = default_home()
    recording = fetch_demo_recording(folder / "samples")
    console.print(f"Recording: {recording.name} ({recording.stat().st_size / 1e6:.1f} MB)", highlight=False)
    walk = Walk(_options(folder / "demo"), recording, lambda line: console.print(f"  {escape(line)}", style="dim"))
    walk.sample_folder = folder / "samples" / "sequences"
    walk.samples = samples(walk.sample_folder)
    return walk


def _options(home: Path) -> StackOptions:
    """Return the options of a stack of its own, whatever servers the environment names, on an empty home.

    Raises:
        AlreadyRunning: if another demo runs.
    """
    if lock_holder(home) is not None:
        raise AlreadyRunning(f"A demo is running already, in {home}.")
    if home.exists():
        shutil.rmtree(home)
    return StackOptions.from_environment(home=home, database_url=None, redis_url=None, blob_url=None, **FREE)


def _failed(why: str) -> int:
    console = Console(stderr=True, soft_wrap=True)
    console.print(f"[bold red]The demo failed.[/] {escape(why)}", highlight=False)
    console.print(f"The logs are in {escape(str(default_home() / 'demo' / 'logs'))}", highlight=False)
    return 1


def _print_outcome(console: Console, walk: Walk) -> None:
    console.print("\nWhat happened", style="bold")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 2))
    table.add_column("Step")
    table.add_column("Answer")
    table.add_column("Time", justify="right")
    for step in walk.steps:
        table.add_row(escape(step.what), step.answer, seconds_text(step.seconds))
    console.print(table)
    console.print(f"  One job throughout: {walk.job_id}", highlight=False)
    if not walk.options.use_database:
        console.print("  Without a database results do not survive a restart of everything: it was computed again.")
    if walk.analysis is not None and isinstance(walk.analysis.result, EmgSession):
        console.print("\nWhat is in the recording", style="bold")
        console.print(emg.summary(walk.analysis.result))
    _print_samples(console, walk)
    console.print("\nWhere to look next", style="bold")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for where, what in NEXT.items():
        table.add_row(where, what)
    console.print(table, highlight=False)


def _print_samples(console: Console, walk: Walk) -> None:
    if not walk.analysed:
        return
    console.print("\nSamples of sequences", style="bold")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 2))
    for header in ("Sample", "Answer", "Time"):
        table.add_column(header, justify="right" if header == "Time" else "left")
    for sample in walk.analysed:
        known = f"{sample.known} of {sample.sequences} unique sequences known"
        table.add_row(escape(sample.what), "cached" if sample.analysis.cached else known, seconds_text(sample.seconds))
    console.print(table)
    first, second = walk.analysed[1:3]
    saved = (first.analysis.compute_seconds / max(first.sequences, 1)) * second.known
    console.print(f"  Computing saved by what was known: about {seconds_text(saved)}.", highlight=False)
    console.print("\nWhat is in the isolate", style="bold")
    console.print(sequences.summary(walk.analysed[0].result))


if __name__ == "__main__":
    sys.exit(main())
