"""Which format a text is of, and what it is instead where it is neither FASTA nor FASTQ."""

from enum import auto

from analysis_service.sequence.errors import InputError, NameEnum, Reason


class SequenceFormat(NameEnum):
    """Formats that are read."""

    FASTA = auto()
    FASTQ = auto()


_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

# What people send by mistake, by how it begins (in lower case), and what to do about it.
_OTHERS = (
    (b"\x1f\x8b", "The file is compressed twice. Decompress it once."),
    (
        b"pk\x03\x04",
        "The file is a ZIP archive (or a spreadsheet or document). Send the FASTA or FASTQ file within it.",
    ),
    (b"bzh", "The file is compressed with bzip2. Use gzip, or send it uncompressed."),
    (b"\xfd7zxz", "The file is compressed with xz. Use gzip, or send it uncompressed."),
    (b"\x28\xb5\x2f\xfd", "The file is compressed with zstd. Use gzip, or send it uncompressed."),
    (b"bam\x01", "The file is BAM, with alignments. Convert it to FASTQ."),
    (b"%pdf", "The file is a PDF document."),
    (b"<?xml", "The file is XML. Download the sequences as FASTA."),
    (b"<", "The file is an HTML page, not sequences: the download may have led to a login or an error page."),
    (b"locus ", "The file is in GenBank format. Convert it to FASTA."),
    (b"id   ", "The file is in EMBL format. Convert it to FASTA."),
    (b"#nexus", "The file is in NEXUS format. Convert it to FASTA."),
    (b"@hd\t", "The file is SAM, with alignments. Convert it to FASTQ."),
    (b"@sq\t", "The file is SAM, with alignments. Convert it to FASTQ."),
    (b"{", "The file is JSON, not sequences."),
    (b"[", "The file is JSON, not sequences."),
)


def format_of(head: bytes) -> SequenceFormat:
    """The format of a text, by its beginning.

    Parameters
    ----------
    head : bytes
        The first chunk of the text, decompressed.

    Raises
    ------
    InputError
        FILE_EMPTY, or FILE_NOT_SEQUENCES with what the file seems to be instead.
    """
    if not head.strip():
        raise InputError(Reason.FILE_EMPTY, "The file is empty.")
    if head.startswith(_BYTE_ORDER_MARKS):
        raise _refused(
            "The file begins with a byte-order mark, as text editors and spreadsheets write it. "
            "Save it as plain ASCII, or as UTF-8 without a byte-order mark."
        )
    start = head.lstrip(b" \t\r\n")
    for magic, message in _OTHERS:
        if start[: len(magic)].lower() == magic:
            raise _refused(message)
    if b"\r" in head and b"\n" not in head:
        raise _refused("The lines end in carriage returns alone, as on old Macintoshes. Save the file with line feeds.")
    return _by_first_character(start)


def _by_first_character(start: bytes) -> SequenceFormat:
    # dnaio passes over lines that begin with "#".
    if start.startswith((b">", b"#")):
        return SequenceFormat.FASTA
    if start.startswith(b"@"):
        return SequenceFormat.FASTQ
    first = start.split(b"\n", 1)[0].strip().decode("ascii", "backslashreplace")[:40]
    raise _refused(f"The file is neither FASTA (which begins with '>') nor FASTQ ('@'): line 1 begins with {first!r}.")


def _refused(message: str) -> InputError:
    return InputError(Reason.FILE_NOT_SEQUENCES, message)
