"""The band-pass filter of the `standard` profile, and what it really does."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import signal

from analysis_service.emg.arrays import Samples
from analysis_service.emg.params import LEAST_BAND_RATIO

# The upper edge stays below this share of the sampling rate: at one half a digital filter has no room.
_HIGHEST_SHARE_OF_RATE = 0.45
# Width of a mains notch at -3 dB: mains keeps within 0.2 Hz, and every notch removes signal.
_NOTCH_WIDTH_HZ = 2.0
_NOTCH_HARMONICS = (1, 3, 5, 7)


@dataclass(frozen=True, slots=True)
class EmgFilter:
    """The band-pass filter as designed and as applied (forward and backward).

    Attributes
    ----------
    low_cut_hz : float, Hz
        Lower edge of the design.
    high_cut_hz : float, Hz
        Upper edge of the design.
    order : int
        Order of the design at each edge, one pass.
    effective_order : int
        Order at each edge after both passes.
    effective_low_cut_hz : float, Hz
        Lower frequency at which the gain of both passes together is -3 dB.
    effective_high_cut_hz : float, Hz
        Upper frequency at which the gain of both passes together is -3 dB.
    notch_hz : tuple of float, Hz
        Centres of the mains notches, empty when off.
    """

    low_cut_hz: float
    high_cut_hz: float
    order: int
    effective_order: int
    effective_low_cut_hz: float
    effective_high_cut_hz: float
    notch_hz: tuple[float, ...]


class Sections(NamedTuple):
    """Second-order sections, shape (n, 6), and their state in response to a step, shape (n, 2)."""

    sos: Samples
    steady: Samples


def design(rate_hz: float, low_cut_hz: float, high_cut_hz: float, order: int, notch_hz: float) -> EmgFilter | None:
    """Describe the filter for a sampling rate, None when the rate leaves no band to speak of.

    Parameters
    ----------
    rate_hz, low_cut_hz, high_cut_hz, notch_hz
        In Hz; a notch of 0 is off.
    order
        Order at each edge and pass.
    """
    high = min(high_cut_hz, _HIGHEST_SHARE_OF_RATE * rate_hz)
    if high < LEAST_BAND_RATIO * low_cut_hz:
        return None
    low_3db, high_3db = _effective_edges(rate_hz, low_cut_hz, high, order)
    notches = tuple(notch_hz * harmonic for harmonic in _NOTCH_HARMONICS if 0 < notch_hz * harmonic < high)
    return EmgFilter(low_cut_hz, high, order, 2 * order, low_3db, high_3db, notches)


def apply(samples: Samples, rate_hz: float, filter_: EmgFilter) -> Samples:
    """Filter without phase shift (forward and backward), the mean taken out first.

    Parameters
    ----------
    samples : array of shape (n,), finite
    rate_hz
        Sampling rate in Hz.
    filter_
        From :func:`design` at the same rate.
    """
    # Odd extension by three periods of the lower edge lets the start-up transient die outside the signal.
    padding = min(samples.size - 1, round(3 * rate_hz / filter_.low_cut_hz))
    sections = _sections(rate_hz, filter_.low_cut_hz, filter_.high_cut_hz, filter_.order, filter_.notch_hz)
    return _both_ways(sections, samples - samples.mean(), padding)


def _both_ways(sections: Sections, samples: Samples, padding: int) -> Samples:
    """``signal.sosfiltfilt``, to the bit, which works out the steady state of the sections at every call."""
    ends = 2 * samples[0] - samples[padding:0:-1], 2 * samples[-1] - samples[-2 : -padding - 2 : -1]
    extended = np.concatenate((ends[0], samples, ends[1]))
    forward, _ = signal.sosfilt(sections.sos, extended, zi=sections.steady * extended[0])
    backward, _ = signal.sosfilt(sections.sos, forward[::-1], zi=sections.steady * forward[-1])
    return np.ascontiguousarray(backward[::-1][padding : padding + samples.size])  # what follows reads it many times


@lru_cache(maxsize=64)
def _sections(rate_hz: float, low_hz: float, high_hz: float, order: int, notches_hz: tuple[float, ...]) -> Sections:
    band = _band_pass(rate_hz, low_hz, high_hz, order)
    notches = [signal.tf2sos(*signal.iirnotch(f, f / _NOTCH_WIDTH_HZ, fs=rate_hz)) for f in notches_hz]
    sos = np.vstack([band, *notches])
    return Sections(sos, signal.sosfilt_zi(sos))


@lru_cache(maxsize=64)
def _band_pass(rate_hz: float, low_hz: float, high_hz: float, order: int) -> Samples:
    sections: Samples = signal.butter(order, (low_hz, high_hz), "bandpass", fs=rate_hz, output="sos")
    return sections


@lru_cache(maxsize=64)
def _effective_edges(rate_hz: float, low_hz: float, high_hz: float, order: int) -> tuple[float, float]:
    """The -3 dB edges of two passes, read off the response on a fine grid."""
    grid = np.linspace(0.0, rate_hz / 2, 2**14, endpoint=False)
    _, response = signal.freqz_sos(_band_pass(rate_hz, low_hz, high_hz, order), grid, fs=rate_hz)
    passed = np.flatnonzero(np.abs(response) ** 2 >= np.sqrt(0.5))
    return float(grid[passed[0]]), float(grid[passed[-1]])
