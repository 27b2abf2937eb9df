"""Findings: each defect that was put into a recording is found, and none that was not."""

import numpy as np
import pytest

from analysis_service.emg import mains, rate
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.contractions import EmgContractionFlag
from analysis_service.emg.findings import EmgFindingCode, EmgSeverity
from analysis_service.emg.params import EmgParams, EmgRateSource
from analysis_service.emg.rate import EmgRateConfidence
from tests.support.emg_synthesis import Burst, Synthesis, train

RATE = 2000.0
BAND = (20.0, 450.0)
CLEAN = Synthesis(10.0, (Burst(2.0, 4.0, 80.0), Burst(6.0, 8.0, 80.0)), seed=11)


def features_of(samples: np.ndarray, rate_hz: float = RATE, **changes: float) -> EmgChannelFeatures:
    return analyse_channel(samples, rate_hz, EmgParams(**changes))


def severities(features: EmgChannelFeatures) -> dict[EmgFindingCode, EmgSeverity]:
    return {finding.code: finding.severity for finding in features.findings}


def hum(levels_uv: tuple[float, ...], fundamental_hz: float = 50.0, rate_hz: float = RATE) -> np.ndarray:
    times = np.arange(round(10.0 * rate_hz)) / rate_hz
    harmonics = zip((1, 3, 5), levels_uv, strict=False)
    return sum(level * np.sin(2 * np.pi * fundamental_hz * k * times) for k, level in harmonics)


def test_a_clean_recording_has_no_findings() -> None:
    features = features_of(CLEAN.samples_uv())
    assert features.findings == ()
    assert features.unusable_reason is None
    assert len(features.contractions) == 2
    assert (features.quality.clipping_percent, features.quality.flat_percent, features.quality.non_finite_percent) == (
        0,
        0,
        0,
    )


def test_few_samples_that_are_not_numbers_are_bridged_and_reported() -> None:
    samples = CLEAN.samples_uv()
    samples[[100, 101, 9000]] = np.nan
    samples[5000] = np.inf
    features = features_of(samples)
    assert severities(features)[EmgFindingCode.NON_FINITE] is EmgSeverity.WARNING
    assert features.quality.non_finite_percent == pytest.approx(0.02)
    assert len(features.contractions) == 2


def test_many_samples_that_are_not_numbers_make_a_channel_unusable() -> None:
    samples = CLEAN.samples_uv()
    samples[3000:6000] = np.nan
    features = features_of(samples)
    assert features.unusable_reason is EmgFindingCode.NON_FINITE
    assert (features.contractions, features.amplitude, features.fatigue) == ((), None, None)


def test_absurd_values_count_as_damage() -> None:
    samples = CLEAN.samples_uv()
    samples[::50] = 1e30
    assert features_of(samples).unusable_reason is EmgFindingCode.NON_FINITE


def test_a_lost_contact_is_a_flat_line_and_not_the_rest_level() -> None:
    samples = CLEAN.samples_uv()
    samples[17_000:] = 12.5
    features = features_of(samples)
    assert severities(features)[EmgFindingCode.FLAT_LINE] is EmgSeverity.WARNING
    assert features.quality.flat_percent == pytest.approx(15.0, abs=0.1)
    assert features.quality.noise_uv == pytest.approx(3.0, rel=0.1)
    assert len(features.contractions) == 2


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_channel_that_is_all_flat_is_unusable(value: float) -> None:
    assert features_of(np.full(20_000, value)).unusable_reason is EmgFindingCode.FLAT_LINE


def test_clipping_is_measured_and_flagged_on_the_contraction() -> None:
    samples = np.clip(CLEAN.samples_uv(), -60.0, 60.0)
    samples[12_000:16_000] *= 0.2  # the second burst stays clear of the rail
    features = features_of(samples)
    assert severities(features)[EmgFindingCode.CLIPPING] is EmgSeverity.WARNING
    first, second = features.contractions
    assert EmgContractionFlag.CLIPPED in first.flags
    assert EmgContractionFlag.CLIPPED not in second.flags


def test_a_wandering_baseline_is_reported() -> None:
    samples = CLEAN.samples_uv() + 800.0 * np.linspace(0, 1, 20_000)
    features = features_of(samples)
    assert severities(features)[EmgFindingCode.BASELINE_DRIFT] is EmgSeverity.INFO
    assert features.quality.drift_uv == pytest.approx(720.0, rel=0.05)
    assert len(features.contractions) == 2


def test_amplitudes_of_volts_are_not_those_of_emg() -> None:
    assert EmgFindingCode.AMPLITUDE_IMPLAUSIBLE in severities(features_of(CLEAN.samples_uv() * 1e4))


def test_a_loud_rest_and_a_weak_contraction_are_reported() -> None:
    features = features_of(Synthesis(10.0, (Burst(3.0, 6.0, 40.0),), rest_uv=15.0, seed=12).samples_uv())
    assert {EmgFindingCode.BASELINE_NOISE, EmgFindingCode.LOW_SNR} <= set(severities(features))


@pytest.mark.parametrize("fundamental", [50.0, 60.0])
def test_mains_interference_is_named_and_measured(fundamental: float) -> None:
    features = features_of(CLEAN.samples_uv() + hum((30.0, 20.0, 20.0), fundamental))
    assert features.quality.mains.nominal_hz == fundamental
    assert [line.harmonic for line in features.quality.mains.lines] == [1, 3, 5]
    power = (30**2 + 20**2 + 20**2) / 2
    expected = 100 * power / (power + np.mean(CLEAN.samples_uv() ** 2))
    assert features.quality.mains.power_percent == pytest.approx(expected, abs=5.0)
    assert severities(features)[EmgFindingCode.MAINS_INTERFERENCE] is EmgSeverity.WARNING


def test_a_channel_that_shows_nothing_but_mains_is_unusable_unless_a_notch_is_asked_for() -> None:
    samples = Synthesis(10.0, rest_uv=1.0, seed=13).samples_uv() + hum((50.0, 20.0))
    assert features_of(samples).unusable_reason is EmgFindingCode.MAINS_INTERFERENCE
    assert features_of(samples, notch_hz=50.0).unusable_reason is None


def test_a_hum_that_strong_activity_hides_is_found_at_rest() -> None:
    """Activity of 500 uV, hum of 2: a sixty-thousandth of the power."""
    active = Synthesis(32.0, tuple(Burst(2.0 + 5.0 * at, 4.0 + 5.0 * at, 500.0) for at in range(6)), seed=4)
    times = active.times_s()
    weak = sum(2.0 * np.sin(2 * np.pi * 50.0 * harmonic * times) for harmonic in (1, 3, 5))
    samples = active.samples_uv() + weak
    assert mains.survey(mains.density(samples, RATE), BAND).lines == ()
    found = features_of(samples).quality.mains
    assert (found.nominal_hz, [line.harmonic for line in found.lines]) == (50.0, [1, 3, 5])
    assert [line.frequency_hz for line in found.lines] == pytest.approx([50.0, 150.0, 250.0], abs=0.1)
    expected = 100 * np.mean(weak**2) / np.mean(samples**2)
    assert found.power_percent == pytest.approx(expected, rel=0.3)


def test_rest_without_a_hum_has_no_lines_either() -> None:
    for seed in range(10):
        features = features_of(train(6, 30.0, seed=seed).samples_uv())
        assert features.quality.mains.lines == ()


def test_noise_alone_has_no_mains_lines() -> None:
    for seed in range(20):
        samples = Synthesis(8.0, seed=seed).samples_uv()
        assert mains.survey(mains.density(samples, RATE), BAND).lines == ()


def test_a_rate_too_low_for_emg_is_reported_or_refused() -> None:
    low = Synthesis(10.0, (Burst(3.0, 5.0, 80.0),), rate_hz=500.0, seed=14)
    assert severities(features_of(low.samples_uv(), 500.0))[EmgFindingCode.RATE_TOO_LOW] is EmgSeverity.WARNING
    assert features_of(low.samples_uv(), 100.0).unusable_reason is EmgFindingCode.RATE_TOO_LOW


def test_a_band_that_the_caller_narrows_is_not_blamed_on_the_rate() -> None:
    assert EmgFindingCode.RATE_TOO_LOW not in severities(features_of(CLEAN.samples_uv(), high_cut_hz=300.0))


def surveys(declared_hz: float, channels: int = 4) -> list[mains.EmgMains]:
    """Channels sampled at 1000 Hz with mains at 50 Hz, declared otherwise."""
    interference = hum((6.0, 4.0, 3.0), rate_hz=1000.0)
    signals = [Synthesis(10.0, rate_hz=1000.0, seed=seed).samples_uv() + interference for seed in range(channels)]
    return [mains.survey(mains.density(samples, declared_hz), BAND) for samples in signals]


def test_a_wrongly_declared_rate_is_found_by_its_mains_lines() -> None:
    checked = rate.check(990.0, surveys(990.0), EmgRateSource.DECLARED)
    assert checked.estimated_hz == pytest.approx(1000.0, abs=0.5)
    assert (checked.confidence, checked.is_contradicted) == (EmgRateConfidence.HIGH, True)
    assert (checked.used_hz, checked.source) == (990.0, EmgRateSource.DECLARED)


def test_the_estimated_rate_is_used_when_asked_for() -> None:
    checked = rate.check(990.0, surveys(990.0), EmgRateSource.ESTIMATED)
    assert checked.used_hz == checked.estimated_hz
    assert checked.source is EmgRateSource.ESTIMATED


def test_a_true_rate_is_confirmed_and_kept() -> None:
    checked = rate.check(1000.0, surveys(1000.0), EmgRateSource.ESTIMATED)
    assert checked.is_contradicted is False
    assert (checked.used_hz, checked.source) == (1000.0, EmgRateSource.DECLARED)


@pytest.mark.parametrize(
    "lines",
    [
        ((1, 49.0), (3, 153.5), (5, 247.0)),  # no two agree
        ((1, 49.5),),  # of one harmonic alone, in however many channels
        ((1, 49.5), (3, 148.5)),  # of one channel alone
    ],
    ids=["at odds", "one harmonic", "two lines"],
)
def test_few_or_disagreeing_lines_make_no_rate_to_be_trusted(lines: tuple[tuple[int, float], ...]) -> None:
    found = mains.EmgMains(50.0, 5.0, tuple(mains.EmgMainsLine(harmonic, at, 20.0) for harmonic, at in lines))
    count = 5 if len(lines) == 1 else 1
    checked = rate.check(990.0, [found] * count, EmgRateSource.ESTIMATED)
    assert (checked.confidence, checked.is_contradicted) == (EmgRateConfidence.LOW, False)
    assert (checked.used_hz, checked.source) == (990.0, EmgRateSource.DECLARED)


def test_without_mains_lines_there_is_no_estimate() -> None:
    silent = [mains.survey(mains.density(Synthesis(10.0, seed=1).samples_uv(), RATE), BAND)]
    checked = rate.check(RATE, silent, EmgRateSource.ESTIMATED)
    assert (checked.estimated_hz, checked.confidence, checked.used_hz) == (None, EmgRateConfidence.NONE, RATE)
