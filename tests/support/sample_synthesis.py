"""Members of samples, made by hand: without a classifier."""

from analysis_service.sequence.sample.member import KNOWN, SampleMember


def member(
    letters: bytes,
    abundance: int,
    *names: str,
    status: str = KNOWN,
    hit: str = "",
    coordinates: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SampleMember:
    """A unique sequence with the names that it was given, highest rank first."""
    return SampleMember(letters, abundance, status, names, hit, coordinates)
