"""Parameters of the classification of a sequence."""

from dataclasses import dataclass, field
from functools import partial

from analysis_service.parameter import ParameterDescription, descriptions_of, range_violations
from analysis_service.parameter import described as _described
from analysis_service.sequence.scopes import ParameterScope

described = partial(_described, scope=ParameterScope.CLASSIFICATION)

_SINTAX = "Edgar 2016, SINTAX (bioRxiv 074161)"
_OURS = "ours"


@dataclass(frozen=True, kw_only=True)
class ClassifierParams:
    """Everything that an assignment depends on but the sequence and the reference."""

    bootstraps: int = field(
        default=100,
        metadata=described(
            "How many times k-mers are drawn and the references with the most of them vote.",
            _SINTAX,
            kind="integer",
            limits=(10, 1000),
        ),
    )
    bootstrap_kmers: int = field(
        default=32,
        metadata=described("How many 8-mers are drawn each time.", _SINTAX, kind="integer", limits=(8, 255)),
    )
    top_references: int = field(
        default=128,
        metadata=described(
            "How many references, those that share the most 8-mers, take part in the bootstraps.",
            "ours: on SILVA and Greengenes no call changed with more",
            kind="integer",
            limits=(16, 1024),
        ),
    )
    min_confidence: float = field(
        default=0.8,
        metadata=described(
            "A taxon is named if its share of the votes reaches this and, from the genus (or the lowest rank) down, so "
            "does the probability that it is in the reference at all; 0 names the best at every rank.",
            f"{_SINTAX}; of the probability: ours",
            limits=(0.0, 1.0),
        ),
    )
    min_probability: float = field(
        default=0.0,
        metadata=described(
            "A taxon is named if, besides, its calibrated probability of being right reaches this; 0 asks for none.",
            "ours: off, since of a reference with one sequence a species little is learnt by leaving it out",
            limits=(0.0, 1.0),
        ),
    )
    min_shared_fraction: float = field(
        default=0.0,
        metadata=described(
            "A sequence that shares a smaller part of its 8-mers with its best hit is not of this marker; "
            "0 takes the threshold that was fitted when the reference was built.",
            _OURS,
            limits=(0.0, 1.0),
        ),
    )
    novelty_threshold: float = field(
        default=0.5,
        metadata=described(
            "From this probability on that its genus (or the lowest rank) is absent from the reference, "
            "a sequence is potentially novel, and no genus is named.",
            _OURS,
            limits=(0.0, 1.0),
        ),
    )


def describe() -> tuple[ParameterDescription, ...]:
    """Every parameter, in the order of its declaration."""
    return descriptions_of(ClassifierParams)


def check(params: ClassifierParams) -> None:
    """Refuse what the compiled loops cannot take; whoever takes parameters from a caller has checked them before.

    Raises
    ------
    ValueError
        With every parameter at fault.
    """
    own = {description.name for description in describe()}
    if faults := [item.description for item in range_violations(params) if item.field in own]:
        raise ValueError("; ".join(faults))
