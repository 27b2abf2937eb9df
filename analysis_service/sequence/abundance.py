"""How many reads a record stands for, as programs that dereplicate write it into the header."""

import re
from collections.abc import Sequence
from enum import auto
from typing import NamedTuple

from analysis_service.sequence.errors import InputError, NameEnum, Reason


class AbundanceNotation(NameEnum):
    """How a header says an abundance."""

    AUTO = auto()
    """`size=N`; or `_N` after a digest (32, 40 or 64 hexadecimal digits)."""
    SIZE = auto()
    """`size=N` only (UPARSE, vsearch)."""
    UNDERSCORE = auto()
    """`_N` at the end of every identifier (Swarm)."""
    NONE = auto()
    """Every record counts once."""


class Label(NamedTuple):
    """What a header says."""

    identifier: str
    abundance: int


MAX_ABUNDANCE = 10**12
"""More reads than any sequencer makes; sums stay exact in 64 bits."""

_MAX_DIGITS = 18
_SIZE = re.compile(r"(?:^|[;\s])size=(\d+)(?=[;\s]|$)")
_DIGEST = re.compile(r"((?:.*[^0-9a-zA-Z])?(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}))_(\d+)")
_COUNTED = re.compile(r"(.+)_(\d+)")


def are_single(headers: Sequence[str]) -> bool:
    """Whether no header can say an abundance, in any notation: a quick look at many at once."""
    text = "\n".join(headers)
    return "size=" not in text and "_" not in text


def label_of(header: str, notation: AbundanceNotation) -> Label:
    """Identifier and abundance of a record.

    Parameters
    ----------
    header : str
        All of the header line, without its mark.
    notation : AbundanceNotation
        Where an abundance is looked for.

    Returns
    -------
    Label
        The first word of the header without the abundance, and the abundance, 1 where none is said.

    Raises
    ------
    InputError
        FILE_VALUES_INVALID for an abundance of 0 or beyond `MAX_ABUNDANCE`.
    """
    words = header.split(None, 1)
    identifier = words[0] if words else ""
    if notation is AbundanceNotation.NONE:
        return Label(identifier, 1)
    if notation is not AbundanceNotation.UNDERSCORE and "size=" in header and (match := _SIZE.search(header)):
        return Label(_SIZE.sub("", identifier).rstrip(";") or identifier, _number(match[1], header))
    if notation is AbundanceNotation.SIZE:
        return Label(identifier, 1)
    match = (_COUNTED if notation is AbundanceNotation.UNDERSCORE else _DIGEST).fullmatch(identifier)
    return Label(match[1], _number(match[2], header)) if match else Label(identifier, 1)


def trailing_number(identifier: str) -> int | None:
    """The number N of an identifier that ends in `_N`; None without one."""
    _, mark, digits = identifier.rpartition("_")
    return int(digits) if mark and digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS else None


def _number(digits: str, header: str) -> int:
    number = int(digits) if len(digits) <= _MAX_DIGITS else MAX_ABUNDANCE + 1
    if not 0 < number <= MAX_ABUNDANCE:
        raise InputError(
            Reason.FILE_VALUES_INVALID,
            f"The header {header[:80]!r} says an abundance that is not between 1 and {MAX_ABUNDANCE:,}.",
        )
    return number
