"""Opposing muscles: the share of their activity that is in common."""

import numpy as np
import pytest

from analysis_service.emg import c3d, session
from analysis_service.emg.channel import trace_channel
from analysis_service.emg.cocontraction import EmgCocontraction
from analysis_service.emg.params import EmgAntagonists, EmgParams
from analysis_service.emg.reference import EmgUnavailableReason
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis

RATE = 2000.0


def muscle(*bursts: Burst, seed: int = 1) -> np.ndarray:
    return Synthesis(12.0, bursts, rate_hz=RATE, seed=seed).samples_uv()


def compared(first: np.ndarray, second: np.ndarray, labels: tuple[str, str] = ("TA", "GM")) -> EmgCocontraction:
    content = C3dFile(np.stack([first, second]), ("TA", "GM"), rate_hz=RATE, units=("uV", "uV")).to_bytes()
    params = EmgParams(antagonists=(EmgAntagonists(*labels),))
    (found,) = session.analyse(c3d.read(content), params).cocontractions
    return found


def test_muscles_that_do_the_same_contract_together_whatever_their_level() -> None:
    signal = muscle(Burst(2.0, 4.0, 60.0), Burst(7.0, 9.0, 60.0))
    assert compared(signal, 3.0 * signal).index_percent == pytest.approx(100.0, abs=1e-3)


def test_muscles_that_take_turns_have_hardly_anything_in_common() -> None:
    found = compared(muscle(Burst(2.0, 4.0, 60.0)), muscle(Burst(7.0, 9.0, 60.0), seed=2))
    assert found.index_percent is not None
    assert found.index_percent < 10.0
    assert found.both_active_ms == 0.0


def test_half_a_contraction_in_common_is_half_the_index() -> None:
    found = compared(muscle(Burst(2.0, 6.0, 60.0)), muscle(Burst(4.0, 8.0, 60.0), seed=2))
    assert found.index_percent == pytest.approx(50.0, abs=8.0)
    assert found.both_active_ms == pytest.approx(2000.0, abs=60.0)


def test_the_index_is_twice_the_common_area_by_the_sum_of_both() -> None:
    """By a loop over the samples during which either muscle contracts."""
    signals = (muscle(Burst(2.0, 6.0, 60.0)), muscle(Burst(3.0, 8.0, 40.0, ramp_s=1.0), seed=2))
    stored = [signal.astype(np.float32).astype(np.float64) for signal in signals]
    content = C3dFile(np.stack(signals), ("TA", "GM"), rate_hz=RATE, units=("uV", "uV")).to_bytes()
    result = session.analyse(c3d.read(content), EmgParams(antagonists=(EmgAntagonists("TA", "GM"),)))
    envelopes, active = [], np.zeros(stored[0].size, dtype=np.bool_)
    for channel, signal in zip(result.channels, stored, strict=True):
        trace = trace_channel(signal, RATE, EmgParams())
        assert trace is not None
        envelopes.append(trace.envelope_uv / max(one.peak_envelope_uv for one in channel.features.contractions))
        for one in channel.features.contractions:
            active[round(one.onset_ms * 2) : round(one.offset_ms * 2)] = True
    common = total = 0.0
    for left, right, is_active in zip(*envelopes, active, strict=True):
        if is_active:
            common, total = common + min(left, right), total + left + right
    assert result.cocontractions[0].index_percent == pytest.approx(200 * common / total, rel=1e-9)


@pytest.mark.parametrize(
    ("second", "labels", "reason"),
    [
        (muscle(seed=2), ("TA", "GM"), EmgUnavailableReason.NO_CONTRACTION),
        (np.full(24_000, 3.0), ("TA", "GM"), EmgUnavailableReason.CHANNEL_UNUSABLE),
        (muscle(seed=2), ("TA", "Soleus"), EmgUnavailableReason.CHANNEL_MISSING),
    ],
)
def test_without_two_contracting_muscles_the_index_says_why(
    second: np.ndarray, labels: tuple[str, str], reason: EmgUnavailableReason
) -> None:
    found = compared(muscle(Burst(2.0, 4.0, 60.0)), second, labels)
    assert (found.index_percent, found.both_active_ms, found.unavailable_reason) == (None, None, reason)


def test_nobody_asked_nothing_is_compared() -> None:
    content = C3dFile(np.stack([muscle()] * 2), ("TA", "GM"), rate_hz=RATE, units=("uV", "uV")).to_bytes()
    assert session.analyse(c3d.read(content), EmgParams()).cocontractions == ()
