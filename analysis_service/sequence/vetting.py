"""What must hold for a text before it is taken apart: characters that text has, and records of bounded length."""

from collections.abc import Iterator

from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.formats import SequenceFormat
from analysis_service.sequence.text import SequenceText

_RECORD_STARTS = {SequenceFormat.FASTA: b"\n>", SequenceFormat.FASTQ: b"\n"}
_WRITTEN_BYTES_PER_LETTER = 4
_HEADER_BYTES = 64 * 1024


def vetted(text: SequenceText, chunks: Iterator[bytes], form: SequenceFormat, bounds: Bounds) -> Iterator[bytes]:
    """The same chunks, checked one by one, so that nothing beyond a chunk is held for a record without end.

    Raises
    ------
    InputError
        FILE_NOT_SEQUENCES for NUL or another character that is no text, FILE_CORRUPT for one beyond ASCII,
        FILE_LIMIT_EXCEEDED for a record (FASTA) or line (FASTQ) that is too long.
    """
    # Line breaks within a sequence count too; the exact length is checked once the record is known.
    limit = _WRITTEN_BYTES_PER_LETTER * bounds.record_letters + _HEADER_BYTES
    start, open_bytes, last = _RECORD_STARTS[form], 0, b"\n"
    for chunk in chunks:
        if not chunk.isascii() or b"\0" in chunk:
            raise _strange(chunk, text.line)
        at = (last + chunk).rfind(start)
        open_bytes = len(chunk) - at if at >= 0 else open_bytes + len(chunk)
        if open_bytes > limit:
            raise InputError(
                Reason.FILE_LIMIT_EXCEEDED,
                f"The record at line {text.line} is longer than the {bounds.record_letters:,} letters that a sequence "
                "may have. Markers are read here, not genomes.",
            )
        last = chunk[-1:]
        yield chunk


def _strange(chunk: bytes, line: int) -> InputError:
    at = next(index for index, value in enumerate(chunk) if value == 0 or value > 127)
    line += chunk.count(b"\n", 0, at)
    if chunk[at] == 0:
        return InputError(
            Reason.FILE_NOT_SEQUENCES, f"Line {line} holds a NUL character: the file is binary, or text in UTF-16."
        )
    return InputError(
        Reason.FILE_CORRUPT,
        f"Line {line} holds a character beyond ASCII (byte 0x{chunk[at]:02x}). Write identifiers in plain letters.",
    )
