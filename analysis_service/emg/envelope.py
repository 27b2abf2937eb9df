"""The RMS envelope."""

import numpy as np

from analysis_service.emg.arrays import Samples, cumulative, divide_by_window, window_sums


def rms_envelope(samples: Samples, half_window: int) -> Samples:
    """True root mean square over a centred window of ``2 * half_window + 1`` samples.

    By cumulative sums, so the cost does not depend on the window. At the ends the window is cut, not padded.

    Parameters
    ----------
    samples : array of shape (n,), finite, any unit
    half_window
        Samples on either side of the centre.

    Returns
    -------
    array of shape (n,), in the unit of the samples
    """
    return of_energy(cumulative(np.square(samples)), half_window)


def of_energy(energy: Samples, half_window: int) -> Samples:
    """The same of a signal's cumulative energy, shape (n + 1,)."""
    sums = window_sums(energy, half_window)
    # Differences of a long cumulative sum may fall below zero by rounding.
    means = divide_by_window(np.maximum(sums, 0.0, out=sums), half_window)
    return np.asarray(np.sqrt(means, out=means))
