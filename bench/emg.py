"""EMG against NeuroKit2, BioSPPy and ezc3d, and the demo recording's computing against its filters and transforms.

`python -m bench.emg [--rounds N] [--minutes M]`. All that is compared runs in turns in one process; the tables give
medians of processor time, on which what else the machine does has little effect, and the median ratio of neighbouring
runs with its spread. What is not installed is left out, and said so: the peers come with the extra `bench`.
"""

import argparse
import importlib
import importlib.util
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from rich.console import Console
from rich.table import Table

from analysis_service.emg import c3d
from analysis_service.emg.channel import analyse_channel
from analysis_service.emg.params import EmgParams
from analysis_service.emg.session import analyse
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.recordings import demo_recording

Samples = npt.NDArray[np.float64]
Work = Callable[[], object]

GOALS = {"NeuroKit2": 20.0, "BioSPPy": 5.0, "ezc3d": 20.0}
_PACKAGES = {"NeuroKit2": "neurokit2", "BioSPPy": "biosppy", "ezc3d": "ezc3d"}
# A peer that takes minutes is run twice.
_BUDGET_S = 30.0
CONSOLE = Console(width=120)


def ours(channels: list[Samples], rate_hz: float) -> None:
    """Quality, mains, filter, envelope, contractions with spectra, fatigue and series: more than the peers do."""
    for samples_uv in channels:
        analyse_channel(samples_uv, rate_hz, EmgParams())


def by_neurokit(channels: list[Samples], rate_hz: float) -> None:
    """Clean, amplitude and activation by its own pipeline; Welch's spectrum."""
    import neurokit2

    for samples_uv in channels:
        signals, _ = neurokit2.emg_process(samples_uv, sampling_rate=int(rate_hz))
        neurokit2.signal_psd(signals["EMG_Clean"], sampling_rate=int(rate_hz), method="welch", show=False)


def by_biosppy(channels: list[Samples], rate_hz: float) -> None:
    """Filter and onsets by its own pipeline; envelope by its smoother; Welch's spectrum."""
    from biosppy.signals import emg, tools

    for samples_uv in channels:
        _, filtered, _ = emg.emg(samples_uv, sampling_rate=rate_hz, show=False)
        tools.smoother(np.abs(filtered), kernel="boxzen", size=int(0.1 * rate_hz), mirror=True)
        tools.welch_spectrum(filtered, sampling_rate=rate_hz)


def reading(path: Path) -> list[Samples]:
    """Every analog channel, decoded and scaled, out of a mapped file, as the workers read it."""
    with path.open("rb") as file:
        recording = c3d.read(mmap(file.fileno(), 0, access=ACCESS_READ))
    return list(recording.samples_of(range(len(recording.channels))))


def by_ezc3d(path: Path) -> object:
    """Everything, as it always does."""
    import ezc3d

    return ezc3d.c3d(str(path))["data"]["analogs"]


@dataclass(frozen=True)
class Comparison:
    """Our work and a peer's."""

    subject: str
    peer: str
    our_work: Work
    their_work: Work


def comparisons(path: Path, minutes: int) -> list[Comparison]:
    """All that is compared: the demo file's channels, a long synthetic channel, reading."""
    recording = c3d.read(path.read_bytes())
    found = analyse(recording, EmgParams())
    labels = {channel.label for channel in found.channels}
    chosen = [c for c in recording.channels if c.label in labels]
    sets: Mapping[str, tuple[list[Samples], float]] = {
        f"{len(chosen)} channels of the demo": (
            [recording.samples(channel.index) * 1e6 for channel in chosen],
            recording.analog_rate_hz,
        ),
        f"{minutes} min of one channel": ([long_channel(minutes)], 2000.0),
    }
    peers = (("BioSPPy", by_biosppy), ("NeuroKit2", by_neurokit))
    analyses = [
        Comparison(subject, peer, partial(ours, *data), partial(work, *data))
        for peer, work in peers
        for subject, data in sets.items()
    ]
    return [Comparison("reading the demo", "ezc3d", partial(reading, path), partial(by_ezc3d, path)), *analyses]


def long_channel(minutes: int) -> Samples:
    """Bursts of 1.5 s every 4 s at 20 dB over rest, in microvolts."""
    bursts = tuple(Burst(onset, onset + 1.5, 30.0) for onset in range(2, 58, 4))
    return np.concatenate([Synthesis(60.0, bursts, seed=seed).samples_uv() for seed in range(minutes)])


def seconds(work: Work) -> float:
    """How much processor time it takes once: what else the machine does counts for little then."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def compared(comparison: Comparison, rounds: int) -> tuple[str, ...]:
    """Run both in turns, ours once for warming up, theirs loaded; return a row of the table."""
    importlib.import_module(_PACKAGES[comparison.peer])
    comparison.our_work()
    pairs: list[tuple[float, float]] = []
    until = time.perf_counter() + _BUDGET_S
    while len(pairs) < rounds and (len(pairs) < 2 or time.perf_counter() < until):
        pairs.append((seconds(comparison.our_work), seconds(comparison.their_work)))
    ratios = sorted(theirs / mine for mine, theirs in pairs)
    middle, goal = statistics.median(ratios), GOALS[comparison.peer]
    return (
        comparison.subject,
        comparison.peer,
        _ms(mine for mine, _ in pairs),
        _ms(theirs for _, theirs in pairs),
        f"{middle:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})",
        str(len(pairs)),
        f">= {goal:g}: {'reached' if middle >= goal else 'MISSED'}",
    )


def _ms(times: Iterator[float]) -> str:
    return f"{1000 * statistics.median(times):.1f} ms"


@contextmanager
def timed(module: Any, name: str, spent: dict[str, float]) -> Iterator[None]:
    """Add up the seconds that a function of a module takes."""
    original = getattr(module, name)

    def timing(*args: Any, **kwargs: Any) -> Any:
        begun = time.process_time()
        try:
            return original(*args, **kwargs)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - begun

    setattr(module, name, timing)
    try:
        yield
    finally:
        setattr(module, name, original)


def broken_down(content: bytes) -> dict[str, float]:
    """Seconds of one analysis of the demo file, reading included: in all, in filters, in transforms."""
    spent: dict[str, float] = {}
    with timed(scipy.signal, "sosfilt", spent), timed(scipy.fft, "rfft", spent):
        spent["all"] = seconds(lambda: analyse(c3d.read(content), EmgParams()))
    return spent


def breakdown(path: Path, rounds: int) -> Table:
    """The demo file's computing against the sum of its filters and transforms, of the same runs."""
    content = path.read_bytes()
    broken_down(content)
    runs = [broken_down(content) for _ in range(rounds)]
    ratios = sorted(run["all"] / (run["sosfilt"] + run["rfft"]) for run in runs)
    middle = statistics.median(ratios)
    table = Table("the demo file, end to end", "filters", "transforms", "all by filters and transforms", "goal")
    table.add_row(
        *(_ms(run[part] for run in runs) for part in ("all", "sosfilt", "rfft")),
        f"{middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        f"< 2: {'reached' if middle < 2 else 'MISSED'}",
    )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how many runs of each, in turns, at most")
    parser.add_argument("--minutes", type=int, default=10, help="length of the synthetic channel, in minutes")
    chosen = parser.parse_args()
    path = demo_recording()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    CONSOLE.print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {versions}")
    missing = [peer for peer, package in _PACKAGES.items() if importlib.util.find_spec(package) is None]
    for peer in missing:
        CONSOLE.print(f"{peer} is not installed and is left out: pip install '.\\[bench]'")
    CONSOLE.print(breakdown(path, 3 * chosen.rounds))
    table = Table("what", "peer", "ours", "theirs", "theirs by ours, median (spread)", "runs", "goal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own
        for comparison in comparisons(path, chosen.minutes):
            if comparison.peer not in missing:
                row = compared(comparison, chosen.rounds)
                CONSOLE.print(" ".join(row), style="dim")
                table.add_row(*row)
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
