"""Which reads are kept: length bounds, and for FASTQ the number of errors that the qualities let expect."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.errors import Reason
from analysis_service.sequence.input_params import InputParams
from analysis_service.sequence.reader import Batch, SequenceReader

ERROR_UNIT = 1 << 32
"""Expected errors are counted in whole 2^-32: sums are exact and equal on every machine, in any order."""

_LAST_CHARACTER = ord("~")
_MAX_SCORE = _LAST_CHARACTER - ord("!")
_ERRORS = np.round(ERROR_UNIT * 10.0 ** (-np.arange(_MAX_SCORE + 1) / 10.0)).astype(np.int64)

# From here on no quality is expected of a Phred+33 file with all its characters above "?" (Illumina 1.3 to 1.7).
_OLD_OFFSET = 64
_OLD_LEAST_SPREAD = 12


@dataclass(slots=True)
class Dropped:
    """How many records were left out, each counted once, under the first reason that applies in this order.

    Attributes
    ----------
    empty : int
        No letters, as trimming leaves them (FASTQ).
    too_short : int
        Shorter than `min_length`.
    too_long : int
        Longer than `max_length`.
    expected_errors : int
        More expected errors than `max_expected_errors` (FASTQ).
    """

    empty: int = 0
    too_short: int = 0
    too_long: int = 0
    expected_errors: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.empty + self.too_short + self.too_long + self.expected_errors


class QualityFilter:
    """Judges batches of records, and counts.

    Parameters
    ----------
    reader
        The file that the batches are of.
    params
        Length bounds, `max_expected_errors`, `quality_offset`.

    Attributes
    ----------
    dropped : Dropped
        What was left out so far.
    """

    def __init__(self, reader: SequenceReader, params: InputParams) -> None:
        self._reader = reader
        self._params = params
        self._least, self._most = _LAST_CHARACTER + 1, -1
        self.dropped = Dropped()

    def judge(self, batch: Batch) -> tuple[NDArray[np.bool_], NDArray[np.int64] | None]:
        """Which records of a batch are kept, and the expected errors of all.

        Returns
        -------
        kept : ndarray of bool, shape (records,)
        errors : ndarray of int64, shape (records,), or None
            Expected errors in units of 1 / `ERROR_UNIT`: the sum of 10^(-Q/10) (Edgar & Flyvbjerg 2015,
            Bioinformatics 31:3476). None without qualities.

        Raises
        ------
        InputError
            FILE_VALUES_INVALID for a quality character outside of the range.
        """
        lengths = np.fromiter(map(len, batch.letters), np.int64, len(batch.letters))
        errors = None if batch.qualities is None else self._expected_errors(batch, batch.qualities, lengths)
        return self._kept(lengths, errors), errors

    def has_old_offset(self) -> bool:
        """Whether the qualities look like Phred+64 though they were read as Phred+33."""
        is_spread = self._most - self._least >= _OLD_LEAST_SPREAD
        return self._params.quality_offset < _OLD_OFFSET <= self._least and is_spread

    def _kept(self, lengths: NDArray[np.int64], errors: NDArray[np.int64] | None) -> NDArray[np.bool_]:
        params, dropped = self._params, self.dropped
        kept = np.ones(len(lengths), np.bool_)
        dropped.empty += _drop(kept, lengths == 0)
        dropped.too_short += _drop(kept, lengths < params.min_length)
        if params.max_length:
            dropped.too_long += _drop(kept, lengths > params.max_length)
        if errors is not None and params.max_expected_errors:
            dropped.expected_errors += _drop(kept, errors > round(params.max_expected_errors * ERROR_UNIT))
        return kept

    def _expected_errors(
        self, batch: Batch, qualities: NDArray[np.uint8], lengths: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        errors = np.zeros(len(lengths), np.int64)
        ends = np.cumsum(lengths)
        if not len(qualities):
            return errors
        self._check_range(batch, qualities, ends)
        is_filled = lengths > 0
        each = _ERRORS[qualities - np.uint8(self._params.quality_offset)]
        errors[is_filled] = np.add.reduceat(each, (ends - lengths)[is_filled])
        return errors

    def _check_range(self, batch: Batch, qualities: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        least, most = int(qualities.min()), int(qualities.max())
        self._least, self._most = min(self._least, least), max(self._most, most)
        offset = self._params.quality_offset
        if offset <= least and most <= _LAST_CHARACTER:
            return
        place = int(np.argmax((qualities < offset) | (qualities > _LAST_CHARACTER)))
        record = int(np.searchsorted(ends, place, side="right"))
        rest = (
            f"has a quality character {chr(qualities[place])!r}, outside of the range of Phred+{offset}: "
            f"{chr(offset)!r} to {chr(_LAST_CHARACTER)!r}"
        )
        raise self._reader.fault(batch.first + record, batch.headers[record], Reason.FILE_VALUES_INVALID, rest)


def phred(errors: int, letters: int) -> float:
    """The Phred score, to 4 decimals, of the mean error of letters with so many expected errors.

    Parameters
    ----------
    errors : int
        Expected errors in units of 1 / `ERROR_UNIT`.
    letters : int
        How many letters, above 0.
    """
    return round(-10.0 * math.log10(errors / (ERROR_UNIT * letters)), 4) + 0.0


def _drop(kept: NDArray[np.bool_], condition: NDArray[np.bool_]) -> int:
    """Take out of `kept` what meets a condition; how many that are."""
    out = kept & condition
    kept &= ~out
    return int(np.count_nonzero(out))
