"""A reference's tree: read whole or refused, kept as arrays, and cut to what is asked of it."""

import gzip
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skbio import TreeNode
from skbio.diversity import alpha, beta

from analysis_service.sequence.reference import (
    About,
    Library,
    Reference,
    ReferenceProblem,
    ReferenceReason,
    build,
    newick,
    read_source,
)
from analysis_service.sequence.reference.newick import phylogeny_of, read_tree
from analysis_service.sequence.sample.comparison import BetaMetric, distances
from analysis_service.sequence.sample.diversity import faith_diversity

FASTA = "".join(f">{name}\tLife;{name}\nACGTACGTACGGTTCATG{'ACGT' * at}\n" for at, name in enumerate("abcd"))
TREE = "((a:1,b:2):3,(c:4,d:5):6);"


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    path = tmp_path / "small.fasta"
    path.write_text(FASTA)
    return path


def written(text: str | bytes, tmp_path: Path) -> Path:
    path = tmp_path / "tree.nwk"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def grown(names: list[str], chance: random.Random) -> TreeNode:
    """Return a tree of any form over some tips, some of its nodes with three children."""
    nodes = [TreeNode(name, chance.uniform(0, 2)) for name in names]
    while len(nodes) > 2:
        chance.shuffle(nodes)
        count = min(chance.choice([2, 2, 3]), len(nodes) - 1)
        nodes.append(TreeNode(length=chance.uniform(0, 2), children=[nodes.pop() for _ in range(count)]))
    return TreeNode(children=nodes)


def test_a_tree_is_read_plain_and_compressed_with_names_as_accessions_are(tmp_path: Path) -> None:
    text = "\ufeff((NR_1.1:1,'it''s; (one)':2e-1):3,\n X[a comment; (here)]:4)root:9;"
    found = read_tree(written(text, tmp_path))
    assert list(found.names) == ["NR_1.1", "X", "it's; (one)"]
    assert found.parents.tolist() == [3, 4, 3, 4, 4]
    assert found.lengths.tolist() == [1.0, 4.0, 0.2, 3.0, 0.0], "the branch above the root counts nothing"
    packed = read_tree(written(gzip.compress(text.encode()), tmp_path))
    assert packed.parents.tolist() == found.parents.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as Newick"),
        ("<html></html>", "cannot be read as Newick"),
        ("((a:1,b:2):3,(c:4,d:5):6)", "cannot be read as Newick"),
        ("((a:1,b:2):3,(c:4,d:5:6);", "cannot be read as Newick"),
        ("((a:1,b:2):3,(c:4,d:five):6);", "Could not read length as numeric type: five"),
        (b"\xff\xfe(", "cannot be read as Newick"),
        (gzip.compress(TREE.encode())[:-9], "cannot be read as Newick"),
        (f"{TREE}\n{TREE}\n", "several trees"),
        (";", "A tip of the tree has no name"),
        ("((a:1,:2):3,(c:4,d:5):6);", "A tip of the tree has no name"),
        ("((a:1,b:2):3,(c:4,a:5):6);", "The tip 'a' occurs twice"),
        ("((a,b),(c,d));", "no branch lengths"),
        ("((a,b):3,(c:4,d:5):6);", "2 branches of the tree have no length, such as that of 'a'"),
        ("((a:1,b:2),(c:4,d:5));", "2 branches of the tree have no length, such as one down to 'a'"),
        ("((a:1,b:-0.1):3,(c:4,d:5):6);", "that of 'b', has the length -0.1"),
        ("((a:1,b:1):3,(c:4,d:5):nan);", "one down to 'c', has the length nan"),
        ("((a:1,b:1):inf,(c:4,d:5):1);", "has the length inf"),
        ("((a:0,b:0):0,(c:0,d:0):0);", "All branches of the tree have the length 0"),
        ("(a:1,b:2,(c:4,d:5):6);", "The tree has no root: 3 branches meet"),
        ("((a:1,b:2):3,(c:4,e:5):6,f:1);", "The tree has no root"),
        ("((a:1,b:2):3,(c:4,e:5):6);", "1 tips of the tree are not in the reference, such as 'e'"),
        ("((a:1,b:2):3,c:4);", "1 sequences of the reference are not in the tree, such as 'd'"),
    ],
)
def test_a_tree_that_does_not_fit_is_refused_with_a_message(
    text: str | bytes, message: str, fasta: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReferenceProblem, match=message) as problem:
        read_source(fasta, tree=written(text, tmp_path))
    assert problem.value.reason == ReferenceReason.REFERENCE_INVALID


def test_a_tree_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newick, "MOST_NODES", 6)
    with pytest.raises(ReferenceProblem, match="7 nodes; 6 at most"):
        read_tree(written(TREE, tmp_path))
    monkeypatch.setattr(newick, "MOST_BYTES", 1 << 20)
    with pytest.raises(ReferenceProblem, match="larger than 1 MiB"):
        read_tree(written(gzip.compress(b" " * (5 << 20)), tmp_path))


def test_a_branch_below_the_root_may_lack_its_length_as_rooting_leaves_it(tmp_path: Path) -> None:
    found = read_tree(written("((a:1,b:2):3,(c:4,d:5));", tmp_path))
    assert faith_diversity({"c": 1}, found) == 4.0


def test_a_tree_is_in_the_digest_whatever_the_order_of_its_children(fasta: Path, tmp_path: Path) -> None:
    texts = (TREE, "((d:5.0,c:4)x:6,(b:2,a:1):3.0)top;", "((a:1,b:2):3,(c:4,d:5):7);")
    made = [build(read_source(fasta, tree=written(text, tmp_path)), About("x"), tmp_path) for text in texts]
    assert made[0].name == made[1].name != made[2].name


def test_a_reference_without_a_tree_is_what_it_was_before_there_were_trees(fasta: Path, tmp_path: Path) -> None:
    bare = read_source(fasta)
    grown_one = read_source(fasta, tree=written(TREE, tmp_path))
    library = Library(tmp_path / "library")
    without, with_tree = library.add(bare, About("x")), library.add(grown_one, About("y"))
    assert (library.facts(without).has_tree, library.facts(with_tree).has_tree) == (False, True)
    assert library.open(without).phylogeny is None
    assert b"tree" not in library.path_of(without).read_bytes()
    assert build(replace(grown_one, phylogeny=None), About("x"), tmp_path).stem == without


def test_the_tree_of_an_open_reference_is_mapped(fasta: Path, tmp_path: Path) -> None:
    path = build(read_source(fasta, tree=written(TREE, tmp_path)), About("x"), tmp_path)
    found = Reference.open(path).phylogeny
    assert found is not None
    assert list(found.names) == ["a", "b", "c", "d"]
    assert found.parents.tolist() == [4, 4, 5, 5, 6, 6, 6]
    assert found.lengths.tolist() == [1, 2, 4, 5, 3, 6, 0]
    assert not found.lengths.flags.owndata
    assert not found.lengths.flags.writeable


@pytest.mark.parametrize("seed", range(5))
def test_the_part_of_a_tree_gives_what_the_whole_tree_gives(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"t{at}" for at in range(200)]
    tree = grown(names, chance)
    phylogeny = phylogeny_of(tree)
    first, second = ({name: chance.randint(1, 50) for name in chance.sample(names, 20)} for _ in range(2))
    whole = [alpha.faith_pd(list(first.values()), taxa=list(first), tree=tree)]
    counts = np.array([[sample.get(name, 0) for name in names] for sample in (first, second)])
    whole.append(beta.unweighted_unifrac(*counts, taxa=names, tree=tree))
    whole.append(beta.weighted_unifrac(*counts, taxa=names, tree=tree, normalized=True))
    samples = {"x": first, "y": second}
    metrics = (BetaMetric.UNWEIGHTED_UNIFRAC, BetaMetric.WEIGHTED_UNIFRAC)
    found = [distances(samples, metric, phylogeny).values[0][1] for metric in metrics]
    found.insert(0, faith_diversity(first, phylogeny))
    assert found == pytest.approx(whole, rel=1e-12)


def test_what_is_no_tip_is_not_asked_of_a_tree(tmp_path: Path) -> None:
    phylogeny = read_tree(written(TREE, tmp_path))
    for names in (["a", "z"], ["bb"], []):
        with pytest.raises(KeyError):
            phylogeny.spanning(names)


def test_a_tree_as_deep_as_it_has_tips_is_read_and_asked(tmp_path: Path) -> None:
    count = 5000
    text = f"{'(' * count}t0:1{''.join(f',t{at}:1):1' for at in range(1, count + 1))};"
    phylogeny = read_tree(written(text, tmp_path))
    assert faith_diversity({"t0": 1, f"t{count}": 1}, phylogeny) == count + 1
