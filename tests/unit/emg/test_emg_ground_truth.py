"""Synthetic recordings of many kinds with a known answer; `python -m bench.emg_accuracy` prints the whole table."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from analysis_service.emg import spectrum
from analysis_service.emg.channel import analyse_channel
from analysis_service.emg.params import EmgOnsetMethod, EmgParams
from tests.support.emg_ground_truth import KINDS, RATES_HZ, FatigueRamp, found_by, made, outcome
from tests.support.emg_synthesis import train

RAMPS_MS = {"ramps of 50 ms": 50.0, "ramps of 100 ms": 100.0, "ramps of 200 ms": 200.0}
_ONSET_MS = 30.0


def wanted_ms(kind: str, snr_db: float) -> float:
    """30 ms; in a ramp, the time until activity stands as high as rest, before which nothing can be seen, and 10 ms."""
    hidden_ms = RAMPS_MS.get(kind, 0.0) * 10 ** (-snr_db / 20)
    return max(_ONSET_MS, hidden_ms + 10.0)


def assert_found(
    kind: str, snr_db: float, method: EmgOnsetMethod, seeds: Sequence[int], rates: Sequence[float]
) -> None:
    found = outcome(kind, snr_db, method, seeds, rates)
    print(f"{kind}, {snr_db:g} dB, {method}: {found}")
    assert found.onset_error_ms <= wanted_ms(kind, snr_db)
    assert found.lost == 0
    assert found.false <= found.bursts / 10


@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("snr_db", [20.0, 12.0])
@pytest.mark.parametrize("kind", KINDS)
def test_bursts_of_every_kind_are_found(kind: str, snr_db: float, method: EmgOnsetMethod) -> None:
    assert_found(kind, snr_db, method, (11,), (1500.0,))


@pytest.mark.slow
@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("snr_db", [30.0, 20.0, 12.0, 6.0])
@pytest.mark.parametrize("kind", KINDS)
def test_so_they_are_at_every_level_rate_and_seed(kind: str, snr_db: float, method: EmgOnsetMethod) -> None:
    assert_found(kind, snr_db, method, (21, 22), RATES_HZ)


@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("seed", range(4))
def test_single_spikes_between_bursts_are_no_contractions(seed: int, method: EmgOnsetMethod) -> None:
    """Of either sign, one sample or a swing of 5 ms, 100 to 10,000 uV, in every other pause."""
    rng, rate_hz = np.random.default_rng(seed), 2000.0
    bursts, samples = made("abrupt", 20.0, seed, rate_hz)
    spoilt = samples.copy()
    for before, after in list(pairwise(bursts))[::2]:
        at = round((before.offset_s + after.onset_s) / 2 * rate_hz)
        shape = rng.choice((1, -1)) * (np.ones(1) if rng.random() < 0.5 else np.sin(np.linspace(0, 2 * np.pi, 11)))
        spoilt[at : at + shape.size] += 10 ** rng.uniform(2, 4) * shape
    found = found_by(spoilt, bursts, rate_hz, method)
    assert (found.lost, found.false) == (0, 0)


@pytest.mark.parametrize("rate_hz", [1000.0, 2000.0])
def test_the_slope_of_a_squeezed_spectrum_is_known_within_5_percent(rate_hz: float) -> None:
    """One run's median frequency is uncertain by 2-3 % itself, so the median of five runs is judged."""
    ratios = []
    for seed in range(5):
        ramp = FatigueRamp(seed, rate_hz)
        fatigue = analyse_channel(ramp.samples_uv(), rate_hz, EmgParams()).fatigue
        assert fatigue is not None
        median, mean = fatigue.median_frequency_hz, fatigue.mean_frequency_hz
        assert median is not None
        assert mean is not None
        assert (median.n, mean.n) == (ramp.count, ramp.count)
        true_median, true_mean = ramp.true_slopes_per_min()
        assert mean.slope_per_min == pytest.approx(true_mean, rel=0.05)
        ratios.append((median.slope_per_min / true_median, mean.slope_per_min / true_mean))
    print(np.round(ratios, 3).tolist())
    assert np.median(ratios, axis=0) == pytest.approx([1.0, 1.0], abs=0.05)


def test_a_steady_spectrum_has_no_slope() -> None:
    ramp = FatigueRamp(3, squeezed_to=1.0)
    fatigue = analyse_channel(ramp.samples_uv(), ramp.rate_hz, EmgParams()).fatigue
    assert fatigue is not None
    for trend in (fatigue.median_frequency_hz, fatigue.mean_frequency_hz):
        assert trend is not None
        assert trend.ci_low_per_min < 0.0 < trend.ci_high_per_min


@pytest.mark.parametrize("rate_hz", [990.0, 1000.0, 1500.0, 2000.0, 4000.0])
@pytest.mark.parametrize("frequency_hz", [25.0, 49.7, 80.3, 155.5, 333.3, 420.0])
def test_a_tone_lies_within_one_bin_at_every_rate(frequency_hz: float, rate_hz: float) -> None:
    times = np.arange(round(3.0 * rate_hz)) / rate_hz
    tone = 100.0 * np.sin(2 * np.pi * frequency_hz * times + 0.4)
    found = spectrum.measure(tone, rate_hz, round(0.5 * rate_hz), 50.0, (20.0, 0.45 * rate_hz))
    assert found is not None
    assert abs(found.median_frequency_hz - frequency_hz) <= found.resolution_hz
    assert abs(found.mean_frequency_hz - frequency_hz) <= found.resolution_hz


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_times_do_not_depend_on_the_amplifiers_gain(factor: float) -> None:
    samples = train(6, 20.0, seed=5).samples_uv()
    plain, scaled = (analyse_channel(one, 2000.0, EmgParams()) for one in (samples, factor * samples))
    edges = [[(c.onset_ms, c.offset_ms) for c in one.contractions] for one in (plain, scaled)]
    assert edges[0] == edges[1]
    assert len(edges[0]) == 6


def test_a_burst_is_found_at_any_place_of_the_recording() -> None:
    made_train = train(6, 20.0, seed=8)
    samples = made_train.samples_uv()
    cut = round(0.7 * 2000)
    found = found_by(
        samples[cut:],
        tuple(replace(b, onset_s=b.onset_s - 0.7, offset_s=b.offset_s - 0.7) for b in made_train.bursts),
        2000.0,
        EmgOnsetMethod.ENVELOPE,
    )
    assert (found.lost, found.false) == (0, 0)
