"""The names of the classifier against those of vsearch's SINTAX on many splits: `python -m bench.sequence_accuracy`.

One in 10 to 30 sequences and, but for two kinds of split, one in 10 or 20 genera are taken out of the reference by a
hash of the seed and their names; each seed is another split. Kinds of reads: regions of 16S, whole sequences, with
errors, a reference that was cut to the region, ITS1, and with `--greengenes` a fifth of Greengenes 97 %. Outcomes are
pooled over the seeds, in percent, at 0.8 of the votes for both: correct / wrong / over, as in `bench.sequences`.
"""

import argparse
import hashlib
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from analysis_service.sequence.reference import Source
from bench.markers import Query, Split, between, greengenes, its1, silva, v4, whole
from bench.sequences import SAMPLES, judged, ours, vsearch

_LEAST_QUERY = 100
_ERRORS = 0.01

Amplicon = Callable[[bytes], bytes]
v3_v4 = between("CCTACGGGNGGCWGCAG", "GGATTAGATACCCBDGTAGTC")  # 341F and 805R, turned (Klindworth et al. 2013)


@dataclass(frozen=True)
class Kind:
    """How references are split: one in so many sequences and genera (0: none) are taken out, one in `thin` is kept."""

    name: str
    source: Source
    sequences: int
    genera: int
    amplicon: Amplicon
    most_queries: int = 1500
    thin: int = 1
    is_reference_cut: bool = False


def number_of(seed: str, name: str) -> int:
    """A number that follows from seed and name."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")


def with_errors(letters: bytes) -> bytes:
    """The V4 region, a letter in 100 drawn anew."""
    piece = bytearray(v4(letters))
    draw = random.Random(number_of("e", piece.decode()))  # noqa: S311  errors of reading, not secrets
    for at in range(len(piece)):
        if draw.random() < _ERRORS:
            piece[at] = draw.choice(b"ACGT")
    return bytes(piece)


def split_of(kind: Kind, seed: str) -> Split:
    """One split of a kind."""
    source, genus = kind.source, kind.source.ranks.index("genus")
    records = [
        (accession, lineage, letters, _is_out(kind, seed, accession, lineage[genus]))
        for accession, lineage, letters in zip(source.accessions, source.lineages, source.letters, strict=True)
        if number_of(f"{seed}t", accession) % kind.thin == 0
    ]
    asked = sorted((item for item in records if item[3]), key=lambda item: number_of(f"{seed}o", item[0]))
    pieces = ((accession, kind.amplicon(letters), lineage) for accession, lineage, letters, _ in asked)
    queries = [Query(*item) for item in pieces if len(item[1]) >= _LEAST_QUERY][: kind.most_queries]
    cut = kind.amplicon if kind.is_reference_cut else whole
    kept = [(a, lineage, cut(letters)) for a, lineage, letters, is_out in records if not is_out]
    kept = [item for item in kept if len(item[2]) >= _LEAST_QUERY or not kind.is_reference_cut]
    accessions, lineages, letters = (list(column) for column in zip(*kept, strict=True))
    return Split(f"{kind.name}, seed {seed}", Source(source.ranks, accessions, lineages, letters), queries)


def _is_out(kind: Kind, seed: str, accession: str, genus: str) -> bool:
    is_absent = bool(kind.genera and genus) and number_of(seed, genus) % kind.genera == 0
    return is_absent or number_of(seed, accession) % kind.sequences == 0


def kinds(*, has_greengenes: bool) -> Iterator[Kind]:
    """What is split."""
    yield Kind("ITS1 (species)", its1(SAMPLES), 5, 0, whole)
    if (seed := silva()) is not None:
        yield Kind("SILVA, V4, sequences only", seed, 10, 0, v4)
        yield Kind("SILVA, V4", seed, 20, 10, v4)
        yield Kind("SILVA, V4, 1 % errors", seed, 20, 10, with_errors)
        yield Kind("SILVA cut to V4, V4", seed, 20, 10, v4, is_reference_cut=True)
        yield Kind("SILVA, V3 and V4", seed, 20, 10, v3_v4)
        yield Kind("SILVA, whole", seed, 30, 20, whole, most_queries=500)
    if has_greengenes:
        green = greengenes(SAMPLES)
        yield Kind("Greengenes, a fifth, V4", green, 30, 20, v4, most_queries=700, thin=5)
        yield Kind("Greengenes, a fifth, V3 and V4", green, 30, 20, v3_v4, most_queries=500, thin=5)


def outcomes(case: Split, console: Console) -> tuple[list[float], list[float], list[int]]:
    """How many are named right, wrong and over, by us and by vsearch; and how many there are (present, absent)."""
    rank = case.reference.ranks.index("species" if case.name.startswith("ITS1") else "genus")
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-sequences-") as scratch:
        for tool in (ours(case, Path(scratch), console), vsearch(case, Path(scratch))):
            right, wrong, over, present, absent = judged(case, tool(), rank)
            found.append([right * present / 100, wrong * present / 100, over * absent / 100])
    return found[0], found[1], [present, absent]


def row_of(kind: Kind, seeds: list[str], console: Console) -> tuple[str, ...]:
    """The outcomes of all seeds together."""
    totals = [[0.0] * 3, [0.0] * 3, [0.0] * 2]
    for seed in seeds:
        for total, counts in zip(totals, outcomes(split_of(kind, seed), console), strict=True):
            total[:] = [a + b for a, b in zip(total, counts, strict=True)]
    present, absent = totals[2]
    said = [
        f"{100 * right / max(present, 1):.1f} / {100 * wrong / max(present, 1):.2f} / {100 * over / max(absent, 1):.1f}"
        for right, wrong, over in totals[:2]
    ]
    return f"{kind.name} ({present:.0f}, {absent:.0f})", *said


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", default=["a", "b", "c", "d", "e"])
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    parser.add_argument("--greengenes", action="store_true")
    chosen = parser.parse_args()
    console = Console(width=120)
    table = Table("reference, reads (taxon present, absent)", "assaycache", "vsearch")
    for kind in kinds(has_greengenes=chosen.greengenes):
        if chosen.only in kind.name:
            table.add_row(*row_of(kind, chosen.seeds, console))
    console.print(table)


if __name__ == "__main__":
    main()
