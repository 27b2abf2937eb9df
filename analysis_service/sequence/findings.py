"""What is worth telling about a file that could be read."""

from dataclasses import dataclass
from enum import auto

from analysis_service.sequence.errors import NameEnum


class SequenceWarningCode(NameEnum):
    """Kinds of warnings about a file of sequences."""

    IDENTIFIER_DUPLICATED = auto()
    SEQUENCE_EMPTY = auto()
    QUALITY_OFFSET_UNLIKELY = auto()
    ABUNDANCE_NOT_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class SequenceWarning:
    """One thing about a file that people should know.

    Attributes
    ----------
    code : SequenceWarningCode
        What it is about.
    message : str
        A sentence for people.
    """

    code: SequenceWarningCode
    message: str
