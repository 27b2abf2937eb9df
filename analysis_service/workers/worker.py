"""The pool's side of one worker process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from analysis_service.workers.pipe import GONE, Pipe, error_in
from rpc.errors import ResourceExhausted
from rpc.reasons import Reason

_WARM_SECONDS = 180.0
"""How long a process may take to load its libraries: seconds on a cold disk; half a minute of a processor where the
classifier of sequences is compiled for the first time, which several processes may do at once."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
"""There is a process for every processor, so a library's own threads would only fight for it."""


@dataclass(frozen=True)
class Limits:
    """What a worker process may use."""

    memory_bytes: int
    seconds: float


@dataclass(frozen=True)
class Task:
    """What a worker is asked to do: a job of its table, the job's arguments, and the files it reads.

    `seconds` is how long it may take, where the pool's limit is not meant. The tasks of one `group` share their turns
    in the line; a task without one is a group of its own.
    """

    job: str
    arguments: bytes
    file: BinaryIO
    more_files: tuple[BinaryIO, ...] = ()
    group: Hashable | None = None
    seconds: float | None = None


class WorkerDied(Exception):
    """The process ended without an answer."""


class JobBroke(Exception):
    """The job raised what it should not have: a fault of ours. The message is for the log only."""


class Worker:
    """A child process that runs one task at a time.

    The thread that makes a worker must live as long as the worker: Linux ends the process with that thread.
    """

    def __init__(self, table: str, limits: Limits, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            module = "analysis_service.workers.process"
            arguments = [table, str(theirs.fileno()), str(os.getpid()), str(limits.memory_bytes)]
            self._process = subprocess.Popen(  # noqa: S603  our own module, in our own interpreter
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **environment, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._pipe = Pipe(ours.detach())
        self._limits = limits
        self._is_warm = False

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def wait_until_warm(self) -> None:
        """Wait until the process has loaded its libraries.

        Raises:
            WorkerDied: if it does not come up.
        """
        if not self._is_warm:
            self._receive(time.monotonic() + _WARM_SECONDS, self._too_cold)
            self._is_warm = True

    def run(self, task: Task, report: Callable[[str, float], None]) -> bytes:
        """Run a task and return its output. After any error but the task's own the worker is of no use.

        Raises:
            AssayError: what the job raised; MEMORY_LIMIT or TIME_LIMIT where it reached a limit.
            JobBroke: if the job raised anything else.
            WorkerDied: if the process died.
        """
        seconds = task.seconds or self._limits.seconds
        until = time.monotonic() + seconds
        self._hand_over(task)
        while (head := self._receive(until, lambda: _too_slow(seconds)))["kind"] == "progress":
            report(head["stage"], head["fraction"])
        if head["kind"] == "done":
            return self._body()
        raise self._error_of(head)

    def kill(self) -> None:
        """End the process at once; any thread may."""
        self._process.kill()

    def close(self) -> None:
        """End the process, wait for its end, close the pipe."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def _hand_over(self, task: Task) -> None:
        try:
            files = (task.file, *task.more_files)
            self._pipe.send({"job": task.job, "files": len(files)}, task.arguments)
            for file in files:
                self._pipe.send_file(file.fileno(), self._process.pid)
        except GONE as error:
            raise WorkerDied from error

    def _receive(self, until: float, late: Callable[[], Exception]) -> dict[str, Any]:
        try:
            if self._pipe.has_news(max(0.0, until - time.monotonic())):
                return self._pipe.receive()
        except GONE as error:
            raise WorkerDied from error
        self.kill()
        raise late()

    def _body(self) -> bytes:
        try:
            return self._pipe.receive_body()
        except GONE as error:
            raise WorkerDied from error

    def _error_of(self, head: dict[str, Any]) -> Exception:
        if head["kind"] == "refused":
            return error_in(head)
        if head["kind"] == "memory":
            limit = self._limits.memory_bytes
            return ResourceExhausted(
                Reason.MEMORY_LIMIT,
                f"The analysis needs more than the {limit // 1024**2} MiB that it may have.",
                metadata={"limit_bytes": str(limit)},
            )
        return JobBroke(f"{head['error']}\n{''.join(head['trace'])}")

    def _too_cold(self) -> WorkerDied:
        return WorkerDied(f"not warm after {_WARM_SECONDS:g} s")


def _too_slow(seconds: float) -> ResourceExhausted:
    return ResourceExhausted(
        Reason.TIME_LIMIT,
        f"The analysis takes longer than the {seconds:g} s that it may.",
        metadata={"limit_ms": str(round(seconds * 1000))},
    )
