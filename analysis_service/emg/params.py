"""The parameters of an EMG session analysis: defaults, units, ranges, and where they come from.

This is the one place that knows them; whoever lists them (a service, a command line, an API description)
asks :func:`describe`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis_service.emg import compat_params
from analysis_service.emg.compat_params import CompatParams, EmgCompatDuration, EmgCompatMvc, EmgCompatMvcPercent
from analysis_service.emg.errors import FieldViolation, InputError, Reason
from analysis_service.emg.parameter import ParameterDescription, ParameterScope
from analysis_service.emg.scoring_params import (
    MAX_COUNT,
    REFERENCE_UV,
    EmgChannelPair,
    EmgChannelReference,
    EmgExpectedCount,
)
from analysis_service.emg.signal_params import NOTCH_HZ, EmgAntagonists, EmgOnsetMethod, EmgProfile, EmgRateSource
from analysis_service.parameter import descriptions_of, range_violations
from analysis_service.parameter import violation as _violation

__all__ = [
    "LEAST_BAND_RATIO",
    "EmgAntagonists",
    "EmgChannelPair",
    "EmgChannelReference",
    "EmgCompatDuration",
    "EmgCompatMvc",
    "EmgCompatMvcPercent",
    "EmgExpectedCount",
    "EmgOnsetMethod",
    "EmgParams",
    "EmgProfile",
    "EmgRateSource",
    "ParameterDescription",
    "ParameterScope",
    "describe",
]

# A pass band of less than an octave and a half holds too little of an electromyogram to measure it.
LEAST_BAND_RATIO = 3.0

_SCORE_WEIGHTS = ("weight_compliance", "weight_symmetry", "weight_effort", "weight_game")
_COMPLIANCE_WEIGHTS = ("weight_completion", "weight_intensity", "weight_duration")
# Three times 0.333 is meant to be 1.
_WEIGHT_TOLERANCE = 0.002

_MAX_LABELS = 256
_MAX_LABEL_LENGTH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class EmgParams(CompatParams):
    """Everything a caller can set. The defaults are those of the `standard` profile."""

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        InputError
            PARAMETER_INVALID, with every field at fault.
        """
        violations = (*range_violations(self), *_cross_violations(self), *_list_violations(self))
        if violations:
            text = "; ".join(dict.fromkeys(violation.description for violation in violations))
            raise InputError(Reason.PARAMETER_INVALID, f"{text}.", violations)

    @property
    def is_outline_enough(self) -> bool:
        """Whether a session is put together of its channels' features and its recording's outline alone."""
        return (
            self.profile == EmgProfile.STANDARD
            and self.rate_source == EmgRateSource.DECLARED
            and not self.antagonists
            and not self.include_file_parameters
        )

    def expected_count_of(self, label: str) -> int:
        """Contractions a channel was to show, 0 when the caller did not say."""
        own = {item.label: item.count for item in self.expected_counts}
        return own.get(label, self.expected_contractions)

    def reference_of(self, label: str) -> float | None:
        """A channel's own reference amplitude in uV, None when the caller gave none for it."""
        return next((r.amplitude_uv for r in self.references if r.label == label), None)


def describe() -> tuple[ParameterDescription, ...]:
    """Every parameter, in the order of its declaration."""
    return descriptions_of(EmgParams)


def _cross_violations(params: EmgParams) -> list[FieldViolation]:
    found = []
    edges = (params.low_cut_hz, params.high_cut_hz)
    if all(map(_is_number, edges)) and edges[1] < LEAST_BAND_RATIO * edges[0]:
        found.append(_violation("low_cut_hz", f"at most high_cut_hz / {LEAST_BAND_RATIO:g}"))
    if _is_number(params.notch_hz) and 0 < params.notch_hz < NOTCH_HZ[0]:
        found.append(_violation("notch_hz", f"0 (off) or between {NOTCH_HZ[0]:g} and {NOTCH_HZ[1]:g}"))
    return found + _weight_violations(params, _SCORE_WEIGHTS) + _weight_violations(params, _COMPLIANCE_WEIGHTS)


def _weight_violations(params: EmgParams, names: tuple[str, ...]) -> list[FieldViolation]:
    weights = [getattr(params, name) for name in names]
    if not all(map(_is_number, weights)) or abs(sum(weights) - 1.0) <= _WEIGHT_TOLERANCE:
        return []
    text = f"{', '.join(names)} must sum to 1, not {sum(weights):g}"
    defaults = {description.name: description.default for description in describe()}
    return [FieldViolation(name, text) for name in names if getattr(params, name) != defaults[name]]


def _list_violations(params: EmgParams) -> list[FieldViolation]:
    found = _label_violations("channels", params.channels)
    above_zero = (0.0, REFERENCE_UV[1])
    found += _pair_violations(params.pairs)
    for pair in params.antagonists:
        found += _label_violations("antagonists", (pair.first, pair.second))
    if len(params.antagonists) > _MAX_LABELS:
        found.append(_violation("antagonists", f"at most {_MAX_LABELS} pairs"))
    found += _labelled("expected_counts", "count", params.expected_counts, (0, MAX_COUNT))
    found += _labelled("references", "amplitude_uv", params.references, above_zero, is_zero_allowed=False)
    mvc = compat_params.MVC_V
    found += _labelled("compat_mvc_values", "amplitude_v", params.compat_mvc_values, mvc, is_zero_allowed=False)
    found += _labelled("compat_mvc_percents", "percent", params.compat_mvc_percents, compat_params.PERCENT)
    return found + _labelled("compat_durations", "duration_ms", params.compat_durations, compat_params.DURATION_MS)


def _label_violations(name: str, labels: Sequence[str]) -> list[FieldViolation]:
    found = []
    if len(labels) > _MAX_LABELS or any(not 0 < len(label) <= _MAX_LABEL_LENGTH for label in labels):
        found.append(_violation(name, f"at most {_MAX_LABELS} labels of 1 to {_MAX_LABEL_LENGTH} characters"))
    if len(set(labels)) < len(labels):
        found.append(FieldViolation(name, f"{name} must name each channel once"))
    return found


def _pair_violations(pairs: Sequence[EmgChannelPair]) -> list[FieldViolation]:
    """Each channel belongs to one pair at most, and to one side of it."""
    return _label_violations("pairs", [label for pair in pairs for label in (pair.left, pair.right)])


def _labelled(
    name: str, attribute: str, items: Sequence[object], limits: tuple[float, float], *, is_zero_allowed: bool = True
) -> list[FieldViolation]:
    """What is wrong with a list of one number a label."""
    found = _label_violations(name, [getattr(item, "label", "") for item in items])
    low, high = limits
    rule = f"between {low:g} and {high:g}" if is_zero_allowed else f"greater than 0 and at most {high:g}"
    for at, item in enumerate(items):
        value = getattr(item, attribute)
        if not _is_number(value) or not low <= value <= high or (value == 0 and not is_zero_allowed):
            found.append(_violation(f"{name}[{at}].{attribute}", rule))
    return found


def _is_number(value: object, kind: str = "number") -> bool:
    if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else int | float):
        return False
    return math.isfinite(value)
