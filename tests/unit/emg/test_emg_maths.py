"""Filters, spectra, envelope, trends: against scipy and against closed forms."""

import numpy as np
import pytest
from scipy import signal, stats

from analysis_service.emg import amplitude, arrays, detection, envelope, fatigue, filters, series, spectrum
from analysis_service.emg.detection import Interval
from analysis_service.emg.series import EmgMetric
from tests.support.emg_synthesis import band_noise

RATE = 2000.0


def noise(size: int = 8000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size)


def tone(frequency_hz: float, duration_s: float = 4.0, level: float = 100.0) -> np.ndarray:
    return level * np.sin(2 * np.pi * frequency_hz * np.arange(round(duration_s * RATE)) / RATE)


def filtered(samples: np.ndarray, order: int = 2, notch_hz: float = 0.0) -> np.ndarray:
    designed = filters.design(RATE, 20.0, 450.0, order, notch_hz)
    assert designed is not None
    return filters.apply(samples, RATE, designed)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_filter_is_scipys_zero_phase_butterworth(order: int) -> None:
    samples = noise()
    sections = signal.butter(order, (20.0, 450.0), "bandpass", fs=RATE, output="sos")
    theirs = signal.sosfiltfilt(sections, samples - samples.mean(), padlen=300)
    assert np.array_equal(filtered(samples, order), theirs)
    few = samples[:100]  # fewer than the padding that is wanted
    assert np.array_equal(filtered(few, order), signal.sosfiltfilt(sections, few - few.mean(), padlen=99))


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_effective_edges_are_where_a_tone_loses_3_db(order: int) -> None:
    designed = filters.design(RATE, 20.0, 450.0, order, 0.0)
    assert designed is not None
    assert designed.effective_order == 2 * order
    for edge in (designed.effective_low_cut_hz, designed.effective_high_cut_hz):
        passed = filtered(tone(edge), order)[1000:-1000]
        assert np.sqrt(np.mean(passed**2)) == pytest.approx(100 / np.sqrt(2) * np.sqrt(0.5), rel=0.02)


def test_the_upper_edge_gives_way_to_the_sampling_rate() -> None:
    designed = filters.design(800.0, 20.0, 450.0, 2, 0.0)
    assert designed is not None
    assert designed.high_cut_hz == pytest.approx(360.0)


def test_a_rate_that_leaves_no_band_has_no_filter() -> None:
    assert filters.design(100.0, 20.0, 450.0, 2, 0.0) is None


def test_the_notch_removes_the_mains_and_its_odd_harmonics_only() -> None:
    hum = tone(50.0) + tone(150.0)
    kept = filtered(tone(100.0), notch_hz=50.0)[2000:-2000]
    removed = filtered(hum, notch_hz=50.0)[2000:-2000]
    assert np.sqrt(np.mean(removed**2)) < 0.01 * np.sqrt(np.mean(hum**2))
    assert np.sqrt(np.mean(kept**2)) == pytest.approx(100 / np.sqrt(2), rel=0.03)


def test_the_envelope_is_the_true_rms_of_its_window() -> None:
    samples, half = noise(500), 20
    smooth = envelope.rms_envelope(samples, half)
    for at in (0, 5, 250, 499):
        window = samples[max(0, at - half) : at + half + 1]
        assert smooth[at] == pytest.approx(np.sqrt(np.mean(window**2)), rel=1e-9)


@pytest.mark.parametrize("margin", [0, 1, 3, 50])
def test_an_eroded_mask_keeps_its_distance_from_every_edge_but_the_ends(margin: int) -> None:
    mask = np.random.default_rng(margin).random(200) > 0.1
    near = [mask[max(0, at - margin) : at + margin + 1].all() for at in range(200)]
    assert arrays.eroded(mask, margin).tolist() == near
    assert arrays.eroded(np.ones(5, dtype=np.bool_), margin).all()


def test_windows_are_views_of_whole_stretches_also_of_what_runs_backwards() -> None:
    samples = np.arange(10.0)
    assert arrays.frames(samples, 4, 3).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert arrays.frames(samples[::-1], 4, 4).tolist() == [[9, 8, 7, 6], [5, 4, 3, 2]]
    assert arrays.frames(samples[:3], 4, 2).shape == (0, 4)


def test_amplitude_of_a_sine_is_known() -> None:
    measured = amplitude.measure(tone(100.0), RATE)
    assert measured.rms_uv == pytest.approx(100 / np.sqrt(2), rel=1e-6)
    assert measured.arv_uv == pytest.approx(200 / np.pi, rel=1e-2)
    assert measured.peak_uv == pytest.approx(100.0, rel=1e-6)
    assert measured.iemg_uv_s == pytest.approx(measured.arv_uv * 4.0, rel=1e-9)


@pytest.mark.parametrize("length", [1000, 999, 256])
@pytest.mark.parametrize("overlap", [0.0, 50.0])
def test_the_spectrum_is_scipys_welch(length: int, overlap: float) -> None:
    samples = noise()
    frequencies, density = spectrum.welch(samples, RATE, length, overlap)
    step = max(1, round(length * (1 - overlap / 100)))
    theirs = signal.welch(samples, RATE, "hann", length, length - step, detrend="constant")
    assert np.allclose(frequencies, theirs[0])
    assert np.allclose(density, theirs[1], rtol=1e-10)


@pytest.mark.parametrize("frequency", [31.0, 80.3, 155.5, 401.0])
def test_a_tones_median_and_mean_frequency_lie_within_one_bin(frequency: float) -> None:
    measured = spectrum.measure(tone(frequency), RATE, 1000, 50.0, (20.0, 450.0))
    assert measured is not None
    assert abs(measured.median_frequency_hz - frequency) <= measured.resolution_hz
    assert abs(measured.mean_frequency_hz - frequency) <= measured.resolution_hz


def test_flat_noise_has_its_median_frequency_in_the_middle_of_the_band() -> None:
    measured = spectrum.measure(noise(400_000), RATE, 1000, 50.0, (20.0, 450.0))
    assert measured is not None
    assert measured.median_frequency_hz == pytest.approx(235.0, abs=3.0)
    assert measured.mean_frequency_hz == pytest.approx(235.0, abs=3.0)


def test_the_fatigue_index_follows_its_definition() -> None:
    samples = noise(4000)
    measured = spectrum.measure(samples, RATE, 1000, 50.0, (20.0, 450.0))
    frequencies, density = signal.welch(samples, RATE, "hann", 1000, 500, detrend="constant")
    inside = (frequencies >= 20) & (frequencies <= 450)
    f, p = frequencies[inside], density[inside]
    assert measured is not None
    assert measured.fi_nsm5 == pytest.approx(np.sum(p / f) / np.sum(p * f**5), rel=1e-9)


def test_a_stretch_too_short_or_without_power_has_no_spectrum() -> None:
    assert spectrum.measure(noise(63), RATE, 1000, 50.0, (20.0, 450.0)) is None
    assert spectrum.measure(np.zeros(1000), RATE, 1000, 50.0, (20.0, 450.0)) is None


def test_a_trend_is_scipys_regression_with_its_confidence_interval() -> None:
    times, values = np.arange(12.0) * 7, 90.0 - 0.2 * np.arange(12.0) * 7 + noise(12)
    found = fatigue.trend(times.tolist(), values.tolist())
    theirs = stats.linregress(times / 60, values)
    reach = stats.t.ppf(0.975, 10) * theirs.stderr
    assert found is not None
    assert (found.n, found.slope_per_min) == (12, pytest.approx(theirs.slope))
    assert (found.intercept, found.r_squared) == (pytest.approx(theirs.intercept), pytest.approx(theirs.rvalue**2))
    assert found.ci_low_per_min == pytest.approx(theirs.slope - reach)
    assert found.ci_high_per_min == pytest.approx(theirs.slope + reach)


def test_two_points_make_no_trend() -> None:
    assert fatigue.trend([1.0, 2.0], [3.0, 4.0]) is None


def test_a_series_holds_whole_windows_and_their_statistics() -> None:
    samples = 50 * band_noise(np.random.default_rng(1), 7999, RATE)
    found = series.measure(samples, RATE, 2000, 50.0, (20.0, 450.0))
    assert found is not None
    assert (found.window_ms, found.step_ms) == (1000.0, 500.0)
    by_metric = {one.metric: one for one in found.metrics}
    assert set(by_metric) == set(EmgMetric)
    rms = [np.sqrt(np.mean(samples[at : at + 2000] ** 2)) for at in range(0, 5001, 1000)]
    measured = by_metric[EmgMetric.RMS_UV]
    assert measured.values == pytest.approx(rms)
    assert measured.windows == tuple(range(6))
    assert measured.sd == pytest.approx(np.std(rms, ddof=1))
    assert measured.cv == pytest.approx(np.std(rms, ddof=1) / np.mean(rms))
    fatigue_index = []
    for at in range(0, 5001, 1000):
        spectrum_of_it = spectrum.measure(samples[at : at + 2000], RATE, 2000, 50.0, (20.0, 450.0))
        assert spectrum_of_it is not None
        fatigue_index.append(spectrum_of_it.fi_nsm5)
    assert by_metric[EmgMetric.FI_NSM5_S6].values == pytest.approx(fatigue_index)


def test_windows_without_power_have_no_frequency() -> None:
    samples = 50 * band_noise(np.random.default_rng(1), 10_000, RATE)
    samples[:4000] = 0.0
    found = series.measure(samples, RATE, 1000, 0.0, (20.0, 450.0))
    assert found is not None
    by_metric = {one.metric: one for one in found.metrics}
    for metric in (EmgMetric.MEDIAN_FREQUENCY_HZ, EmgMetric.MEAN_FREQUENCY_HZ, EmgMetric.FI_NSM5_S6):
        assert by_metric[metric].windows == (4, 5, 6, 7, 8, 9)
    assert by_metric[EmgMetric.RMS_UV].window_count == 10


def test_fewer_than_three_windows_make_no_series() -> None:
    assert series.measure(noise(3999), RATE, 2000, 0.0, (20.0, 450.0)) is None


def test_short_pauses_are_bridged() -> None:
    apart = [Interval(0, 10), Interval(15, 30), Interval(60, 70)]
    assert detection.merge(apart, 10) == [Interval(0, 30), Interval(60, 70)]
    assert detection.merge(apart, 5) == apart
