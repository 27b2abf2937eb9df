"""Parameters of what is said of a sample as a whole."""

from dataclasses import dataclass, field
from enum import auto
from functools import partial

from analysis_service.parameter import described as _described
from analysis_service.sequence.errors import NameEnum
from analysis_service.sequence.scopes import ParameterScope

described = partial(_described, scope=ParameterScope.SAMPLE)


class ClusterMethod(NameEnum):
    """How unique sequences are grouped."""

    HDBSCAN = auto()
    """By the density of their projections."""
    OTU = auto()
    """By their identity to a more abundant one."""


class ShannonBase(NameEnum):
    """Unit of Shannon's index."""

    E = auto()
    """Natural logarithm: nats."""
    TWO = auto()
    """Binary logarithm: bits."""
    TEN = auto()
    """Decimal logarithm: bans."""


@dataclass(frozen=True, kw_only=True)
class SampleParams:
    """All that is asked of the sample; what is known of single sequences does not depend on it."""

    cluster_method: ClusterMethod = field(
        default=ClusterMethod.HDBSCAN,
        metadata=described(
            "How unique sequences are grouped into clusters.",
            "HDBSCAN: Campello, Moulavi & Sander 2013, PAKDD; OTU: Edgar 2013, Nat Methods 10:996",
            kind="enum",
            choices=ClusterMethod,
        ),
    )
    min_cluster_size: int = field(
        default=5,
        metadata=described(
            "HDBSCAN: fewest unique sequences of a cluster.",
            "scikit-learn's default",
            kind="integer",
            unit="sequences",
            limits=(2, 1000),
        ),
    )
    otu_identity_percent: float = field(
        default=97.0,
        metadata=described(
            "OTU: least identity to the most abundant sequence of a cluster.",
            "Stackebrandt & Goebel 1994, Int J Syst Bacteriol 44:846, for 16S; Edgar 2018, Bioinformatics 34:2371 "
            "finds 99 to 100 % nearer to species",
            unit="%",
            limits=(70.0, 100.0),
        ),
    )
    shannon_base: ShannonBase = field(
        default=ShannonBase.E,
        metadata=described(
            "Base of the logarithm in Shannon's index.",
            "natural, as in ecology (Magurran 2004, Measuring biological diversity, ch. 4)",
            kind="enum",
            choices=ShannonBase,
        ),
    )
    rarefaction_points: int = field(
        default=40,
        metadata=described(
            "Depths at which the rarefaction curve is given.",
            "enough for a smooth curve (ours)",
            kind="integer",
            unit="points",
            limits=(2, 1000),
        ),
    )
