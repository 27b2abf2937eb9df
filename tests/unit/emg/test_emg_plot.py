"""Signals for plots."""

import numpy as np
import pytest

from analysis_service.emg.channel import analyse_channel, trace_channel
from analysis_service.emg.params import EmgOnsetMethod, EmgParams
from analysis_service.emg.plot import Plot, SignalKind, Stretch, decimated, plots
from tests.support.emg_synthesis import Burst, Synthesis

RATE_HZ = 1000.0
BURSTS = (Burst(2.0, 4.0, 80.0), Burst(6.0, 8.0, 80.0))
SAMPLES = Synthesis(10.0, BURSTS, rate_hz=RATE_HZ, seed=3).samples_uv()
WHOLE = Stretch(0, SAMPLES.size)


def plotted(
    stretch: Stretch = WHOLE, max_points: int = 4000, params: EmgParams | None = None
) -> dict[SignalKind, Plot]:
    return {one.kind: one for one in plots(SAMPLES, RATE_HZ, params or EmgParams(), stretch, max_points)}


def test_no_spike_is_lost_however_few_the_points() -> None:
    samples = np.zeros(100_003)
    samples[70_001], samples[5] = 9.0, -7.0
    starts, least, greatest = decimated(samples, 40)
    assert starts.size == least.size == greatest.size == 40
    assert (greatest.max(), least.min()) == (9.0, -7.0)
    assert starts[0] == 0
    assert set(np.diff(starts)) <= {2500, 2501}


def test_fewer_samples_than_points_are_shown_as_they_are() -> None:
    starts, least, greatest = decimated(np.array([1.0, -2.0, 3.0]), 4000)
    assert starts.tolist() == [0, 1, 2]
    assert least.tolist() == greatest.tolist() == [1.0, -2.0, 3.0]


def test_a_gap_is_left_out_of_its_run_and_a_run_of_nothing_else_stays_one() -> None:
    _, least, greatest = decimated(np.array([1.0, np.nan, np.nan, np.nan]), 2)
    assert (least[0], greatest[0]) == (1.0, 1.0)
    assert np.isnan(least[1])


def test_all_three_signals_are_those_of_the_analysis() -> None:
    found = plotted(max_points=SAMPLES.size)
    trace = trace_channel(SAMPLES, RATE_HZ, EmgParams())
    assert trace is not None
    assert list(found) == list(SignalKind)
    assert np.array_equal(found[SignalKind.RAW].minimum_uv, SAMPLES.astype(np.float32))
    assert np.array_equal(found[SignalKind.FILTERED].maximum_uv, trace.filtered_uv.astype(np.float32))
    assert np.array_equal(found[SignalKind.ENVELOPE].maximum_uv, trace.envelope_uv.astype(np.float32))


def test_marks_and_threshold_are_those_of_the_analysis() -> None:
    features = analyse_channel(SAMPLES, RATE_HZ, EmgParams())
    found = plotted()
    assert features.baseline is not None
    assert found[SignalKind.ENVELOPE].threshold_uv == features.baseline.threshold_uv
    assert found[SignalKind.RAW].threshold_uv is None
    assert found[SignalKind.RAW].onset_ms == tuple(one.onset_ms for one in features.contractions)
    assert len(found[SignalKind.RAW].offset_ms) == 2


def test_a_threshold_of_another_signal_is_not_drawn_into_the_envelope() -> None:
    found = plotted(params=EmgParams(onset_method=EmgOnsetMethod.TKEO))
    assert found[SignalKind.ENVELOPE].threshold_uv is None


def test_a_stretch_shows_what_the_whole_shows_there() -> None:
    stretch = Stretch.of(5.0, 2.0, RATE_HZ, SAMPLES.size)
    part, whole = plotted(stretch, 10_000), plotted(max_points=10_000)
    for kind in SignalKind:
        assert part[kind].time_ms.tolist() == whole[kind].time_ms[5000:7000].tolist()
        assert np.array_equal(part[kind].maximum_uv, whole[kind].maximum_uv[5000:7000])
        assert part[kind].onset_ms == whole[kind].onset_ms[1:], "only the second contraction reaches into it"


@pytest.mark.parametrize(
    ("start_s", "length_s", "expected"),
    [(0.0, None, (0, 10_000)), (9.5, 3.0, (9500, 10_000)), (11.0, 1.0, (10_000, 10_000)), (1.0, 1e12, (1000, 10_000))],
)
def test_a_stretch_ends_with_the_recording(start_s: float, length_s: float | None, expected: tuple[int, int]) -> None:
    assert Stretch.of(start_s, length_s, RATE_HZ, SAMPLES.size) == expected


def test_of_an_unusable_channel_the_raw_signal_is_shown() -> None:
    (only,) = plots(np.full(10_000, 3.0), RATE_HZ, EmgParams(), WHOLE, 100)
    assert (only.kind, only.onset_ms, only.time_ms.size) == (SignalKind.RAW, (), 100)
