"""The parameters of a sequence analysis: defaults, units, ranges, and where they come from.

This is the one place that knows them all; whoever lists them (a service, a command line, an API description) asks
:func:`describe`.
"""

from dataclasses import dataclass

from analysis_service.parameter import ParameterDescription, descriptions_of, range_violations
from analysis_service.sequence import input_params
from analysis_service.sequence.abundance import AbundanceNotation
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.errors import InputError, Reason
from analysis_service.sequence.input_params import InputParams
from analysis_service.sequence.sample_params import ClusterMethod, SampleParams, ShannonBase
from analysis_service.sequence.scopes import ParameterScope

__all__ = [
    "AbundanceNotation",
    "ClassifierParams",
    "ClusterMethod",
    "InputParams",
    "ParameterDescription",
    "ParameterScope",
    "SampleParams",
    "SequenceParams",
    "ShannonBase",
    "describe",
]


@dataclass(frozen=True, kw_only=True)
class SequenceParams(SampleParams, ClassifierParams, InputParams):
    """Everything a caller can set."""

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        InputError
            PARAMETER_INVALID, with every field at fault.
        """
        violations = tuple(range_violations(self) or input_params.cross_violations(self))
        if violations:
            text = "; ".join(dict.fromkeys(violation.description for violation in violations))
            raise InputError(Reason.PARAMETER_INVALID, f"{text}.", violations)


def describe() -> tuple[ParameterDescription, ...]:
    """Every parameter: those of the input first, those of the sample last."""
    return descriptions_of(SequenceParams)
