"""The parameters of an EMG session analysis: defaults, units, ranges, and where they come from.

This is the one place that knows them; whoever lists them (a service, a command line, an API description)
asks :func:`describe`.
"""

import math
from dataclasses import dataclass, field, fields
from enum import auto
from typing import Any

from analysis_service.emg.errors import FieldViolation, InputError, NameEnum, Reason

# A pass band of less than an octave and a half holds too little of an electromyogram to measure it.
LEAST_BAND_RATIO = 3.0

_MAX_LABELS = 256
_MAX_LABEL_LENGTH = 256
_REFERENCE_UV = (0.0, 100_000.0)
_NOTCH_HZ = (45.0, 65.0)


class EmgProfile(NameEnum):
    """Which set of algorithms is applied."""

    STANDARD = auto()
    COMPAT = auto()


class EmgRateSource(NameEnum):
    """Which sampling rate is used."""

    DECLARED = auto()
    ESTIMATED = auto()


class ParameterScope(NameEnum):
    """What a parameter has an effect on."""

    SELECTION = auto()
    """Which samples are analysed, at which rate."""
    SIGNAL = auto()
    """A channel's features."""
    SCORING = auto()
    """Only what is derived from the features: no signal is touched."""


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
class ParameterDescription:
    """One parameter as shown to people and machines; limits are None where they do not apply."""

    name: str
    kind: str
    unit: str
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    scope: ParameterScope
    description: str
    source: str


def _described(
    description: str,
    source: str,
    *,
    kind: str = "number",
    unit: str = "",
    limits: tuple[float, float] | None = None,
    choices: type[NameEnum] | None = None,
    scope: ParameterScope = ParameterScope.SIGNAL,
) -> dict[str, Any]:
    """What a dataclass field carries about itself: :class:`ParameterDescription` without name and default."""
    minimum, maximum = limits or (None, None)
    return {
        "kind": kind,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": tuple(choices) if choices else (),
        "scope": scope,
        "description": description,
        "source": source,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EmgParams:
    """Everything a caller can set. The defaults are those of the `standard` profile."""

    profile: EmgProfile = field(
        default=EmgProfile.STANDARD,
        metadata=_described(
            "Set of algorithms. COMPAT, the earlier analyzer's, is not available in this version.",
            "ISEK (Merletti 1999), SENIAM (Hermens et al. 2000), CEDE (Besomi et al. 2020)",
            kind="enum",
            choices=EmgProfile,
        ),
    )
    channels: tuple[str, ...] = field(
        default=(),
        metadata=_described(
            "Labels of the channels to analyse; empty: those recognised as EMG by label and unit.",
            "C3D does not say what a channel measures",
            kind="list of labels",
            scope=ParameterScope.SELECTION,
        ),
    )
    rate_source: EmgRateSource = field(
        default=EmgRateSource.DECLARED,
        metadata=_described(
            "Sampling rate to use: the file's, or the one estimated from mains interference where that is possible.",
            "recordings exist whose mains lines lie at 49.5, 148.5 and 247.5 Hz: labelled 990 Hz, sampled at 1000 Hz",
            kind="enum",
            choices=EmgRateSource,
            scope=ParameterScope.SELECTION,
        ),
    )
    low_cut_hz: float = field(
        default=20.0,
        metadata=_described(
            "Lower edge of the band-pass filter.",
            "De Luca et al. 2010, J Biomech 43:1573: 20 Hz balances motion artefact against lost signal",
            unit="Hz",
            limits=(1.0, 150.0),
        ),
    )
    high_cut_hz: float = field(
        default=450.0,
        metadata=_described(
            "Upper edge of the band-pass filter; lowered to 0.45 of the sampling rate where that is less.",
            "SENIAM (Hermens et al. 2000): surface EMG holds no relevant power above 400-500 Hz",
            unit="Hz",
            limits=(50.0, 5000.0),
        ),
    )
    filter_order: int = field(
        default=2,
        metadata=_described(
            "Order of the Butterworth filter at each edge and pass; forward and backward doubles it.",
            "De Luca et al. 2010: 12 dB an octave; two passes for zero phase (Winter 2009, ch. 2)",
            kind="integer",
            limits=(1, 8),
        ),
    )
    notch_hz: float = field(
        default=0.0,
        metadata=_described(
            "Centre of a mains notch filter and of its odd harmonics in the pass band; 0 is off.",
            "off: a notch removes signal (SENIAM, CEDE advise against it unless needed)",
            unit="Hz",
            limits=(0.0, _NOTCH_HZ[1]),
        ),
    )
    envelope_window_ms: float = field(
        default=100.0,
        metadata=_described(
            "Length of the centred window of the RMS envelope.",
            "Merletti & Farina 2016, ch. 4: 100-250 ms; the shortest, for timing",
            unit="ms",
            limits=(10.0, 2000.0),
        ),
    )
    threshold_k: float = field(
        default=5.0,
        metadata=_described(
            "Contraction threshold, in standard deviations of the rest envelope above its mean.",
            "Hodges & Bui 1996, EEG Clin Neurophysiol 101:511: 1-3 SD of unsmoothed signals; more, as the "
            "envelope of a long recording crosses 3 SD by chance",
            unit="SD",
            limits=(1.0, 50.0),
        ),
    )
    release_percent: float = field(
        default=50.0,
        metadata=_described(
            "A contraction ends where the envelope falls below this share of the threshold's height above rest.",
            "hysteresis keeps a wavering envelope from being cut to pieces; half way is customary for triggers",
            unit="%",
            limits=(10.0, 100.0),
        ),
    )
    min_duration_ms: float = field(
        default=100.0,
        metadata=_described(
            "Shorter contractions are left out, after gaps have been merged.",
            "a voluntary burst lasts longer (Hallett et al. 1975: ballistic agonist bursts 50-100 ms)",
            unit="ms",
            limits=(10.0, 10_000.0),
        ),
    )
    merge_gap_ms: float = field(
        default=200.0,
        metadata=_described(
            "Contractions with a shorter pause between them are one.",
            "the earlier analyzer's value; voluntary on-off cycles are slower than 5 Hz",
            unit="ms",
            limits=(0.0, 10_000.0),
        ),
    )
    long_hold_ms: float = field(
        default=10_000.0,
        metadata=_described(
            "Longer contractions are flagged as long holds; they are never split.",
            "the earlier analyzer's limit",
            unit="ms",
            limits=(500.0, 600_000.0),
        ),
    )
    spectrum_window_ms: float = field(
        default=500.0,
        metadata=_described(
            "Longest segment of the Welch spectrum of a contraction; shorter contractions use their own length.",
            "Merletti & Farina 2016: surface EMG is stationary over 0.5-1 s",
            unit="ms",
            limits=(100.0, 5000.0),
        ),
    )
    series_window_ms: float = field(
        default=1000.0,
        metadata=_described(
            "Window of the series over time.",
            "the earlier analyzer's value, which series are compared with",
            unit="ms",
            limits=(250.0, 10_000.0),
        ),
    )
    overlap_percent: float = field(
        default=50.0,
        metadata=_described(
            "Overlap of neighbouring windows, in Welch's spectrum and in the series.",
            "Welch 1967: half, for the Hann window",
            unit="%",
            limits=(0.0, 90.0),
        ),
    )
    reference_amplitude_uv: float = field(
        default=0.0,
        metadata=_described(
            "Reference for every channel without its own: peak RMS envelope in a maximal contraction; 0 is not given.",
            "without one, percentages are of the session's own peak and compliance is unavailable",
            unit="uV",
            limits=_REFERENCE_UV,
            scope=ParameterScope.SCORING,
        ),
    )
    references: tuple[EmgChannelReference, ...] = field(
        default=(),
        metadata=_described(
            "Reference of single channels, by label.",
            "CEDE (Besomi et al. 2020): normalise each muscle to its own reference contraction",
            kind="list of references",
            unit="uV",
            scope=ParameterScope.SCORING,
        ),
    )
    target_intensity_percent: float = field(
        default=75.0,
        metadata=_described(
            "Peak envelope, in percent of the reference, that a contraction must reach to comply.",
            "the earlier analyzer's target",
            unit="%",
            limits=(1.0, 200.0),
            scope=ParameterScope.SCORING,
        ),
    )
    target_duration_ms: float = field(
        default=2000.0,
        metadata=_described(
            "Duration that a contraction must reach to comply.",
            "the earlier analyzer's target",
            unit="ms",
            limits=(0.0, 600_000.0),
            scope=ParameterScope.SCORING,
        ),
    )

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        InputError
            PARAMETER_INVALID, with every field at fault.
        """
        violations = (*_range_violations(self), *_cross_violations(self), *_list_violations(self))
        if violations:
            text = "; ".join(violation.description for violation in violations)
            raise InputError(Reason.PARAMETER_INVALID, f"{text}.", violations)

    def reference_of(self, label: str) -> float | None:
        """A channel's own reference amplitude in uV, None when the caller gave none for it."""
        return next((r.amplitude_uv for r in self.references if r.label == label), None)


def describe() -> tuple[ParameterDescription, ...]:
    """Every parameter, in the order of its declaration."""
    return tuple(
        ParameterDescription(name=item.name, default=item.default, **item.metadata) for item in fields(EmgParams)
    )


def _range_violations(params: EmgParams) -> list[FieldViolation]:
    found = []
    for description in describe():
        value = getattr(params, description.name)
        if description.choices and value not in description.choices:
            found.append(_violation(description.name, f"one of {', '.join(description.choices)}"))
        if description.minimum is None or description.maximum is None:
            continue
        if not _is_number(value, description.kind) or not description.minimum <= value <= description.maximum:
            found.append(_violation(description.name, f"between {description.minimum:g} and {description.maximum:g}"))
    return found


def _cross_violations(params: EmgParams) -> list[FieldViolation]:
    found = []
    if params.profile == EmgProfile.COMPAT:
        found.append(FieldViolation("profile", "profile COMPAT is not available in this version"))
    edges = (params.low_cut_hz, params.high_cut_hz)
    if all(map(_is_number, edges)) and edges[1] < LEAST_BAND_RATIO * edges[0]:
        found.append(_violation("low_cut_hz", f"at most high_cut_hz / {LEAST_BAND_RATIO:g}"))
    if _is_number(params.notch_hz) and 0 < params.notch_hz < _NOTCH_HZ[0]:
        found.append(_violation("notch_hz", f"0 (off) or between {_NOTCH_HZ[0]:g} and {_NOTCH_HZ[1]:g}"))
    return found


def _list_violations(params: EmgParams) -> list[FieldViolation]:
    found = []
    labels = [reference.label for reference in params.references]
    for name, items in (("channels", list(params.channels)), ("references", labels)):
        if len(items) > _MAX_LABELS or any(not 0 < len(item) <= _MAX_LABEL_LENGTH for item in items):
            found.append(_violation(name, f"at most {_MAX_LABELS} labels of 1 to {_MAX_LABEL_LENGTH} characters"))
        if len(set(items)) < len(items):
            found.append(FieldViolation(name, f"{name} must name each channel once"))
    for at, reference in enumerate(params.references):
        if not _is_number(reference.amplitude_uv) or not 0 < reference.amplitude_uv <= _REFERENCE_UV[1]:
            limit = f"greater than 0 and at most {_REFERENCE_UV[1]:g}"
            found.append(_violation(f"references[{at}].amplitude_uv", limit))
    return found


def _is_number(value: object, kind: str = "number") -> bool:
    if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else int | float):
        return False
    return math.isfinite(value)


def _violation(name: str, rule: str) -> FieldViolation:
    return FieldViolation(name, f"{name} must be {rule}")
