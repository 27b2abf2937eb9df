"""Child processes that end with us, write to a log file, and are ended politely."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assaycache.launcher.errors import LauncherError
from assaycache.launcher.logs import LogFile

_LEASH = Path(__file__).with_name("leash.py")
_KILL_SECONDS = 10.0  # SIGKILL needs no consent; only a process stuck in the kernel takes this long


@dataclass(frozen=True)
class Account:
    """Whom a child runs as, by number: it needs no entry in the user database."""

    uid: int
    gid: int


@cache
def _spawner(process_id: int) -> ThreadPoolExecutor:  # noqa: ARG001 - the cache's key: threads do not survive a fork
    # The kernel sends the death signal when the *thread* that made the child ends, not the process.
    # So one thread makes them all, and lives as long as the process.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="assaycache-spawner")


def leashed(
    arguments: Sequence[str], account: Account | None = None, death_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """The command that runs ``arguments`` as ``account`` and sends it ``death_signal`` when we die."""
    uid, gid = (str(account.uid), str(account.gid)) if account else ("-", "-")
    leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(int(death_signal)), uid, gid]
    return [*leash, *arguments]


class Child:
    """One child process. ``stop_signal`` asks it to end, also when we die without a word (Linux)."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        log: LogFile,
        environment: Mapping[str, str],
        folder: Path | None = None,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._arguments = leashed(arguments, account, stop_signal)
        self._environment = dict(environment)
        self._folder = folder
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, stdin: bytes = b"", pass_handles: Sequence[int] = ()) -> None:
        """Start it with ``stdin`` to read and, beside its log, only ``pass_handles`` open."""
        output = self.log.open()
        try:
            self._process = _spawner(os.getpid()).submit(self._spawn, output, tuple(pass_handles)).result()
        finally:
            os.close(output)
        self._feed(stdin)

    def _spawn(self, output: int, pass_handles: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - our own arguments, and no shell
            self._arguments,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=self._environment,
            cwd=self._folder,
            pass_fds=pass_handles,
            start_new_session=True,  # Ctrl-C in the terminal is for the launcher alone, which stops in order
        )

    def _feed(self, stdin: bytes) -> None:
        pipe = self._started().stdin
        if pipe is not None:
            with suppress(BrokenPipeError), pipe:  # it died already, which the caller is about to find
                pipe.write(stdin)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise LauncherError(f"{self.name} has not been started.")
        return self._process

    @property
    def pid(self) -> int:
        return self._started().pid

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.running():
            self._started().send_signal(number)

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        self.send(self._stop_signal)

    def wait_until_ended(self, seconds: float) -> bool:
        """Whether it ends by itself within ``seconds`` (one that was never started has)."""
        try:
            if self._process is not None:
                self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def finish(self, grace_seconds: float) -> bool:
        """Wait for one that is about to end, and kill it after ``grace_seconds``. False when that was needed."""
        if self.wait_until_ended(grace_seconds):
            return True
        # The whole group: what it started goes with it. It is not reaped yet, so the number is still its own.
        os.killpg(self.pid, signal.SIGKILL)
        self._started().wait(_KILL_SECONDS)
        return False

    def stop(self, grace_seconds: float) -> bool:
        """Ask it to end, and kill it after ``grace_seconds``. False when it had to be killed."""
        self.ask_to_stop()
        return self.finish(grace_seconds)

    @property
    def exit_code(self) -> int | None:
        return self._started().poll()

    def failure(self, what: str) -> LauncherError:
        """An error that says ``what`` happened to it and shows the end of its log."""
        return LauncherError(f"{self.name} {what}. The end of {self.log.path}:\n{self.log.tail()}")

    def death(self) -> LauncherError:
        """The error for one that ended by itself."""
        code = self.exit_code
        if code is not None and code < 0:
            return self.failure(f"was ended by signal {-code}")
        return self.failure(f"ended with exit code {code}")
