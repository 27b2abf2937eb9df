"""Is the declared sampling rate true? Mains interference knows."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import auto

from analysis_service.emg.errors import NameEnum
from analysis_service.emg.mains import EmgMains
from analysis_service.emg.params import EmgRateSource

# Grids keep within 0.2 Hz of 50 (0.4 %): a smaller offset says nothing about the recorder's clock.
_MIN_OFFSET = 0.005
# Lines of one comb agree to the accuracy of their places (0.02 Hz) plus the grid's wander over a minute.
_AGREEMENT = 0.002
_MIN_LINES, _MIN_SHARE = 3, 0.7


class EmgRateConfidence(NameEnum):
    """How far an estimated sampling rate can be trusted."""

    NONE = auto()
    LOW = auto()
    HIGH = auto()


@dataclass(frozen=True, slots=True)
class EmgRateCheck:
    """The sampling rate as declared and as mains interference shows it.

    Attributes
    ----------
    declared_hz : float, Hz
        As the file says.
    estimated_hz : float, Hz, or None
        That which brings the mains lines to 50 or 60 Hz and their harmonics; None without lines.
    used_hz : float, Hz
        The rate every time and frequency of this result rests on.
    source : EmgRateSource
        Which of them `used_hz` is.
    confidence : EmgRateConfidence
        HIGH: at least three agreeing lines of at least two harmonics.
    line_count : int
        Agreeing lines over all channels.
    """

    declared_hz: float
    estimated_hz: float | None
    used_hz: float
    source: EmgRateSource
    confidence: EmgRateConfidence
    line_count: int

    @property
    def is_contradicted(self) -> bool:
        """Whether the declared rate is off by more than any grid could explain."""
        if self.estimated_hz is None or self.confidence is not EmgRateConfidence.HIGH:
            return False
        return abs(self.estimated_hz / self.declared_hz - 1.0) > _MIN_OFFSET


def declared(rate_hz: float) -> EmgRateCheck:
    """The declared rate, not checked yet."""
    return EmgRateCheck(rate_hz, None, rate_hz, EmgRateSource.DECLARED, EmgRateConfidence.NONE, 0)


def check(declared_hz: float, surveys: Sequence[EmgMains], wanted: EmgRateSource) -> EmgRateCheck:
    """Estimate the rate from the mains lines of all channels, and choose the one to use.

    The estimate is used only if it is wanted, can be trusted, and differs from the declared rate by more
    than the grid's own frequency wanders.
    """
    ratios = [
        (survey.nominal_hz * line.harmonic / line.frequency_hz, line.harmonic)
        for survey in surveys
        if survey.nominal_hz is not None
        for line in survey.lines
    ]
    if not ratios:
        return declared(declared_hz)
    middle = statistics.median(ratio for ratio, _ in ratios)
    agreeing = [(ratio, harmonic) for ratio, harmonic in ratios if abs(ratio / middle - 1.0) <= _AGREEMENT]
    is_sure = (
        len(agreeing) >= max(_MIN_LINES, _MIN_SHARE * len(ratios)) and len({harmonic for _, harmonic in agreeing}) > 1
    )
    confidence = EmgRateConfidence.HIGH if is_sure else EmgRateConfidence.LOW
    estimated = declared_hz * middle
    found = EmgRateCheck(declared_hz, estimated, declared_hz, EmgRateSource.DECLARED, confidence, len(agreeing))
    if wanted is EmgRateSource.ESTIMATED and found.is_contradicted:
        return EmgRateCheck(declared_hz, estimated, estimated, wanted, confidence, len(agreeing))
    return found
