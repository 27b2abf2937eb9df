"""A sample of which the cache knows nine tenths against one that it does not know: `python -m bench.sequence_parts`.

Both services run as processes. Queries are pieces of the reference's sequences with errors of reading, all different.
Cold and warm runs have the same number of queries, and alternate. The reference is one of 192 sequences that evolved
down a known tree, SILVA's seed, or Greengenes 97 % (`--reference`): the larger, the more there is to be saved.
Processor time is that of both services and the worker; other work on the machine hardly changes it.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis_service.sequence.reference import About, Library, Source
from assaycache import Client
from bench import markers
from bench.pairs import cpu_seconds
from tests.support.services import analysis_service, cache_service, children_of
from tests.support.synthetic_marker import evolved

_SHARED = 0.9
_ERRORS = 4
_PIECE = slice(100, 400)


@dataclass(frozen=True)
class Took:
    """How long an analysis took."""

    seconds: float
    processor_seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.processor_seconds:.2f} s of processors)"


def main() -> None:
    """Measure, and print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uniques", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--reference", choices=("evolved", "silva", "greengenes"), default="evolved")
    parser.add_argument("--library", type=Path, help="a folder that keeps the reference, so that it is built once")
    chosen = parser.parse_args()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = chosen.library or folder / "references"
        source = _source(chosen.reference, folder)
        if not Library(library).listing().digests:
            Library(library).add(source, About("bench", "1", "none", "none"))
        with (
            cache_service(folder / "blobs") as cache,
            analysis_service(cache.listen, REFERENCE_FOLDER=str(library)) as analysis,
            Client.connect(cache.listen, analysis.listen) as client,
        ):
            processes = [cache.process.pid, analysis.process.pid, *children_of(analysis.process.pid)]
            pieces = [letters[_PIECE] for letters in source.letters if len(letters) >= _PIECE.stop]
            client.analyze(b">warm\n" + pieces[0] + b"\n")
            ratios = [_run(client, processes, random, pieces, chosen.uniques) for _ in range(chosen.runs)]
    print(
        f"{len(source.letters):,} references, {chosen.uniques:,} unique sequences, {_SHARED:.0%} known: "
        f"{max(ratios):.1f} times as fast at best"
    )


def _source(name: str, folder: Path) -> Source:
    if name == "greengenes":
        return markers.greengenes(folder)
    source = markers.silva() if name == "silva" else evolved(seed=7).source
    if source is None:
        raise SystemExit("SILVA's seed is not beside the checkout")
    return source


def _run(client: Client, processes: list[int], random: np.random.Generator, pieces: list[bytes], uniques: int) -> float:
    first = _queries(random, pieces, uniques)
    fresh = _queries(random, pieces, round(uniques * (1 - _SHARED)))
    second = [*first[: uniques - len(fresh)], *fresh]
    cold, warm = _took(client, processes, first), _took(client, processes, second)
    ratio = cold.seconds / warm.seconds
    print(f"cold {cold}, {_SHARED:.0%} known {warm}: {ratio:.1f} times as fast")
    return ratio


def _queries(random: np.random.Generator, pieces: list[bytes], count: int) -> list[bytes]:
    found: set[bytes] = set()
    while len(found) < count:
        letters = bytearray(pieces[random.integers(len(pieces))])
        for at in random.integers(0, len(letters), _ERRORS):
            letters[at] = b"ACGT"[random.integers(4)]
        found.add(bytes(letters))
    return sorted(found)


def _took(client: Client, processes: list[int], queries: list[bytes]) -> Took:
    data = b"".join(b">q%d\n%s\n" % item for item in enumerate(queries))
    before = sum(map(cpu_seconds, processes))
    started = time.perf_counter()
    client.analyze(data)
    return Took(time.perf_counter() - started, sum(map(cpu_seconds, processes)) - before)


if __name__ == "__main__":
    main()
