"""What real writers do with the format, and what damage does: each is read, or refused or warned of by name."""

import struct
import warnings
from typing import Any

import c3d as c3d_package
import ezc3d
import numpy as np
import pytest

from analysis_service.emg import c3d
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgWarningCode
from tests.support.c3d_writer import DEC, INTEL, PROCESSORS, SGI, C3dFile

LABELS = ("EMG 1", "EMG 2", "EMG 3")


def values(channels: int = 3, samples: int = 2400) -> np.ndarray:
    """Multiples of a half, exact in every encoding."""
    return ((np.arange(channels * samples).reshape(samples, channels).T * 7) % 4001 - 2000) * 0.5


def written(**changes: Any) -> bytes:
    data = changes.pop("analog", values())
    labels = changes.pop("labels", LABELS)
    return C3dFile(data, labels, **{"is_float": False, "scale": 0.5, **changes}).to_bytes()


def read(content: bytes) -> np.ndarray:
    recording = c3d.read(content)
    return np.stack([recording.samples(channel.index) for channel in recording.channels])


def codes(content: bytes) -> set[EmgWarningCode]:
    return {warning.code for warning in c3d.read(content).warnings}


def reason(content: bytes) -> Reason:
    with pytest.raises(InputError) as caught:
        c3d.read(content)
    return caught.value.reason


@pytest.mark.parametrize("text", ["UNSIGNED", "unsigned", "Unsigned  ", "UNSIGNED\0\0", " UNSIGNED "])
def test_the_format_is_known_in_any_case_and_padding(text: str) -> None:
    content = written(is_unsigned=True, offset=32768, overrides={("ANALOG", "FORMAT"): text})
    assert np.array_equal(read(content), values())


@pytest.mark.parametrize("text", ["SIGNED", "signed ", "", "NOT UNSIGNED"])
def test_any_other_format_is_signed(text: str) -> None:
    assert np.array_equal(read(written(overrides={("ANALOG", "FORMAT"): text})), values())


@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
@pytest.mark.parametrize("offset", [-32768, -1, 0, 2047, 32767])
def test_a_signed_offset_is_taken_off_before_scaling(processor: int, offset: int) -> None:
    data = values() * 0 + np.clip(values(), -1000, 0) * np.sign(offset or 1)
    content = written(analog=data, processor=processor, offset=offset)
    assert np.array_equal(read(content), data)


def test_a_negative_general_scale_turns_the_signal_over() -> None:
    content = written(overrides={("ANALOG", "GEN_SCALE"): -1.0})
    assert np.array_equal(read(content), -values())
    assert codes(content) == set()


def test_without_a_general_scale_it_is_one() -> None:
    assert np.array_equal(read(written(overrides={("ANALOG", "GEN_SCALE"): None})), values())


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("inf"), 1e30])
def test_a_scale_that_makes_no_sense_is_reported_and_its_channel_marked(scale: float) -> None:
    content = written(overrides={("ANALOG", "SCALE"): [0.5, scale, 0.5]})
    assert codes(content) == {EmgWarningCode.SCALE_INVALID}
    assert [channel.is_scale_valid for channel in c3d.read(content).channels] == [True, False, True]


def test_lists_that_are_shorter_than_the_channels_leave_the_rest_at_the_defaults() -> None:
    short = {("ANALOG", "SCALE"): [0.5, 0.5], ("ANALOG", "OFFSET"): [0], ("ANALOG", "LABELS"): ["EMG 1"]}
    content = written(overrides=short, units=("uV",))
    channels = c3d.read(content).channels
    assert [(one.scale, one.offset, one.unit) for one in channels] == [(0.5, 0, "uV"), (0.5, 0, None), (1.0, 0, None)]
    assert codes(content) == {EmgWarningCode.SCALE_MISSING, EmgWarningCode.LABEL_MISSING}


def test_lists_that_are_longer_than_the_channels_are_cut() -> None:
    content = written(overrides={("ANALOG", "SCALE"): [0.5] * 9, ("ANALOG", "LABELS"): [*LABELS, "EMG 4", "EMG 5"]})
    assert [channel.label for channel in c3d.read(content).channels] == list(LABELS)
    assert np.array_equal(read(content), values())
    assert codes(content) == set()


def test_no_analog_parameter_but_the_count_is_needed() -> None:
    names = ("LABELS", "SCALE", "OFFSET", "GEN_SCALE", "RATE", "USED")
    content = written(scale=1.0, analog=values() * 2, overrides={("ANALOG", name): None for name in names})
    assert np.array_equal(read(content), values() * 2)
    assert [channel.label for channel in c3d.read(content).channels] == ["Analog 1", "Analog 2", "Analog 3"]


@pytest.mark.parametrize("processor", [INTEL, DEC, SGI])
def test_more_than_255_channels_have_scales_offsets_and_units_of_their_own(processor: int) -> None:
    data, labels = values(channels=520, samples=40), [f"EMG {at}" for at in range(520)]
    content = written(analog=data, labels=labels, processor=processor, offset=5)
    recording = c3d.read(content)
    assert [channel.label for channel in recording.channels] == labels
    assert np.array_equal(read(content), data)
    assert recording.warnings == ()


@pytest.mark.parametrize("processor", [INTEL, DEC, SGI])
@pytest.mark.parametrize("is_float", [True, False])
def test_a_recording_of_many_frames_has_its_count_in_two_words(processor: int, is_float: bool) -> None:
    data = values(channels=1, samples=70_001)
    trial = {("TRIAL", "ACTUAL_START_FIELD"): [1, 0], ("TRIAL", "ACTUAL_END_FIELD"): [70_001 & 0xFFFF, 1]}
    content = written(analog=data, labels=("EMG",), processor=processor, is_float=is_float, overrides=trial)
    assert np.array_equal(read(content), data)
    assert codes(content) == set()
    assert reason(content[: len(content) // 2]) is Reason.FILE_TRUNCATED


def test_half_a_file_is_noticed_where_a_count_says_only_that_there_are_more_than_a_word_holds() -> None:
    content = written(analog=values(channels=1, samples=80_000), labels=("EMG",))
    assert codes(content) == {EmgWarningCode.FRAME_COUNT_FROM_SIZE}
    assert reason(content[: len(content) // 2]) is Reason.FILE_TRUNCATED


@pytest.mark.parametrize("share", [0.02, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("points", [0, 3])
@pytest.mark.parametrize("is_float", [True, False])
@pytest.mark.parametrize("processor", [INTEL, DEC, SGI])
def test_a_part_of_a_file_is_no_short_recording(processor: int, is_float: bool, points: int, share: float) -> None:
    content = written(processor=processor, is_float=is_float, point_count=points, samples_per_frame=2)
    start = 512 * (struct.unpack_from((">" if processor == SGI else "<") + "H", content, 16)[0] - 1)
    part = content[: start + round(share * (len(content) - start))]
    assert reason(part) is Reason.FILE_TRUNCATED


@pytest.mark.parametrize("rate", [0.0, -100.0, float("nan")])
def test_a_frame_rate_that_is_none_gives_way_to_the_analog_rate(rate: float) -> None:
    content = written(overrides={("POINT", "RATE"): rate}, rate_hz=2000.0)
    assert c3d.read(content).analog_rate_hz == 2000.0
    assert np.array_equal(read(content), values())


def test_without_an_analog_rate_it_is_the_frame_rate_by_the_samples_a_frame() -> None:
    content = written(overrides={("ANALOG", "RATE"): None}, rate_hz=2000.0, samples_per_frame=8)
    assert c3d.read(content).analog_rate_hz == 2000.0


def test_rates_that_are_no_multiples_are_reported_and_the_samples_a_frame_are_the_headers() -> None:
    content = written(overrides={("POINT", "RATE"): 120.0}, rate_hz=1000.0, samples_per_frame=8)
    recording = c3d.read(content)
    assert (recording.analog_rate_hz, recording.samples_per_frame, recording.sample_count) == (1000.0, 8, 2400)
    assert {warning.code for warning in recording.warnings} == {EmgWarningCode.RATE_CONTRADICTION}
    assert np.array_equal(read(content), values())


@pytest.mark.parametrize("points", [1, 40])
def test_points_without_analogs_hold_no_emg(points: int) -> None:
    assert reason(written(analog=np.zeros((0, 100)), labels=(), point_count=points)) is Reason.FILE_NO_ANALOG


def test_neither_points_nor_analogs_hold_no_emg() -> None:
    assert reason(written(analog=np.zeros((0, 100)), labels=())) is Reason.FILE_NO_ANALOG


@pytest.mark.parametrize("where", ["header", "parameter"])
def test_a_count_of_channels_that_one_place_denies_is_taken_from_the_other(where: str) -> None:
    wrong: dict[str, Any] = (
        {"header_overrides": {"analog": 0}} if where == "header" else {"overrides": {("ANALOG", "USED"): 0}}
    )
    assert np.array_equal(read(written(**wrong)), values())
    assert codes(written(**wrong)) == {EmgWarningCode.LAYOUT_CONTRADICTION}


@pytest.mark.parametrize("start", [0, 1, 3, 900])
def test_a_wrong_data_start_is_overruled_by_the_header(start: int) -> None:
    content = written(overrides={("POINT", "DATA_START"): start})
    stated = c3d.read(written()).parameters.count("POINT", "DATA_START")
    assert np.array_equal(read(content), values())
    assert codes(content) == (set() if start == stated else {EmgWarningCode.LAYOUT_CONTRADICTION})


@pytest.mark.parametrize("block", [0, 1, 2, 200])
def test_a_wrong_data_block_in_the_header_is_overruled_by_the_parameter(block: int) -> None:
    content = written(header_overrides={"data_block": block})
    assert np.array_equal(read(content), values())
    assert codes(content) == {EmgWarningCode.LAYOUT_CONTRADICTION}


@pytest.mark.parametrize(
    "wrong", [{"analog": 13}, {"analog": 0}, {"analog": 24}, {"samples": 0}, {"samples": 5}, {"samples": 6}], ids=str
)
def test_words_of_the_header_that_contradict_the_parameters_are_reported(wrong: dict[str, int]) -> None:
    content = written(samples_per_frame=4, header_overrides=wrong)
    assert np.array_equal(read(content), values())
    assert codes(content) == {EmgWarningCode.LAYOUT_CONTRADICTION}


@pytest.mark.parametrize(
    "wrong",
    [
        {("POINT", "FRAMES"): 0},
        {("POINT", "FRAMES"): -5.0},
        {("POINT", "LONG_FRAMES"): float("nan")},
        {("POINT", "LONG_FRAMES"): 10.0},
        {("TRIAL", "ACTUAL_START_FIELD"): [900, 0], ("TRIAL", "ACTUAL_END_FIELD"): [10, 0]},
    ],
    ids=str,
)
def test_a_frame_count_that_cannot_be_is_reported(wrong: dict[tuple[str, str], Any]) -> None:
    assert np.array_equal(read(written(overrides=wrong)), values())
    assert codes(written(overrides=wrong)) == {EmgWarningCode.FRAME_COUNT_CONTRADICTION}


def test_a_header_without_frames_is_reported() -> None:
    assert codes(written(header_overrides={"last": 0})) == {EmgWarningCode.FRAME_COUNT_CONTRADICTION}


def test_half_a_recording_of_many_frames_is_truncated_by_its_long_count() -> None:
    long = {("POINT", "LONG_FRAMES"): 200_001.0}
    content = written(analog=values(channels=1, samples=200_001), labels=("EMG",), overrides=long)
    assert codes(content) == set()
    assert reason(content[: len(content) // 2]) is Reason.FILE_TRUNCATED


@pytest.mark.parametrize("used", [5_000, 40_000])
def test_an_absurd_count_of_channels_does_not_get_memory(used: int) -> None:
    everywhere = written(overrides={("ANALOG", "USED"): used}, header_overrides={"analog": used, "samples": 1})
    assert reason(everywhere) is Reason.FILE_LIMIT_EXCEEDED
    beside_the_header = written(overrides={("ANALOG", "USED"): used})
    assert np.array_equal(read(beside_the_header), values())
    assert codes(beside_the_header) == {EmgWarningCode.LAYOUT_CONTRADICTION}


def test_lower_case_names_and_locked_parameters_are_the_same_parameters() -> None:
    content = bytearray(written())
    at = content.index(b"LABELS")
    content[at : at + 6] = b"labels"
    content[at - 2] = 256 - 6  # a negative length of the name: locked
    assert [channel.label for channel in c3d.read(bytes(content)).channels] == list(LABELS)


def test_every_group_is_there_to_be_asked_for() -> None:
    extra = {
        ("MANUFACTURER", "COMPANY"): "A maker",
        ("EMG", "GAIN"): [1000.0, 500.0],
        ("EMG", "BITS"): 16,
        ("EMG", "MUSCLES"): ["TA", "SOL"],
    }
    groups = c3d.read(written(overrides=extra)).parameters.groups()
    assert groups["MANUFACTURER"]["COMPANY"].texts() == ["A maker"]
    assert groups["EMG"]["MUSCLES"].texts() == ["TA", "SOL"]
    assert (groups["EMG"]["GAIN"].values(), groups["EMG"]["GAIN"].dimensions) == ([1000.0, 500.0], (2,))
    assert groups["EMG"]["BITS"].counts() == [16]
    assert set(groups) == {"POINT", "ANALOG", "MANUFACTURER", "EMG"}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("points", [0, 4])
@pytest.mark.parametrize("is_float", [True, False])
@pytest.mark.parametrize("processor", [INTEL, DEC])
def test_ezc3d_reads_the_same(processor: int, is_float: bool, points: int, is_first: bool, tmp_path: Any) -> None:
    path = tmp_path / "written.c3d"
    path.write_bytes(
        written(
            processor=processor,
            is_float=is_float,
            point_count=points,
            is_parameters_first=is_first,
            samples_per_frame=4,
            general_scale=0.25,
            offset=17,
            units=("uV", "uV", "uV"),
        )
    )
    theirs = ezc3d.c3d(str(path))
    assert np.allclose(theirs["data"]["analogs"][0], read(path.read_bytes()), rtol=1e-6, atol=1e-6)
    assert theirs["parameters"]["ANALOG"]["LABELS"]["value"] == list(LABELS)


@pytest.mark.parametrize("points", [0, 4])
@pytest.mark.parametrize("is_float", [True, False])
@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
def test_c3d_reads_the_same(processor: int, is_float: bool, points: int, tmp_path: Any) -> None:
    path = tmp_path / "written.c3d"
    path.write_bytes(
        written(processor=processor, is_float=is_float, point_count=points, samples_per_frame=4, general_scale=0.25)
    )
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the other reader's own
        theirs = np.hstack([analog for _, _, analog in c3d_package.Reader(file).read_frames()])
    assert np.allclose(theirs, read(path.read_bytes()), rtol=1e-6, atol=1e-6)
