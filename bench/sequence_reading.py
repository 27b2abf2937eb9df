"""A million reads to unique sequences: time and peak memory, against dnaio alone on the same file in the same run.

`python -m bench.sequence_reading [--reads N] [--plain]`. Reads of 253 letters (16S V4) are drawn from 2,000 templates,
of falling abundance, with errors as their qualities say; about a tenth of the reads are unique.
"""

import argparse
import gzip
import json
import mmap
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from dnaio import FastqReader
from isal import igzip
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analysis_service.sequence.input_params import InputParams
from analysis_service.sequence.intake import take_in

LETTERS = 253
_TEMPLATES = 2_000
_BLOCK = 50_000
_SCORES = np.array([12, 25, 37, 38], np.uint8)
_SCORE_SHARES = (0.005, 0.045, 0.45, 0.5)
_BASES = np.frombuffer(b"ACGT", np.uint8)


def write_reads(
    path: Path, reads: int, *, is_plain: bool, seed: int = 1, templates: NDArray[np.uint8] | None = None
) -> None:
    """Write a FASTQ file of generated reads: of templates of 253 bases as 0 to 3, random ones by default."""
    chance = np.random.default_rng(seed)
    if templates is None:
        templates = chance.integers(0, 4, (_TEMPLATES, LETTERS), dtype=np.uint8)
    shares = 1.0 / np.arange(1, len(templates) + 1)
    with path.open("wb") if is_plain else gzip.open(path, "wb", compresslevel=1) as file:
        for first in range(0, reads, _BLOCK):
            count = min(_BLOCK, reads - first)
            codes = templates[chance.choice(len(templates), count, p=shares / shares.sum())]
            scores = chance.choice(_SCORES, (count, LETTERS), p=_SCORE_SHARES)
            wrong = chance.random((count, LETTERS)) < 10.0 ** (scores / -10.0)
            letters = _BASES[(codes + wrong * chance.integers(1, 4, codes.shape, dtype=np.uint8)) % 4]
            qualities = scores + np.uint8(33)
            for at in range(count):
                name = b"@M00001:1:000000000-A1B2C:1:1101:%d:%d" % divmod(first + at, 1000)
                file.write(b"%s\n%s\n+\n%s\n" % (name, letters[at].tobytes(), qualities[at].tobytes()))


def measure(what: str, path: str) -> dict[str, float]:
    """Read a file in this process, and say how long it took and what the process needed at its peak."""
    base_mib = _peak_mib()
    begun = time.perf_counter()
    uniques = _dnaio(path) if what == "dnaio" else _ours(path)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "peak_mib": _peak_mib(), "start_mib": base_mib, "uniques": uniques}


def _peak_mib() -> float:
    """The peak of this process; unlike getrusage's, Linux's own figure leaves out what the parent had at the fork."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _dnaio(path: str) -> int:
    with igzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as file:
        for _ in FastqReader(file):
            pass
    return 0


def _ours(path: str) -> int:
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return len(take_in(view, InputParams()).sequences)


def main() -> None:
    """Make the file, measure each reader in a process of its own, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=1_000_000)
    parser.add_argument("--plain", action="store_true", help="write the file uncompressed")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure)))
        return
    table = Table("reader", "seconds", "reads/s", "unique", "peak MiB", "before MiB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("reads.fastq" if arguments.plain else "reads.fastq.gz")
        write_reads(path, arguments.reads, is_plain=arguments.plain)
        for what in ("dnaio", "take_in", "dnaio", "take_in"):
            command = [sys.executable, "-m", "bench.sequence_reading", "--measure", what, str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            rate = arguments.reads / found["seconds"]
            numbers = (f"{found['peak_mib']:.0f}", f"{found['start_mib']:.0f}")
            table.add_row(what, f"{found['seconds']:.1f}", f"{rate:,.0f}", f"{found['uniques']:,.0f}", *numbers)
    Console().print(table)


if __name__ == "__main__":
    main()
