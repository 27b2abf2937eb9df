"""The classifier against vsearch's SINTAX and scikit-learn's naive Bayes: same split, same machine, one thread.

`python -m bench.sequences [--greengenes] [--folds N] [--pairs N]`. Queries are taken out of the reference by the hash
of their accessions; 16S is asked for by its V4 region. Each tool names a taxon by its own default: vsearch from 0.8 of
the votes on (its manual's), naive Bayes from a probability of 0.7 on (QIIME 2's). The runs of the tools alternate and
the fastest of each counts, in seconds of the processor, since whatever else runs on the machine only slows down.

- correct: named, and right, of the queries whose taxon is in the reference
- wrong: named, and not right, of the same
- over: named, of the queries whose taxon is not in the reference
"""

import argparse
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy is loaded

import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.lineage import RANK_NAMES
from analysis_service.sequence.reference import About, Reference, build
from analysis_service.sequence.warming import warm
from bench.markers import Split, greengenes, its1, silva, split, v4, whole

SAMPLES = Path(".assaycache/samples/sequences")
PREFIXES = {name: letter for letter, name in RANK_NAMES.items()}
NAIVE_BAYES_CONFIDENCE = 0.7
MAX_NAIVE_BAYES_SEQUENCES = 20_000
"""More need more memory and time than a comparison is worth: every species is a class of 8,192 features."""

Call = tuple[str, ...]
Tool = Callable[[], list[Call]]
"""Names the taxa of all queries, one name a rank, '' where it names none."""


def ours(case: Split, folder: Path, console: Console) -> Tool:
    """The classifier, all that it does included: strand, gate, calibration, identity, novelty, coordinates."""
    started = time.perf_counter()
    reference = Reference.open(build(case.reference, About(case.name), folder))
    took = time.perf_counter() - started
    console.print(f"{case.name}: {len(reference):,} references, built in {took:.1f} s, {len(case.queries):,} queries")
    classifier = Classifier(reference)
    letters = [query.letters for query in case.queries]
    return lambda: [tuple(call.name for call in item.ranks) for item in classifier.assign_many(letters)]


def vsearch(case: Split, folder: Path) -> Tool:
    """`vsearch --sintax` on the strand given, one thread, a fixed seed; it reads its database within its time."""
    database, queries, answers = folder / "reference.fasta", folder / "queries.fasta", folder / "answers.tsv"
    letter_of = [PREFIXES[rank] for rank in case.reference.ranks]
    with database.open("w") as file:
        source = case.reference
        for accession, lineage, letters in zip(source.accessions, source.lineages, source.letters, strict=True):
            named = [f"{at}:{plain(name)}" for at, name in zip(letter_of, lineage, strict=True) if name]
            file.write(f">{accession};tax={','.join(named)};\n{letters.decode()}\n")
    queries.write_text("".join(f">{query.accession}\n{query.letters.decode()}\n" for query in case.queries))
    options = ["--threads", "1", "--randseed", "1", "--sintax_cutoff", "0.8", "--quiet"]
    command = ["vsearch", "--sintax", str(queries), "--db", str(database), "--tabbedout", str(answers), *options]

    def run() -> list[Call]:
        subprocess.run(command, check=True, capture_output=True)
        named = {}
        for line in answers.read_text().splitlines():
            accession, _, _, called = (*line.split("\t"), "")[:4]
            named[accession] = dict(part.split(":", 1) for part in called.split(",") if part)
        return [tuple(named[query.accession].get(at, "") for at in letter_of) for query in case.queries]

    return run


def naive_bayes(case: Split) -> Tool:
    """The recipe of QIIME 2's feature-classifier: hashed 7-mers, multinomial naive Bayes; each lineage is a class."""
    lineages = [";".join(lineage) for lineage in case.reference.lineages]
    features = HashingVectorizer(
        analyzer="char_wb", ngram_range=(7, 7), n_features=8192, alternate_sign=False, lowercase=False
    )
    model = make_pipeline(features, MultinomialNB(alpha=0.001, fit_prior=False))
    model.fit([letters.decode() for letters in case.reference.letters], lineages)
    classes = [tuple(name.split(";")) for name in model.classes_]
    texts = [query.letters.decode() for query in case.queries]

    def run() -> list[Call]:
        called: list[Call] = []
        for first in range(0, len(texts), 256):
            called += [_confident(classes, row) for row in model.predict_proba(texts[first : first + 256])]
        return called

    return run


def _confident(classes: list[Call], probabilities: np.ndarray) -> Call:
    """The best lineage down to the rank at which the classes that share it have the confidence."""
    best = classes[int(probabilities.argmax())]
    likely = [(classes[i], probabilities[i]) for i in np.flatnonzero(probabilities > 1e-4)]
    for depth in range(len(best), 0, -1):
        if sum(p for lineage, p in likely if lineage[:depth] == best[:depth]) >= NAIVE_BAYES_CONFIDENCE:
            return best[:depth] + ("",) * (len(best) - depth)
    return ("",) * len(best)


def plain(name: str) -> str:
    """A name without what separates names in vsearch's notation."""
    return re.sub(r"[\s,;:=]", "_", name)


def judged(case: Split, calls: list[Call], rank: int) -> tuple[float, float, float, int, int]:
    """Correct, wrong and over in percent, and of how many queries: those whose taxon is there, and is not."""
    known = {lineage[: rank + 1] for lineage in case.reference.lineages}
    counts = {"right": 0, "wrong": 0, "over": 0, "present": 0, "absent": 0}
    for query, call in zip(case.queries, calls, strict=True):
        truth = query.lineage[rank]
        if not truth:
            continue
        is_present = query.lineage[: rank + 1] in known
        counts["present" if is_present else "absent"] += 1
        if call[rank]:
            is_right = plain(call[rank]) == plain(truth)
            counts["over" if not is_present else "right" if is_right else "wrong"] += 1
    present, absent = max(counts["present"], 1), max(counts["absent"], 1)
    right, wrong, over = 100 * counts["right"] / present, 100 * counts["wrong"] / present, 100 * counts["over"] / absent
    return right, wrong, over, counts["present"], counts["absent"]


def measured(tools: dict[str, Tool], pairs: int) -> dict[str, tuple[float, list[Call]]]:
    """The shortest time of the processor (children included) and the calls of each tool, run in turns."""
    taken: dict[str, list[float]] = {name: [] for name in tools}
    calls: dict[str, list[Call]] = {}
    for _ in range(pairs):
        for name, tool in tools.items():
            started = processor_seconds()
            calls[name] = tool()
            taken[name].append(processor_seconds() - started)
    return {name: (min(times), calls[name]) for name, times in taken.items()}


def processor_seconds() -> float:
    """What this process and its children that have ended have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def compare(case: Split, pairs: int, console: Console) -> None:
    """Print one marker's table."""
    with tempfile.TemporaryDirectory(prefix="bench-sequences-") as scratch:
        tools = {"assaycache": ours(case, Path(scratch), console)}
        if shutil.which("vsearch"):
            tools["vsearch --sintax"] = vsearch(case, Path(scratch))
        else:
            console.print("vsearch is not installed (Debian package vsearch): left out")
        if len(case.reference.accessions) <= MAX_NAIVE_BAYES_SEQUENCES:
            tools["naive Bayes"] = naive_bayes(case)
        else:
            console.print(f"naive Bayes is left out beyond {MAX_NAIVE_BAYES_SEQUENCES:,} references")
        console.print(table_of(case, measured(tools, pairs)))


def table_of(case: Split, results: dict[str, tuple[float, list[Call]]]) -> Table:
    """Queries a second, our ratio, and the outcomes at the two ranks that the field asks for."""
    ranks = [rank for rank in ("family", "genus", "species") if rank in case.reference.ranks][:2]
    table = Table(title=case.name)
    for head in ("tool", "queries/s of CPU", "we are", *(f"{rank}: correct / wrong / over" for rank in ranks)):
        table.add_column(head, justify="left" if head == "tool" else "right")
    ours_seconds = results["assaycache"][0]
    for name, (seconds, calls) in results.items():
        cells = []
        for rank in ranks:
            right, wrong, over, present, absent = judged(case, calls, case.reference.ranks.index(rank))
            cells.append(f"{right:.1f} / {wrong:.2f} / {over:.1f} %  ({present}, {absent})")
        table.add_row(name, f"{len(calls) / seconds:,.0f}", f"{seconds / ours_seconds:.1f} x", *cells)
    return table


def cases(folds: int, *, has_greengenes: bool) -> Iterator[Split]:
    """The splits: one in ten sequences is a query, then one in ten genera besides; of Greengenes one in fifty."""
    for fold in range(folds):
        yield split(f"ITS1 of thapbi-pict, fold {fold}", its1(SAMPLES), 10, fold, whole)
        if (seed := silva()) is not None:
            yield split(f"SILVA 138.2 seed, V4, fold {fold}", seed, 10, fold, v4)
            yield split(f"SILVA 138.2 seed, V4, genera left out, fold {fold}", seed, 10, fold, v4, has_absent=True)
        if has_greengenes:
            yield split(f"Greengenes 13_8 97 %, V4, fold {fold}", greengenes(SAMPLES), 50, fold, v4)


def main() -> None:
    """Print one table for each split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--greengenes", action="store_true", help="also Greengenes 97 %%: minutes, and 1 GB of disk")
    parser.add_argument("--folds", type=int, default=1, help="how many different splits, at most 10")
    parser.add_argument("--pairs", type=int, default=3, help="how many times each tool runs")
    chosen = parser.parse_args()
    console = Console(width=150)
    warm()
    if silva() is None:
        console.print("the SILVA seed is not beside the checkout: left out")
    for case in cases(chosen.folds, has_greengenes=chosen.greengenes):
        compare(case, chosen.pairs, console)


if __name__ == "__main__":
    main()
