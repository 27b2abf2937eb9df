"""The letters of nucleic acids (IUPAC-IUB 1984, Cornish-Bowden 1985, Nucleic Acids Res 13:3021)."""

BASES = b"ACGT"
AMBIGUOUS = b"RYSWKMBDHVN"
LETTERS = BASES + AMBIGUOUS
"""What remains after :func:`canonical`: upper case, T for U."""

_CANONICAL = bytes.maketrans(b"uU", b"TT")
_CERTAIN = BASES + b"N"
_READABLE = LETTERS + b"U"
_PROTEIN_ONLY = frozenset("EFIJLOPQZ")
_MEANINGS = {
    "-": "a gap: the sequences are aligned; remove the gaps",
    ".": "a gap: the sequences are aligned; remove the gaps",
    "*": "a stop codon: these are protein sequences",
    "!": "a frame shift mark: these are protein or translated sequences",
    "?": "an unknown letter; write N",
    " ": "a space within the sequence; remove spaces and numbers",
    "X": "an unknown letter in DNA, or any amino acid; write N if this is DNA",
}

LEAST_CERTAIN_SHARE = 0.5
"""Sequences of which less is A, C, G, T or N are taken for protein; peptides without any of E F I L P Q exist."""

_LEAST_LETTERS = 20
"""Shorter sequences are too short to be judged by their composition."""


def canonical(text: bytes) -> bytes:
    """Upper case, and T for U. Works on one sequence or on many, parted by line feeds."""
    return text.upper().translate(_CANONICAL)


def strangers_in(text: bytes) -> str:
    """The characters of a text, in canonical letters, that stand for no nucleotide; each once, sorted."""
    return "".join(sorted(set(text.translate(None, LETTERS).decode("latin-1"))))


def may_hold_protein(text: bytes) -> bool:
    """Whether any sequence of a text can be like protein: a quick look at many at once."""
    return len(text.translate(None, _CERTAIN + b"\n")) > (1.0 - LEAST_CERTAIN_SHARE) * _LEAST_LETTERS


def is_like_protein(letters: bytes) -> bool:
    """Whether most of a sequence, though written in permitted letters, is neither A, C, G, T nor N."""
    if len(letters) < _LEAST_LETTERS:
        return False
    return len(letters.translate(None, _CERTAIN)) > (1.0 - LEAST_CERTAIN_SHARE) * len(letters)


def is_readable(line: bytes) -> bool:
    """Whether a line holds letters of nucleic acids alone, in any case."""
    return bool(line) and not line.upper().translate(None, _READABLE)


def meaning_of(strangers: str) -> str:
    """What characters that stand for no nucleotide probably mean, as half a sentence."""
    if any(letter in _PROTEIN_ONLY for letter in strangers):
        return "a letter of amino acids only: these are protein sequences, and DNA or RNA is needed"
    return next((_MEANINGS[letter] for letter in strangers if letter in _MEANINGS), "no letter of the IUPAC alphabet")
