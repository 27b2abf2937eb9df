"""How alike a sequence and its best hit are, letter by letter."""

import re
from typing import NamedTuple

import edlib

_HEAD = re.compile(r"(\d+)I")
_TAIL = re.compile(r"(?<=[=XD])(\d+)I$")
"""What of the shorter hangs over an end, as edlib writes it: letters that stand opposite nothing."""
_MARGIN = 32
"""Letters on either side of the place that k-mers point to. An alignment with more edits is sought everywhere."""


class Alignment(NamedTuple):
    """The aligned part: how alike its two sides are, and the share of the query that it covers."""

    identity: float
    overlap: float


_EXACT = Alignment(1.0, 1.0)
_NONE = Alignment(0.0, 0.0)


def align(query: bytes, reference: bytes, offset: int | None = None) -> Alignment:
    """Align globally the shorter within the longer (infix, unit costs; Šošić and Šikić 2017, edlib).

    The identity is 1 - edits / letters of the longer of the two aligned sides. What of the shorter hangs over an end
    of the longer is no part of the alignment. Letters match if they are equal; ambiguous ones match themselves only.

    Parameters
    ----------
    query, reference
        Upper-case letters of the same strand.
    offset
        Where in the reference the query begins, as far as its k-mers tell.
    """
    if not query or not reference:
        return _NONE
    if offset is None or len(query) > len(reference):
        return _anywhere(query, reference)
    if offset >= 0 and reference.startswith(query, offset):
        return _EXACT
    if offset <= 0 or offset + len(query) >= len(reference):  # it may hang over
        return _anywhere(query, reference)
    start, end = max(0, offset - _MARGIN), min(len(reference), offset + len(query) + _MARGIN)
    found = edlib.align(query, reference[start:end], mode="HW", task="locations", k=_MARGIN)
    if found["editDistance"] < 0:
        return _anywhere(query, reference)
    first, last = found["locations"][0]
    if start + first == 0 or start + last == len(reference) - 1:  # it may hang over
        return _anywhere(query, reference)
    return Alignment(_identity(found["editDistance"], len(query), last - first + 1), 1.0)


def _anywhere(query: bytes, reference: bytes) -> Alignment:
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
    identity = _identity(found["editDistance"] - first - last, inside, spanned)
    return Alignment(identity, round(covered / len(query), 4))


def _identity(edits: int, letters: int, others: int) -> float:
    columns = max(letters, others)
    return round(1.0 - edits / columns, 4) if columns > 0 else 0.0
