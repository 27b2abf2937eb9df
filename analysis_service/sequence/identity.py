"""How alike a sequence and its best hit are, letter by letter."""

import re
from typing import NamedTuple

import edlib

_STEPS = re.compile(r"(\d+)([=XID])")


class Alignment(NamedTuple):
    """The aligned part: the share of its columns that match, and the share of the query that it covers."""

    identity: float
    overlap: float


def align(query: bytes, reference: bytes) -> Alignment:
    """Align globally the shorter within the longer (infix, unit costs; Šošić and Šikić 2017, edlib).

    What of the shorter hangs over an end of the longer is no part of the alignment. Letters match if they are equal;
    ambiguous ones match themselves only.

    Parameters
    ----------
    query, reference
        Upper-case letters of the same strand.
    """
    if not query or not reference:
        return Alignment(0.0, 0.0)
    is_within = len(query) <= len(reference)
    short, long = (query, reference) if is_within else (reference, query)
    found = edlib.align(short, long, mode="HW", task="path")
    steps = [(int(length), kind) for length, kind in _STEPS.findall(found["cigar"])]
    first = steps[0][0] if steps[0][1] == "I" else 0
    last = steps[-1][0] if steps[-1][1] == "I" and len(steps) > 1 else 0
    columns = sum(length for length, _ in steps) - first - last
    matches = sum(length for length, kind in steps if kind == "=")
    start, end = found["locations"][0]
    covered = len(short) - first - last if is_within else end - start + 1
    return Alignment(round(matches / columns, 4) if columns else 0.0, round(covered / len(query), 4))
