"""Logs that cannot be written."""

import io

from rpc.logs import Patient


class FullDisk(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_is_dropped() -> None:
    print("a line", file=Patient(FullDisk()), flush=True)


def test_a_line_that_can_be_written_is() -> None:
    stream = io.StringIO()
    print("a line", file=Patient(stream), flush=True)
    assert stream.getvalue() == "a line\n"
