"""Parameters of what is derived from the features: references, targets, pairs, scores."""

from dataclasses import dataclass, field

from analysis_service.emg.parameter import ParameterScope, described
from analysis_service.emg.signal_params import SignalParams

REFERENCE_UV = (0.0, 100_000.0)
MAX_COUNT = 10_000
WEIGHT = (0.0, 1.0)

_OURS = "ours: no standard fixes it"
_IN_SCORE = "the weights of compliance, symmetry, effort and game sum to 1"
_IN_COMPLIANCE = "the weights of completion, intensity and duration sum to 1"


@dataclass(frozen=True, slots=True)
class EmgChannelReference:
    """The reference amplitude of one channel.

    Attributes
    ----------
    label : str
        The channel's label in the file.
    amplitude_uv : float, uV
        Peak RMS envelope in a maximal voluntary contraction.
    """

    label: str
    amplitude_uv: float


@dataclass(frozen=True, slots=True)
class EmgChannelPair:
    """Two channels that show the same muscle on both sides of the body.

    Attributes
    ----------
    left : str
        Label of the left channel.
    right : str
        Label of the right channel.
    """

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class EmgExpectedCount:
    """How many contractions one channel was to show.

    Attributes
    ----------
    label : str
        The channel's label in the file.
    count : int
        Contractions the session asked for.
    """

    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringParams(SignalParams):
    """Parameters that no signal is touched for."""

    reference_amplitude_uv: float = field(
        default=0.0,
        metadata=described(
            "Reference for every channel without its own: peak RMS envelope in a maximal contraction; 0 is not given.",
            "without one, percentages are of the session's own peak and compliance is unavailable",
            unit="uV",
            limits=REFERENCE_UV,
            scope=ParameterScope.SCORING,
        ),
    )
    references: tuple[EmgChannelReference, ...] = field(
        default=(),
        metadata=described(
            "Reference of single channels, by label.",
            "CEDE (Besomi et al. 2020, J Electromyogr Kinesiol 53:102438): what an amplitude can be referred to",
            kind="list of references",
            unit="uV",
            scope=ParameterScope.SCORING,
        ),
    )
    target_intensity_percent: float = field(
        default=75.0,
        metadata=described(
            "Peak envelope, in percent of the reference, that a contraction must reach to comply.",
            "the earlier analyzer's target",
            unit="%",
            limits=(1.0, 200.0),
            scope=ParameterScope.SCORING,
        ),
    )
    target_duration_ms: float = field(
        default=2000.0,
        metadata=described(
            "Duration that a contraction must reach to comply.",
            "the earlier analyzer's target",
            unit="ms",
            limits=(0.0, 600_000.0),
            scope=ParameterScope.SCORING,
        ),
    )
    pairs: tuple[EmgChannelPair, ...] = field(
        default=(),
        metadata=described(
            "Channels of the same muscle on the left and right; empty: found by their labels (L and R, left and right, "
            "links and rechts).",
            "C3D does not say which side a channel is of",
            kind="list of pairs",
            scope=ParameterScope.SCORING,
        ),
    )
    expected_contractions: int = field(
        default=0,
        metadata=described(
            "Contractions that each channel without its own number was to show; 0 is not given.",
            "without one, completion is unavailable",
            kind="integer",
            limits=(0, MAX_COUNT),
            scope=ParameterScope.SCORING,
        ),
    )
    expected_counts: tuple[EmgExpectedCount, ...] = field(
        default=(),
        metadata=described(
            "Contractions that single channels were to show, by label.",
            "without one, completion is unavailable",
            kind="list of counts",
            scope=ParameterScope.SCORING,
        ),
    )
    rpe: float = field(
        default=0.0,
        metadata=described(
            "Rating of perceived exertion of the session, on the scale of 1 to 10; 0 is not given.",
            "Borg 1982, Med Sci Sports Exerc 14:377, category-ratio scale; of a session: Foster et al. 2001",
            limits=(0.0, 10.0),
            scope=ParameterScope.SCORING,
        ),
    )
    target_rpe: float = field(
        default=5.0,
        metadata=described(
            "Rating of perceived exertion that the session aims at.",
            "ours: hard on the category-ratio scale of Borg 1982",
            limits=(0.0, 10.0),
            scope=ParameterScope.SCORING,
        ),
    )
    rpe_tolerance: float = field(
        default=1.0,
        metadata=described(
            "Distance from the aimed-at rating that costs nothing.",
            _OURS,
            limits=(0.0, 10.0),
            scope=ParameterScope.SCORING,
        ),
    )
    game_score: float = field(
        default=-1.0,
        metadata=described(
            "Score reached in the game; -1 is not given: then the score that the file holds.",
            "the game",
            limits=(-1.0, 1_000_000_000.0),
            scope=ParameterScope.SCORING,
        ),
    )
    game_score_max: float = field(
        default=0.0,
        metadata=described(
            "Highest score that could be reached in the game; 0 is not given.",
            "without it, a score says nothing",
            limits=(0.0, 1_000_000_000.0),
            scope=ParameterScope.SCORING,
        ),
    )
    weight_compliance: float = field(
        default=0.4,
        metadata=described(
            f"Weight of compliance in the score of the session; {_IN_SCORE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_symmetry: float = field(
        default=0.25,
        metadata=described(
            f"Weight of symmetry in the score of the session; {_IN_SCORE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_effort: float = field(
        default=0.2,
        metadata=described(
            f"Weight of effort in the score of the session; {_IN_SCORE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_game: float = field(
        default=0.15,
        metadata=described(
            f"Weight of the game in the score of the session; {_IN_SCORE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_completion: float = field(
        default=1 / 3,
        metadata=described(
            f"Weight of completed contractions in compliance; {_IN_COMPLIANCE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_intensity: float = field(
        default=1 / 3,
        metadata=described(
            f"Weight of contractions of the target intensity in compliance; {_IN_COMPLIANCE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    weight_duration: float = field(
        default=1 / 3,
        metadata=described(
            f"Weight of contractions of the target duration in compliance; {_IN_COMPLIANCE}.",
            _OURS,
            limits=WEIGHT,
            scope=ParameterScope.SCORING,
        ),
    )
    include_file_parameters: bool = field(
        default=False,
        metadata=described(
            "List every parameter of the file in the result, group by group.",
            "left out, as the result would say of a person what nobody asked for (ours)",
            kind="boolean",
            scope=ParameterScope.SCORING,
        ),
    )
