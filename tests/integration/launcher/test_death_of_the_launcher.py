"""A launcher that is killed without a word takes its children with it, and leaves nothing in the way."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg

from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey, StackOptions, start_detached
from assaycache.launcher.folders import lock_holder

LAUNCHER = """
import sys
from pathlib import Path
import psycopg
from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey

home = Path(sys.argv[1])
with EmbeddedPostgres(home / "postgres") as postgres, EmbeddedValkey(home / "valkey") as valkey:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE notes AS SELECT 'committed' AS text")
    print(postgres.pid, valkey.pid, flush=True)
    sys.stdin.read()
"""


def test_a_killed_launcher_takes_its_engines_along_and_the_data_survives(
    tmp_path: Path, wait_until: Callable[..., None], has_ended: Callable[[int], bool]
) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        pids = [int(pid) for pid in launcher.stdout.readline().split()]
        assert len(pids) == 2
        launcher.send_signal(signal.SIGKILL)
    for pid in pids:
        wait_until(lambda pid=pid: has_ended(pid))
    with EmbeddedPostgres(tmp_path / "postgres") as postgres, psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT text FROM notes").fetchone() == ("committed",)


def test_an_engine_killed_together_with_its_launcher_starts_again_with_its_data(
    tmp_path: Path, wait_until: Callable[..., None], has_ended: Callable[[int], bool]
) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        pids = [int(pid) for pid in launcher.stdout.readline().split()]
        for pid in (*pids, launcher.pid):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(has_ended(pid) for pid in pids))
    with EmbeddedPostgres(tmp_path / "postgres") as postgres, psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT text FROM notes").fetchone() == ("committed",)


def test_the_end_of_the_thread_that_started_an_engine_is_not_its_end(tmp_path: Path) -> None:
    engine = EmbeddedValkey(tmp_path / "valkey")
    starter = threading.Thread(target=engine.start)
    starter.start()
    starter.join()
    try:
        with EmbeddedValkey(tmp_path / "other"):  # the kernel has had its chance
            assert engine.running()
    finally:
        engine.stop()


def test_a_killed_background_stack_takes_its_services_along(
    options: StackOptions,
    modules: dict[str, str],
    wait_until: Callable[..., None],
    has_ended: Callable[[int], bool],
) -> None:
    start_detached(options, list[str]().append, modules=modules)
    holder = lock_holder(options.home)
    assert holder is not None
    records = Path(options.environment["STAND_IN_RECORDS"]).glob("*-*.json")
    services = [int(path.stem.partition("-")[2]) for path in records]
    assert len(services) == 3
    os.kill(holder.pid, signal.SIGKILL)
    wait_until(lambda: all(has_ended(pid) for pid in services))
