"""A reference's tree, as it comes from a Newick file, read by scikit-bio."""

import io
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from skbio import TreeNode
from skbio.io import NewickFormatError
from xopen import xopen

from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason

MOST_BYTES = 256 << 20
"""After decompression. Greengenes 97 % has 2.5 MB for 99,322 tips, SILVA's whole guide tree some tens."""
MOST_NODES = 2_000_000
"""Ten times those of Greengenes 97 %. While it is read, a node takes about 350 bytes and 12 us."""

_SET_APART = re.compile(r"'[^']*'|\[[^\]]*\]")
"""Quoted names and comments, whose letters are no structure."""


def read_tree(path: Path) -> Phylogeny:
    """Read a Newick file, plain or compressed.

    Underscores in names stay what they are, since accessions have them. Names of inner nodes are not kept.

    Raises
    ------
    ReferenceProblem
        REFERENCE_INVALID, with what is wrong with the tree.
    """
    try:
        text = _text(path)
        _check_size(_SET_APART.sub("", text))
        root = TreeNode.read(io.StringIO(text), format="newick", verify=False, convert_underscores=False)
    except (OSError, EOFError, UnicodeError, NewickFormatError) as error:
        raise _invalid(f"The tree cannot be read as Newick: {error}") from error
    return phylogeny_of(root)


def phylogeny_of(root: TreeNode) -> Phylogeny:
    """Check a tree, and number its nodes.

    The branch above the root counts nothing. Of the two below it, one may lack its length, as rooting leaves it: 0.

    Raises
    ------
    ReferenceProblem
        REFERENCE_INVALID.
    """
    if len(root.children) > 2:  # so Newick says that a tree has no root
        raise _invalid(
            f"The tree has no root: {len(root.children)} branches meet at its top. Root it, say at midpoint."
        )
    tips = sorted(root.tips(include_self=True), key=_name_of)
    names = [_name_of(tip) for tip in tips]
    _check_names(names)
    _check_lengths(root)
    nodes = [*tips, *_inner_nodes(root, tips)]
    places = {id(node): at for at, node in enumerate(nodes)}
    parents = [places[id(node.parent)] for node in nodes[:-1]]
    lengths = [node.length or 0.0 for node in nodes[:-1]]
    return Phylogeny(names, np.array([*parents, len(parents)], np.int32), np.array([*lengths, 0.0], np.float64))


def _text(path: Path) -> str:
    with xopen(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _invalid(f"The tree is larger than {MOST_BYTES >> 20} MiB.")
    return content.decode("utf-8-sig")


def _check_size(structure: str) -> None:
    nodes = 1 + structure.count(",") + structure.count("(")
    if nodes > MOST_NODES:
        raise _invalid(f"The tree has {nodes:,} nodes; {MOST_NODES:,} at most are read.")
    if structure.count(";") > 1:
        raise _invalid("The file holds several trees; a reference has one.")


def _name_of(tip: TreeNode) -> str:
    return tip.name or ""


def _check_names(names: list[str]) -> None:
    """`names` are sorted."""
    if not names[0]:
        raise _invalid("A tip of the tree has no name.")
    for one, other in pairwise(names):
        if one == other:
            raise _invalid(f"The tip {one!r} occurs twice in the tree.")


def _check_lengths(root: TreeNode) -> None:
    branches = list(root.preorder(include_self=False))
    missing = [node for node in branches if node.length is None]
    if len(missing) == len(branches):
        raise _invalid("The tree has no branch lengths.")
    is_rooting = len(missing) == 1 and missing[0].parent is root
    if missing and not is_rooting:
        raise _invalid(f"{len(missing):,} branches of the tree have no length, such as {_shown(missing[0])}.")
    for node in branches:
        if node.length is not None and not 0.0 <= node.length < math.inf:
            raise _invalid(f"A branch of the tree, {_shown(node)}, has the length {node.length:g}, which is none.")
    if not any(node.length for node in branches):
        raise _invalid("All branches of the tree have the length 0.")


def _inner_nodes(root: TreeNode, tips: list[TreeNode]) -> Iterator[TreeNode]:
    """Inner nodes behind their children, in an order that follows from the names of the tips alone."""
    least = {id(tip): at for at, tip in enumerate(tips)}
    inner = [node for node in root.postorder() if node.children]
    for node in inner:
        node.children.sort(key=lambda child: least[id(child)])
        least[id(node)] = least[id(node.children[0])]
    return (node for node in root.postorder() if node.children)


def _shown(node: TreeNode) -> str:
    """The branch above a node, by the first tip that it leads to."""
    tip = next(iter(node.tips(include_self=True)))
    return f"that of {_name_of(tip)!r}" if node is tip else f"one down to {_name_of(tip)!r}"


def _invalid(message: str) -> ReferenceProblem:
    return ReferenceProblem(ReferenceReason.REFERENCE_INVALID, message)
