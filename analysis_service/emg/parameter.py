"""What the parameters of a session have an effect on."""

from enum import auto
from functools import partial

from analysis_service.emg.errors import NameEnum
from analysis_service.parameter import ParameterDescription
from analysis_service.parameter import described as _described

__all__ = ["ParameterDescription", "ParameterScope", "described"]


class ParameterScope(NameEnum):
    """What a parameter has an effect on."""

    SELECTION = auto()
    """Which samples are analysed, at which rate."""
    SIGNAL = auto()
    """A channel's features."""
    SCORING = auto()
    """Only what is derived from the features: no signal is touched."""


described = partial(_described, scope=ParameterScope.SIGNAL)
