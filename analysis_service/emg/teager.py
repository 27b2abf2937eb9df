"""The Teager-Kaiser energy operator, which answers to amplitude and frequency at once and so sharpens onsets."""

import numpy as np

from analysis_service.emg.arrays import Samples


def energy(samples: Samples) -> Samples:
    """Absolute Teager-Kaiser energy ``|x[n]^2 - x[n-1] x[n+1]|`` (Kaiser 1990; Li, Zhou & Aruin 2007).

    Parameters
    ----------
    samples : array of shape (n,), n >= 3, finite and band-passed

    Returns
    -------
    array of shape (n,), in the square of the unit; the first and last value stand for themselves and their neighbour
    """
    inner = np.abs(samples[1:-1] ** 2 - samples[:-2] * samples[2:])
    return np.concatenate((inner[:1], inner, inner[-1:]))


def amplitude(samples: Samples) -> Samples:
    """Square root of the energy, shape (n,): it grows with the signal as the signal itself does."""
    return np.sqrt(energy(samples))
