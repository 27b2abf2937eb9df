"""A unique sequence of a sample, as all of this package takes it."""

from collections.abc import Iterable
from typing import NamedTuple

KNOWN = "known"
POTENTIALLY_NOVEL = "potentially_novel"
NOT_THIS_MARKER = "not_this_marker"
UNASSIGNED = "unassigned"
STATUSES = (KNOWN, POTENTIALLY_NOVEL, NOT_THIS_MARKER, UNASSIGNED)


class SampleMember(NamedTuple):
    """A unique sequence with its abundance, and what of the classifier's answer the whole sample needs.

    A tuple, since there are as many as unique sequences.

    Attributes
    ----------
    letters : bytes
        The sequence, upper case, T for U.
    abundance : int
        Reads that it stands for.
    status : str
        One of `STATUSES`.
    names : tuple of str
        The taxon at each rank of the reference, highest first; '' where nothing is called.
    hit_accession : str
        The best hit; '' without one.
    coordinates : tuple of float
        Place in the reference's projection.
    """

    letters: bytes
    abundance: int
    status: str
    names: tuple[str, ...]
    hit_accession: str
    coordinates: tuple[float, float, float]


def in_order(members: Iterable[SampleMember]) -> list[SampleMember]:
    """Members, most abundant first, equally abundant ones by their letters: the order in which all is computed."""
    return sorted(members, key=lambda member: (-member.abundance, member.letters))


def of_the_marker(members: Iterable[SampleMember]) -> list[SampleMember]:
    """Members without those that are not of the reference's marker."""
    return [member for member in members if member.status != NOT_THIS_MARKER]
