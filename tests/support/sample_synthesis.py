"""Members of samples, made by hand: assignments of the classifier's form without a classifier."""

from dataclasses import dataclass

from analysis_service.sequence.sample.member import KNOWN, SampleMember


@dataclass(frozen=True)
class RankCall:
    """A taxon at one rank."""

    name: str
    confidence: float = 1.0
    calibrated: float = 1.0


@dataclass(frozen=True)
class Assignment:
    """What a classifier says about a sequence."""

    status: str
    strand: str
    ranks: tuple[RankCall, ...]
    shared_fraction: float
    hit_accession: str
    identity: float
    overlap: float
    novelty: float
    coordinates: tuple[float, float, float]


def member(
    letters: bytes,
    abundance: int,
    *names: str,
    status: str = KNOWN,
    hit: str = "",
    coordinates: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SampleMember:
    """A unique sequence with the names that it was given, highest rank first."""
    ranks = tuple(RankCall(name) for name in names)
    return SampleMember(letters, abundance, Assignment(status, "+", ranks, 0.9, hit, 0.99, 1.0, 0.0, coordinates))
