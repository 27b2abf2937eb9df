"""The session's score is the weighted mean of what is known, and says why the rest is not."""

from typing import Any

import numpy as np
import pytest

from analysis_service.emg import c3d, pairs, scores, session
from analysis_service.emg.errors import InputError
from analysis_service.emg.params import EmgChannelReference, EmgExpectedCount, EmgParams
from analysis_service.emg.reference import EmgUnavailableReason
from analysis_service.emg.scores import EmgScore
from analysis_service.emg.session import EmgSession
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis

# Per channel: three contractions, two of them of 2 s and strong, one of 1 s and weak.
BURSTS = (Burst(2.0, 4.5, 80.0), Burst(6.0, 7.0, 30.0), Burst(9.0, 11.5, 90.0))
SIGNAL = Synthesis(13.0, BURSTS, rate_hz=1000.0, seed=1).samples_uv()
SILENT = Synthesis(13.0, rate_hz=1000.0, seed=2).samples_uv()
KNOWN: dict[str, Any] = {
    "expected_contractions": 4,
    "references": (EmgChannelReference("LTA", 110.0), EmgChannelReference("RTA", 110.0)),
    "rpe": 7.0,
    "game_score": 30.0,
    "game_score_max": 40.0,
}


def analysed(*signals: np.ndarray, said: str = "", **changes: Any) -> EmgSession:
    labels = ("LTA", "RTA", "Deltoid")[: len(signals)]
    overrides = {("SUBJECTS", "GAME_SCORE"): said} if said else {}
    content = C3dFile(np.stack(signals), labels, units=("uV",) * len(signals), overrides=overrides).to_bytes()
    return session.analyse(c3d.read(content), EmgParams(**changes))


def score_of(*signals: np.ndarray, said: str = "", **changes: Any) -> EmgScore:
    found = analysed(*signals, said=said, **changes).score
    assert found is not None
    return found


def test_the_parts_follow_their_definitions() -> None:
    found = score_of(SIGNAL, SIGNAL, **KNOWN)
    assert found.completion.percent == pytest.approx(75.0)
    assert found.intensity.percent == pytest.approx(200 / 3)
    assert found.duration.percent == pytest.approx(200 / 3)
    assert found.compliance.percent == pytest.approx((75.0 + 200 / 3 + 200 / 3) / 3)
    assert (found.symmetry.percent, found.effort.percent, found.game.percent) == (100.0, 80.0, 75.0)


def test_the_score_is_the_weighted_mean_of_its_parts() -> None:
    found = score_of(SIGNAL, SIGNAL, **KNOWN)
    parts = (found.compliance, found.symmetry, found.effort, found.game)
    assert [part.applied_weight for part in parts] == pytest.approx([0.4, 0.25, 0.2, 0.15])
    expected = 0.4 * (75.0 + 400 / 3) / 3 + 0.25 * 100.0 + 0.2 * 80.0 + 0.15 * 75.0
    assert found.percent == pytest.approx(expected)
    assert found.unavailable_reason is None


def test_weights_are_scaled_to_the_parts_that_are_available_and_the_others_say_why() -> None:
    found = score_of(SIGNAL)
    parts = (found.completion, found.intensity, found.symmetry, found.effort, found.game)
    assert {(part.percent, part.applied_weight) for part in parts} == {(None, None)}
    assert [part.unavailable_reason for part in parts] == [
        EmgUnavailableReason.NO_EXPECTED_COUNT,
        EmgUnavailableReason.NO_REFERENCE,
        EmgUnavailableReason.NO_PAIR,
        EmgUnavailableReason.NO_RPE,
        EmgUnavailableReason.NO_GAME_SCORE,
    ]
    assert (found.duration.applied_weight, found.compliance.applied_weight) == (1.0, 1.0)
    assert found.percent == found.compliance.percent == found.duration.percent == pytest.approx(200 / 3)


def test_two_of_four_parts_share_the_weight_in_proportion() -> None:
    found = score_of(SIGNAL, SIGNAL)
    assert found.compliance.applied_weight == pytest.approx(0.4 / 0.65)
    assert found.percent == pytest.approx((0.4 * 200 / 3 + 0.25 * 100.0) / 0.65)


def test_the_weights_are_the_callers() -> None:
    weights = {"weight_compliance": 0.0, "weight_symmetry": 0.0, "weight_effort": 0.25, "weight_game": 0.75}
    assert score_of(SIGNAL, SIGNAL, **KNOWN, **weights).percent == pytest.approx(0.25 * 80.0 + 0.75 * 75.0)
    inner = {"weight_completion": 1.0, "weight_intensity": 0.0, "weight_duration": 0.0}
    assert score_of(SIGNAL, SIGNAL, **KNOWN, **inner).compliance.percent == pytest.approx(75.0)


def test_parts_without_weight_make_no_score() -> None:
    weights = {"weight_compliance": 0.0, "weight_symmetry": 0.0, "weight_effort": 0.0, "weight_game": 1.0}
    found = score_of(SIGNAL, **weights)
    assert (found.percent, found.unavailable_reason) == (None, EmgUnavailableReason.NO_COMPONENT)


@pytest.mark.parametrize(
    ("weights", "fields"),
    [
        ({"weight_game": 0.5}, ["weight_game"]),
        ({"weight_effort": 0.9, "weight_game": 0.9}, ["weight_effort", "weight_game"]),
        ({"weight_duration": 0.0}, ["weight_duration"]),
    ],
)
def test_weights_that_do_not_sum_to_1_are_refused(weights: dict[str, float], fields: list[str]) -> None:
    with pytest.raises(InputError, match="must sum to 1") as caught:
        EmgParams(**weights).validate()
    assert [violation.field for violation in caught.value.violations] == fields


def test_thirds_of_three_digits_sum_to_1() -> None:
    EmgParams(weight_completion=0.333, weight_intensity=0.333, weight_duration=0.333).validate()


def test_more_than_was_expected_is_complete_and_a_channels_own_number_comes_first() -> None:
    assert score_of(SIGNAL, expected_contractions=2).completion.percent == 100.0
    own = (EmgExpectedCount("RTA", 6),)
    assert score_of(SIGNAL, SIGNAL, expected_contractions=3, expected_counts=own).completion.percent == 75.0


def test_a_usable_channel_without_contractions_completed_nothing() -> None:
    found = score_of(SIGNAL, SILENT, expected_contractions=3)
    assert found.completion.percent == 50.0
    assert found.duration.percent == pytest.approx(200 / 3)


def test_an_unusable_channel_counts_for_nothing() -> None:
    assert score_of(SIGNAL, np.full(13_000, 3.0), expected_contractions=3).completion.percent == 100.0


@pytest.mark.parametrize(
    ("rpe", "percent"), [(1.0, 40.0), (3.5, 90.0), (4.0, 100.0), (5.0, 100.0), (6.0, 100.0), (8.0, 60.0), (10.0, 20.0)]
)
def test_effort_is_full_around_its_target_and_a_fifth_less_a_point_beyond(rpe: float, percent: float) -> None:
    assert score_of(SIGNAL, rpe=rpe).effort.percent == pytest.approx(percent)


@pytest.mark.parametrize(
    ("said", "changes", "percent"),
    [
        ("30", {"game_score_max": 40.0}, 75.0),
        ("30", {"game_score_max": 40.0, "game_score": 0.0}, 0.0),
        ("90", {"game_score_max": 40.0}, 100.0),
        ("many", {"game_score_max": 40.0}, None),
        ("nan", {"game_score_max": 40.0}, None),
        ("30", {}, None),
    ],
)
def test_the_games_score_is_the_callers_else_the_files(
    said: str, changes: dict[str, float], percent: float | None
) -> None:
    assert score_of(SIGNAL, said=said, **changes).game.percent == percent


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (SILENT, EmgUnavailableReason.NO_CONTRACTION),
        (np.full(13_000, 3.0), EmgUnavailableReason.NO_USABLE_CHANNEL),
    ],
)
def test_an_empty_or_unusable_analysis_has_no_score(signal: np.ndarray, reason: EmgUnavailableReason) -> None:
    found = score_of(signal, **{**KNOWN, "references": ()})
    assert (found.percent, found.unavailable_reason) == (None, reason)
    assert found.effort.percent == 80.0


def test_scoring_anew_gives_what_a_new_analysis_would() -> None:
    """From the channels' features alone: no samples are at hand."""
    first, params = analysed(SIGNAL, SIGNAL), EmgParams(rpe=4.0, expected_contractions=5)
    expected = analysed(SIGNAL, SIGNAL, rpe=4.0, expected_contractions=5)
    symmetries = pairs.compare_sides(first.channels, params)
    assert scores.score(first.channels, symmetries, None, params) == expected.score
