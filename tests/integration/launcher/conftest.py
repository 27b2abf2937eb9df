"""Fixtures of the launcher's tests: real engines, and small stand-ins for the services it starts."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey, StackOptions
from assaycache.launcher.identity import ProcessMark, ps_column

# What only root can do, and what only Linux promises, is not collected elsewhere.
collect_ignore = []
if os.geteuid() != 0:
    collect_ignore.append("test_postgres_as_root.py")
if sys.platform != "linux":
    collect_ignore.append("test_death_of_the_launcher.py")

_STAND_IN = '''
"""A service that serves nothing: it listens, says so, keeps a record of its settings, and waits for SIGTERM."""
import json, os, signal, socket, sys
from pathlib import Path

ROLE = {role!r}
MODE = os.environ.get(f"STAND_IN_{{ROLE.upper()}}", "serve")

def listen(name):
    address = os.environ.get(f"{{ROLE.upper()}}_{{name}}")
    if address is None:
        return None, None
    host, _, port = address.rpartition(":")
    server = socket.create_server((host, int(port)))
    return server, "%s:%d" % server.getsockname()

print(f"{{ROLE}} begins", flush=True)
if MODE == "die":
    sys.exit("no luck today")
served, address = listen("LISTEN")
metrics_server, metrics = listen("METRICS_LISTEN")
names = ["USE_DATABASE", "DATABASE_URL", "REDIS_URL", "BLOB_URL"]
names += ["CACHE_ADDRESS", "ANALYSIS_ADDRESS", "PGSSLMODE", "EXTRA"]
record = {{"pid": os.getpid(), **{{name: os.environ.get(name) for name in names}}}}
Path(os.environ["STAND_IN_RECORDS"], f"{{ROLE}}-{{os.getpid()}}.json").write_text(json.dumps(record))
with os.fdopen(int(os.environ["ASSAYCACHE_READY_FD"]), "w") as ready:
    ready.write({{"babble": "hello\\n"}}.get(MODE) or json.dumps({{"listen": address, "metrics": metrics}}) + "\\n")
signal.sigwait([signal.SIGTERM])
'''


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait for something that is about to be true; fail when it is not after a long while."""

    def wait(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not come true"
            time.sleep(0.01)

    return wait


@pytest.fixture
def has_ended() -> Callable[[int], bool]:
    return lambda pid: ProcessMark.of(pid) is None


@pytest.fixture
def command_line() -> Callable[[int], str]:
    """What every user of the machine can read of a process."""

    def read(pid: int) -> str:
        file = Path(f"/proc/{pid}/cmdline")
        return file.read_text().replace("\0", " ") if file.exists() else ps_column(pid, "command=")

    return read


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "postgres"


@pytest.fixture(scope="module")
def shared_postgres(shared_folder: Path) -> Iterator[EmbeddedPostgres]:
    """One for the tests that only look at it: making one takes a second."""
    with EmbeddedPostgres(shared_folder) as engine:
        yield engine


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        yield engine


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey") as engine:
        yield engine


@pytest.fixture
def modules() -> dict[str, str]:
    """The stand-in to run in each role."""
    return {role: f"stand_in_{role}" for role in ("cache", "analysis", "gateway")}


@pytest.fixture
def stand_ins(tmp_path: Path, modules: dict[str, str]) -> dict[str, str]:
    """The environment in which the stand-in services are found, and write their records."""
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    for role, module in modules.items():
        (folder / f"{module}.py").write_text(_STAND_IN.format(role=role), encoding="utf-8")
    return {"PYTHONPATH": str(folder), "STAND_IN_RECORDS": str(folder)}


@pytest.fixture
def options(tmp_path: Path, stand_ins: dict[str, str]) -> StackOptions:
    """A stack on free ports, without engines."""
    return StackOptions(
        home=tmp_path / "home",
        gateway_port=0,
        cache_port=0,
        analysis_port=0,
        cache_metrics_port=0,
        analysis_metrics_port=0,
        use_database=False,
        redis_url="",
        environment=stand_ins,
    )
