"""A long recording of many channels, as large ones are."""

import numpy as np

from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis


def long_recording(minutes: float = 10.0, channels: int = 16, rate_hz: float = 2000.0, seed: int = 1) -> bytes:
    """Return a recording with a burst of 3 s every 15 s; every channel has samples of its own."""
    seconds = 60.0 * minutes
    bursts = tuple(Burst(start, start + 3.0, 80.0) for start in np.arange(5.0, seconds - 5.0, 15.0).tolist())
    signal = Synthesis(seconds, bursts, rate_hz=rate_hz, seed=seed).samples_uv()
    analog = np.stack([np.roll(signal, 1000 * channel) for channel in range(channels)])
    labels = tuple(f"EMG {channel + 1}" for channel in range(channels))
    return C3dFile(analog, labels, units=("uV",) * channels, rate_hz=rate_hz).to_bytes()
