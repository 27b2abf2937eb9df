"""From a file to its unique sequences, with an account of what was left out and why."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from analysis_service.sequence.abundance import AbundanceNotation, Label, are_single, label_of, trailing_number
from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.dereplication import Dereplicator, UniqueSequence
from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.findings import SequenceWarning, SequenceWarningCode
from analysis_service.sequence.formats import SequenceFormat
from analysis_service.sequence.input_params import InputParams
from analysis_service.sequence.quality import Dropped, QualityFilter
from analysis_service.sequence.reader import Batch, Report, SequenceReader
from analysis_service.sequence.text import Data, SequenceText

_DIGEST_BYTES = 8
"""Two of 10 million identifiers share a digest of 64 bits by chance once in 370,000 files."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file holds.

    Attributes
    ----------
    form : SequenceFormat
        Its format.
    is_compressed : bool
        Whether it is gzip.
    sequences : tuple of UniqueSequence
        Most abundant first, equally abundant ones by their letters.
    records : int
        Records read.
    kept_records : int
        Records that the sequences are made of; the others are in `dropped`.
    kept_reads : int
        The sum of their abundances.
    dropped : Dropped
        What was left out, by reason.
    warnings : tuple of SequenceWarning
        What people should know about the file.
    """

    form: SequenceFormat
    is_compressed: bool
    sequences: tuple[UniqueSequence, ...]
    records: int
    kept_records: int
    kept_reads: int
    dropped: Dropped
    warnings: tuple[SequenceWarning, ...]


def take_in(data: Data, params: InputParams, bounds: Bounds | None = None, report: Report | None = None) -> Intake:
    """Read, filter and dereplicate a file.

    Parameters
    ----------
    data
        The file: bytes, a memory map, or a binary file that can be sought.
    params
        Which records are taken.
    bounds
        How much the file may hold; the defaults of :class:`Bounds` if not given.
    report
        Is told ``"reading"`` and the fraction of the file that was read, in the order of the file.

    Returns
    -------
    Intake

    Raises
    ------
    InputError
        With a reason that begins with ``FILE_`` and a sentence that names the line.
    """
    bounds = bounds or Bounds()
    with SequenceText(data, bounds) as text:
        reader = SequenceReader(text, bounds)
        gathering = _Gathering(reader, params)
        for batch in reader.batches(report):
            gathering.add(batch)
        return gathering.result(text.is_compressed)


class _Gathering:
    """What is gathered batch by batch."""

    def __init__(self, reader: SequenceReader, params: InputParams) -> None:
        self._reader = reader
        self._params = params
        self._filter = QualityFilter(reader, params)
        self._identifiers = _Identifiers()
        self._dereplicator = Dereplicator()
        self._records = 0

    def add(self, batch: Batch) -> None:
        ids, abundances = self._labels(batch)
        self._records += len(ids)
        self._identifiers.add(ids)
        kept, errors = self._filter.judge(batch)
        places = np.flatnonzero(kept).tolist()
        self._dereplicator.add(
            [batch.letters[at] for at in places],
            [ids[at] or f"record_{batch.first + at + 1}" for at in places],
            [abundances[at] for at in places],
            None if errors is None else errors[kept].tolist(),
        )

    def result(self, is_compressed: bool) -> Intake:
        sequences = self._dereplicator.result()
        dropped = self._filter.dropped
        if not sequences:
            raise InputError(
                Reason.FILE_NO_SEQUENCES, f"No sequence is left: of {self._records:,} records {_account(dropped)}."
            )
        return Intake(
            form=self._reader.form,
            is_compressed=is_compressed,
            sequences=sequences,
            records=self._records,
            kept_records=self._records - dropped.total,
            kept_reads=sum(sequence.abundance for sequence in sequences),
            dropped=dropped,
            warnings=tuple(self._warnings()),
        )

    def _labels(self, batch: Batch) -> tuple[list[str], list[int]]:
        """Identifiers and abundances."""
        if are_single(batch.headers):
            return [(header.split(None, 1) or ("",))[0] for header in batch.headers], [1] * len(batch.headers)
        labels = [self._label(batch, at) for at in range(len(batch.headers))]
        return [label.identifier for label in labels], [label.abundance for label in labels]

    def _label(self, batch: Batch, at: int) -> Label:
        try:
            return label_of(batch.headers[at], self._params.abundance_notation)
        except InputError as error:
            rest = f"cannot be counted. {error.message.rstrip('.')}"
            raise self._reader.fault(batch.first + at, batch.headers[at], error.reason, rest) from error

    def _warnings(self) -> Iterable[SequenceWarning]:
        repeated = self._identifiers.repeated()
        if repeated:
            text = f"{repeated:,} records have the identifier of an earlier one; all are kept."
            yield SequenceWarning(SequenceWarningCode.IDENTIFIER_DUPLICATED, text)
        if self._filter.dropped.empty:
            text = (
                f"{self._filter.dropped.empty:,} records have no letters, as trimming leaves them; they are left out."
            )
            yield SequenceWarning(SequenceWarningCode.SEQUENCE_EMPTY, text)
        if self._filter.has_old_offset():
            text = "All qualities are 31 or more: the file may be Phred+64 (Illumina 1.3 to 1.7); see quality_offset."
            yield SequenceWarning(SequenceWarningCode.QUALITY_OFFSET_UNLIKELY, text)
        if self._params.abundance_notation is AbundanceNotation.AUTO and self._identifiers.look_counted():
            text = (
                "Every identifier ends in _N, N falling, as if it were an abundance; each record was counted once. "
                "If N are abundances, set abundance_notation to UNDERSCORE."
            )
            yield SequenceWarning(SequenceWarningCode.ABUNDANCE_NOT_TAKEN, text)


class _Identifiers:
    """What is remembered of identifiers: 8 bytes each, a digest, since all of them would outweigh the sequences."""

    def __init__(self) -> None:
        self._digests = array("Q")
        self._greatest, self._last, self._is_falling = 0, 0, True

    def add(self, identifiers: Sequence[str]) -> None:
        """Remember identifiers; empty ones are nobody's."""
        for identifier in identifiers:
            if not self._follow(identifier):
                break
        named = [identifier.encode("ascii") for identifier in identifiers if identifier]
        self._digests.frombytes(b"".join([blake2b(name, digest_size=_DIGEST_BYTES).digest() for name in named]))

    def repeated(self) -> int:
        """How many identifiers were there before."""
        return len(self._digests) - len(np.unique(np.frombuffer(self._digests, np.uint64)))

    def look_counted(self) -> bool:
        """Whether all end in `_N` with N falling, as in a dereplicated file."""
        return self._is_falling and self._greatest > self._last

    def _follow(self, identifier: str) -> bool:
        """Take note of what an identifier ends in; whether those that follow matter."""
        number = trailing_number(identifier) if self._is_falling else None
        self._is_falling = number is not None and (not self._greatest or number <= self._last)
        self._greatest, self._last = max(self._greatest, number or 0), number or 0
        return self._is_falling


def _account(dropped: Dropped) -> str:
    """What was left out, in words."""
    words = {
        "had no letters": dropped.empty,
        "were shorter than min_length": dropped.too_short,
        "were longer than max_length": dropped.too_long,
        "had more expected errors than max_expected_errors": dropped.expected_errors,
    }
    return ", ".join(f"{count:,} {text}" for text, count in words.items() if count) or "there were none"
