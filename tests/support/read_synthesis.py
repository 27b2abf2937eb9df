"""Sequences and reads made of a seed: templates, reads with errors, files of them."""

import numpy as np

BASES = np.frombuffer(b"ACGT", np.uint8)


def random_letters(length: int, chance: np.random.Generator) -> bytes:
    """A sequence of independent bases."""
    return BASES[chance.integers(0, 4, length)].tobytes()


def substituted(letters: bytes, places: list[int]) -> bytes:
    """The sequence with another base at each of some places."""
    changed = bytearray(letters)
    for place in places:
        changed[place] = b"CGTA"[b"ACGT".index(changed[place])]
    return bytes(changed)


def fasta(records: list[tuple[str, bytes]], width: int = 0) -> bytes:
    """A FASTA file, its lines wrapped at a width unless that is 0."""
    return b"".join(b">%s\n%s\n" % (name.encode(), _wrapped(letters, width)) for name, letters in records)


def fastq(records: list[tuple[str, bytes, bytes]]) -> bytes:
    """A FASTQ file of names, letters and quality characters."""
    return b"".join(b"@%s\n%s\n+\n%s\n" % (name.encode(), letters, quality) for name, letters, quality in records)


def _wrapped(letters: bytes, width: int) -> bytes:
    if not width:
        return letters
    return b"\n".join(letters[at : at + width] for at in range(0, len(letters), width))
