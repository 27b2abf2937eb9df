"""Mains interference: which lines stand out of a channel's spectrum, and how strong they are."""

from dataclasses import dataclass

import numpy as np

from analysis_service.emg import spectrum
from analysis_service.emg.arrays import Mask, Samples, eroded, frames, moving_mean, percent

_NOMINAL_HZ = (50.0, 60.0)
# Odd harmonics prevail in mains, and those of 50 and 60 Hz stay apart within the search width.
_HARMONICS = (1, 3, 5)
# How far a wrong sampling rate may shift a line and still be found.
_SEARCH_WIDTH = 0.03
# The highest of some fifty bins of noise stands 8 dB above their median when three segments are averaged.
_MIN_PROMINENCE_DB = 13.0
# Resolves 0.25 Hz; the survey needs no more than the first minute.
_SEGMENT_S, _SURVEY_S = 4.0, 60.0
# Rest fades in and out over this time, and a segment with less rest than this says little.
_FADE_S, _LEAST_REST = 0.1, 0.2
# A Hann window spreads a line over two bins on either side.
_LINE_BINS = 2


@dataclass(frozen=True, slots=True)
class EmgMainsLine:
    """A spectral line taken for a harmonic of the mains.

    Attributes
    ----------
    harmonic : int
        1, 3 or 5.
    frequency_hz : float, Hz
        Where it lies, by the declared sampling rate.
    prominence_db : float, dB
        Height above the surrounding spectrum.
    """

    harmonic: int
    frequency_hz: float
    prominence_db: float


@dataclass(frozen=True, slots=True)
class EmgMains:
    """Mains interference of one channel over its first minute, or over the rest in it where that shows more lines.

    Attributes
    ----------
    nominal_hz : float, Hz, or None
        50 or 60, whichever stands out more; None when no line stands out.
    power_percent : float, %
        Power of the lines in percent of the power in the pass band.
    lines : tuple of EmgMainsLine
        The lines, in the order of their harmonics.
    """

    nominal_hz: float | None
    power_percent: float
    lines: tuple[EmgMainsLine, ...]


def density(samples: Samples, rate_hz: float) -> tuple[Samples, Samples]:
    """Frequencies and power density of a raw signal's first minute, finely resolved; see :func:`survey`.

    Parameters
    ----------
    samples : array of shape (n,), finite
    rate_hz
        Declared sampling rate in Hz.
    """
    return spectrum.welch(samples[: round(_SURVEY_S * rate_hz)], rate_hz, round(_SEGMENT_S * rate_hz), 50.0)


def survey(whole: tuple[Samples, Samples], band_hz: tuple[float, float]) -> EmgMains:
    """Look for mains lines in a raw signal.

    Parameters
    ----------
    whole
        Its :func:`density`.
    band_hz
        Pass band to which the power of the lines is related, in Hz.
    """
    return _described(*whole, whole[1], band_hz)


def survey_rest(
    samples: Samples, rate_hz: float, whole: tuple[Samples, Samples], band_hz: tuple[float, float], is_rest: Mask
) -> EmgMains:
    """Look for mains lines where the muscle rests: those that activity hides in the spectrum of the whole.

    Activity is faded out, so its power is gone, and a line keeps its place and loses height in proportion to the time
    that is left; its power is scaled back by that.

    Parameters
    ----------
    samples, rate_hz, whole, band_hz
        As for :func:`density` and :func:`survey`.
    is_rest : array of shape (n,)
        False where the muscle is active or the signal is none.
    """
    size, length = round(_SURVEY_S * rate_hz), round(_SEGMENT_S * rate_hz)
    part, length = samples[:size], min(length, samples.size)
    half_fade = max(1, round(_FADE_S * rate_hz) // 2)
    gate = _faded(is_rest[:size], half_fade)
    # The mean over five periods of 50 Hz, six of 60, holds the drift and nothing of the lines.
    steady = (part - moving_mean(part, half_fade)) * gate
    step = max(1, length // 2)
    gates = frames(gate, length, step)
    enough = gates.mean(axis=1) >= _LEAST_REST
    if not enough.any():
        return EmgMains(None, 0.0, ())
    frequencies, at_rest = spectrum.power(frames(steady, length, step)[enough], rate_hz)
    taper = spectrum.hann(length)
    kept = float(np.mean(np.square(gates[enough] @ taper / taper.sum())))
    return _described(frequencies, at_rest.mean(axis=0) / kept, whole[1], band_hz)


def _faded(is_rest: Mask, half_fade: int) -> Samples:
    """1 well within rest, 0 outside it, and a slope between them that lies within rest."""
    return moving_mean(eroded(is_rest, half_fade).astype(np.float64), half_fade)


def _described(frequencies: Samples, density: Samples, whole: Samples, band_hz: tuple[float, float]) -> EmgMains:
    """The lines of one spectrum, and their power in percent of the pass band's in another."""
    found = {nominal: _lines(frequencies, density, nominal) for nominal in _NOMINAL_HZ}
    nominal = max(found, key=lambda hz: sum(line.prominence_db for line in found[hz]))
    lines = tuple(found[nominal])
    if not lines:
        return EmgMains(None, 0.0, ())
    inside = spectrum.within(frequencies, band_hz)
    total = float(whole[inside].sum())
    power = sum(_line_power(frequencies, density, line) for line in lines if line.frequency_hz <= band_hz[1])
    return EmgMains(nominal, min(100.0, percent(power, total)), lines)


def _lines(frequencies: Samples, density: Samples, nominal_hz: float) -> list[EmgMainsLine]:
    candidates = (_line(frequencies, density, nominal_hz, harmonic) for harmonic in _HARMONICS)
    return [line for line in candidates if line is not None]


def _line(frequencies: Samples, density: Samples, nominal_hz: float, harmonic: int) -> EmgMainsLine | None:
    """The highest peak near a harmonic, if it stands out; its place by a parabola through the logarithms."""
    centre = nominal_hz * harmonic
    first, last = np.searchsorted(frequencies, (centre * (1 - _SEARCH_WIDTH), centre * (1 + _SEARCH_WIDTH)))
    if last >= frequencies.size - 1 or last - first < 2 * _LINE_BINS + 3:
        return None
    at = int(first + np.argmax(density[first:last]))
    floor = _median(density[first:last])
    around = density[at - 1 : at + 2]
    before, peak, after = around.tolist()
    if not floor > 0 or not min(before, peak, after) > 0 or peak < max(before, after):
        return None
    prominence = 10.0 * float(np.log10(peak / floor))
    if prominence < _MIN_PROMINENCE_DB:
        return None
    left, middle, right = np.log(around).tolist()
    curvature = left - 2 * middle + right
    shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return EmgMainsLine(harmonic, float(frequencies[at] + shift * (frequencies[1] - frequencies[0])), prominence)


def _median(values: Samples) -> float:
    """The median of a few values; numpy's own takes ten times as long to begin."""
    ordered, middle = np.sort(values), values.size // 2
    return float(ordered[middle] if values.size % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _line_power(frequencies: Samples, density: Samples, line: EmgMainsLine) -> float:
    """Power above the surrounding spectrum, in the unit of a sum of densities."""
    at = int(np.argmin(np.abs(frequencies - line.frequency_hz)))
    peak = density[max(0, at - _LINE_BINS) : at + _LINE_BINS + 1]
    floor = density[at] / 10.0 ** (line.prominence_db / 10.0)
    return float(np.maximum(peak - floor, 0.0).sum())
