"""What a caller may do wrong: a 4xx with a stable reason and a sentence that helps, and nothing left behind."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.support.c3d_writer import C3dFile


@pytest.fixture
def nothing_left(home: Path) -> Path:
    """The blob folder of the stack, in which nothing but blobs may be left."""
    return home / "blobs"


def without_emg() -> bytes:
    """A recording of force plates only."""
    forces = np.random.default_rng(1).normal(0.0, 100.0, (3, 5000))
    return C3dFile(forces, ("Fx1", "Fy1", "Fz1"), units=("N", "N", "N")).to_bytes()


FILES = [
    ("empty.c3d", b"", 422, "FILE_EMPTY", True),
    ("text.c3d", b"subject,emg\n1,2\n" * 100, 422, "FILE_NOT_C3D", True),
    ("plates.c3d", without_emg, 422, "FILE_NO_EMG", True),
    ("notes.txt", b"subject,emg\n1,2\n" * 100, 415, "FILE_FORMAT_UNKNOWN", False),
    ("huge.c3d", bytes(9_000_000), 413, "BLOB_TOO_LARGE", False),
]


@pytest.mark.parametrize(("name", "content", "code", "reason", "recorded"), FILES, ids=[row[0] for row in FILES])
def test_a_file_that_cannot_be_analysed(
    rest: httpx.Client, nothing_left: Path, name: str, content: object, code: int, reason: str, recorded: bool
) -> None:
    body = content() if callable(content) else content
    answer = rest.post("/analyze", files={"file": (name, body)})
    told = answer.json()
    assert (answer.status_code, told["status"], told["reason"]) == (code, "error", reason)
    assert len(told["message"].split()) >= 5
    jobs = {job["file_name"]: job for job in rest.get("/jobs?limit=100").json()["jobs"]}
    assert (name in jobs) == recorded
    if recorded:
        assert jobs[name]["status"] == "failed"
    assert_well(rest, nothing_left)


def test_a_truncated_recording_is_not_read_as_a_short_one(
    rest: httpx.Client, nothing_left: Path, recording: bytes
) -> None:
    answer = rest.post("/analyze", files={"file": ("cut.c3d", recording[: len(recording) // 2])})
    assert (answer.status_code, answer.json()["reason"]) == (422, "FILE_TRUNCATED")
    again = rest.post("/analyze", files={"file": ("cut.c3d", recording[: len(recording) // 2])})
    assert (again.status_code, again.json()["reason"]) == (422, "FILE_TRUNCATED")
    (job,) = [job for job in rest.get("/jobs?limit=100").json()["jobs"] if job["file_name"] == "cut.c3d"]
    assert job["status"] == "failed"
    assert_well(rest, nothing_left)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"metadata": "{broken"}, "METADATA_INVALID"),
        ({"metadata": "[1, 2]"}, "METADATA_INVALID"),
        ({"pipeline": "emg.sesion"}, "PIPELINE_UNKNOWN"),
        ({"params": json.dumps({"treshold_k": 5})}, "PARAMETER_UNKNOWN"),
        ({"params": json.dumps({"min_duration_ms": 1})}, "PARAMETER_INVALID"),
        ({"params": json.dumps({"threshold_k": "much"})}, "PARAMETER_INVALID"),
    ],
)
def test_a_form_with_a_wrong_field(
    rest: httpx.Client, nothing_left: Path, recording: bytes, form: dict[str, str], reason: str
) -> None:
    answer = rest.post("/analyze", files={"file": ("walk.c3d", recording)}, data=form)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert_well(rest, nothing_left)


def test_a_form_without_a_file(rest: httpx.Client, nothing_left: Path) -> None:
    form = {"metadata": (None, "{}")}
    answer = rest.post("/analyze", files=form)
    assert (answer.status_code, answer.json()["reason"]) == (400, "FILE_MISSING")
    for wrong in ({"content": b"no form"}, {"files": {**form, "other": ("walk.c3d", b"x")}}):
        answer = rest.post("/analyze", **wrong)  # type: ignore[arg-type] # each is of its argument's type
        assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert_well(rest, nothing_left)


def test_an_unknown_job_and_an_unknown_route(rest: httpx.Client) -> None:
    for path in ("/jobs/00000000-0000-5000-8000-000000000000", "/jobs/nonsense", "/nowhere"):
        answer = rest.get(path)
        assert 400 <= answer.status_code < 500
        assert answer.json()["status"] == "error"


def assert_well(rest: httpx.Client, blobs: Path) -> None:
    """Everything is healthy, and what lies in the blob store are whole blobs."""
    assert rest.get("/health").json()["status"] == "ok"
    assert [path for path in blobs.rglob("*") if path.is_file() and len(path.name) != 64] == []
