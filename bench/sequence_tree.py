"""What a tree costs: Greengenes 97 % with its own, built, and asked for Faith's diversity and UniFrac.

Run `python -m bench.sequence_tree`. The same by scikit-bio over the whole tree is beside it, and must be equal.
"""

import argparse
import io
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from skbio import TreeNode
from skbio.diversity import alpha, beta
from xopen import xopen

from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.reference import About, Reference, build
from analysis_service.sequence.sample.comparison import BetaMetric, distances
from analysis_service.sequence.sample.diversity import faith_diversity
from bench.markers import greengenes

_RUNS = 5


class Timed(NamedTuple):
    """A value, and the processor time that it took."""

    value: float
    seconds: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the package lies unpacked, and the reference is kept")
    parser.add_argument("--tips", type=int, default=2000, help="different best hits of a sample")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name)
        phylogeny = _opened(folder)
        (newick,) = folder.rglob("97_otus.tree.gz")
        chance = random.Random(1)  # noqa: S311  the same samples in every run
        samples = [
            {tip: chance.randint(1, 99) for tip in chance.sample(list(phylogeny.names), chosen.tips)} for _ in "xy"
        ]
        _compare(phylogeny, _whole(newick), samples)


def _opened(folder: Path) -> Phylogeny:
    """The tree of the reference, which is built unless it is there."""
    path = next(iter(folder.glob("*.reference")), None)
    if path is None:
        started = time.process_time(), time.perf_counter()
        source = greengenes(folder, has_tree=True)
        read = time.process_time() - started[0]
        stages: list[str] = []
        path = build(source, About("greengenes", "13_8 97 %"), folder, lambda stage, _: stages.append(stage))
        cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
        print(f"built: {cpu:.0f} s of processors ({wall:.0f} s), of which reading {read:.0f}; told {len(stages)} times")
    started_open = time.process_time()
    phylogeny = Reference.open(path, is_verified=False).phylogeny
    if phylogeny is None:
        raise SystemExit(f"{path} has no tree; remove it.")
    print(f"opened: {1000 * (time.process_time() - started_open):.1f} ms, {len(phylogeny.parents):,} nodes")
    return phylogeny


def _whole(newick: Path) -> TreeNode:
    started = time.process_time()
    with xopen(newick) as file:
        tree = TreeNode.read(io.StringIO(file.read()), format="newick", verify=False, convert_underscores=False)
    for child in tree.children:
        child.length = child.length or 0.0
    print(f"the whole tree by scikit-bio: read in {time.process_time() - started:.1f} s")
    return tree


def _compare(phylogeny: Phylogeny, tree: TreeNode, samples: list[dict[str, int]]) -> None:
    tips = sorted({tip for sample in samples for tip in sample})
    counts = np.array([[sample.get(tip, 0) for tip in tips] for sample in samples])
    named = dict(zip("xy", samples, strict=True))
    first = samples[0]

    def apart(metric: BetaMetric) -> float:
        return distances(named, metric, phylogeny).values[0][1]

    rows: dict[str, tuple[Callable[[], float | None], Callable[[], float]]] = {
        "Faith": (
            lambda: faith_diversity(first, phylogeny),
            lambda: alpha.faith_pd(list(first.values()), taxa=list(first), tree=tree),
        ),
        "unweighted UniFrac": (
            lambda: apart(BetaMetric.UNWEIGHTED_UNIFRAC),
            lambda: beta.unweighted_unifrac(*counts, taxa=tips, tree=tree),
        ),
        "weighted UniFrac": (
            lambda: apart(BetaMetric.WEIGHTED_UNIFRAC),
            lambda: beta.weighted_unifrac(*counts, taxa=tips, tree=tree, normalized=True),
        ),
    }
    for name, (ours, theirs) in rows.items():
        part, whole = _timed(ours, _RUNS), _timed(theirs, 1)
        if abs(part.value - whole.value) > 1e-9 * whole.value:
            raise SystemExit(f"{name}: {part.value} is not {whole.value}")
        print(
            f"{name:20} {part.value:10.4f} {1000 * part.seconds:8.0f} ms {1000 * whole.seconds:8.0f} ms over the whole"
        )


def _timed(act: Callable[[], float | None], runs: int) -> Timed:
    """The best of some runs."""
    best, value = float("inf"), float("nan")
    for _ in range(runs):
        started = time.process_time()
        value = float(act() or "nan")
        best = min(best, time.process_time() - started)
    return Timed(value, best)


if __name__ == "__main__":
    main()
