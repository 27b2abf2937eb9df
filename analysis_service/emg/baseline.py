"""The rest level of a channel, found in its quietest windows, and the threshold above it."""

from dataclasses import dataclass

import numpy as np

from analysis_service.emg.arrays import Mask, Samples, eroded, frames, sample_count

# Long enough for a steady estimate (5 % at 430 Hz bandwidth), short enough to fit between contractions.
_WINDOW_MS = 250.0
_QUIETEST_SHARE = 0.1
_MIN_WINDOWS = 4
# Windows join the rest while they lie within this many standard deviations of its level.
_GROWTH_SD = 3.0
_MAX_ROUNDS = 50
# What spans more than 12 dB is not one level: the growth has climbed from rest into activity.
_MAX_RATIO = 4.0


@dataclass(frozen=True, slots=True)
class EmgBaseline:
    """Rest level of the RMS envelope, and the thresholds above it.

    Attributes
    ----------
    mean_uv : float, uV
        Mean of the envelope at rest.
    sd_uv : float, uV
        Standard deviation of the envelope at rest, never taken for less than that of Gaussian noise of this
        level and bandwidth.
    noise_rms_uv : float, uV
        Root mean square of the band-passed signal at rest.
    threshold_uv : float, uV
        Above it a contraction begins.
    release_uv : float, uV
        Below it a contraction ends.
    rest_ms : float, ms
        Total duration of the windows taken for rest.
    """

    mean_uv: float
    sd_uv: float
    noise_rms_uv: float
    threshold_uv: float
    release_uv: float
    rest_ms: float


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """How the thresholds follow from the rest level.

    Attributes
    ----------
    k
        Standard deviations above the mean.
    release_percent
        Height of the release threshold, in percent of that of the threshold above the mean.
    """

    k: float
    release_percent: float


def estimate(
    filtered_uv: Samples,
    envelope_uv: Samples,
    is_signal: Mask,
    *,
    rate_hz: float,
    bandwidth_hz: float,
    half_window: int,
    rule: ThresholdRule,
) -> EmgBaseline | None:
    """Estimate the rest level, None when no window holds a signal.

    The quietest windows are biased downwards by their very choice. They are only the seed: every window
    within three standard deviations of their level joins, until no more do.

    Parameters
    ----------
    filtered_uv, envelope_uv, is_signal : arrays of shape (n,)
    rate_hz, bandwidth_hz
        Sampling rate and width of the pass band, in Hz.
    half_window
        Half the envelope's window in samples: so far a neighbouring contraction reaches into rest.
    """
    length = min(sample_count(_WINDOW_MS, rate_hz), filtered_uv.size)
    level = _window_levels(filtered_uv, is_signal, length)
    valid = np.flatnonzero(level > 0)
    if not valid.size:
        return None
    # A window's RMS of Gaussian noise deviates by 1 / (2 sqrt(bandwidth * duration)) (Bendat & Piersol 2010).
    expected_spread = 0.5 / np.sqrt(bandwidth_hz * length / rate_hz)
    at_rest = _grown(level, valid, expected_spread)
    samples_at_rest = np.repeat(at_rest, length)
    inner = eroded(samples_at_rest, half_window)
    rest_envelope = envelope_uv[: inner.size][inner if inner.any() else samples_at_rest]
    mean = float(rest_envelope.mean())
    envelope_s = (2 * half_window + 1) / rate_hz
    sd = max(float(rest_envelope.std()), mean * 0.5 / float(np.sqrt(bandwidth_hz * envelope_s)))
    return EmgBaseline(
        mean_uv=mean,
        sd_uv=sd,
        noise_rms_uv=float(np.sqrt(np.mean(np.square(level[at_rest])))),
        threshold_uv=mean + rule.k * sd,
        release_uv=mean + rule.k * sd * rule.release_percent / 100.0,
        rest_ms=float(np.count_nonzero(at_rest)) * length * 1000.0 / rate_hz,
    )


def _window_levels(filtered_uv: Samples, is_signal: Mask, length: int) -> Samples:
    """RMS of each window, 0 for a window that is not all signal."""
    count = filtered_uv.size // length
    level: Samples = np.sqrt(np.mean(np.square(frames(filtered_uv, length, length)), axis=1))[:count]
    whole = is_signal[: count * length].reshape(count, length).all(axis=1)
    return np.where(whole, level, 0.0)


def _grown(level: Samples, valid: np.ndarray[tuple[int], np.dtype[np.intp]], expected_spread: float) -> Mask:
    """Which windows are rest: the quietest, and all that are like them."""
    quiet = np.sort(level[valid])
    seed = quiet[: min(quiet.size, max(_MIN_WINDOWS, int(_QUIETEST_SHARE * quiet.size)))]
    rest = seed
    for _ in range(_MAX_ROUNDS):
        centre = float(np.median(rest))
        spread = max(float(np.std(rest)), expected_spread * centre)
        grown = quiet[quiet <= centre + _GROWTH_SD * spread]
        if grown.size <= rest.size:
            break
        rest = grown
    if rest[-1] > _MAX_RATIO * rest[0]:
        rest = seed
    return np.asarray((level > 0) & (level <= rest[-1]))
