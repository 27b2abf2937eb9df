"""Records of a FASTA or FASTQ file, in batches, checked."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import numpy as np
from dnaio import FastaReader, FastqReader, SequenceRecord
from dnaio.exceptions import FileFormatError
from numpy.typing import NDArray

from analysis_service.sequence import alphabet, faults
from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.errors import InputError, NameEnum, Reason
from analysis_service.sequence.formats import SequenceFormat, format_of
from analysis_service.sequence.text import CHUNK_BYTES, ChunkFile, SequenceText
from analysis_service.sequence.vetting import vetted

BATCH_RECORDS = 4096
"""Records that are checked at once: enough that numpy's calls cost nothing a record."""

BATCH_LETTERS = 2 * 1024**2
"""Letters that are checked at once: several times those of a batch of amplicons, little enough to hold."""

Report = Callable[[str, float], None]
"""Is told a stage's name and how much of it is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, one after the other in the file.

    Attributes
    ----------
    first : int
        The number of the first one, from 0.
    headers : list of str
        Header lines without their marks.
    letters : list of bytes
        Sequences in upper case with T for U; an empty one is possible in FASTQ only.
    qualities : array of uint8, or None
        FASTQ: the quality characters of all records, one after the other, as they are written.
    """

    first: int
    headers: list[str]
    letters: list[bytes]
    qualities: NDArray[np.uint8] | None


class SequenceReader:
    """Reads a file once, from its beginning.

    Parameters
    ----------
    text
        The file's text.
    bounds
        How much it may hold.

    Attributes
    ----------
    form : SequenceFormat
        The format, told by the text's first characters.

    Raises
    ------
    InputError
        FILE_EMPTY or FILE_NOT_SEQUENCES, by the text's beginning.
    """

    def __init__(self, text: SequenceText, bounds: Bounds) -> None:
        self._text = text
        self._bounds = bounds
        self._chunks = text.chunks()
        head = next(self._chunks, b"")
        self.form = format_of(head)
        self._chunks = chain([head], self._chunks)

    def batches(self, report: Report | None = None) -> Iterator[Batch]:
        """The records.

        Raises
        ------
        InputError
            With a reason that begins with ``FILE_``, and a sentence that names the line.
        """
        first = 0
        for taken in _grouped(self._records()):
            if first + len(taken) > self._bounds.records:
                raise InputError(
                    Reason.FILE_LIMIT_EXCEEDED, f"The file holds more than {self._bounds.records:,} sequences."
                )
            yield self._checked(first, taken)
            first += len(taken)
            if report is not None:
                report("reading", self._text.fraction)

    def fault(self, number: int, header: str, reason: NameEnum, rest: str) -> InputError:
        """The error for a record; `rest` continues "The sequence NAME at line N"."""
        return faults.fault_at(self._text, self.form, number, header, reason, rest)

    def _records(self) -> Iterator[SequenceRecord]:
        file = io.BufferedReader(ChunkFile(vetted(self._text, self._chunks, self.form, self._bounds)), CHUNK_BYTES)
        if self.form is SequenceFormat.FASTA:
            return _fasta_records(file)
        return self._fastq_records(file)

    def _fastq_records(self, file: BinaryIO) -> Iterator[SequenceRecord]:
        try:
            yield from FastqReader(file)
        except FileFormatError as error:
            raise faults.fastq_fault(self._text, error) from error

    def _checked(self, first: int, records: list[SequenceRecord]) -> Batch:
        headers = [record.name for record in records]
        joined = alphabet.canonical("\n".join([record.sequence for record in records]).encode("ascii"))
        letters = joined.split(b"\n")
        if len(letters) != len(records) or alphabet.strangers_in(joined) != "\n" * (len(records) > 1):
            raise self._alphabet_fault(first, records)
        if alphabet.may_hold_protein(joined):
            self._check_composition(first, headers, letters)
        self._check_lengths(first, headers, letters)
        return Batch(first, headers, letters, self._qualities(records))

    def _alphabet_fault(self, first: int, records: list[SequenceRecord]) -> InputError:
        at = next(
            index
            for index, record in enumerate(records)
            if alphabet.strangers_in(alphabet.canonical(record.sequence.encode("ascii")))
        )
        return faults.alphabet_fault(self._text, self.form, first + at, records[at].name)

    def _check_composition(self, first: int, headers: list[str], letters: list[bytes]) -> None:
        at = next((index for index, sequence in enumerate(letters) if alphabet.is_like_protein(sequence)), None)
        if at is not None:
            rest = "holds more ambiguity codes than bases: it seems to be protein, and DNA or RNA is needed"
            raise self.fault(first + at, headers[at], Reason.FILE_ALPHABET_INVALID, rest)

    def _check_lengths(self, first: int, headers: list[str], letters: list[bytes]) -> None:
        lengths = list(map(len, letters))
        limit = self._bounds.record_letters
        if max(lengths) > limit:
            at = next(index for index, length in enumerate(lengths) if length > limit)
            rest = f"has {lengths[at]:,} letters, more than the {limit:,} allowed: markers are read here, not genomes"
            raise self.fault(first + at, headers[at], Reason.FILE_LIMIT_EXCEEDED, rest)
        if self.form is SequenceFormat.FASTA and not min(lengths):
            at = lengths.index(0)
            rest = "is empty: no letters follow its header"
            raise self.fault(first + at, headers[at], Reason.FILE_CORRUPT, rest)

    def _qualities(self, records: list[SequenceRecord]) -> NDArray[np.uint8] | None:
        if self.form is SequenceFormat.FASTA:
            return None
        return np.frombuffer(b"".join([record.qualities_as_bytes() for record in records]), np.uint8)


def _grouped(records: Iterator[SequenceRecord]) -> Iterator[list[SequenceRecord]]:
    """Records in batches, none of them empty."""
    taken: list[SequenceRecord] = []
    letters = 0
    for record in records:
        taken.append(record)
        letters += len(record)
        if len(taken) == BATCH_RECORDS or letters >= BATCH_LETTERS:
            yield taken
            taken, letters = [], 0
    if taken:
        yield taken


def _fasta_records(file: BinaryIO) -> Iterator[SequenceRecord]:
    try:
        yield from FastaReader(file)
    except FileFormatError as error:
        raise InputError(Reason.FILE_CORRUPT, faults.sentence(error)) from error
