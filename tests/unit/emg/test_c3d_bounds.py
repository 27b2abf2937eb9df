"""A file gets no memory for what it merely claims: bounds come before allocations."""

import struct
import tracemalloc
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import pytest

from analysis_service.emg import c3d, session
from analysis_service.emg.c3d import parameters
from analysis_service.emg.c3d.reader import MAX_FILE_BYTES
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.findings import EmgWarningCode
from analysis_service.emg.params import EmgParams
from tests.support.c3d_writer import C3dFile

SAMPLES = np.arange(6000.0).reshape(3, 2000)
LABELS = ("EMG 1", "EMG 2", "EMG 3")
MIB = 1024**2


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def claiming(count: int) -> bytes:
    """A file whose parameter section of 4.6 MB holds small records, each claiming the next 3.9 MB for itself."""
    header = bytearray(512)
    header[0:2] = b"\x02\x50"
    struct.pack_into("<4H", header, 2, 0, 1, 1, 2400)
    struct.pack_into("<f2Hf", header, 12, -0.1, 9000, 1, 1000.0)
    record = struct.pack("<2bcHbB3B", 1, 1, b"A", 9, 1, 3, 255, 255, 60)
    section = (bytes((1, 0x50, 255, 84)) + record.ljust(12, b"\0") * count).ljust(8999 * 512 - 512, b"\0")
    return bytes(header) + section + bytes(4 * 2400)


@pytest.mark.parametrize("count", [10, 19_000])
def test_parameters_that_claim_the_same_bytes_do_not_get_them_each(count: int) -> None:
    content = claiming(count)
    assert peak_bytes(lambda: c3d.read(content)) < 32 * MIB
    assert EmgWarningCode.PARAMETER_UNREADABLE in {warning.code for warning in c3d.read(content).warnings}


def test_more_parameters_than_any_file_has_are_refused() -> None:
    with pytest.raises(InputError, match="more than 20000 parameters") as caught:
        c3d.read(claiming(parameters.MAX_RECORDS + 1))
    assert caught.value.reason is Reason.FILE_LIMIT_EXCEEDED


def test_a_parameter_section_is_read_no_further_than_its_bound() -> None:
    """The header puts the data 33 MB further on, and everything before may be parameters."""
    content = bytearray(C3dFile(SAMPLES, LABELS, header_overrides={"data_block": 65_535}).to_bytes())
    content += bytes(40 * MIB)
    assert peak_bytes(lambda: c3d.read(content)) < 2 * parameters.MAX_SECTION_BYTES


def test_reading_a_recording_takes_no_memory_for_its_samples() -> None:
    content = C3dFile(np.zeros((16, 200_000)), [f"EMG {at}" for at in range(16)]).to_bytes()
    assert peak_bytes(lambda: c3d.read(content)) < 1 * MIB < len(content)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.c3d"
    with path.open("w+b") as file:
        file.write(C3dFile(SAMPLES, LABELS).to_bytes())
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: it takes no disk
        with pytest.raises(InputError) as caught:
            c3d.read(mmap(file.fileno(), 0, access=ACCESS_READ))
    assert caught.value.reason is Reason.FILE_LIMIT_EXCEEDED


def test_a_recording_with_more_samples_than_are_analysed_is_refused_before_one_is_decoded() -> None:
    content = C3dFile(np.zeros((1, session.MAX_SAMPLES + 1)), ("EMG",), rate_hz=2000.0, is_float=False).to_bytes()
    recording = c3d.read(content)

    def refused() -> None:
        with pytest.raises(InputError) as caught:
            session.analyse(recording, EmgParams())
        assert caught.value.reason is Reason.FILE_LIMIT_EXCEEDED

    assert peak_bytes(refused) < 1 * MIB


def test_a_list_of_parameters_that_breaks_off_is_reported() -> None:
    content = bytearray(C3dFile(SAMPLES, LABELS).to_bytes())
    at = content.index(b"GEN_SCALE") + 9
    content[at : at + 2] = b"\xff\xff"  # a step beyond the section
    assert EmgWarningCode.PARAMETER_UNREADABLE in {warning.code for warning in c3d.read(bytes(content)).warnings}
