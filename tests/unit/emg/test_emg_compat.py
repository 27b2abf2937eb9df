"""The profile COMPAT against its description, written down a second time in plain loops."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from analysis_service.emg import c3d, session
from analysis_service.emg.compat import contractions
from analysis_service.emg.compat.channel import EmgCompatChannel, EmgCompatRejection
from analysis_service.emg.compat.contractions import Span
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.params import (
    EmgCompatDuration,
    EmgCompatMvc,
    EmgCompatMvcPercent,
    EmgParams,
    EmgProfile,
    EmgRateSource,
)
from analysis_service.emg.session import EmgSession
from tests.support import emg_earlier_analyzer as earlier
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.recordings import SHARED_C3D, demo_recording

BURSTS = (Burst(0.0, 1.0, 60.0), Burst(2.0, 4.5, 80.0), Burst(4.6, 5.0, 50.0), Burst(7.0, 7.15, 90.0))
TRAIN = (*BURSTS, Burst(9.0, 12.0, 70.0, ramp_s=0.2))
PAIR = ("CH1 Raw", "CH1 activated")


def raw(rate_hz: float = 1000.0, seed: int = 1, bursts: tuple[Burst, ...] = TRAIN) -> np.ndarray:
    """Volts, exact in the 32 bits that a file has."""
    volts = Synthesis(12.0, bursts, rate_hz=rate_hz, seed=seed).samples_uv() * 1e-6
    return volts.astype(np.float32).astype(np.float64)


def activated(signal: np.ndarray, rate_hz: float = 1000.0) -> np.ndarray:
    """A channel as games write it: rectified and smoothed by themselves."""
    length = round(0.2 * rate_hz)
    smooth = np.convolve(np.abs(signal), np.ones(length) / length, mode="same")
    return smooth.astype(np.float32).astype(np.float64)


def analysed(
    signals: list[np.ndarray], labels: tuple[str, ...] = PAIR, rate_hz: float = 1000.0, **changes: Any
) -> EmgSession:
    content = C3dFile(np.stack(signals), labels, rate_hz=rate_hz).to_bytes()
    return session.analyse(c3d.read(content), EmgParams(profile=EmgProfile.COMPAT, **changes))


def channels_of(result: EmgSession) -> tuple[EmgCompatChannel, ...]:
    assert result.compat is not None
    return result.compat.channels


def only(signals: list[np.ndarray], labels: tuple[str, ...] = PAIR, **changes: Any) -> EmgCompatChannel:
    (channel,) = channels_of(analysed(signals, labels, **changes))
    return channel


def assert_equal(found: EmgCompatChannel, expected: dict[str, Any]) -> None:
    """All that the earlier analyzer has, at relative 1e-9 (wanted: 1e-6); whole numbers and verdicts exactly."""
    ours = flat(asdict(found))
    for name in ("label", "raw_label", "activated_label", "rejection_reason"):
        del ours[name]
    theirs = flat(expected)
    assert set(ours) == set(theirs)
    assert {name: (ours[name], theirs[name]) for name in theirs if not is_same(ours[name], theirs[name])} == {}


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Every number by its path."""
    if isinstance(value, dict):
        items = [(f"{name}.{key}" if name else key, item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{name}[{at}]", item) for at, item in enumerate(value)]
    else:
        return {name: value}
    return {path: number for key, item in items for path, number in flat(item, key).items()}


def is_same(ours: Any, theirs: Any) -> bool:
    if theirs is None or isinstance(theirs, bool):
        return ours is theirs
    return ours == pytest.approx(theirs, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("rate_hz", [990.0, 1000.0, 1999.5, 2000.0])
@pytest.mark.parametrize("has_activated", [True, False])
def test_every_number_is_that_of_the_description(has_activated: bool, rate_hz: float) -> None:
    signal = raw(rate_hz)
    companion = activated(signal, rate_hz) if has_activated else None
    signals = [signal] if companion is None else [signal, companion]
    found = only(signals, PAIR[: len(signals)], rate_hz=rate_hz)
    assert found.contraction_count is not None
    assert found.contraction_count >= 3
    assert_equal(found, earlier.analyse(signal, companion, rate_hz))


def test_the_targets_of_the_caller_are_those_of_the_description() -> None:
    signal = raw()
    mine = {
        "compat_mvc_values": (EmgCompatMvc("CH1", 7e-5),),
        "compat_mvc_percents": (EmgCompatMvcPercent("CH1", 60.0),),
        "compat_durations": (EmgCompatDuration("CH1", 900.0),),
        "compat_mvc_v": 1.0,
    }
    expected = earlier.analyse(signal, None, 1000.0, mvc=7e-5, percent=60.0, duration_ms=900.0)
    assert 0 < expected["good_contraction_count"] < expected["contraction_count"]
    assert_equal(only([signal], PAIR[:1], **mine), expected)
    everyones = only([signal], PAIR[:1], compat_mvc_v=7e-5, compat_mvc_percent=60.0, compat_duration_ms=900.0)
    assert_equal(everyones, expected)


@pytest.mark.parametrize(
    ("changes", "threshold", "duration"),
    [
        ({}, None, 2000.0),
        ({"compat_mvc_v": 4e-5}, 3e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_mvc_percent": 50.0}, 2e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_mvc_percents": (EmgCompatMvcPercent("CH1", 25.0),)}, 1e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_mvc_values": (EmgCompatMvc("CH1", 8e-5),)}, 6e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_mvc_values": (EmgCompatMvc("CH1 Raw", 8e-5),)}, 6e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_mvc_values": (EmgCompatMvc("CH2", 8e-5),)}, 3e-5, 2000.0),
        ({"compat_mvc_v": 4e-5, "compat_durations": (EmgCompatDuration("CH1", 0.0),)}, 3e-5, 0.0),
    ],
)
def test_a_channels_own_target_comes_before_the_sessions(
    changes: dict[str, Any], threshold: float | None, duration: float
) -> None:
    signal = raw()
    expected = 0.75 * earlier.percentile_95(earlier.envelope(signal.tolist(), 1000.0))
    found = only([signal], PAIR[:1], **changes)
    assert found.mvc75_threshold == pytest.approx(threshold or expected, rel=1e-9)
    assert found.duration_threshold_actual_value == duration


@pytest.mark.parametrize("label", ["EMG1.v", "EMG4.v", "EMG12.v"])
def test_a_real_recording_has_the_numbers_of_the_description(label: str) -> None:
    """The demo recording lasts 8 s, which the earlier analyzer refused: it is played twice."""
    recording = c3d.read(demo_recording().read_bytes())
    (index,) = (channel.index for channel in recording.channels if channel.label == label)
    signal = np.tile(recording.samples(index), 2)
    found = only([signal], (label,), rate_hz=2000.0, channels=(label,))
    assert (found.label, found.raw_label) == (label, label)
    assert_equal(found, earlier.analyse(signal, None, 2000.0))


@pytest.mark.skipif(not SHARED_C3D.is_dir(), reason="there is no shared/data/c3d beside the checkout")
def test_a_recording_in_millivolts_keeps_its_own_numbers() -> None:
    recording = c3d.read((SHARED_C3D / "1123x01EMG.c3d").read_bytes())
    signal = np.tile(recording.samples(2), 3)
    content = C3dFile(np.stack([signal]), ("Right Tibialis Anterior",), units=("mV",)).to_bytes()
    result = session.analyse(c3d.read(content), EmgParams(profile=EmgProfile.COMPAT))
    assert_equal(channels_of(result)[0], earlier.analyse(signal, None, 1000.0))


def test_without_contractions_counts_and_durations_are_zero() -> None:
    signal = raw(bursts=())
    found = only([signal, np.zeros(12_000)])
    assert (found.contraction_count, found.avg_duration_ms, found.compliance_rate) == (0, 0.0, 0.0)
    assert_equal(found, earlier.analyse(signal, np.zeros(12_000).tolist(), 1000.0))


def test_even_windows_have_no_frequency_but_an_amplitude() -> None:
    signal = raw()
    signal[:9500] = 0.0
    found = only([signal], PAIR[:1])
    assert_equal(found, earlier.analyse(signal, None, 1000.0))
    assert found.rms_temporal_stats is not None
    assert found.mpf_temporal_stats is not None
    assert (found.rms_temporal_stats.valid_windows, found.mpf_temporal_stats.valid_windows) == (23, 5)
    signal[:11_500] = 0.0
    few = only([signal], PAIR[:1]).mpf_temporal_stats
    assert few is not None
    assert (few.valid_windows, few.mean_value, few.coefficient_of_variation) == (1, None, None)


def test_a_signal_that_no_segment_of_the_spectrum_covers_has_no_frequency() -> None:
    """Of 12,000 samples the last 96 lie beyond the last of the half-overlapping segments of 256."""
    signal = np.zeros(12_000)
    signal[-90:] = raw()[:90]
    found = only([signal], PAIR[:1])
    assert (found.mpf, found.mdf, found.fatigue_index_fi_nsm5) == (None, None, None)
    assert found.rms is not None
    assert found.mdf_temporal_stats is not None
    assert found.mdf_temporal_stats.valid_windows == 0


def test_windows_below_256_samples_have_no_frequency() -> None:
    signal = raw(250.0)
    found = only([signal], PAIR[:1], rate_hz=250.0)
    assert found.mdf_temporal_stats is not None
    assert found.mdf_temporal_stats.valid_windows == 0
    assert_equal(found, earlier.analyse(signal, None, 250.0))


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ([0, 1, 1, 1, 0, 0], [(1, 4)]),
        ([1, 1, 1, 0, 0, 0], [(0, 3)]),
        ([0, 0, 1, 1, 1, 1], [(2, 5)]),
        ([0, 0, 0, 1, 1, 1], []),
        ([0, 1, 1, 0, 0, 0], []),
    ],
)
def test_a_run_ends_at_the_first_sample_not_above_or_at_the_last(above: list[int], expected: list[Any]) -> None:
    assert contractions.spans_above(np.array(above, dtype=np.bool_), 3) == expected


def test_pauses_up_to_the_gap_are_bridged() -> None:
    apart = [Span(0, 10), Span(15, 20), Span(26, 30)]
    assert contractions.merged(apart, 5) == [(0, 20), (26, 30)]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (10, [(0, 10)]),
        (11, [(0, 10)]),
        (12, [(0, 10), (11, 12)]),
        (25, [(0, 10), (11, 21), (22, 25)]),
    ],
)
def test_long_contractions_are_cut_into_pieces_one_sample_apart(end: int, expected: list[Any]) -> None:
    assert contractions.divided([Span(0, end)], 10) == expected == earlier.cut([(0, end)], 10)


def test_a_hold_of_a_whole_recording_is_cut() -> None:
    rng = np.random.default_rng(3)
    signal = (rng.standard_normal(25_000) * 1e-4).astype(np.float32).astype(np.float64)
    found = only([signal], PAIR[:1])
    assert found.contraction_count == 3
    assert_equal(found, earlier.analyse(signal, None, 1000.0))


def test_raw_and_activated_channels_make_a_base_channel_and_one_alone_is_told_apart() -> None:
    signal = raw()
    labels = ("CH1 Raw", "CH2 Raw", "CH1 activated", "CH3 activated")
    result = analysed([signal, signal, activated(signal), signal], labels)
    named = [(channel.label, channel.raw_label, channel.activated_label) for channel in channels_of(result)]
    assert named == [("CH1", "CH1 Raw", "CH1 activated"), ("CH2", "CH2 Raw", None)]
    assert [(left.label, left.reason) for left in result.left_out_channels] == [
        ("CH1 activated", "PROCESSED"),
        ("CH3 activated", "PROCESSED"),
    ]


@pytest.mark.parametrize("unit", ["", "V", "mV", "bit", "N", "g"])
def test_a_raw_channel_is_measured_whatever_its_unit(unit: str) -> None:
    recording = c3d.read(C3dFile(np.stack([raw()]), ("CH1 Raw",), units=(unit,)).to_bytes())
    (found,) = channels_of(session.analyse(recording, EmgParams(profile=EmgProfile.COMPAT)))
    assert (found.label, found.rms) == ("CH1", pytest.approx(np.sqrt(np.mean(raw() ** 2)), rel=1e-12))


def test_a_numbered_channel_is_its_own_base_with_its_activated_one() -> None:
    signal = raw()
    timed, plain = channels_of(analysed([signal, activated(signal), signal], ("CH1", "CH1 activated", "ch 2")))
    assert (timed.label, timed.raw_label, timed.activated_label) == ("CH1", "CH1", "CH1 activated")
    assert_equal(timed, earlier.analyse(signal, activated(signal), 1000.0))
    assert (plain.label, plain.activated_label) == ("ch 2", None)
    with pytest.raises(InputError, match="looks like EMG"):
        session.analyse(c3d.read(C3dFile(signal[np.newaxis], ("CH1",)).to_bytes()), EmgParams())


def test_a_pair_that_is_asked_for_by_both_labels_is_one_channel() -> None:
    signal = raw()
    found = only([signal, activated(signal)], channels=PAIR)
    assert (found.label, found.activated_label) == ("CH1", "CH1 activated")


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (np.full(12_000, 5e-5), EmgCompatRejection.NO_VARIATION),
        (np.where(np.arange(12_000) == 7, np.nan, raw()), EmgCompatRejection.NOT_FINITE),
        (np.where(np.arange(12_000) == 7, np.inf, raw()), EmgCompatRejection.NOT_FINITE),
    ],
)
def test_a_channel_that_was_refused_has_the_reason_and_no_numbers(
    signal: np.ndarray, reason: EmgCompatRejection
) -> None:
    refused, other = channels_of(analysed([signal, raw()], ("CH1 Raw", "CH2 Raw")))
    assert refused.rejection_reason is reason
    assert (refused.rms, refused.contraction_count, refused.contractions) == (None, None, ())
    assert other.rejection_reason is None


def test_a_rate_without_room_for_the_filter_is_refused() -> None:
    signal = np.random.default_rng(0).standard_normal(1200)
    assert only([signal], PAIR[:1], rate_hz=40.0).rejection_reason is EmgCompatRejection.RATE_TOO_LOW


@pytest.mark.parametrize(("size", "reason"), [(9_999, Reason.FILE_TOO_SHORT), (600_001, Reason.FILE_LIMIT_EXCEEDED)])
def test_the_length_of_a_recording_is_limited_as_it_was(size: int, reason: Reason) -> None:
    with pytest.raises(InputError) as caught:
        analysed([np.resize(raw(), size)], PAIR[:1])
    assert caught.value.reason is reason


def test_targets_for_channels_that_are_not_there_are_reported() -> None:
    targets = (EmgCompatMvc("CH1", 1e-4), EmgCompatMvc("CH2", 1e-4))
    result = analysed([raw()], PAIR[:1], compat_mvc_values=targets)
    assert [(one.code, "CH2" in one.message, "CH1" in one.message) for one in result.warnings] == [
        ("REFERENCE_UNUSED", True, False)
    ]


def test_the_sampling_rate_is_the_declared_one_whatever_the_mains_say() -> None:
    times = np.arange(12_000) / 1000.0
    hum = sum(level * np.sin(2 * np.pi * 50 * k * times) for k, level in ((1, 60e-6), (3, 60e-6), (5, 60e-6)))
    signal = (raw() + hum).astype(np.float32).astype(np.float64)
    result = analysed([signal], PAIR[:1], rate_hz=990.0, rate_source=EmgRateSource.ESTIMATED)
    assert "RATE_IMPLAUSIBLE" in {one.code for one in result.warnings}
    assert result.rate.used_hz == 990.0
    assert_equal(channels_of(result)[0], earlier.analyse(signal, None, 990.0))


def test_nothing_of_it_is_in_the_standard_profile() -> None:
    signals = np.stack([raw(), activated(raw())])
    recording = c3d.read(C3dFile(signals, PAIR).to_bytes())
    standard = session.analyse(recording, EmgParams())
    moved = session.analyse(recording, EmgParams(compat_mvc_v=1.0, compat_duration_ms=1.0, compat_mvc_percent=10.0))
    assert standard.compat is None
    assert moved.channels == standard.channels
    compat = session.analyse(recording, EmgParams(profile=EmgProfile.COMPAT))
    assert compat.channels == ()
    assert "activated" in compat.provenance.onset_method
    assert "activated" not in standard.provenance.onset_method
