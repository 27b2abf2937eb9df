"""The reference amplitude that a file holds, where it holds one.

C3D has no place for it. A parameter MVC in one of the groups EMG, ANALOG, SUBJECTS or INFO is taken for it: one number
for every analog channel, in the file's order, or one for all; in the channel's unit.
"""

import math

from analysis_service.emg import units
from analysis_service.emg.c3d.recording import AnalogChannel, Recording
from analysis_service.emg.scoring_params import REFERENCE_UV

_GROUPS = ("EMG", "ANALOG", "SUBJECTS", "INFO")
_NAME = "MVC"


def stored_uv(recording: Recording, channel: AnalogChannel) -> float | None:
    """The reference amplitude of a channel in uV; None where the file holds none that makes sense."""
    for group in _GROUPS:
        values = recording.parameters.values(group, _NAME)
        if len(values) in (1, len(recording.channels)):
            found = values[channel.index if len(values) > 1 else 0] * units.microvolts(channel.unit).factor_uv
            return found if math.isfinite(found) and 0 < found <= REFERENCE_UV[1] else None
    return None
