"""A million reads through both services: time by unique sequences, and memory. `python -m bench.sequence_scale`.

Reads are V4 pieces of SILVA's seed, which is the reference, of falling abundance and with errors as their qualities
say; where SILVA is not there, pieces of sequences that evolved down a known tree. Samples of a quarter, a half and all
of the reads share their templates but hardly an error, so that little is known of one when the next comes.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analysis_service.sequence.reference import About, Library, Source
from assaycache import Client
from assaycache.analysis.v1.sequence_pb2 import SequenceTaxonomy
from assaycache.client.records import Event
from bench import markers
from bench.pairs import cpu_seconds
from bench.sequence_reading import LETTERS, write_reads
from tests.support.memory import peak_memory_bytes
from tests.support.services import analysis_service, cache_service, children_of
from tests.support.synthetic_marker import evolved

_PARTS_OF_READS = (0.25, 0.5, 1.0)
_MOST_TEMPLATES = 2_000
_SECONDS = 1800.0


@dataclass(frozen=True)
class Run:
    """What one sample took."""

    reads: int
    uniques: int
    seconds: float
    processor_seconds: float
    """Of both services and the worker: other work on the machine hardly changes it."""
    news: int
    """How often the caller heard of progress."""


def main() -> None:
    """Measure, and print times, the slope, and the peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=1_000_000)
    reads = parser.parse_args().reads
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = markers.silva() or evolved(seed=7).source
        templates = _templates(source)
        Library(folder / "references").add(source, About("bench", "1", "none", "none"))
        with (
            cache_service(folder / "blobs") as cache,
            analysis_service(cache.listen, REFERENCE_FOLDER=str(folder / "references")) as analysis,
            Client.connect(cache.listen, analysis.listen) as client,
        ):
            workers = children_of(analysis.process.pid)
            processes = [cache.process.pid, analysis.process.pid, *workers]
            runs = [_run(client, processes, folder, templates, round(reads * part)) for part in _PARTS_OF_READS]
            peaks = {
                "worker": max(map(peak_memory_bytes, workers)),
                "service": peak_memory_bytes(analysis.process.pid),
                "cache": peak_memory_bytes(cache.process.pid),
            }
    _show(runs, peaks, len(source.letters))


def _templates(source: Source) -> NDArray[np.uint8]:
    """Pieces of one length, as bases 0 to 3."""
    pieces = [markers.v4(letters)[:LETTERS] or letters[:LETTERS] for letters in source.letters]
    sound = [piece for piece in dict.fromkeys(pieces) if len(piece) == LETTERS and not piece.strip(b"ACGT")]
    codes = np.zeros(256, np.uint8)
    codes[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4)
    return codes[np.frombuffer(b"".join(sound[:_MOST_TEMPLATES]), np.uint8).reshape(-1, LETTERS)]


def _run(client: Client, processes: list[int], folder: Path, templates: NDArray[np.uint8], reads: int) -> Run:
    path = folder / f"{reads}.fastq.gz"
    news: list[Event] = []
    write_reads(path, reads, is_plain=False, seed=reads, templates=templates)
    before = sum(map(cpu_seconds, processes))
    started = time.perf_counter()
    found = client.analyze(path, progress=news.append, timeout_seconds=_SECONDS)
    seconds = time.perf_counter() - started
    used = sum(map(cpu_seconds, processes)) - before
    path.unlink()
    assert isinstance(found.result, SequenceTaxonomy)
    return Run(reads, found.result.reading.unique_sequences, seconds, used, len(news))


def _show(runs: list[Run], peaks: dict[str, int], references: int) -> None:
    table = Table("reads", "unique sequences", "seconds", "of processors", "us of them a unique", "news of progress")
    for run in runs:
        rate = f"{1e6 * run.processor_seconds / run.uniques:.0f}"
        seconds = f"{run.seconds:.1f}", f"{run.processor_seconds:.1f}"
        table.add_row(f"{run.reads:,}", f"{run.uniques:,}", *seconds, rate, str(run.news))
    table.caption = f"{references:,} references, load average {os.getloadavg()[0]:.1f} at the end"
    Console(width=120).print(table)
    slope, start = np.polyfit([run.uniques for run in runs], [run.processor_seconds for run in runs], 1)
    print(f"slope {1e6 * slope:.0f} us of processors a unique sequence, {start:.1f} s at none")
    print("peak memory:", ", ".join(f"{name} {size / 1024**2:,.0f} MiB" for name, size in peaks.items()))


if __name__ == "__main__":
    main()
