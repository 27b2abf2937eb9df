"""Scoring a session anew against computing it: another RPE, with every channel's part in the cache.

`python -m bench.rescore [--minutes M] [--rounds N]`. Real services on loopback, one recording a round, so that each
round begins cold. Two ratios: of the compute cost that the service reports, and of the caller's wall time, in which the
upload of the recording (cold only), its download by the service and the commit are too.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from assaycache import Client
from assaycache.launcher import Stack, StackOptions
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis


def recording(seed: int, minutes: float, channels: int = 16, rate_hz: float = 2000.0) -> bytes:
    """Return a recording of band-limited noise in bursts of 2 s every 5 s."""
    seconds = 60.0 * minutes
    bursts = tuple(Burst(start, start + 2.0, 80.0) for start in np.arange(1.5, seconds - 2.5, 5.0).tolist())
    signal = Synthesis(seconds, bursts, rate_hz=rate_hz, seed=seed).samples_uv()
    analog = np.stack([np.roll(signal, 500 * channel) for channel in range(channels)])
    labels = tuple(f"EMG {channel + 1}" for channel in range(channels))
    return C3dFile(analog, labels, units=("uV",) * channels, rate_hz=rate_hz).to_bytes()


def round_of(client: Client, data: bytes) -> tuple[float, float, float, float]:
    """Return the compute cost and the wall time, cold and scored anew."""
    times: list[float] = []
    for params in (None, {"rpe": 5.0}):
        started = time.perf_counter()
        analysis = client.analyze(data, params=params)
        times += [analysis.compute_seconds, time.perf_counter() - started]
    return times[0], times[1], times[2], times[3]


def measured(client: Client, minutes: float, rounds: int) -> tuple[str, ...]:
    """Return a row of the table: medians over the rounds."""
    found = [round_of(client, recording(seed, minutes)) for seed in range(1, rounds + 1)]
    cold, cold_wall, anew, anew_wall = (statistics.median(column) for column in zip(*found, strict=True))
    return (
        f"16 channels, {minutes:g} min",
        *(f"{cold:.3f} s", f"{anew:.3f} s", f"{cold / anew:.1f}"),
        *(f"{cold_wall:.3f} s", f"{anew_wall:.3f} s", f"{cold_wall / anew_wall:.1f}"),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs="+", default=[0.25, 2.0], help="lengths of the recordings")
    parser.add_argument("--rounds", type=int, default=3, help="how many recordings of each length")
    given = parser.parse_args()
    table = Table("recording", "cold: computing", "anew", "ratio", "cold: wall", "anew", "ratio")
    with tempfile.TemporaryDirectory() as home:
        any_port = dict.fromkeys(
            ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
        )
        options = StackOptions(home=Path(home), gateway=False, **any_port)
        with (
            Stack(options, lambda _line: None) as stack,
            Client.connect(stack.addresses.cache[0], stack.addresses.analysis[0]) as client,
        ):
            client.analyze(recording(0, 0.25))  # so that the workers are warm
            for minutes in given.minutes:
                table.add_row(*measured(client, minutes, given.rounds))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
