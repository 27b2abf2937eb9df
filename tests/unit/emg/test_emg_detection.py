"""Contractions of synthetic recordings, of which the truth is known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import signal

from analysis_service.emg import amplitude, fatigue, teager
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.contractions import EmgContractionFlag
from analysis_service.emg.findings import EmgFindingCode
from analysis_service.emg.params import EmgOnsetMethod, EmgParams
from tests.support.emg_synthesis import Burst, Score, Synthesis, score, train

TRAINS, BURSTS = 5, 12


def found_in(samples: np.ndarray, rate_hz: float = 2000.0, **changes: Any) -> EmgChannelFeatures:
    return analyse_channel(samples, rate_hz, replace(EmgParams(), **changes))


def edges(features: EmgChannelFeatures) -> list[tuple[float, float]]:
    return [(contraction.onset_ms, contraction.offset_ms) for contraction in features.contractions]


def scored(synthesis: Synthesis, method: EmgOnsetMethod = EmgOnsetMethod.ENVELOPE) -> Score:
    features = found_in(synthesis.samples_uv(), synthesis.rate_hz, onset_method=method)
    return score(synthesis.bursts, edges(features))


@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("rate_hz", [1000.0, 2000.0])
@pytest.mark.parametrize("snr_db", [30, 20, 12, 6])
def test_onsets_are_found_within_30_ms_and_no_burst_is_lost(
    snr_db: float, rate_hz: float, method: EmgOnsetMethod, record_property: Callable[[str, object], None]
) -> None:
    scores = [scored(train(BURSTS, snr_db, seed=seed, rate_hz=rate_hz), method) for seed in range(TRAINS)]
    onset = float(np.median([one.median_onset_error_ms for one in scores]))
    offset = float(np.median([one.median_offset_error_ms for one in scores]))
    record_property("median_onset_error_ms", round(onset, 2))
    record_property("median_offset_error_ms", round(offset, 2))
    print(f"{method} {snr_db} dB {rate_hz:g} Hz: onset {onset:.1f} ms, offset {offset:.1f} ms")
    wanted_ms = 30.0 if method is EmgOnsetMethod.ENVELOPE else 18.0
    assert onset <= wanted_ms
    assert offset <= wanted_ms
    assert sum(one.lost for one in scores) == 0
    assert sum(one.false for one in scores) <= TRAINS * BURSTS / 10


@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("seed", range(3))
def test_a_minute_of_rest_holds_no_contraction(seed: int, method: EmgOnsetMethod) -> None:
    features = found_in(Synthesis(60.0, seed=seed).samples_uv(), onset_method=method)
    assert features.contractions == ()
    assert EmgFindingCode.NO_CONTRACTION in {finding.code for finding in features.findings}


@pytest.mark.parametrize("method", EmgOnsetMethod)
@pytest.mark.parametrize("height_uv", [200.0, 2000.0, 50_000.0])
def test_a_lone_artefact_is_rejected(height_uv: float, method: EmgOnsetMethod) -> None:
    synthesis = Synthesis(6.0, (Burst(3.0, 4.0, 60.0),), seed=2)
    samples = synthesis.samples_uv()
    samples[2000] += height_uv
    features = found_in(samples, onset_method=method)
    assert score(synthesis.bursts, edges(features)).false == 0
    assert features.contraction_summary is not None
    assert (features.contraction_summary.count, features.contraction_summary.artefact_count) == (1, 1)
    assert EmgFindingCode.ARTEFACT_REJECTED in {finding.code for finding in features.findings}


def test_an_artefact_just_before_a_burst_does_not_move_its_onset() -> None:
    synthesis = Synthesis(6.0, (Burst(3.0, 4.0, 60.0),), seed=2)
    samples = synthesis.samples_uv()
    samples[round(2.75 * 2000)] += 3000.0
    assert score(synthesis.bursts, edges(found_in(samples))).median_onset_error_ms <= 30.0


def test_an_artefact_within_a_contraction_is_suspected() -> None:
    samples = Synthesis(6.0, (Burst(3.0, 4.0, 60.0),), seed=2).samples_uv()
    samples[7000] += 5000.0
    (contraction,) = found_in(samples).contractions
    assert EmgContractionFlag.ARTEFACT_SUSPECTED in contraction.flags


def test_the_teager_kaiser_energy_of_a_tone_is_its_amplitude_by_the_sine_of_its_frequency() -> None:
    step = 2 * np.pi * 80.0 / 2000.0
    energy = teager.energy(50.0 * np.sin(step * np.arange(4000)))
    assert energy == pytest.approx(50.0**2 * np.sin(step) ** 2, rel=1e-9)


def test_by_either_method_contractions_are_measured_alike() -> None:
    samples = Synthesis(8.0, (Burst(2.0, 4.0, 60.0),), seed=3).samples_uv()
    ours, sharp = found_in(samples), found_in(samples, onset_method=EmgOnsetMethod.TKEO)
    assert (ours.baseline, ours.amplitude) == (sharp.baseline, sharp.amplitude)
    assert ours.onset_baseline is None
    assert sharp.onset_baseline is not None
    assert sharp.contractions[0].amplitude.rms_uv == pytest.approx(ours.contractions[0].amplitude.rms_uv, rel=0.02)


def test_a_slowly_rising_contraction_is_found_while_it_is_weak() -> None:
    bursts = (Burst(2.0, 4.0, 60.0, ramp_s=0.3), Burst(6.0, 8.0, 60.0, ramp_s=0.3))
    synthesis = Synthesis(10.0, bursts, seed=3)
    result = scored(synthesis)
    assert (result.lost, result.false) == (0, 0)
    assert result.median_onset_error_ms < 60.0  # it passes the level of rest 15 ms after its beginning


def test_pauses_shorter_than_the_gap_are_bridged_and_longer_ones_kept() -> None:
    bursts = (Burst(2.0, 2.5, 60.0), Burst(2.65, 3.2, 60.0), Burst(3.7, 4.2, 60.0))
    features = found_in(Synthesis(6.0, bursts, seed=5).samples_uv())
    assert [round(onset, -2) for onset, _ in edges(features)] == [2000.0, 3700.0]
    kept = found_in(Synthesis(6.0, bursts, seed=5).samples_uv(), merge_gap_ms=50.0)
    assert len(kept.contractions) == 3


def test_contractions_shorter_than_the_minimum_are_left_out_and_counted() -> None:
    features = found_in(Synthesis(6.0, (Burst(3.0, 3.3, 60.0),), seed=6).samples_uv(), min_duration_ms=500.0)
    assert features.contraction_summary is not None
    assert (features.contraction_summary.count, features.contraction_summary.too_short_count) == (0, 1)


def test_a_long_hold_is_flagged_and_not_split() -> None:
    features = found_in(Synthesis(20.0, (Burst(3.0, 16.0, 60.0),), seed=7).samples_uv())
    (contraction,) = features.contractions
    assert contraction.duration_ms == pytest.approx(13_000.0, abs=60.0)
    assert EmgContractionFlag.LONG_HOLD in contraction.flags


def test_contractions_at_either_end_of_the_recording_are_flagged() -> None:
    features = found_in(Synthesis(8.0, (Burst(0.0, 1.0, 60.0), Burst(7.0, 8.0, 60.0)), seed=8).samples_uv())
    first, last = features.contractions
    assert EmgContractionFlag.AT_START in first.flags
    assert EmgContractionFlag.AT_END in last.flags


def test_amplitude_and_spectrum_of_a_contraction_are_those_of_the_burst() -> None:
    samples = Synthesis(12.0, (Burst(3.0, 9.0, 100.0),), seed=9).samples_uv()
    features = found_in(samples)
    (contraction,) = features.contractions
    sections = signal.butter(2, (20.0, 450.0), "bandpass", fs=2000.0, output="sos")
    level = float(np.std(signal.sosfiltfilt(sections, samples)[6000:18_000]))
    assert contraction.amplitude.rms_uv == pytest.approx(level, rel=0.01)
    assert contraction.mean_envelope_uv == pytest.approx(level, rel=0.02)
    assert contraction.spectrum is not None
    assert contraction.spectrum.median_frequency_hz == pytest.approx(200.0, abs=30.0)
    assert features.quality.noise_uv == pytest.approx(3.0, rel=0.1)
    assert features.quality.snr_db == pytest.approx(20 * np.log10(100 / 3), abs=0.7)


def test_a_falling_frequency_is_a_falling_trend() -> None:
    """Each burst is a tone, 2 Hz lower than the one before it, every 4 s: 30 Hz a minute."""
    rate_hz, samples = 2000.0, Synthesis(44.0, rest_uv=1.0, seed=10).samples_uv()
    for at in range(10):
        times = np.arange(round(1.5 * rate_hz)) / rate_hz
        onset = round((2.0 + 4.0 * at) * rate_hz)
        samples[onset : onset + times.size] += 80.0 * np.sin(2 * np.pi * (100.0 - 2.0 * at) * times)
    fatigue = found_in(samples).fatigue
    assert fatigue is not None
    assert fatigue.median_frequency_hz is not None
    assert fatigue.mean_frequency_hz is not None
    assert fatigue.rms_uv is not None
    assert fatigue.median_frequency_hz.n == 10
    assert fatigue.median_frequency_hz.slope_per_min == pytest.approx(-30.0, rel=0.05)
    assert fatigue.mean_frequency_hz.slope_per_min == pytest.approx(-30.0, rel=0.05)
    assert fatigue.median_frequency_hz.r_squared > 0.99
    assert fatigue.rms_uv.slope_per_min == pytest.approx(0.0, abs=2.0)


def test_each_trend_is_that_of_its_own_measure_over_the_contractions() -> None:
    features = found_in(train(6, 20.0, seed=4).samples_uv())
    trends, found = features.fatigue, features.contractions
    spectra = [one.spectrum for one in found if one.spectrum is not None]
    assert trends is not None
    assert len(spectra) == len(found)
    times = [(one.onset_ms + one.offset_ms) / 2000.0 for one in found]
    assert trends.median_frequency_hz == fatigue.trend(times, [one.median_frequency_hz for one in spectra])
    assert trends.mean_frequency_hz == fatigue.trend(times, [one.mean_frequency_hz for one in spectra])
    assert trends.fi_nsm5 == fatigue.trend(times, [one.fi_nsm5 for one in spectra])
    assert trends.rms_uv == fatigue.trend(times, [one.amplitude.rms_uv for one in found])


def test_a_contraction_with_a_gap_or_too_short_for_a_whole_spectral_window_is_flagged() -> None:
    samples = Synthesis(10.0, (Burst(2.0, 2.3, 60.0), Burst(5.0, 7.0, 60.0)), seed=3).samples_uv()
    samples[12_000] = np.nan
    short, long = found_in(samples).contractions
    assert EmgContractionFlag.SHORT_FOR_SPECTRUM in short.flags
    assert EmgContractionFlag.HAS_GAP not in short.flags
    assert EmgContractionFlag.SHORT_FOR_SPECTRUM not in long.flags
    assert EmgContractionFlag.HAS_GAP in long.flags


def test_amplitudes_are_those_of_the_filtered_signal_over_the_whole_and_over_contractions() -> None:
    samples = Synthesis(10.0, (Burst(2.0, 4.0, 60.0), Burst(6.0, 8.0, 60.0)), seed=3).samples_uv() + 500.0
    features = found_in(samples)
    sections = signal.butter(2, (20.0, 450.0), "bandpass", fs=2000.0, output="sos")
    filtered = signal.sosfiltfilt(sections, samples - samples.mean(), padlen=300)
    inside = [filtered[round(2 * one.onset_ms) : round(2 * one.offset_ms)] for one in features.contractions]
    assert features.amplitude == amplitude.measure(filtered, 2000.0)
    assert features.active_amplitude == amplitude.measure(np.concatenate(inside), 2000.0)
    assert [one.amplitude for one in features.contractions] == [amplitude.measure(one, 2000.0) for one in inside]
