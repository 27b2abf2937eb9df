"""What the classifier says about a sequence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What is known of a sequence."""

    KNOWN = "known"
    """It has a place in the reference."""
    POTENTIALLY_NOVEL = "potentially_novel"
    """It is of the reference's marker, but its genus (or the lowest rank) is probably not in the reference."""
    NOT_THIS_MARKER = "not_this_marker"
    """It looks no more like the reference than chance does."""
    UNASSIGNED = "unassigned"
    """No rank reaches the confidence asked for, or the sequence is too short to say anything."""


class RankCall(NamedTuple):
    """A taxon at one rank. A tuple, since there are as many as sequences and ranks.

    Attributes
    ----------
    name : str
        '' where the reference has no name there, or the confidence is too low to call one.
    confidence : float
        The share of the bootstraps that voted for it, 0 to 1.
    calibrated : float
        The probability that a name here is right, as the reference itself showed by leave-one-out, 0 to 1.
    """

    name: str
    confidence: float
    calibrated: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is said about one sequence; it depends on the sequence, the reference and the parameters only.

    Attributes
    ----------
    status : str
        One of :class:`Status`.
    strand : str
        '+' as given, or '-' if its reverse complement was assigned.
    ranks : tuple of RankCall
        One for each rank of the reference, highest first.
    shared_fraction : float
        The share of its 8-mers that the best hit has, 0 to 1.
    hit_accession : str
        The best hit; '' without one.
    identity : float
        Of the aligned part with the best hit, 0 to 1; it says nothing about the confidence.
    overlap : float
        The part of the sequence that is aligned with the best hit, 0 to 1.
    novelty : float
        The probability that its genus (or the lowest rank) is not in the reference, 0 to 1.
    coordinates : tuple of float
        Its place in the reference's projection; the first two are the plane.
    """

    status: str
    strand: str
    ranks: tuple[RankCall, ...]
    shared_fraction: float
    hit_accession: str
    identity: float
    overlap: float
    novelty: float
    coordinates: tuple[float, float, float]
