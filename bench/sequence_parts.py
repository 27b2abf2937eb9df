"""A sample of which the cache knows nine tenths against one that it does not know: `python -m bench.sequence_parts`.

Both services run as processes. The reference evolves down a known tree; queries are its sequences with errors of
reading, all different. Cold and warm runs have the same number of queries, and alternate.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from assaycache import Client
from tests.support.services import analysis_service, cache_service
from tests.support.synthetic_marker import RANKS, evolved

_SHARED = 0.9
_ERRORS = 4


def main() -> None:
    """Measure, and print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uniques", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=2)
    chosen = parser.parse_args()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            cache_service(folder / "blobs") as cache,
            analysis_service(cache.listen, REFERENCE_FOLDER=str(folder / "references")) as analysis,
            Client.connect(cache.listen, analysis.listen) as client,
        ):
            sources = _reference(client, folder)
            ratios = [_run(client, random, sources, chosen.uniques) for _ in range(chosen.runs)]
    print(f"{chosen.uniques:,} unique sequences, {_SHARED:.0%} known: {max(ratios):.1f} times as fast at best")


def _reference(client: Client, folder: Path) -> list[bytes]:
    source = evolved(seed=7).source
    fasta = folder / "reference.fasta"
    records = zip(source.accessions, source.lineages, source.letters, strict=True)
    fasta.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    client.add_reference("bench", fasta, ranks=RANKS)
    client.analyze(b">warm\n" + source.letters[0][:300] + b"\n")
    return source.letters


def _run(client: Client, random: np.random.Generator, sources: list[bytes], uniques: int) -> float:
    first = _queries(random, sources, uniques)
    fresh = _queries(random, sources, round(uniques * (1 - _SHARED)))
    second = [*first[: uniques - len(fresh)], *fresh]
    cold, warm = _seconds(client, first), _seconds(client, second)
    print(f"cold {cold:.2f} s, {_SHARED:.0%} known {warm:.2f} s: {cold / warm:.1f} times as fast")
    return cold / warm


def _queries(random: np.random.Generator, sources: list[bytes], count: int) -> list[bytes]:
    found: set[bytes] = set()
    while len(found) < count:
        letters = bytearray(sources[random.integers(len(sources))][100:400])
        for at in random.integers(0, len(letters), _ERRORS):
            letters[at] = b"ACGT"[random.integers(4)]
        found.add(bytes(letters))
    return sorted(found)


def _seconds(client: Client, queries: list[bytes]) -> float:
    data = b"".join(b">q%d\n%s\n" % item for item in enumerate(queries))
    started = time.perf_counter()
    client.analyze(data)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
