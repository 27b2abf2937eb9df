"""How alike a sequence and its best hit are, letter by letter."""

import re
from typing import NamedTuple

import edlib

_HEAD = re.compile(r"(\d+)I")
_TAIL = re.compile(r"(?<=[=XD])(\d+)I$")
"""What of the shorter hangs over an end, as edlib writes it: letters that stand opposite nothing."""


class Alignment(NamedTuple):
    """The aligned part: how alike its two sides are, and the share of the query that it covers."""

    identity: float
    overlap: float


_NONE = Alignment(0.0, 0.0)


def align(query: bytes, reference: bytes) -> Alignment:
    """Align globally the shorter within the longer (infix, unit costs; Šošić and Šikić 2017, edlib).

    The identity is 1 - edits / letters of the longer of the two aligned sides. What of the shorter hangs over an end
    of the longer is no part of the alignment. Letters match if they are equal; ambiguous ones match themselves only.

    Parameters
    ----------
    query, reference
        Upper-case letters of the same strand.
    """
    if not query or not reference:
        return _NONE
    is_within = len(query) <= len(reference)
    short, long = (query, reference) if is_within else (reference, query)
    found = edlib.align(short, long, mode="HW", task="path")
    steps = found["cigar"]
    head, tail = _HEAD.match(steps), _TAIL.search(steps)
    first = int(head[1]) if head else 0
    last = int(tail[1]) if tail else 0
    start, end = found["locations"][0]
    inside, spanned = len(short) - first - last, end - start + 1
    covered = inside if is_within else spanned
    identity = identity_of(found["editDistance"] - first - last, inside, spanned)
    return Alignment(identity, round(covered / len(query), 4))


def identity_of(edits: int, letters: int, others: int) -> float:
    """The identity of two sides with so many letters, rounded to 4 decimals."""
    columns = max(letters, others)
    return round(1.0 - edits / columns, 4) if columns > 0 else 0.0
