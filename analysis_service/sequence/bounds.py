"""How much a file may hold: what protects the machine, not what a caller sets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The reader's limits; beyond any of them a file is refused with ``FILE_LIMIT_EXCEEDED``.

    Attributes
    ----------
    text_bytes : int
        Bytes after decompression. 4 GiB: a whole run of 25 million paired reads is that large, one sample is not.
    compression_ratio : float
        Bytes after decompression by bytes before. 200: reads compress 4 to 10 times, files of nearly equal
        sequences 100 times; deflate reaches 1032 times on a bomb.
    small_text_bytes : int
        Up to here any ratio is accepted, since it cannot do harm: 16 MiB.
    record_letters : int
        Letters of one sequence. 100,000: the longest amplicons, whole ribosomal operons, have 4,500 to 10,000.
    records : int
        Sequences in a file. 10 million: several times a deeply sequenced sample.
    """

    text_bytes: int = 4 * 1024**3
    compression_ratio: float = 200.0
    small_text_bytes: int = 16 * 1024**2
    record_letters: int = 100_000
    records: int = 10_000_000
