"""Which analysis a file is for, by its content; by its name only where the content is not conclusive."""

import zlib

from rpc.errors import InvalidArgument
from rpc.reasons import Reason

HEAD_BYTES = 512
"""One C3D block: enough to tell the formats apart."""

EMG_SESSION = "emg.session"
SEQUENCE_TAXONOMY = "sequence.taxonomy"

_C3D_MAGIC = 0x50
_GZIP_MAGIC = b"\x1f\x8b"
_RECORD_MARKS = (b">", b"@", b";")
_ENDINGS = (".fasta", ".fa", ".fna", ".fas", ".fastq", ".fq")


def pipeline_for(head: bytes, file_name: str) -> str:
    """Return the name of the pipeline for a file that begins with `head`.

    A file that only its name calls C3D goes to the same pipeline, which says what is wrong with it.

    Raises:
        InvalidArgument: FILE_FORMAT_UNKNOWN, FILE_EMPTY.
    """
    if is_c3d(head) or file_name.lower().endswith(".c3d"):
        return EMG_SESSION
    if is_sequences(head) or file_name.lower().removesuffix(".gz").endswith(_ENDINGS):
        return SEQUENCE_TAXONOMY
    if not head:
        raise InvalidArgument(Reason.FILE_EMPTY, "The file is empty: it has no bytes.")
    raise InvalidArgument(
        Reason.FILE_FORMAT_UNKNOWN,
        "The file is of no format that can be analysed here; C3D recordings and FASTA or FASTQ sequences can be.",
    )


def is_sequences(head: bytes) -> bool:
    """Tell whether bytes begin FASTA or FASTQ, plain or gzip; lines of comment may come first."""
    text = _inflated(head) if head.startswith(_GZIP_MAGIC) else head
    lines = (line.strip() for line in text.removeprefix(b"\xef\xbb\xbf").splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return first.startswith(_RECORD_MARKS)


def _inflated(head: bytes) -> bytes:
    """Return the text that the beginning of a compressed file holds; nothing where it is damaged."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def is_c3d(head: bytes) -> bool:
    """Tell whether bytes begin a C3D file: its first byte numbers the parameter block, its second is 0x50.

    A header block has many zero bytes and text has none, by which the text "2P…" is told apart.
    """
    return len(head) >= 2 and head[0] >= 2 and head[1] == _C3D_MAGIC and 0 in head
