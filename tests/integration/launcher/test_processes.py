"""Children write to their log, hold only what they were given, and end when asked, or by force."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assaycache.launcher.errors import LauncherError
from assaycache.launcher.logs import LogFile
from assaycache.launcher.processes import Child
from assaycache.launcher.services import Ready, Service, python_path


@pytest.fixture
def log(tmp_path: Path) -> LogFile:
    return LogFile(tmp_path / "child.log")


def python(code: str, log: LogFile, stop_signal: signal.Signals = signal.SIGTERM) -> Child:
    return Child("Python", [sys.executable, "-u", "-c", code], log=log, environment={}, stop_signal=stop_signal)


def test_what_it_reads_and_what_it_says(log: LogFile) -> None:
    child = python("import sys; print('heard', sys.stdin.read())", log)
    child.start(stdin=b"a secret on stdin")
    assert child.wait_until_ended(30)
    assert child.exit_code == 0
    assert log.text() == "heard a secret on stdin\n"


def test_a_child_that_dies_at_once_is_no_error_before_it_is_asked_about(log: LogFile) -> None:
    child = python("raise SystemExit('no luck today')", log)
    child.start(stdin=b"x" * 1_000_000)  # more than a pipe holds, and nobody reads
    assert child.wait_until_ended(30)
    assert str(child.death()) == f"Python ended with exit code 1. The end of {log.path}:\n  no luck today"


def test_a_program_that_is_not_there_is_told_in_the_log(log: LogFile) -> None:
    child = Child("Nothing", ["/nowhere/nothing"], log=log, environment={})
    child.start()
    assert child.wait_until_ended(30)
    assert "cannot run /nowhere/nothing" in str(child.death())


def test_it_is_asked_to_end_with_its_own_signal(log: LogFile, wait_until: Callable[..., None]) -> None:
    code = "import signal; print('up'); print(signal.sigwait([signal.SIGINT, signal.SIGTERM]).name)"
    waiting = f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [2, 15]); {code}"
    child = python(waiting, log, stop_signal=signal.SIGINT)
    child.start()
    wait_until(lambda: "up" in log.text())
    assert child.stop(30)
    assert log.text() == "up\nSIGINT\n"


def test_one_that_will_not_end_is_killed_with_all_it_started(
    log: LogFile, wait_until: Callable[..., None], has_ended: Callable[[int], bool]
) -> None:
    code = """
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["/bin/sleep", "600"]).pid)
signal.pause()
"""
    child = python(code, log)
    child.start()
    wait_until(lambda: log.text().endswith("\n"))
    grandchild = int(log.text())
    assert not has_ended(grandchild)
    assert not child.stop(0.1)
    assert child.exit_code == -signal.SIGKILL
    wait_until(lambda: has_ended(grandchild))


def test_a_death_by_signal_names_it(log: LogFile) -> None:
    child = python("import os; os.kill(os.getpid(), 11)", log)
    child.start()
    assert child.wait_until_ended(30)
    assert "was ended by signal 11" in str(child.death())


def test_a_log_is_added_to_and_turned_over_when_it_has_grown(log: LogFile) -> None:
    for text in ("first", "second"):
        child = python(f"print({text!r})", log)
        child.start()
        assert child.wait_until_ended(30)
        assert log.text() == f"{text}\n"
    assert log.path.read_text() == "first\nsecond\n"
    log.path.write_bytes(b"x" * 5 * 1024 * 1024)
    child = python("", log)
    child.start()
    assert child.wait_until_ended(30)
    assert log.path.with_name("child.log.1").stat().st_size == 5 * 1024 * 1024
    assert log.path.stat().st_size == 0


def make_service(tmp_path: Path, stand_ins: dict[str, str], **modes: str) -> Service:
    environment = {**stand_ins, "CACHE_LISTEN": "127.0.0.1:0", **modes}
    environment["PYTHONPATH"] = python_path(environment)
    return Service("Cache service", "stand_in_cache", environment, tmp_path / "cache.log")


def test_a_service_says_where_it_listens(tmp_path: Path, stand_ins: dict[str, str]) -> None:
    service = make_service(tmp_path, stand_ins, CACHE_METRICS_LISTEN="0.0.0.0:0")
    service.start()
    ready = service.await_ready()
    assert isinstance(ready, Ready)
    assert ready.listen.startswith("127.0.0.1:")
    assert ready.metrics
    assert ready.metrics.startswith("127.0.0.1:")  # where to connect, not where it is bound
    service.ask_to_stop()
    assert service.finish(30)


@pytest.mark.parametrize(
    ("mode", "complaint"),
    [("die", "ended with exit code 1"), ("babble", "when it should say where it listens")],
)
def test_a_service_that_is_never_ready_is_reported_with_its_log(
    tmp_path: Path, stand_ins: dict[str, str], mode: str, complaint: str
) -> None:
    service = make_service(tmp_path, stand_ins, STAND_IN_CACHE=mode)
    service.start()
    with pytest.raises(LauncherError, match=rf"(?s)Cache service .*{complaint}.*cache begins"):
        service.await_ready()
    service.ask_to_stop()
    service.finish(30)
