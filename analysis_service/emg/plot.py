"""Signals for plots: a stretch of a channel in a few thousand points, whatever its length."""

from dataclasses import dataclass
from enum import auto
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis_service.emg.arrays import Samples
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel, trace_channel
from analysis_service.emg.errors import NameEnum
from analysis_service.emg.params import EmgOnsetMethod, EmgParams


class SignalKind(NameEnum):
    """What a signal shows."""

    RAW = auto()
    FILTERED = auto()
    ENVELOPE = auto()


class Stretch(NamedTuple):
    """Part of a recording, in samples: from `first` up to, not including, `last`."""

    first: int
    last: int

    @classmethod
    def of(cls, start_s: float, length_s: float | None, rate_hz: float, sample_count: int) -> "Stretch":
        """The stretch from a time on, in seconds, cut at the end of the recording; empty beyond it."""
        first = min(sample_count, round(start_s * rate_hz))
        last = sample_count if length_s is None else min(sample_count, round((start_s + length_s) * rate_hz))
        return cls(first, max(first, last))


@dataclass(frozen=True, slots=True)
class Plot:
    """One signal of a channel, each point standing for the samples from its time up to the next point's.

    Attributes
    ----------
    kind : SignalKind
        What it shows.
    time_ms : array of shape (points,), ms
        From the start of the recording.
    minimum_uv, maximum_uv : arrays of shape (points,), uV
        Least and greatest sample that each point stands for.
    threshold_uv : float, uV, or None
        Above it a contraction begins; None where contractions are not found by this signal.
    onset_ms, offset_ms : tuples of float, ms
        Contractions that reach into the stretch.
    """

    kind: SignalKind
    time_ms: npt.NDArray[np.float64]
    minimum_uv: npt.NDArray[np.float32]
    maximum_uv: npt.NDArray[np.float32]
    threshold_uv: float | None
    onset_ms: tuple[float, ...]
    offset_ms: tuple[float, ...]


def plots(samples_uv: Samples, rate_hz: float, params: EmgParams, stretch: Stretch, max_points: int) -> list[Plot]:
    """The raw signal, and for a usable channel the filtered one and its envelope.

    The whole channel is filtered and searched for contractions, so that a stretch shows what the result says of it.

    Parameters
    ----------
    samples_uv : array of shape (n,), uV
        The raw signal; may hold non-finite values.
    rate_hz
        Sampling rate in Hz.
    stretch
        What is shown; it must not be empty.
    max_points
        The most points of a signal.
    """
    features = analyse_channel(samples_uv, rate_hz, params)
    signals = {SignalKind.RAW: samples_uv}
    trace = trace_channel(samples_uv, rate_hz, params) if features.unusable_reason is None else None
    if trace is not None:
        signals[SignalKind.FILTERED] = trace.filtered_uv
        signals[SignalKind.ENVELOPE] = trace.envelope_uv
    begin_ms, end_ms = (1000.0 * at / rate_hz for at in stretch)
    shown = [one for one in features.contractions if one.offset_ms > begin_ms and one.onset_ms < end_ms]
    found = []
    for kind, signal in signals.items():
        starts, minimum, maximum = decimated(signal[stretch.first : stretch.last], max_points)
        found.append(
            Plot(
                kind=kind,
                time_ms=np.asarray((starts + stretch.first) * (1000.0 / rate_hz), dtype=np.float64),
                minimum_uv=minimum,
                maximum_uv=maximum,
                threshold_uv=_threshold_uv(features, params) if kind is SignalKind.ENVELOPE else None,
                onset_ms=tuple(one.onset_ms for one in shown),
                offset_ms=tuple(one.offset_ms for one in shown),
            )
        )
    return found


def decimated(
    samples: Samples, max_points: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Cut samples into at most so many runs of nearly equal length: first index, least and greatest value of each.

    No spike is lost, as one would be by taking every n-th sample. A value that is not a number is left out of its run.
    """
    count = min(max_points, samples.size)
    starts = np.arange(count, dtype=np.intp) * samples.size // count
    with np.errstate(over="ignore", invalid="ignore"):  # absurd values become infinite, and are seen as such
        least = np.fmin.reduceat(samples, starts).astype(np.float32)
        greatest = np.fmax.reduceat(samples, starts).astype(np.float32)
    return starts, least, greatest


def _threshold_uv(features: EmgChannelFeatures, params: EmgParams) -> float | None:
    is_by_envelope = params.onset_method is EmgOnsetMethod.ENVELOPE
    return features.baseline.threshold_uv if features.baseline is not None and is_by_envelope else None
