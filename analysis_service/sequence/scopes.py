"""What the parameters of a sequence analysis have an effect on."""

from enum import auto

from analysis_service.sequence.errors import NameEnum


class ParameterScope(NameEnum):
    """Which step a parameter belongs to."""

    INPUT = auto()
    """Which reads are taken."""
    CLASSIFICATION = auto()
    """What is said of one unique sequence: the part that is cached."""
    SAMPLE = auto()
    """What is said of the sample as a whole: no sequence is classified anew."""
