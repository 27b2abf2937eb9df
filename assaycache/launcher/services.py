"""Our own services as child processes, which say on a pipe when they serve."""

import json
import os
import select
import sys
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assaycache.launcher.errors import LauncherError
from assaycache.launcher.logs import LogFile
from assaycache.launcher.ports import to_connect
from assaycache.launcher.processes import Child

READY_HANDLE = "ASSAYCACHE_READY_FD"
_READY_SECONDS = 120.0  # the first import of scipy from a cold disk takes tens of seconds
_LOOK_SECONDS = 0.1
_MESSAGE_BYTES = 4096


@dataclass(frozen=True)
class Ready:
    """Where a service answers, as ``host:port`` to connect to."""

    listen: str
    metrics: str | None


def python_module(module: str) -> list[str]:
    """The command to run a module with our interpreter, blind to the files in the current folder."""
    return [sys.executable, "-P", "-m", module]


def python_path(environment: Mapping[str, str]) -> str:
    """``PYTHONPATH`` for a child that must find the packages we were found among."""
    source = str(Path(__file__).parents[2])
    installed = source in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return os.pathsep.join(filter(None, ["" if installed else source, environment.get("PYTHONPATH")]))


class Service:
    """One replica of a service. Start it, then await that it is ready."""

    def __init__(self, name: str, module: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._module = module
        self._environment = dict(environment)
        self._log = LogFile(log)
        self._pipe: int | None = None
        self._child: Child | None = None

    def start(self) -> None:
        """Start the process and return at once."""
        self._pipe, theirs = os.pipe()
        try:
            environment = {**self._environment, READY_HANDLE: str(theirs)}
            self._child = Child(self.name, python_module(self._module), log=self._log, environment=environment)
            self._child.start(pass_handles=[theirs])
        finally:
            os.close(theirs)

    def await_ready(self) -> Ready:
        """Block until it serves; raise, with the end of its log, when it dies or stays silent instead."""
        child, pipe = self._started()
        deadline = time.monotonic() + _READY_SECONDS
        said = b""
        while not said.endswith(b"\n"):
            if time.monotonic() > deadline:
                raise child.failure(f"is not ready after {_READY_SECONDS:.0f} s")
            if not select.select([pipe], [], [], _LOOK_SECONDS)[0]:
                continue
            part = os.read(pipe, _MESSAGE_BYTES)
            if not part:
                raise self._silent_end(child)
            said += part
        return self._parse(child, said)

    def _silent_end(self, child: Child) -> LauncherError:
        # The end of the pipe comes a moment before the end of the process.
        return child.death() if child.wait_until_ended(_LOOK_SECONDS * 10) else child.failure("never said it is ready")

    def _parse(self, child: Child, said: bytes) -> Ready:
        try:
            message = json.loads(said)
            metrics = message.get("metrics")
            return Ready(to_connect(message["listen"]), to_connect(metrics) if metrics else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise child.failure(f"said {said!r} when it should say where it listens") from error

    def running(self) -> bool:
        return self._child is not None and self._child.running()

    def death(self) -> LauncherError:
        return self._child.death() if self._child else LauncherError(f"{self.name} has not been started.")

    def ask_to_stop(self) -> None:
        if self._child:
            self._child.ask_to_stop()

    def finish(self, grace_seconds: float) -> bool:
        """Wait for one that was asked to stop. False when it had to be killed."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        return self._child is None or self._child.finish(grace_seconds)

    def _started(self) -> tuple[Child, int]:
        if self._child is None or self._pipe is None:
            raise LauncherError(f"{self.name} has not been started.")
        return self._child, self._pipe
