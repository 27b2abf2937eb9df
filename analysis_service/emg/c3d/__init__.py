"""A bounded reader of the analog side of C3D files (https://www.c3d.org, format of 1987, extended)."""

from analysis_service.emg.c3d.parameters import Parameter, Parameters
from analysis_service.emg.c3d.reader import read
from analysis_service.emg.c3d.recording import (
    AnalogChannel,
    Metadata,
    Processor,
    Recording,
    Storage,
)

__all__ = [
    "AnalogChannel",
    "Metadata",
    "Parameter",
    "Parameters",
    "Processor",
    "Recording",
    "Storage",
    "read",
]
