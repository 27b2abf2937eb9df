"""A unique sequence of a sample, as all of this package takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

KNOWN = "known"
POTENTIALLY_NOVEL = "potentially_novel"
NOT_THIS_MARKER = "not_this_marker"
UNASSIGNED = "unassigned"
STATUSES = (KNOWN, POTENTIALLY_NOVEL, NOT_THIS_MARKER, UNASSIGNED)


class Call(Protocol):
    """A taxon at one rank, as the classifier says it."""

    @property
    def name(self) -> str:
        """'' where nothing is called."""


class Assigned(Protocol):
    """What of a classifier's answer the whole sample needs."""

    @property
    def status(self) -> str:
        """One of `STATUSES`."""

    @property
    def ranks(self) -> Sequence[Call]:
        """One for each rank of the reference, highest first."""

    @property
    def hit_accession(self) -> str:
        """The best hit; '' without one."""

    @property
    def coordinates(self) -> tuple[float, float, float]:
        """Place in the reference's projection."""


@dataclass(frozen=True, slots=True)
class SampleMember:
    """A unique sequence with its abundance and its assignment.

    Attributes
    ----------
    letters : bytes
        The sequence, upper case, T for U.
    abundance : int
        Reads that it stands for.
    assignment : Assigned
        What the classifier says about it.
    """

    letters: bytes
    abundance: int
    assignment: Assigned


def in_order(members: Iterable[SampleMember]) -> list[SampleMember]:
    """Members, most abundant first, equally abundant ones by their letters: the order in which all is computed."""
    return sorted(members, key=lambda member: (-member.abundance, member.letters))


def of_the_marker(members: Iterable[SampleMember]) -> list[SampleMember]:
    """Members without those that are not of the reference's marker."""
    return [member for member in members if member.assignment.status != NOT_THIS_MARKER]
