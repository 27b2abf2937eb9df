"""What the embedded engines have in common: a private folder, a port, a child process, a start that waits."""

import os
import secrets
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from assaycache.launcher.errors import LauncherError, PortInUse
from assaycache.launcher.folders import FolderLock, make_private
from assaycache.launcher.logs import LogFile
from assaycache.launcher.ports import LOOPBACK, free_port
from assaycache.launcher.processes import Child

_START_SECONDS = 120.0  # recovery after a crash reads the log of writes again; it may be long
_POLL_SECONDS = 0.01
_RETRY_SECONDS = 0.2
_PORT_ATTEMPTS = 5


def poll_until_dead(child: Child, deadline: float) -> bool:
    """True while ``child`` lives and time is left; sleeps a moment between two answers."""
    if time.monotonic() > deadline:
        raise child.failure("does not answer")
    time.sleep(_POLL_SECONDS)
    return child.running()


def new_password() -> str:
    """One that fits into a URL as it is."""
    return secrets.token_urlsafe(32)


def engine_environment() -> dict[str, str]:
    """What an engine gets to see of our environment: none of our secrets, and nothing that changes its ways."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


class Engine(ABC):
    """A database server out of a wheel, run as a child process on a loopback port.

    ``start`` blocks until it answers, ``stop`` until it has ended; both may be called again. Its port and
    password stay what they are over ``stop`` and ``start``. It ends with this process (on Linux, even when
    this process is killed). Used with ``with``, it is started and stopped.
    """

    name: ClassVar[str]

    def __init__(self, folder: Path, *, port: int = 0, log: Path | None = None) -> None:
        self._folder = folder.absolute()
        self._asked_port = port
        self._port = port
        self._log = LogFile(log or self._folder / "engine.log")
        self._lock = FolderLock(self._folder)
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        if self._child is None:
            raise LauncherError(f"{self.name} is not running.")
        return self._child.pid

    @property
    def port(self) -> int:
        if self._port == 0:
            raise LauncherError(f"{self.name} has no port before it was started.")
        return self._port

    @property
    @abstractmethod
    def url(self) -> str:
        """Where to connect, password included: never log it."""

    def running(self) -> bool:
        return self._child is not None and self._child.running()

    def death(self) -> LauncherError:
        """The error to raise when it is found not running, with the end of its log."""
        return self._child.death() if self._child else LauncherError(f"{self.name} is not running.")

    def start(self) -> None:
        if self.running():
            return
        make_private(self._folder)
        try:
            self._lock.acquire()
            self._prepare()
            self._launch()
            self._complete()
        except OSError as error:
            self.stop()
            raise LauncherError(f"{self.name} cannot use {self._folder}: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._child is not None:
            self._end(self._child)
            self._child = None
        self._lock.release()

    def _launch(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        attempts_left = _PORT_ATTEMPTS
        while not self._try_launch(deadline):
            if self._port_was_taken():
                attempts_left -= 1
                self._give_up_port(attempts_left)
            elif not self._worth_another_try():
                raise self.death()
            if time.monotonic() > deadline:
                raise self.death()
            time.sleep(_RETRY_SECONDS)

    def _try_launch(self, deadline: float) -> bool:
        self._port = self._port or free_port()
        self._child = self._spawn(self._port)
        while poll_until_dead(self._child, deadline):
            if self._ready(self._child):
                return True
        return False

    def _give_up_port(self, attempts_left: int) -> None:
        if self._asked_port or attempts_left == 0:
            raise PortInUse(f"Port {self._port} on {LOOPBACK}, meant for {self.name}, is in use.")
        self._port = 0

    def _port_was_taken(self) -> bool:
        return "Address already in use" in self._log.text()

    def _worth_another_try(self) -> bool:
        """Whether the child that just died could not start for a reason that passes."""
        return False

    @abstractmethod
    def _complete(self) -> None:
        """Ask the server that is ready something, and do what remains to be done."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make everything the server needs in the folder."""

    @abstractmethod
    def _spawn(self, port: int) -> Child:
        """Start the server."""

    @abstractmethod
    def _ready(self, child: Child) -> bool:
        """Whether this very child (not another program on its port) serves."""

    @abstractmethod
    def _end(self, child: Child) -> None:
        """Stop the server and wait for it."""
