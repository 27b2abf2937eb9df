"""A whole session, from bytes to result."""

import os
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import scipy

from analysis_service.emg import c3d, session
from analysis_service.emg.channel import analyse_channel
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgFindingCode, EmgWarningCode
from analysis_service.emg.params import (
    EmgChannelReference,
    EmgOnsetMethod,
    EmgParams,
    EmgProfile,
    EmgRateSource,
    ParameterDescription,
    describe,
)
from analysis_service.emg.reference import EmgReferenceOrigin, EmgUnavailableReason
from analysis_service.emg.session import EmgSession
from analysis_service.pipelines import EMG_SESSION
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.recordings import CHECKOUT, demo_recording

BURSTS = (Burst(2.0, 4.5, 80.0), Burst(6.0, 7.0, 40.0), Burst(9.0, 11.5, 90.0))


def signal(seed: int, duration_s: float = 13.0) -> np.ndarray:
    return Synthesis(duration_s, BURSTS, rate_hz=1000.0, seed=seed).samples_uv()


def content(**changes: Any) -> bytes:
    written = {
        "analog": np.stack([signal(1), signal(2), np.zeros(13_000)]),
        "labels": ("EMG 1", "LTA", "Fz1"),
        **changes,
    }
    return C3dFile(units=written.pop("units", ("uV", "uV", "N")), **written).to_bytes()


def analysed(data: bytes, **changes: Any) -> EmgSession:
    return session.analyse(c3d.read(data), EmgParams(**changes))


def refused(data: bytes, **changes: Any) -> Reason:
    with pytest.raises(InputError) as caught:
        analysed(data, **changes)
    return caught.value.reason


def test_channels_are_analysed_and_others_listed() -> None:
    result = analysed(content())
    assert [channel.label for channel in result.channels] == ["EMG 1", "LTA"]
    assert [left.label for left in result.left_out_channels] == ["Fz1"]
    assert [len(channel.features.contractions) for channel in result.channels] == [3, 3]
    assert result.warnings == ()
    assert result.recording.duration_s == 13.0


def test_the_unit_of_the_file_does_not_change_the_result() -> None:
    volts = content(analog=np.stack([signal(1), signal(2), np.zeros(13_000)]) * 1e-6, units=("V", "V", "N"))
    for ours, theirs in zip(analysed(content()).channels, analysed(volts).channels, strict=True):
        ours_ms = [contraction.onset_ms for contraction in ours.features.contractions]
        assert [contraction.onset_ms for contraction in theirs.features.contractions] == ours_ms
        assert theirs.features.amplitude is not None
        assert ours.features.amplitude is not None
        assert theirs.features.amplitude.rms_uv == pytest.approx(ours.features.amplitude.rms_uv, rel=1e-6)


def test_assumed_volts_are_marked() -> None:
    volts = content(analog=np.stack([signal(1), signal(2), np.zeros(13_000)]) * 1e-6, units=None)
    result = analysed(volts)
    assert all(channel.is_unit_assumed for channel in result.channels)
    assert EmgWarningCode.UNIT_ASSUMED in {warning.code for warning in result.warnings}


def test_a_channels_part_depends_on_its_samples_alone() -> None:
    recording = c3d.read(content())
    features = analyse_channel(session.channel_microvolts(recording, recording.channels[1]), 1000.0, EmgParams())
    part = analyse_channel(
        session.channel_microvolts(recording, recording.channels[1]),
        1000.0,
        EmgParams(reference_amplitude_uv=100.0, target_duration_ms=1.0, channels=("LTA",)),
    )
    assert part == features


def test_without_a_reference_percentages_are_of_the_sessions_peak_and_compliance_is_unavailable() -> None:
    channel = analysed(content()).channels[0]
    assert channel.reference.origin is EmgReferenceOrigin.SESSION_PEAK
    assert max(contraction.peak_percent or 0.0 for contraction in channel.features.contractions) == pytest.approx(100.0)
    assert {contraction.meets_intensity for contraction in channel.features.contractions} == {None}
    assert channel.compliance.intensity_met_count is None
    assert channel.compliance.unavailable_reason is EmgUnavailableReason.NO_REFERENCE
    assert channel.compliance.duration_met_count == 2


def test_with_a_reference_contractions_are_judged() -> None:
    references = (EmgChannelReference("EMG 1", 100.0), EmgChannelReference("Other", 5.0))
    result = analysed(content(), references=references, reference_amplitude_uv=1000.0)
    first, second = result.channels
    assert (first.reference.origin, second.reference.origin) == (
        EmgReferenceOrigin.CALLER_CHANNEL,
        EmgReferenceOrigin.CALLER_GLOBAL,
    )
    verdicts = [(one.meets_intensity, one.meets_duration) for one in first.features.contractions]
    assert verdicts == [(True, True), (False, False), (True, True)]
    assert (first.compliance.both_met_count, second.compliance.both_met_count) == (2, 0)
    assert [warning.code for warning in result.warnings] == [EmgWarningCode.REFERENCE_UNUSED]


def test_percentages_are_those_of_the_reference() -> None:
    for one in analysed(content(), reference_amplitude_uv=160.0).channels[0].features.contractions:
        assert one.mean_percent == pytest.approx(100 * one.mean_envelope_uv / 160.0, rel=1e-12)
        assert one.peak_percent == pytest.approx(100 * one.peak_envelope_uv / 160.0, rel=1e-12)
        assert one.mean_envelope_uv < one.peak_envelope_uv


@pytest.mark.parametrize(
    ("place", "value", "expected_uv"),
    [
        (("EMG", "MVC"), [0.0001, 0.0002, 0.0], (100.0, 200.0)),
        (("ANALOG", "MVC"), [0.0001, 0.0002, 0.0], (100.0, 200.0)),
        (("INFO", "MVC"), 0.00015, (150.0, 150.0)),
        (("EMG", "MVC"), [0.0001, -1.0, 0.0], (100.0, None)),
        (("EMG", "MVC"), [0.0001, 0.0002], (None, None)),
    ],
)
def test_a_reference_that_the_file_holds_is_used(place: Any, value: Any, expected_uv: tuple[float | None, ...]) -> None:
    volts = np.stack([signal(1), signal(2), np.zeros(13_000)]) * 1e-6
    data = content(analog=volts, units=("V", "V", "N"), overrides={place: value})
    for channel, expected in zip(analysed(data).channels, expected_uv, strict=True):
        if expected is None:
            assert channel.reference.origin is EmgReferenceOrigin.SESSION_PEAK
        else:
            assert channel.reference.origin is EmgReferenceOrigin.FILE
            assert channel.reference.amplitude_uv == pytest.approx(expected, rel=1e-6)
            assert channel.compliance.intensity_met_count is not None
    callers = analysed(data, reference_amplitude_uv=70.0).channels[0].reference
    assert (callers.origin, callers.amplitude_uv) == (EmgReferenceOrigin.CALLER_GLOBAL, 70.0)


def activated_of(shift_s: float = 0.0) -> EmgSession:
    """A raw channel, and the pre-processed one that goes with it, some time later."""
    smooth = np.convolve(np.abs(signal(1)), np.ones(100) / 100, mode="same")
    smooth[smooth < 10.0] = 0.0
    later = np.roll(smooth, round(1000 * shift_s))
    return analysed(content(analog=np.stack([signal(1), later]), labels=("CH1 Raw", "CH1 activated"), units=None))


def test_the_recorders_activated_channel_confirms_contractions() -> None:
    (channel,) = activated_of().channels
    check = channel.activated_check
    assert check is not None
    assert (check.label, check.confirmed_count, check.unconfirmed_count, check.unmatched_count) == (
        "CH1 activated",
        3,
        0,
        0,
    )
    assert check.agreement_percent is not None
    assert check.agreement_percent > 90.0


def test_an_activated_channel_at_odds_with_the_raw_one_is_reported() -> None:
    result = activated_of(shift_s=1.2)
    check = result.channels[0].activated_check
    assert check is not None
    assert check.unmatched_count >= 1
    assert EmgWarningCode.ACTIVATED_DISAGREES in {warning.code for warning in result.warnings}
    assert EmgWarningCode.ACTIVATED_DISAGREES not in {warning.code for warning in activated_of().warnings}


def test_without_an_activated_channel_there_is_no_check() -> None:
    assert [channel.activated_check for channel in analysed(content()).channels] == [None, None]


def test_an_unusable_channel_has_no_scores_and_the_others_have() -> None:
    result = analysed(content(analog=np.stack([signal(1), np.full(13_000, 3.0), np.zeros(13_000)])))
    usable, unusable = result.channels
    assert unusable.features.unusable_reason is EmgFindingCode.FLAT_LINE
    assert unusable.compliance.unavailable_reason is EmgUnavailableReason.CHANNEL_UNUSABLE
    assert unusable.reference.origin is EmgReferenceOrigin.NONE
    assert usable.features.unusable_reason is None


def test_a_wrong_rate_is_reported_and_corrected_on_request() -> None:
    times = np.arange(13_000) / 1000.0
    hum = sum(level * np.sin(2 * np.pi * 50 * k * times) for k, level in ((1, 15.0), (3, 12.0), (5, 12.0)))
    data = content(analog=np.stack([signal(1) + hum, signal(2) + hum, np.zeros(13_000)]), rate_hz=990.0)
    declared, estimated = analysed(data), analysed(data, rate_source=EmgRateSource.ESTIMATED)
    assert {warning.code for warning in declared.warnings} == {EmgWarningCode.RATE_IMPLAUSIBLE}
    assert declared.rate.used_hz == 990.0
    assert estimated.rate.used_hz == pytest.approx(1000.0, abs=0.5)
    assert estimated.recording.duration_s == pytest.approx(13.0, abs=0.01)
    assert estimated.channels[0].features.contractions[0].onset_ms == pytest.approx(2000.0, abs=30.0)


def test_warnings_of_the_reader_are_in_the_result() -> None:
    result = analysed(content(header_overrides={"last": 17}))
    assert [warning.code for warning in result.warnings] == [EmgWarningCode.FRAME_COUNT_CONTRADICTION]


def test_every_parameter_of_the_file_is_listed_where_it_is_asked_for() -> None:
    data = content(overrides={("EMG", "GAIN"): [1000.0, 500.0], ("EMG", "MUSCLES"): ["TA", "SOL"]})
    assert analysed(data).recording.file_parameters == ()
    listed = analysed(data, include_file_parameters=True).recording.file_parameters
    assert {one.group for one in listed} == {"POINT", "ANALOG", "EMG"}
    assert [(one.name, one.dimensions, one.texts, one.numbers) for one in listed if one.group == "EMG"] == [
        ("GAIN", (2,), (), (1000.0, 500.0)),
        ("MUSCLES", (3, 2), ("TA", "SOL"), ()),
    ]


def test_only_force_plates_are_no_emg() -> None:
    assert refused(content(labels=("Fx1", "Fy1", "Fz1"), units=("N", "N", "N"))) is Reason.FILE_NO_EMG


def test_a_second_is_too_short() -> None:
    assert (
        refused(content(analog=np.stack([signal(1), signal(2), np.zeros(13_000)])[:, :1000])) is Reason.FILE_TOO_SHORT
    )


def test_samples_that_are_all_damaged_are_refused() -> None:
    assert refused(content(analog=np.full((3, 13_000), np.nan))) is Reason.FILE_VALUES_INVALID


def test_wrong_parameters_are_refused_before_anything_is_computed() -> None:
    assert refused(content(), threshold_k=0.0) is Reason.PARAMETER_INVALID


ALONE = [item for item in describe() if item.minimum is not None and not item.name.startswith("weight_")]


@pytest.mark.parametrize("item", ALONE, ids=lambda item: item.name)
def test_every_limit_of_every_parameter_can_be_used(item: ParameterDescription) -> None:
    for limit in (item.minimum, item.maximum):
        assert limit is not None
        value = int(limit) if item.kind == "integer" else limit
        result = analysed(content(), **{"low_cut_hz": 10.0, item.name: value})
        assert [channel.features.unusable_reason for channel in result.channels] == [None, None]


def test_progress_grows_from_stage_to_stage_and_ends_at_one() -> None:
    reported: list[tuple[str, float]] = []
    session.analyse(c3d.read(content()), EmgParams(), lambda stage, share: reported.append((stage, share)))
    assert [stage for stage, _ in reported] == ["channels"] * 3
    shares = [share for _, share in reported]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_provenance_names_what_was_applied_and_what_nobody_supplied() -> None:
    params = EmgParams(threshold_k=4.0)
    provenance = session.analyse(c3d.read(content()), params, content_sha256="ab").provenance
    assert (provenance.pipeline, provenance.params, provenance.content_sha256) == ("emg.session", params, "ab")
    assert "inter_electrode_distance" in provenance.not_supplied
    assert provenance.pipeline_version == EMG_SESSION.version
    assert (provenance.numpy_version, provenance.scipy_version) == (np.__version__, scipy.__version__)
    assert provenance.onset_method.startswith("RMS envelope above rest mean + k SD with hysteresis")
    assert provenance.baseline_method.startswith("quietest 250 ms windows")
    assert (provenance.spectrum_window, provenance.spectrum_detrend) == ("hann", "constant")
    assert provenance.normalisation_method.startswith("peak RMS envelope in percent")


def test_provenance_names_the_methods_of_the_profile_and_the_onset_method() -> None:
    sharp = analysed(content(), onset_method=EmgOnsetMethod.TKEO).provenance
    earlier = analysed(content(), profile=EmgProfile.COMPAT).provenance
    assert "Teager-Kaiser" in sharp.onset_method
    assert earlier.onset_method.startswith("smoothed activated signal above 5 %")
    assert (earlier.baseline_method, earlier.normalisation_method[:4]) == ("none", "none")


@pytest.mark.parametrize(("bits", "known"), [(16, 16), (0, None), (9000, None), (-1.0, None), (None, None)])
def test_the_converters_resolution_is_supplied_where_the_file_says_it(bits: Any, known: int | None) -> None:
    result = analysed(content(overrides={("ANALOG", "BITS"): bits}))
    assert result.recording.converter_bits == known
    assert ("converter_resolution" in result.provenance.not_supplied) is (known is None)


_DIGEST_OF_RESULT = """
import hashlib, sys
from dataclasses import asdict
from analysis_service.emg import c3d, session
from analysis_service.emg.params import EmgOnsetMethod, EmgParams, EmgProfile
recording = c3d.read(sys.stdin.buffer.read())
for params in (EmgParams(), EmgParams(onset_method=EmgOnsetMethod.TKEO), EmgParams(profile=EmgProfile.COMPAT)):
    result = session.analyse(recording, params)
    print(hashlib.sha256(repr(asdict(result)).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_same_bytes_give_the_same_bits_in_every_process_on_one_thread_and_on_two() -> None:
    """Two minutes: long enough for linear algebra to be shared between threads."""
    bursts = tuple(Burst(onset, onset + 1.5, 60.0) for onset in range(2, 118, 4))
    samples = Synthesis(120.0, bursts, seed=1).samples_uv()
    data = content(analog=np.stack([samples, samples[::-1], samples]), rate_hz=2000.0)
    assert repr(asdict(analysed(data))) == repr(asdict(analysed(data)))
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST_OF_RESULT],
            input=data,
            capture_output=True,
            check=True,
            cwd=CHECKOUT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2", "2")
    }
    assert len(digests) == 1


def test_the_demo_recording_is_understood() -> None:
    """A jump: six muscles were recorded, ten sensors lay about and picked up mains."""
    result = analysed(demo_recording().read_bytes())
    usable = [channel for channel in result.channels if channel.features.unusable_reason is None]
    assert len(result.channels) == 16
    assert len(result.left_out_channels) == 15
    assert [channel.label for channel in usable] == [f"EMG{number}.v" for number in range(1, 7)]
    unusable = {channel.features.unusable_reason for channel in result.channels} - {None}
    assert unusable == {EmgFindingCode.MAINS_INTERFERENCE}
    for channel in usable:
        longest = max(channel.features.contractions, key=lambda one: one.duration_ms)
        assert 3300.0 < longest.onset_ms < 3900.0
        assert longest.spectrum is not None
        assert 40.0 < longest.spectrum.median_frequency_hz < 160.0
    assert result.rate.estimated_hz == pytest.approx(2000.0, rel=1e-3)
    assert result.rate.is_contradicted is False
