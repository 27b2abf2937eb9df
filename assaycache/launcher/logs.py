"""Log files of child processes: appended to, turned over at a start when they have grown."""

import os
from pathlib import Path

_TURN_OVER_BYTES = 4 * 1024 * 1024  # a week of an idle stack; two generations are kept
_READ_BYTES = 64 * 1024  # the end of a log that is looked at for an error


class LogFile:
    """Where one child writes. Reading gives what this run wrote, not earlier ones."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def open(self) -> int:
        """A descriptor for the child's output, to be closed by the caller."""
        if self.path.exists() and self.path.stat().st_size > _TURN_OVER_BYTES:
            self.path.replace(self.path.with_name(self.path.name + ".1"))
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._start = os.fstat(handle).st_size
        return handle

    def text(self) -> str:
        """What was written since the last ``open``, at most its last 64 KiB."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(self._start, end - _READ_BYTES))
            return file.read().decode("utf-8", errors="replace")

    def tail(self, lines: int = 20) -> str:
        """The last lines of this run, for an error message."""
        kept = self.text().splitlines()[-lines:]
        return "\n".join(f"  {line}" for line in kept) or "  (it wrote nothing)"
