"""The earlier analyzer's envelope."""

import numpy as np
from scipy import signal

from analysis_service.emg.arrays import Samples

_ORDER = 4
HIGH_PASS_HZ, LOW_PASS_HZ = 20.0, 10.0
_SMOOTHING_S = 0.05


def envelope(samples: Samples, rate_hz: float) -> Samples:
    """High-pass, absolute value, low-pass, moving average; shape (n,), in the unit of the samples.

    Both filters are Butterworth filters of order 4, forward and backward (``filtfilt`` with its own padding). The
    result may fall below zero.
    """
    passed = signal.filtfilt(*signal.butter(_ORDER, HIGH_PASS_HZ, "highpass", fs=rate_hz), samples)
    smooth: Samples = signal.filtfilt(*signal.butter(_ORDER, LOW_PASS_HZ, "lowpass", fs=rate_hz), np.abs(passed))
    return moving_average(smooth, int(_SMOOTHING_S * rate_hz))


def moving_average(values: Samples, length: int) -> Samples:
    """Mean over `length` samples around each, zeros beyond the ends."""
    return np.convolve(values, np.ones(length) / length, mode="same")
