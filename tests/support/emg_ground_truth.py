"""Trains of bursts of many kinds, and how well the analysis finds them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import signal

from analysis_service.emg.channel import analyse_channel
from analysis_service.emg.params import EmgOnsetMethod, EmgParams
from tests.support.emg_synthesis import Burst, Samples, Score, Synthesis, band_noise, score, train

RATES_HZ = (1000.0, 1500.0, 2000.0)
SNRS_DB = (30.0, 20.0, 12.0, 6.0)
BURSTS = 12
REST_UV = 3.0

Made = tuple[tuple[Burst, ...], Samples]


@dataclass(frozen=True)
class Outcome:
    """All trains of one kind together."""

    onset_error_ms: float
    offset_error_ms: float
    lost: int
    false: int
    bursts: int


def _abrupt(snr_db: float, seed: int, rate_hz: float) -> Made:
    made = train(BURSTS, snr_db, seed=seed, rate_hz=rate_hz, rest_uv=REST_UV)
    return made.bursts, made.samples_uv()


def _shaped(made: Synthesis, change: Callable[[Burst], Burst]) -> Made:
    shaped = replace(made, bursts=tuple(change(burst) for burst in made.bursts))
    return shaped.bursts, shaped.samples_uv()


def _ramped(ramp_s: float) -> Callable[[float, int, float], Made]:
    def make(snr_db: float, seed: int, rate_hz: float) -> Made:
        made = train(BURSTS, snr_db, seed=seed, rate_hz=rate_hz, rest_uv=REST_UV)
        return _shaped(made, lambda burst: replace(burst, ramp_s=ramp_s))

    return make


def _of_length(length_s: float, pause_s: float) -> Callable[[float, int, float], Made]:
    def make(snr_db: float, seed: int, rate_hz: float) -> Made:
        rng = np.random.default_rng(2000 + seed)
        onsets = 1.5 + np.arange(BURSTS) * (length_s + pause_s) + rng.uniform(0, 0.3 * pause_s, BURSTS)
        level = REST_UV * 10 ** (snr_db / 20)
        bursts = tuple(Burst(float(at), float(at) + length_s, level) for at in onsets)
        made = Synthesis(bursts[-1].offset_s + 1.5, bursts, REST_UV, rate_hz, seed)
        return made.bursts, made.samples_uv()

    return make


def _with(addition: Callable[[Samples, np.random.Generator], Samples]) -> Callable[[float, int, float], Made]:
    def make(snr_db: float, seed: int, rate_hz: float) -> Made:
        bursts, samples = _abrupt(snr_db, seed, rate_hz)
        times = np.arange(samples.size) / rate_hz
        return bursts, samples + addition(times, np.random.default_rng(3000 + seed))

    return make


def _drift(times: Samples, rng: np.random.Generator) -> Samples:
    """An offset, a slope, and waves as slow as breath."""
    waves = sum(rng.uniform(50, 300) * np.sin(2 * np.pi * hz * times + rng.uniform(0, 6)) for hz in (0.1, 0.3, 1.0))
    return np.asarray(500.0 + 20.0 * times + waves)


def _mains(times: Samples, rng: np.random.Generator) -> Samples:
    """Half as strong as rest, with an odd harmonic."""
    return np.asarray(2.0 * np.sin(2 * np.pi * 50 * times) + 0.7 * np.sin(2 * np.pi * 150 * times + rng.uniform(0, 6)))


def _white(times: Samples, rng: np.random.Generator) -> Samples:
    return 0.5 * rng.standard_normal(times.size)


def _narrow(snr_db: float, seed: int, rate_hz: float) -> Made:
    """Muscle in 60 to 150 Hz over rest that is white: an electromyogram over an amplifier's noise."""
    made = train(BURSTS, snr_db, seed=seed, rate_hz=rate_hz, rest_uv=REST_UV)
    rng, times = np.random.default_rng(4000 + seed), made.times_s()
    is_active = np.zeros(made.size)
    for burst in made.bursts:
        is_active[(times >= burst.onset_s) & (times < burst.offset_s)] = burst.level_uv
    rest = REST_UV * rng.standard_normal(made.size) * np.sqrt(rate_hz / 2 / 430.0)
    return made.bursts, rest + is_active * band_noise(rng, made.size, rate_hz, (60, 150))


KINDS: Mapping[str, Callable[[float, int, float], Made]] = {
    "abrupt": _abrupt,
    "ramps of 50 ms": _ramped(0.05),
    "ramps of 100 ms": _ramped(0.1),
    "ramps of 200 ms": _ramped(0.2),
    "bursts of 150 ms": _of_length(0.15, 1.0),
    "bursts of 300 ms": _of_length(0.3, 0.6),
    "bursts of 1 s": _of_length(1.0, 1.0),
    "bursts of 5 s": _of_length(5.0, 2.0),
    "with drift": _with(_drift),
    "with mains": _with(_mains),
    "with white noise": _with(_white),
    "narrow over white": _narrow,
}


@lru_cache(maxsize=8)
def made(kind: str, snr_db: float, seed: int, rate_hz: float) -> Made:
    """One train; kept for the other onset method."""
    return KINDS[kind](snr_db, seed, rate_hz)


def found_by(samples: Samples, bursts: tuple[Burst, ...], rate_hz: float, method: EmgOnsetMethod) -> Score:
    """Analyse one train with defaults, and compare."""
    features = analyse_channel(samples, rate_hz, EmgParams(onset_method=method))
    return score(bursts, [(one.onset_ms, one.offset_ms) for one in features.contractions])


def outcome(
    kind: str, snr_db: float, method: EmgOnsetMethod, seeds: Iterable[int], rates_hz: Iterable[float]
) -> Outcome:
    """Several trains of one kind at several sampling rates, all put together."""
    rates = tuple(rates_hz)
    scores = []
    for seed in seeds:
        for rate_hz in rates:
            bursts, samples = made(kind, snr_db, seed, rate_hz)
            scores.append(found_by(samples, bursts, rate_hz, method))
    onsets = [abs(error) for one in scores for error in one.onset_errors_ms]
    offsets = [abs(error) for one in scores for error in one.offset_errors_ms]
    return Outcome(
        float(np.median(onsets)) if onsets else float("nan"),
        float(np.median(offsets)) if offsets else float("nan"),
        sum(one.lost for one in scores),
        sum(one.false for one in scores),
        BURSTS * len(scores),
    )


@dataclass(frozen=True)
class FatigueRamp:
    """A muscle whose spectrum is squeezed from contraction to contraction, as fatigue does."""

    seed: int
    rate_hz: float = 2000.0
    count: int = 24
    length_s: float = 6.0
    pause_s: float = 1.5
    squeezed_to: float = 0.6
    band_hz: tuple[float, float] = (45.0, 180.0)
    rest_uv: float = 1.0
    level_uv: float = 100.0

    @property
    def onsets_s(self) -> Samples:
        return 1.5 + np.arange(self.count) * (self.length_s + self.pause_s)

    @property
    def scales(self) -> Samples:
        return np.linspace(1.0, self.squeezed_to, self.count)

    def sections(self, scale: float) -> Samples:
        low, high = self.band_hz
        return np.asarray(signal.butter(4, (scale * low, scale * high), "bandpass", fs=self.rate_hz, output="sos"))

    def samples_uv(self) -> Samples:
        rng, length = np.random.default_rng(self.seed), round(self.length_s * self.rate_hz)
        total = self.rest_uv * band_noise(rng, round((self.onsets_s[-1] + 8.0) * self.rate_hz), self.rate_hz)
        for onset_s, scale in zip(self.onsets_s, self.scales, strict=True):
            noise = signal.sosfilt(self.sections(scale), rng.standard_normal(length + 2000))[2000:]
            at = round(onset_s * self.rate_hz)
            total[at : at + length] += self.level_uv * noise / np.std(noise)
        return total

    def true_slopes_per_min(self) -> tuple[float, float]:
        """Slopes of median and mean frequency of the spectrum itself, as the pass band of 20 to 450 Hz leaves it."""
        frequencies = np.linspace(20.0, 450.0, 8601)
        passed = signal.butter(2, (20.0, 450.0), "bandpass", fs=self.rate_hz, output="sos")
        gain = np.abs(signal.freqz_sos(passed, frequencies, fs=self.rate_hz)[1]) ** 4
        rows = []
        for scale in self.scales:
            density = np.abs(signal.freqz_sos(self.sections(scale), frequencies, fs=self.rate_hz)[1]) ** 2 * gain
            reached = np.cumsum(density)
            median = np.interp(reached[-1] / 2, reached, frequencies)
            rows.append((median, np.sum(frequencies * density) / reached[-1]))
        minutes = (self.onsets_s + self.length_s / 2) / 60.0
        return tuple(np.polyfit(minutes, np.array(rows), 1)[0].tolist())
