"""Real recordings: six encodings of one trial, and the demo recording against two other readers."""

import warnings
from pathlib import Path

import c3d as c3d_package
import ezc3d
import numpy as np
import pytest

from analysis_service.emg import c3d
from analysis_service.emg.errors import InputError, Reason
from tests.support.recordings import SHARED_C3D, demo_recording

ENCODINGS = ("pi", "pr", "vi", "vr", "si", "sr")

needs_shared = pytest.mark.skipif(not SHARED_C3D.is_dir(), reason="there is no shared/data/c3d beside the checkout")


@pytest.fixture(scope="module")
def demo() -> Path:
    return demo_recording()


def samples_by_c3d(path: Path) -> np.ndarray:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the other reader's own
        return np.hstack([analog for _, _, analog in c3d_package.Reader(file).read_frames()])


def samples_of(path: Path) -> np.ndarray:
    recording = c3d.read(path.read_bytes())
    return np.stack([recording.samples(channel.index) for channel in recording.channels])


@needs_shared
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_six_encodings_of_one_trial_read_to_the_same_samples(encoding: str) -> None:
    reference = samples_of(SHARED_C3D / "Eb015pi.c3d")
    assert reference.shape == (16, 1800)
    assert np.array_equal(samples_of(SHARED_C3D / f"Eb015{encoding}.c3d"), reference)


@needs_shared
@pytest.mark.parametrize("encoding", ENCODINGS[:4])  # it does not read the files of SGI
def test_the_trial_agrees_with_ezc3d(encoding: str) -> None:
    path = SHARED_C3D / f"Eb015{encoding}.c3d"
    theirs = ezc3d.c3d(str(path))["data"]["analogs"][0]
    assert np.allclose(samples_of(path), theirs, rtol=1e-6, atol=1e-3)


@needs_shared
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_trial_agrees_with_c3d(encoding: str) -> None:
    path = SHARED_C3D / f"Eb015{encoding}.c3d"
    assert np.allclose(samples_of(path), samples_by_c3d(path), rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("at_once", [1, 20_000, 10**9])
@pytest.mark.parametrize("name", ["demo", *(f"Eb015{encoding}.c3d" for encoding in ENCODINGS)])
@needs_shared
def test_several_channels_at_once_are_those_read_one_by_one(
    name: str, at_once: int, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis_service.emg.c3d.recording._BYTES_AT_ONCE", at_once)
    path = demo if name == "demo" else SHARED_C3D / name
    recording = c3d.read(path.read_bytes())
    for indexes in (range(len(recording.channels)), [3, 1, 2, 9], [5], []):
        found = list(recording.samples_of(indexes))
        assert len(found) == len(indexes)
        for index, samples in zip(indexes, found, strict=True):
            assert np.array_equal(samples, recording.samples(index), equal_nan=True)


@needs_shared
def test_a_recording_without_points_is_read() -> None:
    recording = c3d.read((SHARED_C3D / "1123x01EMG.c3d").read_bytes())
    assert (len(recording.channels), recording.sample_count, recording.point_count) == (8, 4564, 0)
    assert recording.metadata.time == "2010-03-12T15:14:29"


@needs_shared
@pytest.mark.parametrize(
    ("name", "reason"),
    [("Empty.c3d", Reason.FILE_EMPTY), ("badParameterOffset.c3d", Reason.FILE_NO_ANALOG)],
)
def test_defective_recordings_are_refused(name: str, reason: Reason) -> None:
    with pytest.raises(InputError) as caught:
        c3d.read((SHARED_C3D / name).read_bytes())
    assert caught.value.reason is reason


def test_the_demo_recording_agrees_with_ezc3d_sample_for_sample(demo: Path) -> None:
    theirs = ezc3d.c3d(str(demo))
    assert np.array_equal(samples_of(demo), theirs["data"]["analogs"][0])
    labels = [channel.label for channel in c3d.read(demo.read_bytes()).channels]
    assert labels == theirs["parameters"]["ANALOG"]["LABELS"]["value"]


def test_the_demo_recording_agrees_with_c3d_sample_for_sample(demo: Path) -> None:
    assert np.array_equal(samples_of(demo), samples_by_c3d(demo))


def test_the_demo_recording_describes_itself(demo: Path) -> None:
    recording = c3d.read(demo.read_bytes())
    assert (recording.analog_rate_hz, recording.duration_s, recording.point_count) == (2000.0, 8.0, 42)
    assert recording.metadata.subject == "S03"
    assert recording.warnings == ()
