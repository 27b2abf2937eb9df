"""Parameters of the `compat` profile: the earlier analyzer's targets."""

from dataclasses import dataclass, field

from analysis_service.emg.parameter import ParameterScope, described
from analysis_service.emg.scoring_params import ScoringParams

MVC_V = (0.0, 1_000_000.0)
PERCENT = (1.0, 200.0)
DURATION_MS = (0.0, 600_000.0)

_EARLIER = "the earlier analyzer"


@dataclass(frozen=True, slots=True)
class EmgCompatMvc:
    """Profile COMPAT: the maximal voluntary contraction of one channel.

    Attributes
    ----------
    label : str
        The channel's base name (CH1 for CH1 Raw).
    amplitude_v : float, V
        Its amplitude, in the numbers that the file holds.
    """

    label: str
    amplitude_v: float


@dataclass(frozen=True, slots=True)
class EmgCompatMvcPercent:
    """Profile COMPAT: the share of the maximal voluntary contraction that one channel has to reach.

    Attributes
    ----------
    label : str
        The channel's base name (CH1 for CH1 Raw).
    percent : float, %
        The share.
    """

    label: str
    percent: float


@dataclass(frozen=True, slots=True)
class EmgCompatDuration:
    """Profile COMPAT: the duration that one channel's contractions have to reach.

    Attributes
    ----------
    label : str
        The channel's base name (CH1 for CH1 Raw).
    duration_ms : float, ms
        The duration.
    """

    label: str
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatParams(ScoringParams):
    """Parameters that only the profile COMPAT looks at."""

    compat_mvc_v: float = field(
        default=0.0,
        metadata=described(
            "Profile COMPAT: maximal voluntary contraction of every channel without its own, in the numbers that the "
            "file holds; 0 is not given.",
            _EARLIER,
            unit="V",
            limits=MVC_V,
            scope=ParameterScope.SCORING,
        ),
    )
    compat_mvc_values: tuple[EmgCompatMvc, ...] = field(
        default=(),
        metadata=described(
            "Profile COMPAT: maximal voluntary contraction of single channels, by base name (CH1 for CH1 Raw).",
            _EARLIER,
            kind="list of references",
            unit="V",
            scope=ParameterScope.SCORING,
        ),
    )
    compat_mvc_percent: float = field(
        default=75.0,
        metadata=described(
            "Profile COMPAT: share of the maximal voluntary contraction to reach, for every channel without its own.",
            _EARLIER,
            unit="%",
            limits=PERCENT,
            scope=ParameterScope.SCORING,
        ),
    )
    compat_mvc_percents: tuple[EmgCompatMvcPercent, ...] = field(
        default=(),
        metadata=described(
            "Profile COMPAT: share of the maximal voluntary contraction that single channels have to reach.",
            _EARLIER,
            kind="list of percentages",
            unit="%",
            scope=ParameterScope.SCORING,
        ),
    )
    compat_duration_ms: float = field(
        default=2000.0,
        metadata=described(
            "Profile COMPAT: duration to reach, for every channel without its own.",
            _EARLIER,
            unit="ms",
            limits=DURATION_MS,
            scope=ParameterScope.SCORING,
        ),
    )
    compat_durations: tuple[EmgCompatDuration, ...] = field(
        default=(),
        metadata=described(
            "Profile COMPAT: duration that the contractions of single channels have to reach.",
            _EARLIER,
            kind="list of durations",
            unit="ms",
            scope=ParameterScope.SCORING,
        ),
    )
