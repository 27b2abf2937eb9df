"""Which process a pid means: pids are used again, so a pid is kept with a mark of when it was started."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_STATE, _START_TIME = 0, 19  # fields of /proc/PID/stat, counted from behind the program's name


@dataclass(frozen=True)
class ProcessMark:
    """One process, told apart from any later one with the same pid."""

    pid: int
    mark: str

    @classmethod
    def of(cls, pid: int) -> "ProcessMark | None":
        """The process that has this pid now; None when there is none (a zombie is none)."""
        mark = _mark_from_proc(pid) if (_PROC / "self" / "stat").exists() else _mark_from_ps(pid)
        return None if mark is None else cls(pid, mark)

    @classmethod
    def of_this_process(cls) -> "ProcessMark":
        mark = cls.of(os.getpid())
        if mark is None:
            raise OSError("this process cannot find itself in the process table")
        return mark

    def alive(self) -> bool:
        return ProcessMark.of(self.pid) == self


def _mark_from_proc(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[_STATE] in "ZX":
        return None
    boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{fields[_START_TIME]}"


def _mark_from_ps(pid: int) -> str | None:
    line = ps_column(pid, "stat=,lstart=")
    state, _, started = line.partition(" ")
    return None if not line or state.startswith("Z") else started.strip()


def ps_column(pid: int, columns: str) -> str:
    """What ``ps`` says of one process; empty when there is none."""
    command = ["/bin/ps", "-o", columns, "-p", str(pid)]
    environment = {"LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - a pid is the only variable
    return done.stdout.strip()
