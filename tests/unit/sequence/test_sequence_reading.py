"""A file is read to what was written, or refused with a sentence that says what is wrong and where."""

import gzip
import io
import mmap
import pickle
from typing import Any

import pytest
from isal import igzip_lib

from analysis_service.sequence.bounds import Bounds
from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.findings import SequenceWarningCode
from analysis_service.sequence.formats import SequenceFormat
from analysis_service.sequence.intake import Intake, take_in
from analysis_service.sequence.params import AbundanceNotation, SequenceParams
from analysis_service.sequence.text import CHUNK_BYTES
from tests.support.read_synthesis import fasta, fastq

FASTA = fasta([("a first", b"ACGT" * 5), ("b", b"GGGG"), ("c", b"ACGT" * 5)], width=7)
FASTQ = fastq([("a", b"ACGT", b"IIII"), ("b", b"GG", b"5?"), ("c", b"ACGT", b"I+5I")])
GZIP = gzip.compress(FASTA, mtime=0)
MANY = fasta([(f"r{number}", b"ACGTTGCA" * 30) for number in range(5000)])
MANY_LINES = MANY.count(b"\n")


def read(content: Any, bounds: Bounds | None = None, **params: Any) -> Intake:
    return take_in(content, SequenceParams(**params), bounds)


def refusal(content: Any, bounds: Bounds | None = None, **params: Any) -> tuple[Reason, str]:
    with pytest.raises(InputError) as caught:
        read(content, bounds, **params)
    assert isinstance(caught.value.reason, Reason)
    return caught.value.reason, caught.value.message


def abundances(content: bytes, **params: Any) -> dict[bytes, int]:
    return {sequence.letters: sequence.abundance for sequence in read(content, **params).sequences}


def test_fasta_is_read_to_unique_sequences() -> None:
    found = read(FASTA)
    assert (found.form, found.is_compressed, found.records, found.kept_reads) == (SequenceFormat.FASTA, False, 3, 3)
    assert [(item.letters, item.abundance, item.records, item.first_id) for item in found.sequences] == [
        (b"ACGT" * 5, 2, 2, "a"),
        (b"GGGG", 1, 1, "b"),
    ]
    assert found.sequences[0].mean_quality is None
    assert (found.dropped.total, found.warnings) == (0, ())


def test_fastq_is_read_with_the_quality_of_the_mean_error() -> None:
    found = read(FASTQ)
    assert found.form is SequenceFormat.FASTQ
    assert [(item.letters, item.abundance, item.first_id) for item in found.sequences] == [
        (b"ACGT", 2, "a"),
        (b"GG", 1, "b"),
    ]
    # Errors 6 * 10^-4 + 10^-1 + 10^-2 over eight letters; 10^-2 + 10^-3 over two.
    assert [item.mean_quality for item in found.sequences] == [18.5933, 22.5964]


@pytest.mark.parametrize("name", ["bytes", "bytearray", "memoryview", "file", "mmap"])
@pytest.mark.parametrize("content", [FASTA, GZIP], ids=["plain", "gzip"])
def test_every_kind_of_input_reads_the_same(name: str, content: bytes) -> None:
    expected = read(FASTA).sequences
    if name == "mmap":
        with mmap.mmap(-1, len(content)) as view:
            view[:] = content
            found = read(view)
        assert view.closed
    else:
        kinds: dict[str, Any] = {"bytes": bytes, "bytearray": bytearray, "memoryview": memoryview, "file": io.BytesIO}
        found = read(kinds[name](content))
    assert found.sequences == expected
    assert found.is_compressed is (content is GZIP)


def test_a_file_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"something else" + FASTA)
    file.seek(len(b"something else"))
    assert read(file).records == 3
    assert not file.closed


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(FASTA[:11]) + gzip.compress(FASTA[11:]),
        GZIP + bytes(512),
        igzip_lib.compress(FASTA, flag=igzip_lib.COMP_GZIP),
    ],
    ids=["two members", "padded with zeros", "another compressor"],
)
def test_gzip_comes_in_several_forms(content: bytes) -> None:
    assert read(content).sequences == read(FASTA).sequences


def test_members_may_begin_anywhere_in_a_chunk() -> None:
    members = b"".join(gzip.compress(MANY[at : at + 1000], compresslevel=0) for at in range(0, len(MANY), 1000))
    assert len(members) > 3 * CHUNK_BYTES
    assert read(members).sequences[0].records == 5000


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_line_endings_and_a_missing_last_one_do_not_matter(ending: bytes) -> None:
    for content in (FASTA, FASTQ):
        changed = content.replace(b"\n", ending).removesuffix(ending)
        assert read(changed).sequences == read(content).sequences


def test_letters_become_upper_case_and_u_becomes_t() -> None:
    assert abundances(b">a\nacgu\n>b\nACGT\n") == {b"ACGT": 2}


def test_every_letter_of_iupac_is_read() -> None:
    letters = b"ACGTRYSWKMBDHVN"
    assert abundances(b">a\n" + letters + b"\n") == {letters: 1}


def test_comments_and_empty_lines_of_fasta_are_passed_over() -> None:
    assert abundances(b"# of 2020\n\n>a\nAC\n\n# half\nGT\n") == {b"ACGT": 1}


def test_a_record_without_a_name_is_named_by_its_number() -> None:
    assert [item.first_id for item in read(b">\nAC\n> \nGT\n").sequences] == ["record_1", "record_2"]


# -- What is refused -----------------------------------------------------------------------------------------------

REFUSED = {
    "empty": (b"", Reason.FILE_EMPTY, "The file is empty."),
    "blank": (b" \r\n\n", Reason.FILE_EMPTY, "The file is empty."),
    "empty gzip": (gzip.compress(b""), Reason.FILE_EMPTY, "The file is empty."),
    "html": (b"<!DOCTYPE html><html>", Reason.FILE_NOT_SEQUENCES, "The file is an HTML page"),
    "byte-order mark": (b"\xef\xbb\xbf" + FASTA, Reason.FILE_NOT_SEQUENCES, "begins with a byte-order mark"),
    "utf-16": (FASTA.decode().encode("utf-16"), Reason.FILE_NOT_SEQUENCES, "begins with a byte-order mark"),
    "nul": (b">a\nAC\n>b\nA\x00C\n", Reason.FILE_NOT_SEQUENCES, "Line 4 holds a NUL character"),
    "zip": (b"PK\x03\x04 and more", Reason.FILE_NOT_SEQUENCES, "The file is a ZIP archive"),
    "bzip2": (b"BZh91AY&SY", Reason.FILE_NOT_SEQUENCES, "compressed with bzip2"),
    "gzip twice": (gzip.compress(GZIP), Reason.FILE_NOT_SEQUENCES, "compressed twice"),
    "bam": (gzip.compress(b"BAM\x01\x00"), Reason.FILE_NOT_SEQUENCES, "The file is BAM"),
    "genbank": (b"LOCUS       AB000001", Reason.FILE_NOT_SEQUENCES, "in GenBank format"),
    "sam": (b"@HD\tVN:1.6\n", Reason.FILE_NOT_SEQUENCES, "The file is SAM"),
    "old line ends": (b">a\rACGT\r", Reason.FILE_NOT_SEQUENCES, "end in carriage returns alone"),
    "no header": (b"ACGT\n", Reason.FILE_NOT_SEQUENCES, "neither FASTA (which begins with '>') nor FASTQ ('@')"),
    "protein": (
        b">a\nMKVLAAGIL\n",
        Reason.FILE_ALPHABET_INVALID,
        "holds 'IL': a letter of amino acids only: these are protein",
    ),
    "protein in permitted letters": (
        b">a\nAC\n>b\nMKVRDAHGSTWYNKKVRDHSSSWKKY\n",
        Reason.FILE_ALPHABET_INVALID,
        "The sequence 'b' at line 3 holds more ambiguity codes than bases: it seems to be protein",
    ),
    "stop codon": (b">a\nACGT\nAC*\n", Reason.FILE_ALPHABET_INVALID, "Line 3 ('a') holds '*': a stop codon"),
    "exclamation mark": (b">a\nAC!T\n", Reason.FILE_ALPHABET_INVALID, "Line 2 ('a') holds '!': a frame shift mark"),
    "question mark": (
        b">a\nAC?T\n",
        Reason.FILE_ALPHABET_INVALID,
        "Line 2 ('a') holds '?': an unknown letter; write N",
    ),
    "gaps": (b">a\nAC-T\n", Reason.FILE_ALPHABET_INVALID, "Line 2 ('a') holds '-': a gap: the sequences are aligned"),
    "spaces": (b">a\nAC GT\n", Reason.FILE_ALPHABET_INVALID, "Line 2 ('a') holds ' ': a space within the sequence"),
    "letters in fastq": (
        FASTQ + b"@d\nAXGT\n+\nIIII\n",
        Reason.FILE_ALPHABET_INVALID,
        "Line 14 ('d') holds 'X': an unknown letter in DNA, or any amino acid",
    ),
    "beyond ascii": (
        b">a\nAC\n>K\xc3\xa4fer\nAC\n",
        Reason.FILE_CORRUPT,
        "Line 3 holds a character beyond ASCII (byte 0xc3)",
    ),
    "empty sequence": (b">a\nAC\n\n>b\n>c\nAC\n", Reason.FILE_CORRUPT, "The sequence 'b' at line 4 is empty"),
    "empty last sequence": (b">a\nAC\n>b\n", Reason.FILE_CORRUPT, "The sequence 'b' at line 3 is empty"),
    "multi-line fastq": (
        b"@a\nACGT\nACGT\n+\nIIII\nIIII\n",
        Reason.FILE_NOT_SEQUENCES,
        "Line 3 continues a sequence: FASTQ with wrapped lines is not read. Write each record in four lines.",
    ),
    "no plus": (b"@a\nACGT\nIIII+\nIIII\n", Reason.FILE_CORRUPT, "at line 3: Line expected to start with '+'"),
    "no at": (FASTQ + b"d\nA\n+\nI\n", Reason.FILE_CORRUPT, "at line 13: Line expected to start with '@'"),
    "names differ": (b"@a\nACGT\n+b\nIIII\n", Reason.FILE_CORRUPT, "at line 3: Sequence descriptions don't match"),
    "lengths differ": (
        b"@a\nACGT\n+\nII\n" + FASTQ,
        Reason.FILE_CORRUPT,
        "at line 4: Length of sequence and qualities differ",
    ),
    "empty lines in fastq": (FASTQ + b"\n\n\n", Reason.FILE_CORRUPT, "Line 13 is empty, and so is what follows"),
    "fastq cut in a header": (FASTQ + b"@d", Reason.FILE_TRUNCATED, "its last record, at line 13, is not whole"),
    "fastq cut in letters": (FASTQ + b"@d\nAC", Reason.FILE_TRUNCATED, "its last record, at line 13, is not whole"),
    "fastq cut in qualities": (FASTQ[:-2], Reason.FILE_TRUNCATED, "its last record, at line 9, is not whole"),
    "quality below": (
        FASTQ + b"@d\nAC\n+\nI \n",
        Reason.FILE_VALUES_INVALID,
        "The sequence 'd' at line 13 has a quality",
    ),
    "quality above": (FASTQ + b"@d\nAC\n+\nI\x7f\n", Reason.FILE_VALUES_INVALID, "outside of the range of Phred+33"),
    "abundance 0": (b">a;size=0\nAC\n", Reason.FILE_VALUES_INVALID, "says an abundance that is not between 1 and"),
    "abundance absurd": (
        b">a;size=" + b"9" * 5000 + b"\nAC\n",
        Reason.FILE_VALUES_INVALID,
        "at line 1 cannot be counted",
    ),
    "gzip cut": (GZIP[:-9], Reason.FILE_TRUNCATED, "The compressed file is cut short: it ends in the middle of line"),
    "gzip cut in its end": (GZIP[:-3], Reason.FILE_TRUNCATED, f"in the middle of line {FASTA.count(10) + 1}"),
    "gzip cut in a second member": (GZIP + GZIP[:4], Reason.FILE_TRUNCATED, "The compressed file is cut short"),
    "bad crc": (GZIP[:-8] + b"abcd" + GZIP[-4:], Reason.FILE_CORRUPT, "damaged (incorrect checksum found)"),
    "bad length": (GZIP[:-4] + b"abcd", Reason.FILE_CORRUPT, "damaged (incorrect checksum found)"),
    "bad method": (b"\x1f\x8b\x07" + GZIP[3:], Reason.FILE_CORRUPT, "The compressed file is damaged"),
    "trailing junk": (
        GZIP + b"junk",
        Reason.FILE_CORRUPT,
        f"The compressed data ends at line {FASTA.count(10) + 1}, and something that is not gzip follows",
    ),
    "everything dropped": (
        b"@a\n\n+\n\n",
        Reason.FILE_NO_SEQUENCES,
        "No sequence is left: of 1 records 1 had no letters.",
    ),
    "comments only": (b"# nothing\n", Reason.FILE_NO_SEQUENCES, "of 0 records there were none."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_malformed_is_refused_with_a_message(case: str) -> None:
    content, reason, part = REFUSED[case]
    assert refusal(content)[0] is reason
    assert part in refusal(content)[1]


@pytest.mark.parametrize("case", REFUSED)
def test_a_message_is_the_same_from_a_file(case: str) -> None:
    content, _, _ = REFUSED[case]
    assert refusal(io.BytesIO(content)) == refusal(content)


def test_a_line_number_far_into_a_compressed_file_is_exact() -> None:
    reason, message = refusal(gzip.compress(MANY + b">last\nACGT\nAC*T\n"))
    assert reason is Reason.FILE_ALPHABET_INVALID
    assert message.startswith(f"Line {MANY_LINES + 3} ('last') holds '*'")


def test_damage_far_into_a_compressed_file_is_placed_by_line() -> None:
    stored = gzip.compress(MANY, compresslevel=0)
    at = len(stored) - 1000
    assert refusal(stored[:at] + b"#" + stored[at + 1 :])[0] is Reason.FILE_CORRUPT
    reason, message = refusal(stored[:at])
    assert reason is Reason.FILE_TRUNCATED
    line = int(message.rsplit("line ", 1)[1].split(".")[0])
    assert MANY_LINES - 20 < line <= MANY_LINES


# -- What is read with a warning -----------------------------------------------------------------------------------


def codes(content: bytes, **params: Any) -> list[SequenceWarningCode]:
    return [warning.code for warning in read(content, **params).warnings]


def test_duplicate_identifiers_are_kept_and_told() -> None:
    found = read(b">a 1\nAC\n>a 2\nGT\n>b\nTT\n>a\nAA\n>\nGG\n>\nCC\n")
    assert found.kept_records == 6
    assert [(warning.code, warning.message) for warning in found.warnings] == [
        (
            SequenceWarningCode.IDENTIFIER_DUPLICATED,
            "2 records have the identifier of an earlier one; all are kept.",
        )
    ]


def test_fastq_records_that_were_trimmed_to_nothing_are_left_out_and_told() -> None:
    found = read(b"@z\n\n+\n\n" + FASTQ)
    assert (found.records, found.kept_records, found.dropped.empty) == (4, 3, 1)
    assert codes(b"@z\n\n+\n\n" + FASTQ) == [SequenceWarningCode.SEQUENCE_EMPTY]


def test_qualities_of_old_instruments_are_recognised_and_read_with_their_offset() -> None:
    old = fastq([("a", b"ACGT", b"hhTB"), ("b", b"GG", b"hh")])
    assert codes(old) == [SequenceWarningCode.QUALITY_OFFSET_UNLIKELY]
    assert codes(old, quality_offset=64) == []
    found = read(fastq([("a", b"AC", b"hT")]), quality_offset=64)
    assert found.sequences[0].mean_quality == pytest.approx(22.967, abs=1e-3)
    assert "the range of Phred+64: '@' to '~'" in refusal(FASTQ, quality_offset=64)[1]


# -- Abundances ----------------------------------------------------------------------------------------------------

DIGEST = "88531412fbe9f8496ee2e80d1cbfa17d"


@pytest.mark.parametrize(
    ("header", "notation", "identifier", "abundance"),
    [
        ("a;size=12", AbundanceNotation.AUTO, "a", 12),
        ("a;size=12;", AbundanceNotation.AUTO, "a", 12),
        ("a;size=12;ee=0.1;", AbundanceNotation.AUTO, "a;ee=0.1", 12),
        ("a size=12", AbundanceNotation.AUTO, "a", 12),
        ("a;fullsize=12", AbundanceNotation.AUTO, "a;fullsize=12", 1),
        ("a;size=large", AbundanceNotation.AUTO, "a;size=large", 1),
        (f"{DIGEST}_19845 Bremia lactucae", AbundanceNotation.AUTO, DIGEST, 19845),
        (f"ITS1/{DIGEST}_3", AbundanceNotation.AUTO, f"ITS1/{DIGEST}", 3),
        (f"a{DIGEST}_3", AbundanceNotation.AUTO, f"a{DIGEST}_3", 1),
        (f"{DIGEST}aaaaaaaa_3", AbundanceNotation.AUTO, f"{DIGEST}aaaaaaaa", 3),
        (f"{DIGEST}{DIGEST}_3", AbundanceNotation.AUTO, f"{DIGEST}{DIGEST}", 3),
        ("read_7", AbundanceNotation.AUTO, "read_7", 1),
        ("read_7", AbundanceNotation.UNDERSCORE, "read", 7),
        ("read_7_2", AbundanceNotation.UNDERSCORE, "read_7", 2),
        ("read", AbundanceNotation.UNDERSCORE, "read", 1),
        ("read_7;size=3", AbundanceNotation.UNDERSCORE, "read_7;size=3", 1),
        (f"{DIGEST}_7", AbundanceNotation.SIZE, f"{DIGEST}_7", 1),
        ("a;size=3", AbundanceNotation.SIZE, "a", 3),
        ("a;size=3", AbundanceNotation.NONE, "a;size=3", 1),
    ],
)
def test_an_abundance_is_read_from_the_header(
    header: str, notation: AbundanceNotation, identifier: str, abundance: int
) -> None:
    found = read(f">{header}\nACGT\n".encode(), abundance_notation=notation)
    assert [(item.first_id, item.abundance) for item in found.sequences] == [(identifier, abundance)]
    assert (found.kept_records, found.kept_reads) == (1, abundance)


def test_records_of_one_sequence_add_up_their_abundances() -> None:
    assert abundances(b">a;size=5\nAC\n>b\nGT\n>c;size=3\nac\n") == {b"AC": 8, b"GT": 1}


def test_trailing_numbers_that_look_like_abundances_are_not_taken_silently() -> None:
    content = b">x_50\nAC\n>y_9\nGT\n>z_1\nTT\n"
    assert codes(content) == [SequenceWarningCode.ABUNDANCE_NOT_TAKEN]
    assert codes(content, abundance_notation=AbundanceNotation.UNDERSCORE) == []
    assert codes(b">x_1\nAC\n>x_2\nGT\n>x_3\nTT\n") == []


# -- Limits --------------------------------------------------------------------------------------------------------


def test_a_text_beyond_its_limit_is_refused() -> None:
    reason, message = refusal(MANY, Bounds(text_bytes=1_000_000))
    assert reason is Reason.FILE_LIMIT_EXCEEDED
    assert "more than 1,000,000 bytes of text (at line " in message


def test_too_many_records_are_refused() -> None:
    assert refusal(FASTA, Bounds(records=2)) == (Reason.FILE_LIMIT_EXCEEDED, "The file holds more than 2 sequences.")
    assert read(FASTA, Bounds(records=3)).records == 3


@pytest.mark.parametrize("content", [FASTA, FASTQ])
def test_a_record_that_is_too_long_is_refused_by_name(content: bytes) -> None:
    reason, message = refusal(content, Bounds(record_letters=3))
    assert reason is Reason.FILE_LIMIT_EXCEEDED
    assert message.startswith("The sequence 'a")
    assert " at line 1 has " in message
    assert "more than the 3 allowed: markers are read here, not genomes" in message


def test_progress_is_told_and_ends_at_one() -> None:
    told: list[tuple[str, float]] = []
    take_in(MANY, SequenceParams(), report=lambda stage, fraction: told.append((stage, fraction)))
    fractions = [fraction for _, fraction in told]
    assert {stage for stage, _ in told} == {"reading"}
    assert fractions == sorted(fractions)
    assert 0.0 < fractions[0] < 1.0 == fractions[-1]


def test_a_refusal_survives_the_pipe_between_processes() -> None:
    with pytest.raises(InputError) as caught:
        read(b"")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  its own bytes
    assert (copy.reason, copy.message) == (Reason.FILE_EMPTY, "The file is empty.")
