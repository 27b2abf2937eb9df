"""Where in a file a fault is, found by reading the file again up to there: only a file that is refused pays for it."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from dnaio.exceptions import FileFormatError

from analysis_service.sequence import alphabet
from analysis_service.sequence.errors import InputError, NameEnum, Reason
from analysis_service.sequence.formats import SequenceFormat
from analysis_service.sequence.text import ChunkFile, SequenceText

_FASTQ_LINES = 4
_SHOWN_LETTERS = 60
_SHOWN_ERROR = 300


class Line(NamedTuple):
    """A line and its number, from 1."""

    number: int
    content: bytes


def record_lines(text: SequenceText, form: SequenceFormat, number: int) -> list[Line]:
    """The lines of a record, its header first; lines that the parser passes over are left out.

    Parameters
    ----------
    text : SequenceText
        The file.
    form : SequenceFormat
        Its format.
    number : int
        The record's number, from 0.
    """
    if form is SequenceFormat.FASTQ:
        return [
            Line(line.number, line.content.strip())
            for line in _from_line(text, _FASTQ_LINES * number + 1, count=_FASTQ_LINES)
        ]
    return list(_fasta_record(_lines(text), number))


def alphabet_fault(text: SequenceText, form: SequenceFormat, number: int, name: str) -> InputError:
    """The error for a record with a character that stands for no nucleotide."""
    lines = record_lines(text, form, number)[1:]
    for line in lines if form is SequenceFormat.FASTA else lines[:1]:
        strangers = alphabet.strangers_in(alphabet.canonical(line.content))
        if strangers:
            return InputError(
                Reason.FILE_ALPHABET_INVALID,
                f"Line {line.number} ({_shown(name)}) holds {strangers[:10]!r}: {alphabet.meaning_of(strangers)}.",
            )
    return InputError(Reason.FILE_ALPHABET_INVALID, f"The sequence {_shown(name)} holds what is no nucleotide.")


def fault_at(
    text: SequenceText, form: SequenceFormat, number: int, name: str, reason: NameEnum, rest: str
) -> InputError:
    """The error for a record as a whole; `rest` continues "The sequence NAME at line N"."""
    lines = record_lines(text, form, number)
    return InputError(reason, f"The sequence {_shown(name)} at line {lines[0].number} {rest}.")


def fastq_fault(text: SequenceText, error: FileFormatError) -> InputError:
    """The error for a FASTQ file that dnaio cannot read on."""
    if error.line is None:
        return InputError(Reason.FILE_CORRUPT, sentence(error))
    number = error.line // _FASTQ_LINES
    lines = _from_line(text, _FASTQ_LINES * number + 1, count=_FASTQ_LINES + 1)
    contents = [line.content.rstrip(b"\r\n") for line in lines]
    at = error.line + 1
    if _is_wrapped(contents):
        message = (
            f"Line {at} continues a sequence: FASTQ with wrapped lines is not read. Write each record in four lines."
        )
        return InputError(Reason.FILE_NOT_SEQUENCES, message)
    if lines and not any(contents):
        return InputError(
            Reason.FILE_CORRUPT, f"Line {lines[0].number} is empty, and so is what follows. Remove empty lines."
        )
    if _is_cut(lines):
        return InputError(
            Reason.FILE_TRUNCATED, f"The file is cut short: its last record, at line {lines[0].number}, is not whole."
        )
    return InputError(Reason.FILE_CORRUPT, sentence(error))


def _is_wrapped(contents: list[bytes]) -> bool:
    return len(contents) > 2 and all(alphabet.is_readable(line) for line in contents[1:3])


def _is_cut(lines: list[Line]) -> bool:
    """Whether the file ends within this record."""
    if len(lines) < _FASTQ_LINES:
        return any(line.content.strip() for line in lines)
    letters, qualities = lines[1].content.rstrip(b"\r\n"), lines[3].content
    return len(lines) == _FASTQ_LINES and not qualities.endswith(b"\n") and len(qualities) < len(letters)


def sentence(error: FileFormatError) -> str:
    """What dnaio says, in one printable line."""
    text = " ".join(str(error).split())[:_SHOWN_ERROR].rstrip(".")
    return f"{''.join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)}."


def _shown(name: str) -> str:
    return repr(name[:_SHOWN_LETTERS])


def _lines(text: SequenceText) -> Iterator[Line]:
    with io.BufferedReader(ChunkFile(text.chunks())) as file:
        for number, content in enumerate(file, start=1):
            yield Line(number, content)


def _from_line(text: SequenceText, first: int, count: int) -> list[Line]:
    found: list[Line] = []
    for line in _lines(text):
        if line.number >= first:
            found.append(line)
        if len(found) == count:
            break
    return found


def _fasta_record(lines: Iterator[Line], number: int) -> Iterator[Line]:
    at = -1
    for line in lines:
        content = line.content.strip()
        at += content.startswith(b">")
        if at > number:
            return
        if at == number and content and not content.startswith(b"#"):
            yield Line(line.number, content)
