"""Parameters of reading: which records of a file are taken, and what their headers and qualities mean."""

from dataclasses import dataclass, field
from functools import partial

from analysis_service.parameter import described as _described
from analysis_service.parameter import violation
from analysis_service.sequence.abundance import AbundanceNotation
from analysis_service.sequence.errors import FieldViolation
from analysis_service.sequence.scopes import ParameterScope

described = partial(_described, scope=ParameterScope.INPUT)

QUALITY_OFFSETS = (33, 64)
_MAX_LETTERS = 100_000


@dataclass(frozen=True, kw_only=True)
class InputParams:
    """All that is asked of a file's records."""

    min_length: int = field(
        default=0,
        metadata=described(
            "Shortest sequence that is taken; 0 is off.",
            "off: what is too short to be told apart is left unassigned later (ours)",
            kind="integer",
            unit="letters",
            limits=(0, _MAX_LETTERS),
        ),
    )
    max_length: int = field(
        default=0,
        metadata=described(
            "Longest sequence that is taken; 0 is off.",
            "off: lengths of ITS and 18S amplicons differ by hundreds of letters (ours)",
            kind="integer",
            unit="letters",
            limits=(0, _MAX_LETTERS),
        ),
    )
    max_expected_errors: float = field(
        default=1.0,
        metadata=described(
            "FASTQ: reads with more expected errors are left out; 0 is off. FASTA, without qualities, is not filtered.",
            "Edgar & Flyvbjerg 2015, Bioinformatics 31:3476: with at most 1 the most probable number of errors is 0",
            unit="errors",
            limits=(0.0, 1000.0),
        ),
    )
    quality_offset: int = field(
        default=33,
        metadata=described(
            "FASTQ: character code of quality 0: 33, or 64 as written by Illumina 1.3 to 1.7.",
            "Cock et al. 2010, Nucleic Acids Res 38:1767",
            kind="integer",
            limits=QUALITY_OFFSETS,
        ),
    )
    abundance_notation: AbundanceNotation = field(
        default=AbundanceNotation.AUTO,
        metadata=described(
            "Where headers say how many reads a record stands for. AUTO: size=N, or _N after a digest.",
            "size=N: UPARSE (Edgar 2013, Nat Methods 10:996), vsearch; _N: Swarm (Mahe et al. 2014, PeerJ 2:e593). "
            "A trailing _N without a digest is mostly a running number",
            kind="enum",
            choices=AbundanceNotation,
        ),
    )


def cross_violations(params: InputParams) -> list[FieldViolation]:
    """What is wrong with parameters that are each within their limits."""
    found = []
    if 0 < params.max_length < params.min_length:
        found.append(violation("min_length", "at most max_length"))
    if params.quality_offset not in QUALITY_OFFSETS:
        found.append(violation("quality_offset", "33 or 64"))
    return found
