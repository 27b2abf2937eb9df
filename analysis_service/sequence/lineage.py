"""Lineages as reference databases write them, and the ranks that they have.

Three notations are understood: that of SINTAX (`tax=d:Bacteria,p:Firmicutes`), that of QIIME and Greengenes
(`k__Bacteria; p__Firmicutes`) and plain names (`Bacteria;Firmicutes`). Which ranks there are is said by the data.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

RANK_NAMES = {
    "d": "domain",
    "k": "kingdom",
    "p": "phylum",
    "c": "class",
    "o": "order",
    "f": "family",
    "g": "genus",
    "s": "species",
    "t": "strain",
}
"""What the one-letter prefixes stand for (the manual of USEARCH, `utax` and `sintax` annotations)."""

PLAIN_RANKS = {
    2: ("genus", "species"),
    6: ("domain", "phylum", "class", "order", "family", "genus"),
    7: ("domain", "phylum", "class", "order", "family", "genus", "species"),
    8: ("kingdom", "supergroup", "division", "class", "order", "family", "genus", "species"),  # PR2 before 5.0
    9: ("domain", "supergroup", "division", "subdivision", "class", "order", "family", "genus", "species"),  # PR2 5
}
"""The ranks of plain lineages by their number, where nobody names them."""

_BLANKS = frozenset({"", "-", "na", "none", "unassigned", "unclassified", "unidentified", "uncultured", "unknown"})
"""What databases write where a rank has no name."""
_FILLED = re.compile(r"_unclassified$")  # mothur repeats the parent's name: Bacteria_unclassified

_SINTAX = re.compile(r"(?:^|;)\s*tax=([^;]*)")
_PREFIXED = re.compile(r"^([A-Za-z]{1,2}[0-9]?)__(.*)$")
_MAX_RANKS = 32


class LineageError(Exception):
    """A lineage cannot be understood; the message is a sentence for the person who brought it."""


class Header(NamedTuple):
    """A FASTA header, taken apart. `lineage` is empty where the header has none."""

    accession: str
    lineage: str


@dataclass(frozen=True)
class Lineages:
    """The lineages of a whole reference, all of the same length.

    Attributes
    ----------
    ranks : tuple of str
        The ranks' names, highest first.
    names : list of tuple of str
        One tuple a lineage, one name a rank; '' is blank.
    """

    ranks: tuple[str, ...]
    names: list[tuple[str, ...]]


def split_header(header: str) -> Header:
    """Take `ACCESSION<TAB or space>LINEAGE` or `ACCESSION;tax=…;` apart."""
    head, tab, rest = header.rstrip().partition("\t")
    if not tab:
        parts = head.split(maxsplit=1)
        head, rest = parts[0] if parts else "", parts[1] if len(parts) > 1 else ""
    if found := _SINTAX.search(header):
        return Header(head.split(";")[0], f"tax={found[1].strip()}")
    return Header(head, rest.strip())


def understood(texts: Sequence[str], ranks: Sequence[str] = ()) -> Lineages:
    """Read the lineages of a reference, all in the same notation.

    Parameters
    ----------
    texts
        One lineage a reference sequence.
    ranks
        The ranks' names, where the caller knows better; as many as the longest lineage has names.

    Raises
    ------
    LineageError
        If there is none, the notations are mixed, or the ranks do not have one order.
    """
    filled = [text for text in texts if text.strip(" ;")]
    if not filled:
        raise LineageError("No sequence has a lineage.")
    if _SINTAX.search(filled[0]):
        return _labelled([_sintax_parts(text) for text in texts], ranks)
    if _PREFIXED.match(filled[0].split(";")[0].strip()):
        return _labelled([_prefixed_parts(text) for text in texts], ranks)
    return _plain([_plain_parts(text) for text in texts], ranks)


def read_table(lines: Iterable[str]) -> dict[str, str]:
    """Read a taxonomy table: accession, tab, lineage; further columns and a head line are left out.

    Raises
    ------
    LineageError
        If a line has no tab, or an accession occurs twice.
    """
    table: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        accession, tab, rest = line.rstrip("\r\n").partition("\t")
        if not tab:
            raise LineageError(f"Line {number} of the taxonomy table has no tab between accession and lineage.")
        if number == 1 and accession.strip().lower() in {"feature id", "id", "accession"}:
            continue
        if accession in table:
            raise LineageError(f"Line {number} of the taxonomy table repeats the accession {accession!r}.")
        table[accession] = rest.split("\t")[0].strip()
    return table


def _cleaned(name: str) -> str:
    name = name.strip().strip('"')
    return "" if name.lower() in _BLANKS or _FILLED.search(name) else name


def _sintax_parts(text: str) -> dict[str, str]:
    found = _SINTAX.search(text)
    if not found:
        if text.strip(" ;"):
            raise LineageError(f"{_shown(text)} has no 'tax=', though other lineages have.")
        return {}
    parts = {}
    for part in filter(None, found[1].split(",")):
        letter, colon, name = part.partition(":")
        if not colon:
            raise LineageError(f"{_shown(part)} in {_shown(text)} has no rank before a colon.")
        parts[letter.strip()] = _cleaned(name)
    return parts


def _prefixed_parts(text: str) -> dict[str, str]:
    parts = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        found = _PREFIXED.match(part)
        if not found:
            raise LineageError(f"{_shown(part)} in {_shown(text)} has no rank such as 'g__', though other names have.")
        parts[found[1]] = _cleaned(found[2])
    return parts


def _plain_parts(text: str) -> tuple[str, ...]:
    return tuple(_cleaned(part) for part in text.strip().removesuffix(";").split(";"))


def _labelled(lineages: list[dict[str, str]], ranks: Sequence[str]) -> Lineages:
    labels = _ordered({tuple(lineage): None for lineage in lineages})
    names = [tuple(lineage.get(label, "") for label in labels) for lineage in lineages]
    return Lineages(_named(len(labels), ranks, tuple(RANK_NAMES.get(label, label) for label in labels)), names)


def _ordered(orders: Mapping[tuple[str, ...], None]) -> list[str]:
    """The one order of ranks that agrees with all lineages, some of which leave ranks out."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for order in sorted(orders, key=len, reverse=True):
        for at, label in enumerate(order):
            sorter.add(label, *order[:at])
    try:
        return list(sorter.static_order())
    except CycleError as error:
        raise LineageError("The lineages do not have their ranks in one order.") from error


def _plain(lineages: list[tuple[str, ...]], ranks: Sequence[str]) -> Lineages:
    depth = max(map(len, lineages))
    numbered = tuple(f"rank {number}" for number in range(1, depth + 1))
    named = _named(depth, ranks, PLAIN_RANKS.get(depth, numbered))
    return Lineages(named, [lineage + ("",) * (depth - len(lineage)) for lineage in lineages])


def _named(depth: int, wanted: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
    if depth > _MAX_RANKS:
        raise LineageError(f"There are {depth} ranks; at most {_MAX_RANKS} are understood.")
    if wanted and len(wanted) != depth:
        raise LineageError(f"{len(wanted)} ranks are named, but the lineages have {depth}.")
    return tuple(wanted) or default


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}…")
