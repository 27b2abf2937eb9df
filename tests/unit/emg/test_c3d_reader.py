"""The reader returns what was written, in every encoding, and says what it worked around."""

from dataclasses import asdict
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis_service.emg import c3d
from analysis_service.emg.c3d import Processor, Storage
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgWarningCode
from tests.support.c3d_writer import DEC, PROCESSORS, SGI, C3dFile

LABELS = ("EMG 1", "EMG 2", "Fz")


def ramp(channels: int = 3, samples: int = 4000) -> np.ndarray:
    """Values that every encoding holds exactly: multiples of 0.5 within 16 bits, all different in place."""
    steps = np.arange(channels * samples).reshape(samples, channels).T
    return (steps % 4001 - 2000) * 0.5


def read_all(content: bytes) -> np.ndarray:
    recording = c3d.read(content)
    return np.stack([recording.samples(channel.index) for channel in recording.channels])


def reason_of(content: bytes) -> Reason:
    with pytest.raises(InputError) as caught:
        c3d.read(content)
    assert caught.value.message
    return caught.value.reason


def codes_of(content: bytes) -> set[EmgWarningCode]:
    return {warning.code for warning in c3d.read(content).warnings}


@pytest.mark.parametrize("points", [0, 5])
@pytest.mark.parametrize("is_float", [True, False])
@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
def test_every_encoding_reads_to_what_was_written(processor: int, is_float: bool, points: int) -> None:
    values = ramp()
    written = C3dFile(
        values, LABELS, processor=processor, is_float=is_float, scale=0.5, samples_per_frame=4, point_count=points
    )
    assert np.array_equal(read_all(written.to_bytes()), values)
    assert codes_of(written.to_bytes()) == set()


@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
def test_unsigned_integers_and_their_offsets_are_read_unsigned(processor: int) -> None:
    values = ramp()
    written = C3dFile(values, LABELS, processor=processor, is_float=False, is_unsigned=True, offset=40000, scale=0.25)
    assert np.array_equal(read_all(written.to_bytes()), values)


def test_scale_general_scale_and_a_signed_offset_are_applied() -> None:
    values = ramp()
    written = C3dFile(values, LABELS, is_float=False, scale=0.25, general_scale=0.5, offset=-300)
    assert np.array_equal(read_all(written.to_bytes()), values)


def test_an_offset_may_be_stored_as_floats() -> None:
    values = ramp()
    offsets = {("ANALOG", "OFFSET"): [12.0, 12.0, 12.0]}
    written = C3dFile(values, LABELS, is_float=False, scale=0.5, offset=12, overrides=offsets)
    assert np.array_equal(read_all(written.to_bytes()), values)


def test_more_than_255_channels_are_named_by_continued_labels() -> None:
    values = ramp(channels=600, samples=40)
    labels = [f"EMG {number}" for number in range(600)]
    recording = c3d.read(C3dFile(values, labels, is_float=False, scale=0.5).to_bytes())
    assert [channel.label for channel in recording.channels] == labels
    assert np.array_equal(recording.samples(599), values[599])
    assert recording.warnings == ()


def test_parameters_may_come_before_their_groups() -> None:
    written = C3dFile(ramp(), LABELS, is_parameters_first=True)
    assert [channel.label for channel in c3d.read(written.to_bytes()).channels] == list(LABELS)


def test_the_recording_says_how_it_was_stored_and_how_long_it_is() -> None:
    recording = c3d.read(
        C3dFile(ramp(), LABELS, rate_hz=2000.0, processor=SGI, is_float=False, samples_per_frame=10).to_bytes()
    )
    assert (recording.processor, recording.storage) == (Processor.SGI, Storage.INTEGER)
    assert (recording.frames_read, recording.samples_per_frame, recording.sample_count) == (400, 10, 4000)
    assert (recording.analog_rate_hz, recording.point_rate_hz, recording.duration_s) == (2000.0, 200.0, 2.0)


def test_a_mapped_file_is_read_without_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "mapped.c3d"
    path.write_bytes(C3dFile(ramp(), LABELS).to_bytes())
    with path.open("rb") as file:
        mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
    recording = c3d.read(mapped)
    assert np.array_equal(recording.samples(1), ramp()[1])


def test_labels_units_and_metadata_are_text() -> None:
    said = {
        ("SUBJECTS", "PLAYER_NAME"): "P 07",
        ("SUBJECTS", "GAME_SCORE"): 125,
        ("INFO", "GAME_NAME"): "Ghost",
        ("INFO", "GAME_LEVEL"): 3,
        ("INFO", "DURATION"): 61.5,
        ("INFO", "THERAPIST_ID"): "T1",
        ("INFO", "GROUP_ID"): "G2",
        ("TRIAL", "DATE"): [2024, 2, 29],
        ("TRIAL", "TIME"): [9, 5, 0],
    }
    recording = c3d.read(C3dFile(ramp(), LABELS, units=("µV", "mV", "N"), overrides=said).to_bytes())
    assert [channel.unit for channel in recording.channels] == ["µV", "mV", "N"]
    found = recording.metadata
    assert (found.subject, found.score, found.game, found.level) == ("P 07", "125", "Ghost", "3")
    assert (found.duration, found.therapist, found.group) == ("61.5", "T1", "G2")
    assert (found.time, found.session) == ("2024-02-29T09:05:00", None)


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (("SUBJECTS", "NAMES"), ["S 01", "S 02"], "subject"),
        (("SUBJECT", "PATIENT_ID"), "P 9", "subject"),
        (("INFO", "SESSION_ID"), 7, "session"),
        (("SESSION", "SESSION_NUMBER"), 7, "session"),
        (("GAME", "LEVEL"), 3, "level"),
        (("GAME", "SCORE"), 12.5, "score"),
        (("INFO", "GAME_DURATION"), 60, "duration"),
        (("INFO", "THERAPIST"), "Th", "therapist"),
        (("INFO", "GROUP"), "G", "group"),
        (("INFO", "TIME"), "2024-02-29 09:05", "time"),
        (("INFO", "SESSION_TIME"), "9:05", "time"),
    ],
)
def test_metadata_is_found_under_the_names_that_writers_give_it(place: Any, value: Any, field: str) -> None:
    found = c3d.read(C3dFile(ramp(), LABELS, overrides={place: value}).to_bytes()).metadata
    said = value[0] if isinstance(value, list) else value
    assert {name: text for name, text in asdict(found).items() if text is not None} == {field: f"{said}"}


def test_channels_of_a_force_platform_are_marked() -> None:
    plates = {("FORCE_PLATFORM", "USED"): 1, ("FORCE_PLATFORM", "CHANNEL"): [3]}
    recording = c3d.read(C3dFile(ramp(), LABELS, overrides=plates).to_bytes())
    assert [channel.is_force_plate for channel in recording.channels] == [False, False, True]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.FILE_EMPTY),
        (b"A plain text that was renamed to .c3d\n" * 100, Reason.FILE_NOT_C3D),
        (b"MPEG and its second letter" * 100, Reason.FILE_NOT_C3D),
        (b"\x02", Reason.FILE_NOT_C3D),
        (b"\x02\x50" + bytes(100), Reason.FILE_TRUNCATED),
        (b"\x02\x50" + bytes(2000), Reason.FILE_CORRUPT),
    ],
    ids=["empty", "text", "text with the key", "one byte", "header cut", "no processor"],
)
def test_what_is_not_a_c3d_file_is_refused(content: bytes, reason: Reason) -> None:
    assert reason_of(content) is reason


@pytest.mark.parametrize("share", [0.95, 0.5, 0.1])
@pytest.mark.parametrize("is_float", [True, False])
def test_a_file_with_part_of_its_frames_is_truncated_not_short(is_float: bool, share: float) -> None:
    content = C3dFile(ramp(), LABELS, is_float=is_float, samples_per_frame=4).to_bytes()
    data = content.index(b"\0" * 100, 512)  # the padding of the parameters; the data come after it
    assert reason_of(content[: data + int((len(content) - data) * share)]) is Reason.FILE_TRUNCATED


def test_a_file_cut_before_its_data_is_truncated() -> None:
    assert reason_of(C3dFile(ramp(), LABELS).to_bytes()[:1024]) is Reason.FILE_TRUNCATED


def test_a_file_without_analog_channels_says_so() -> None:
    written = C3dFile(np.zeros((0, 100)), (), point_count=3)
    assert reason_of(written.to_bytes()) is Reason.FILE_NO_ANALOG


@pytest.mark.parametrize("rate", [0.0, float("nan"), 1e30])
def test_an_absurd_sampling_rate_is_refused(rate: float) -> None:
    written = C3dFile(ramp(), LABELS, overrides={("ANALOG", "RATE"): rate, ("POINT", "RATE"): rate}, rate_hz=rate)
    assert reason_of(written.to_bytes()) is Reason.FILE_VALUES_INVALID


def test_the_frame_count_that_fits_the_size_is_taken() -> None:
    written = C3dFile(ramp(), LABELS, header_overrides={"last": 999}).to_bytes()
    assert c3d.read(written).frames_read == 4000
    assert codes_of(written) == {EmgWarningCode.FRAME_COUNT_CONTRADICTION}


def test_a_frame_count_beyond_16_bits_is_found_in_the_trial_parameters() -> None:
    frames = 70_000
    trial = {
        ("TRIAL", "ACTUAL_START_FIELD"): [1, 0],
        ("TRIAL", "ACTUAL_END_FIELD"): [frames & 0xFFFF, frames >> 16],
    }
    written = C3dFile(ramp(2, frames), LABELS[:2], is_float=False, scale=0.5, overrides=trial)
    recording = c3d.read(written.to_bytes())
    assert (recording.frames_read, recording.warnings) == (frames, ())


def test_a_frame_count_beyond_16_bits_is_found_in_long_frames() -> None:
    written = C3dFile(ramp(2, 70_000), LABELS[:2], overrides={("POINT", "LONG_FRAMES"): 70_000.0})
    assert c3d.read(written.to_bytes()).frames_read == 70_000


def test_a_header_that_contradicts_the_parameters_is_reconciled_by_the_size() -> None:
    written = C3dFile(ramp(), LABELS, header_overrides={"analog": 7})
    assert np.array_equal(read_all(written.to_bytes()), ramp())
    assert codes_of(written.to_bytes()) == {EmgWarningCode.LAYOUT_CONTRADICTION}


def test_a_wrong_data_block_in_the_header_is_overruled() -> None:
    written = C3dFile(ramp(), LABELS, header_overrides={"data_block": 200})
    assert np.array_equal(read_all(written.to_bytes()), ramp())
    assert EmgWarningCode.LAYOUT_CONTRADICTION in codes_of(written.to_bytes())


def test_what_follows_the_declared_frames_is_not_read() -> None:
    content = C3dFile(ramp(), LABELS).to_bytes() + bytes(5000)
    assert np.array_equal(read_all(content), ramp())
    assert codes_of(content) == {EmgWarningCode.TRAILING_DATA}


def test_a_contradicted_rate_is_reported() -> None:
    written = C3dFile(ramp(), LABELS, overrides={("ANALOG", "RATE"): 990.0})
    assert c3d.read(written.to_bytes()).analog_rate_hz == 990.0
    assert codes_of(written.to_bytes()) == {EmgWarningCode.RATE_CONTRADICTION}


def test_defects_of_single_channels_are_reported() -> None:
    defects = {("ANALOG", "SCALE"): [1.0, float("nan")], ("ANALOG", "LABELS"): ["EMG", "EMG"]}
    content = C3dFile(ramp(), LABELS, overrides=defects).to_bytes()
    assert codes_of(content) == {
        EmgWarningCode.LABEL_MISSING,
        EmgWarningCode.LABEL_DUPLICATED,
        EmgWarningCode.SCALE_MISSING,
        EmgWarningCode.SCALE_INVALID,
    }
    assert [channel.label for channel in c3d.read(content).channels] == ["EMG", "EMG", "Analog 3"]


def test_a_parameter_that_leaves_the_section_is_reported() -> None:
    content = bytearray(C3dFile(ramp(), LABELS, overrides={("ANALOG", "GAIN"): [1, 2, 3]}).to_bytes())
    at = content.index(b"GAIN") + 4 + 2  # floats of 255 x 255 x 255
    content[at : at + 5] = bytes((4, 3, 255, 255, 255))
    assert codes_of(bytes(content)) == {EmgWarningCode.PARAMETER_UNREADABLE}


def test_a_text_of_no_width_and_countless_items_takes_no_memory() -> None:
    content = bytearray(C3dFile(ramp(), LABELS, overrides={("ANALOG", "NOTES"): ["abcdef"]}).to_bytes())
    at = content.index(b"NOTES") + 5 + 2
    content[at : at + 9] = bytes((255, 7, 0, 255, 255, 255, 255, 255, 255))
    assert c3d.read(bytes(content)).parameters.texts("ANALOG", "NOTES") == []


def test_vax_zero_and_the_reserved_operand_are_understood() -> None:
    content = bytearray(C3dFile(np.ones((1, 2000)), ("EMG",), processor=DEC).to_bytes())
    data = len(content) - 8192  # 8000 bytes of samples, padded to whole blocks
    content[data : data + 8] = bytes((0x12, 0x00, 0x34, 0x56, 0x00, 0x80, 0x00, 0x00))
    samples = c3d.read(bytes(content)).samples(0)
    assert samples[0] == 0.0
    assert np.isnan(samples[1])
    assert samples[2] == 1.0
