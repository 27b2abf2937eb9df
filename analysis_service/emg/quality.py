"""Quality of a raw channel, before anything else is believed."""

from dataclasses import dataclass

import numpy as np

from analysis_service.emg.arrays import Mask, Samples, percent, runs, sample_count
from analysis_service.emg.findings import EmgFinding, EmgFindingCode, EmgSeverity, readable

# No amplifier for surface EMG delivers kilovolts: such a number is damage, like one that is not finite.
_ABSURD_UV = 1e9
# Surface EMG stays within 10 mV peak to peak (De Luca 2002); twice that is another unit.
_IMPLAUSIBLE_UV = 20_000.0
# Amplifier and quantisation noise change a value at least every few samples; 100 ms of one value is no signal.
_FLAT_MS = 100.0
# Three equal samples at the very extreme of a recording: the converter's rail, not a coincidence.
_RAIL_RUN = 3
_MAX_NON_FINITE_PERCENT = 1.0
_MAX_FLAT_PERCENT = 50.0
_MIN_CLIPPING_PERCENT = 0.05
_MAX_CLIPPING_PERCENT = 10.0
_DRIFT_BLOCK_S = 1.0


@dataclass(frozen=True, slots=True)
class RawQuality:
    """What the raw samples of a channel are like.

    Attributes
    ----------
    repaired_uv : array of shape (n,)
        The samples, non-finite and absurd ones bridged by straight lines.
    is_signal : array of shape (n,)
        False where there is a gap or a flat line.
    is_clipped : array of shape (n,)
        True where the signal sits at a rail.
    spread_uv
        Standard deviation of the samples.
    """

    repaired_uv: Samples
    is_signal: Mask
    is_clipped: Mask
    offset_uv: float
    spread_uv: float
    drift_uv: float
    non_finite_percent: float
    flat_percent: float
    clipping_percent: float
    findings: tuple[EmgFinding, ...]


def examine(samples_uv: Samples, rate_hz: float) -> RawQuality:
    """Measure a raw channel, shape (n,), in microvolts; non-finite values allowed."""
    is_number = _is_number(samples_uv)
    whole = _bridged(samples_uv, is_number)
    is_flat = _flat(whole, sample_count(_FLAT_MS, rate_hz))
    extremes = float(whole.min()), float(whole.max())
    is_clipped = _at_rail(whole, extremes) & is_number
    size = samples_uv.size
    missing = percent(float(size - np.count_nonzero(is_number)), size)
    flat = percent(float(np.count_nonzero(is_flat)), size)
    clipped = percent(float(np.count_nonzero(is_clipped)), size)
    offset = float(np.mean(whole))
    centred = whole - offset
    return RawQuality(
        repaired_uv=whole,
        is_signal=is_number & ~is_flat,
        is_clipped=is_clipped,
        offset_uv=offset,
        spread_uv=float(np.sqrt(np.mean(np.square(centred)))),
        drift_uv=_drift(whole, rate_hz),
        non_finite_percent=missing,
        flat_percent=flat,
        clipping_percent=clipped,
        findings=(
            *_gap_findings(missing, flat),
            *_level_findings(clipped, centred, max(extremes[1] - offset, offset - extremes[0])),
        ),
    )


def repaired(samples_uv: Samples) -> Samples:
    """The samples, shape (n,), with non-finite and absurd ones bridged by straight lines."""
    return _bridged(samples_uv, _is_number(samples_uv))


def _is_number(samples_uv: Samples) -> Mask:
    with np.errstate(invalid="ignore"):
        return np.abs(samples_uv) < _ABSURD_UV  # false for NaN too


def _bridged(samples: Samples, is_number: Mask) -> Samples:
    """Gaps bridged by straight lines; all zero when there is nothing to bridge from."""
    if is_number.all():
        return samples
    if not is_number.any():
        return np.zeros_like(samples)
    index = np.arange(samples.size)
    return np.interp(index, index[is_number], samples[is_number])


def _flat(samples: Samples, least: int) -> Mask:
    """Where the same value stands for at least `least` samples."""
    is_flat = np.zeros(samples.size, dtype=np.bool_)
    for first, last in runs(samples[1:] == samples[:-1], max(1, least - 1)):
        is_flat[first : last + 1] = True
    return is_flat


def _at_rail(samples: Samples, extremes: tuple[float, float]) -> Mask:
    """Where the signal stays at its very maximum or minimum."""
    at_rail = np.zeros(samples.size, dtype=np.bool_)
    if extremes[0] == extremes[1]:
        return at_rail
    for rail in extremes:
        for first, last in runs(samples == rail, _RAIL_RUN):
            at_rail[first:last] = True
    return at_rail


def _drift(samples: Samples, rate_hz: float) -> float:
    """Range of the means of one-second blocks, in microvolts."""
    length = max(1, min(samples.size, round(_DRIFT_BLOCK_S * rate_hz)))
    blocks = samples[: samples.size // length * length].reshape(-1, length).mean(axis=1)
    return float(np.ptp(blocks))


def _gap_findings(missing_percent: float, flat_percent: float) -> list[EmgFinding]:
    found = []
    if missing_percent > 0:
        bad = missing_percent > _MAX_NON_FINITE_PERCENT
        text = f"{readable(missing_percent)} % of this channel is damaged (no valid numbers)"
        text += ": too much to measure it." if bad else " and was bridged by straight lines."
        found.append(EmgFinding(EmgFindingCode.NON_FINITE, _severity(bad), text))
    if flat_percent > 0:
        bad = flat_percent > _MAX_FLAT_PERCENT
        text = f"For {readable(flat_percent)} % of the time the signal does not change at all: the electrode or its "
        text += "cable was most likely disconnected."
        found.append(EmgFinding(EmgFindingCode.FLAT_LINE, _severity(bad), text))
    return found


def _level_findings(clipping_percent: float, centred_uv: Samples, highest_uv: float) -> list[EmgFinding]:
    found = []
    if clipping_percent > _MIN_CLIPPING_PERCENT:
        bad = clipping_percent > _MAX_CLIPPING_PERCENT
        text = f"{readable(clipping_percent)} % of the samples reached the recorder's limit and are cut off: "
        text += "too many to measure it." if bad else "true amplitudes are higher than those given."
        found.append(EmgFinding(EmgFindingCode.CLIPPING, _severity(bad), text))
    # No percentile is above the maximum, which is known.
    height = float(np.percentile(np.abs(centred_uv), 99.0)) if highest_uv > _IMPLAUSIBLE_UV else 0.0
    if height > _IMPLAUSIBLE_UV:
        text = f"Amplitudes of {readable(height / 1000)} mV are far more than muscles show at the skin: "
        text += "the unit in the file is most likely wrong, and so are all amplitudes."
        found.append(EmgFinding(EmgFindingCode.AMPLITUDE_IMPLAUSIBLE, EmgSeverity.WARNING, text))
    return found


def _severity(bad: bool) -> EmgSeverity:
    return EmgSeverity.UNUSABLE if bad else EmgSeverity.WARNING
