"""Left and right are found by their labels, and compared by what both do."""

from dataclasses import replace

import numpy as np
import pytest

from analysis_service.emg import c3d, session, symmetry
from analysis_service.emg.errors import InputError
from analysis_service.emg.params import EmgChannelPair, EmgChannelReference, EmgParams
from analysis_service.emg.reference import EmgUnavailableReason
from analysis_service.emg.session import EmgSession
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.recordings import SHARED_C3D


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("LTA", "RTA"),
        ("L_GM", "R_GM"),
        ("TA L", "TA R"),
        ("Left Rectus Femoris", "Right Rectus Femoris"),
        ("Biceps links", "Biceps rechts"),
        ("LT VMO", "RT VMO"),
        ("EMG1 left Raw", "EMG1 right Raw"),
        ("LVastus Lateralis", "RVastus Lateralis"),
        ("Left Biceps Femoris Caput Longus", "Right Biceps Femoris Caput Longu"),
    ],
)
def test_pairs_are_found_by_their_labels(left: str, right: str) -> None:
    assert symmetry.pairs_of([right, "Deltoid", left], ()) == [EmgChannelPair(left, right)]


@pytest.mark.parametrize(
    "labels",
    [("LTA",), ("LTA", "RGM"), ("EMG1", "EMG2"), ("LTA", "L TA", "RTA"), ("Left Deltoid", "Lateral Deltoid")],
)
def test_what_has_no_counterpart_is_no_pair(labels: tuple[str, ...]) -> None:
    assert symmetry.pairs_of(labels, ()) == []


def test_the_callers_pairs_come_first() -> None:
    given = (EmgChannelPair("CH1 Raw", "CH2 Raw"),)
    assert symmetry.pairs_of(["CH1 Raw", "CH2 Raw", "LTA", "RTA"], given) == list(given)


BURSTS = (Burst(2.0, 4.0, 60.0), Burst(6.0, 8.0, 60.0))


def analysed(
    left: float, right: float, bursts: tuple[Burst, ...] = BURSTS, params: EmgParams | None = None
) -> EmgSession:
    """Both sides do the same, at levels of their own."""
    sides = [
        Synthesis(10.0, tuple(replace(burst, level_uv=level) for burst in bursts), seed=5).samples_uv()
        for level in (left, right)
    ]
    recording = c3d.read(C3dFile(np.stack(sides), ("LTA", "RTA"), rate_hz=2000.0, units=("uV", "uV")).to_bytes())
    return session.analyse(recording, params or EmgParams())


def test_a_pair_of_channels_that_were_not_analysed_says_so() -> None:
    (pair,) = analysed(60.0, 60.0, params=EmgParams(pairs=(EmgChannelPair("LTA", "CH2"),))).symmetries
    assert (pair.left, pair.right, pair.amplitude_percent) == ("LTA", "CH2", None)
    assert pair.unavailable_reason is EmgUnavailableReason.CHANNEL_MISSING


@pytest.mark.parametrize(
    "pairs", [(EmgChannelPair("LTA", "LTA"),), (EmgChannelPair("LTA", "RTA"), EmgChannelPair("LTA", "RGM"))]
)
def test_a_channel_belongs_to_one_side_of_one_pair(pairs: tuple[EmgChannelPair, ...]) -> None:
    with pytest.raises(InputError) as caught:
        EmgParams(pairs=pairs).validate()
    assert [violation.field for violation in caught.value.violations] == ["pairs"]


def test_equal_sides_are_symmetric() -> None:
    (pair,) = analysed(60.0, 60.0).symmetries
    assert (pair.left, pair.right, pair.is_normalised) == ("LTA", "RTA", False)
    assert (pair.amplitude_percent, pair.work_percent) == (100.0, 100.0)
    assert (pair.amplitude_index_percent, pair.work_index_percent) == (0.0, 0.0)


def test_a_side_of_half_the_amplitude_has_two_thirds_of_symmetry() -> None:
    """100 (1 - 30 / 90), and Robinson's index -100 * 30 / 45."""
    (pair,) = analysed(60.0, 30.0).symmetries
    assert pair.amplitude_percent == pytest.approx(66.7, abs=1.0)
    assert pair.amplitude_index_percent == pytest.approx(-66.7, abs=2.0)
    assert pair.work_percent == pytest.approx(66.7, abs=1.0)


def test_a_side_that_works_half_as_long_at_the_same_amplitude_is_less_symmetric_in_work_alone() -> None:
    sides = [Synthesis(10.0, bursts, seed=5).samples_uv() for bursts in (BURSTS, BURSTS[:1])]
    recording = c3d.read(C3dFile(np.stack(sides), ("LTA", "RTA"), rate_hz=2000.0, units=("uV", "uV")).to_bytes())
    (pair,) = session.analyse(recording, EmgParams()).symmetries
    assert pair.amplitude_percent == pytest.approx(100.0, abs=3.0)
    assert pair.work_percent == pytest.approx(66.7, abs=2.0)
    assert pair.work_index_percent == pytest.approx(-66.7, abs=3.0)


def test_with_references_each_side_is_in_relation_to_its_own() -> None:
    references = (EmgChannelReference("LTA", 200.0), EmgChannelReference("RTA", 100.0))
    (pair,) = analysed(60.0, 30.0, params=EmgParams(references=references)).symmetries
    assert pair.is_normalised
    assert pair.amplitude_percent == pytest.approx(100.0, abs=1.0)


def test_one_reference_alone_relates_nothing() -> None:
    (pair,) = analysed(60.0, 30.0, params=EmgParams(references=(EmgChannelReference("LTA", 200.0),))).symmetries
    assert not pair.is_normalised


def test_a_side_that_does_nothing_has_no_symmetry_with_one_that_does() -> None:
    (pair,) = analysed(60.0, 0.0).symmetries
    assert (pair.amplitude_percent, pair.work_percent, pair.work_index_percent) == (0.0, 0.0, -200.0)


def test_two_sides_that_do_nothing_cannot_be_compared() -> None:
    (pair,) = analysed(0.0, 0.0).symmetries
    assert (pair.amplitude_percent, pair.unavailable_reason) == (None, EmgUnavailableReason.NO_CONTRACTION)


def test_an_unusable_side_cannot_be_compared() -> None:
    signals = np.stack([Synthesis(10.0, BURSTS, seed=5).samples_uv(), np.full(20_000, 3.0)])
    recording = c3d.read(C3dFile(signals, ("LTA", "RTA"), rate_hz=2000.0, units=("uV", "uV")).to_bytes())
    (pair,) = session.analyse(recording, EmgParams()).symmetries
    assert (pair.work_percent, pair.unavailable_reason) == (None, EmgUnavailableReason.CHANNEL_UNUSABLE)


@pytest.mark.skipif(not SHARED_C3D.is_dir(), reason="there is no shared/data/c3d beside the checkout")
def test_a_real_recording_of_four_muscles_has_four_pairs() -> None:
    recording = c3d.read((SHARED_C3D / "1123x01EMG.c3d").read_bytes())
    found = session.analyse(recording, EmgParams()).symmetries
    assert len(found) == 4
    assert all(pair.left.startswith("Left") and pair.right.startswith("Right") for pair in found)
