"""Synthetic electromyograms of which the truth is known: bursts of band-limited noise at set times and levels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Burst:
    """One contraction: activity of a level between two times, rising and falling over a ramp."""

    onset_s: float
    offset_s: float
    level_uv: float
    ramp_s: float = 0.0


@dataclass(frozen=True)
class Synthesis:
    """What a synthetic channel is made of."""

    duration_s: float
    bursts: tuple[Burst, ...] = ()
    rest_uv: float = 3.0
    rate_hz: float = 2000.0
    seed: int = 0

    @property
    def size(self) -> int:
        return round(self.duration_s * self.rate_hz)

    def times_s(self) -> Samples:
        return np.arange(self.size) / self.rate_hz

    def samples_uv(self) -> Samples:
        """Rest and bursts, each Gaussian noise with the band of surface EMG."""
        rng = np.random.default_rng(self.seed)
        total = self.rest_uv * band_noise(rng, self.size, self.rate_hz)
        for burst in self.bursts:
            total += burst.level_uv * band_noise(rng, self.size, self.rate_hz) * self._gate(burst)
        return total

    def _gate(self, burst: Burst) -> Samples:
        times = self.times_s()
        if burst.ramp_s == 0:
            return ((times >= burst.onset_s) & (times < burst.offset_s)).astype(np.float64)
        rise, fall = (times - burst.onset_s) / burst.ramp_s, (burst.offset_s - times) / burst.ramp_s
        return np.clip(np.minimum(rise, fall), 0.0, 1.0)


def band_noise(
    rng: np.random.Generator, size: int, rate_hz: float, band_hz: tuple[float, float] = (20, 400)
) -> Samples:
    """Gaussian noise of unit RMS, limited to a band."""
    sections = signal.butter(2, (band_hz[0], min(band_hz[1], 0.45 * rate_hz)), "bandpass", fs=rate_hz, output="sos")
    noise = signal.sosfiltfilt(sections, rng.standard_normal(size))
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def train(count: int, snr_db: float, *, seed: int = 0, rate_hz: float = 2000.0, rest_uv: float = 3.0) -> Synthesis:
    """A train of bursts of 0.4 to 2 s with pauses of 0.6 to 2 s, all at one signal-to-noise ratio."""
    rng = np.random.default_rng(1000 + seed)
    level = rest_uv * 10 ** (snr_db / 20)
    at, bursts = 1.5, []
    for _ in range(count):
        length = rng.uniform(0.4, 2.0)
        bursts.append(Burst(at, at + length, level))
        at += length + rng.uniform(0.6, 2.0)
    return Synthesis(at + 0.5, tuple(bursts), rest_uv, rate_hz, seed)


@dataclass(frozen=True)
class Score:
    """How found contractions compare with the truth."""

    onset_errors_ms: tuple[float, ...]
    offset_errors_ms: tuple[float, ...]
    lost: int
    false: int

    @property
    def median_onset_error_ms(self) -> float:
        return float(np.median(np.abs(self.onset_errors_ms)))

    @property
    def median_offset_error_ms(self) -> float:
        return float(np.median(np.abs(self.offset_errors_ms)))


def score(bursts: tuple[Burst, ...], found_ms: list[tuple[float, float]]) -> Score:
    """Match each burst with the first contraction that overlaps it; what is left over is false."""
    onset_errors, offset_errors, lost, left = [], [], 0, list(found_ms)
    for burst in bursts:
        true_onset, true_offset = 1000 * burst.onset_s, 1000 * burst.offset_s
        match = next((one for one in left if one[0] < true_offset and one[1] > true_onset), None)
        if match is None:
            lost += 1
            continue
        left.remove(match)
        onset_errors.append(match[0] - true_onset)
        offset_errors.append(match[1] - true_offset)
    return Score(tuple(onset_errors), tuple(offset_errors), lost, len(left))
