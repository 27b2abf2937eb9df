"""Whatever the bytes are: unique sequences, or a typed error. Nothing else, and in bounded memory."""

import gzip
import random
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator

import pytest

from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.intake import take_in
from analysis_service.sequence.params import AbundanceNotation, SequenceParams
from tests.support.read_synthesis import fasta, fastq

MUTATIONS = 5000
_MIB = 1024**2
_PARAMS = SequenceParams(max_expected_errors=0.0)


def bases() -> list[bytes]:
    """Small files of every form."""
    chance = random.Random(1)
    letters = [bytes(chance.choices(b"ACGT", k=chance.randint(5, 40))) for _ in range(8)]
    qualities = [bytes(chance.choices(b"!5?I", k=len(sequence))) for sequence in letters]
    plain = fasta([(f"r{at} x", sequence) for at, sequence in enumerate(letters)], width=12)
    counted = fasta([(f"r{at};size={9 - at};", sequence) for at, sequence in enumerate(letters)])
    reads = fastq([(f"r{at}", *pair) for at, pair in enumerate(zip(letters, qualities, strict=True))])
    windows = reads.replace(b"\n", b"\r\n")
    texts = [plain, counted, reads, windows]
    return [*texts, *(gzip.compress(text, mtime=0) for text in texts), gzip.compress(plain) + gzip.compress(counted)]


def mutations(originals: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Flipped bits, cut, grown, doubled and spliced files, and characters that mean something."""
    chance = random.Random(seed)
    tokens = (b"\n", b"\r", b">", b"@", b"+", b"\0", b"\xff", b";size=", b"_9", b"\n\n", b"\x1f\x8b\x08", b"#", b" ")
    for number in range(count):
        content = bytearray(originals[number % len(originals)])
        at = chance.randrange(len(content))
        kind = chance.randrange(6)
        if kind == 0:
            for _ in range(chance.randint(1, 6)):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del content[at:]
        elif kind == 2:
            content[at:at] = chance.choice(tokens)
        elif kind == 3:
            del content[at : at + chance.randint(1, 30)]
        elif kind == 4:
            content[at:at] = content[chance.randrange(len(content)) :]
        else:
            other = chance.choice(originals)
            content[at:] = other[chance.randrange(len(other)) :]
        yield bytes(content)


def outcome(content: bytes, params: SequenceParams = _PARAMS, bounds: Bounds | None = None) -> str:
    try:
        found = take_in(content, params, bounds)
    except InputError as error:
        return reason_of(error)
    assert sum(sequence.records for sequence in found.sequences) == found.kept_records
    return "READ"


def reason_of(error: InputError) -> Reason:
    assert isinstance(error.reason, Reason)
    assert error.message.endswith(".")
    assert error.message.isprintable()
    return error.reason


def test_every_mutation_ends_in_sequences_or_a_typed_error() -> None:
    outcomes = Counter(outcome(content) for content in mutations(bases(), MUTATIONS, seed=1))
    assert outcomes.total() == MUTATIONS
    assert outcomes["READ"] > MUTATIONS / 20
    assert {
        Reason.FILE_CORRUPT,
        Reason.FILE_TRUNCATED,
        Reason.FILE_NOT_SEQUENCES,
        Reason.FILE_ALPHABET_INVALID,
        Reason.FILE_VALUES_INVALID,
    } < outcomes.keys()


def test_mutations_within_tight_bounds_end_in_sequences_or_a_typed_error() -> None:
    bounds = Bounds(text_bytes=400, record_letters=30, records=7)
    params = SequenceParams(min_length=10, max_length=30, abundance_notation=AbundanceNotation.UNDERSCORE)
    outcomes = {outcome(content, params, bounds) for content in mutations(bases(), 500, seed=2)}
    assert Reason.FILE_LIMIT_EXCEEDED in outcomes


# -- Bombs ---------------------------------------------------------------------------------------------------------


def bomb(block: bytes, count: int, head: bytes = b"") -> bytes:
    """A head and a block many times, in one gzip member without an end."""
    begun = zlib.compressobj(9, zlib.DEFLATED, 31)
    one = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush the next block needs nothing of what came before: compressed once, it can be repeated.
    start = begun.compress(head) + begun.flush(zlib.Z_FULL_FLUSH)
    return start + (one.compress(block) + one.flush(zlib.Z_FULL_FLUSH)) * count


GIBIBYTE_OF = {
    "reads": bomb((b">r\n" + b"ACGT" * 8000 + b"\n") * 32, 1024),
    "one letter without end": bomb(b"A" * _MIB, 1024, head=b">r\n"),
    "a wrapped record without end": bomb((b"A" * 63 + b"\n") * 16384, 1024, head=b">r\n"),
    "a header without end": bomb(b"A" * _MIB, 1024, head=b">"),
    "a quality without end": bomb(b"I" * _MIB, 1024, head=b"@r\nAC\n+\n"),
    "zeros": bomb(bytes(_MIB), 1024),
    "line feeds": bomb(b"\n" * _MIB, 1024),
    "line feeds after a header": bomb(b"\n" * _MIB, 1024, head=b">r\nACGT\n"),
}


@pytest.mark.parametrize("of", GIBIBYTE_OF)
def test_a_megabyte_that_holds_a_gibibyte_is_refused_in_little_memory(of: str) -> None:
    content = GIBIBYTE_OF[of]
    assert len(content) < 4 * _MIB
    tracemalloc.start()
    found = outcome(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found in {Reason.FILE_LIMIT_EXCEEDED, Reason.FILE_NOT_SEQUENCES, Reason.FILE_EMPTY}
    assert peak < 24 * _MIB


def test_a_bomb_of_reads_is_refused_for_its_ratio_and_told_the_line() -> None:
    with pytest.raises(InputError, match=r"compressed more than 200 times \(at line \d+\), as no sequencing data is"):
        take_in(GIBIBYTE_OF["reads"], _PARAMS)


def test_a_small_file_may_be_compressed_as_much_as_it_likes() -> None:
    text = (b">r\n" + b"ACGT" * 64 + b"\n") * 10_000
    content = gzip.compress(text)
    assert len(content) * Bounds().compression_ratio < len(text) < Bounds().small_text_bytes
    assert take_in(content, _PARAMS).kept_records == 10_000
