"""Sequences with lineages, as they come from a database's files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import dnaio
from xopen import xopen

from analysis_service.sequence.lineage import LineageError, read_table, split_header, understood
from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason
from analysis_service.sequence.reference.newick import read_tree

_UPPER = bytes.maketrans(b"acgturyswkmbdhvnU", b"ACGTTRYSWKMBDHVNT")
_GAPS = b"-."
_NUCLEOTIDES = b"ACGTRYSWKMBDHVN"


@dataclass(frozen=True)
class Source:
    """What a reference is built from.

    Attributes
    ----------
    ranks : tuple of str
        Highest first.
    accessions : list of str
    lineages : list of tuple of str
        One name a rank; '' is blank.
    letters : list of bytes
        Upper-case IUPAC nucleotides with T, without gaps.
    phylogeny : Phylogeny, optional
        A tree whose tips are the accessions.
    """

    ranks: tuple[str, ...]
    accessions: list[str]
    lineages: list[tuple[str, ...]]
    letters: list[bytes]
    phylogeny: Phylogeny | None = None


def read_source(
    fasta: Path, taxonomy: Path | None = None, ranks: Sequence[str] = (), tree: Path | None = None
) -> Source:
    """Read FASTA, plain or compressed, with lineages in its headers or in a table of their own, and a tree.

    Parameters
    ----------
    fasta
        The sequences; gaps of an alignment are left out.
    taxonomy
        A table: accession, tab, lineage.
    ranks
        The ranks' names where the lineages do not say them.
    tree
        Newick, rooted and with branch lengths; its tips are the accessions, all of them and no others.

    Raises
    ------
    ReferenceProblem
        REFERENCE_INVALID, with the line, the accession or the tip at fault.
    """
    try:
        table = _table(taxonomy) if taxonomy else None
        with dnaio.open(fasta, fileformat="fasta") as file:
            source = gathered(((record.name, record.sequence.encode()) for record in file), table, ranks)
    except (OSError, EOFError, dnaio.FileFormatError, UnicodeError) as error:
        raise _invalid(f"{fasta.name} cannot be read: {error}") from error
    except LineageError as error:
        raise _invalid(str(error)) from error
    return source if tree is None else replace(source, phylogeny=_fitting(read_tree(tree), source.accessions))


def gathered(
    records: Iterable[tuple[str, bytes]], table: dict[str, str] | None = None, ranks: Sequence[str] = ()
) -> Source:
    """Take headers and letters apart; lineages are those of the table where there is one.

    Raises
    ------
    ReferenceProblem
        REFERENCE_INVALID.
    LineageError
        If the lineages cannot be understood.
    """
    by_accession: dict[str, bytes] = {}
    texts = []
    for header, given in records:
        accession, lineage = split_header(header)
        letters = given.translate(_UPPER, _GAPS)
        _check(accession, letters, by_accession)
        if table is not None:
            lineage = table.get(accession, "")
            if accession not in table:
                raise _invalid(f"The taxonomy table has no lineage for {accession!r}.")
        by_accession[accession] = letters
        texts.append(lineage)
    if not by_accession:
        raise _invalid("There is no sequence in it.")
    lineages = understood(texts, ranks)
    return Source(lineages.ranks, list(by_accession), lineages.names, list(by_accession.values()))


def _check(accession: str, letters: bytes, others: dict[str, bytes]) -> None:
    if not accession:
        raise _invalid(f"Sequence {len(others) + 1} has no accession.")
    if accession in others:
        raise _invalid(f"The accession {accession!r} occurs twice.")
    if odd := letters.translate(None, _NUCLEOTIDES):
        raise _invalid(f"The sequence {accession!r} has {chr(odd[0])!r}, which is no nucleotide.")
    if not letters:
        raise _invalid(f"The sequence {accession!r} is empty.")


def _fitting(phylogeny: Phylogeny, accessions: list[str]) -> Phylogeny:
    if strange := set(phylogeny.names).difference(accessions):
        raise _invalid(f"{len(strange):,} tips of the tree are not in the reference, such as {min(strange)!r}.")
    if missing := set(accessions).difference(phylogeny.names):
        raise _invalid(f"{len(missing):,} sequences of the reference are not in the tree, such as {min(missing)!r}.")
    return phylogeny


def _table(path: Path) -> dict[str, str]:
    with xopen(path, "rt", encoding="utf-8") as lines:
        return read_table(lines)


def _invalid(message: str) -> ReferenceProblem:
    return ReferenceProblem(ReferenceReason.REFERENCE_INVALID, message)
