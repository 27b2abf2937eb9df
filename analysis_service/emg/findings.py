"""What is worth telling: findings about a channel's signal, warnings about the whole recording."""

import math
from dataclasses import dataclass
from enum import auto

from analysis_service.emg.errors import NameEnum


class EmgFindingCode(NameEnum):
    """Kinds of findings about a channel."""

    NON_FINITE = auto()
    FLAT_LINE = auto()
    CLIPPING = auto()
    MAINS_INTERFERENCE = auto()
    BASELINE_DRIFT = auto()
    BASELINE_NOISE = auto()
    LOW_SNR = auto()
    AMPLITUDE_IMPLAUSIBLE = auto()
    RATE_TOO_LOW = auto()
    NO_REST = auto()
    NO_CONTRACTION = auto()
    ARTEFACT_REJECTED = auto()


class EmgSeverity(NameEnum):
    """How much a finding matters."""

    INFO = auto()
    WARNING = auto()
    UNUSABLE = auto()


@dataclass(frozen=True, slots=True)
class EmgFinding:
    """One thing worth knowing about a channel.

    Attributes
    ----------
    code : EmgFindingCode
        What was found.
    severity : EmgSeverity
        How much it matters.
    message : str
        A sentence for a clinician.
    """

    code: EmgFindingCode
    severity: EmgSeverity
    message: str


class EmgWarningCode(NameEnum):
    """Kinds of warnings about a recording: defects and contradictions that were worked around."""

    LAYOUT_CONTRADICTION = auto()
    FRAME_COUNT_CONTRADICTION = auto()
    FRAME_COUNT_FROM_SIZE = auto()
    LAST_FRAME_INCOMPLETE = auto()
    TRAILING_DATA = auto()
    RATE_CONTRADICTION = auto()
    PARAMETER_UNREADABLE = auto()
    SCALE_MISSING = auto()
    SCALE_INVALID = auto()
    LABEL_MISSING = auto()
    LABEL_DUPLICATED = auto()
    RATE_IMPLAUSIBLE = auto()
    UNIT_ASSUMED = auto()
    REFERENCE_UNUSED = auto()
    ACTIVATED_DISAGREES = auto()


@dataclass(frozen=True, slots=True)
class EmgWarning:
    """One defect or contradiction that was worked around.

    Attributes
    ----------
    code : EmgWarningCode
        What it is about.
    message : str
        A sentence for people.
    """

    code: EmgWarningCode
    message: str


def readable(value: float) -> str:
    """A number as people write it: two digits that count at least, never with a power of ten."""
    digits = 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:.{max(0, digits)}f}"
