"""Amplitude measures of a filtered signal."""

from dataclasses import dataclass

import numpy as np

from analysis_service.emg.arrays import Samples


@dataclass(frozen=True, slots=True)
class EmgAmplitude:
    """Amplitude of the band-passed signal over a stretch of time (ISEK, Merletti 1999).

    Attributes
    ----------
    rms_uv : float, uV
        Root mean square.
    arv_uv : float, uV
        Average rectified value, also called mean absolute value.
    iemg_uv_s : float, uV s
        Integral of the rectified signal.
    peak_uv : float, uV
        Largest absolute value.
    """

    rms_uv: float
    arv_uv: float
    iemg_uv_s: float
    peak_uv: float


def measure(filtered_uv: Samples, rate_hz: float) -> EmgAmplitude:
    """Measure a stretch of the band-passed signal, shape (n,), n >= 1, in microvolts."""
    rectified = np.abs(filtered_uv)
    integral = float(np.sum(rectified))
    return EmgAmplitude(
        rms_uv=float(np.sqrt(np.mean(np.square(filtered_uv)))),
        arv_uv=integral / rectified.size,
        iemg_uv_s=integral / rate_hz,
        peak_uv=float(np.max(rectified)),
    )
