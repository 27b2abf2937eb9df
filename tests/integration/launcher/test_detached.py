"""A stack in the background outlives who started it, and is found and stopped by its home."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from assaycache.launcher import (
    AlreadyRunning,
    LauncherError,
    StackAddresses,
    StackOptions,
    running,
    start_detached,
    stop_detached,
)
from assaycache.launcher.folders import lock_holder

Start = Callable[..., StackAddresses]


@pytest.fixture
def start(options: StackOptions, modules: dict[str, str]) -> Iterator[Start]:
    """Start a stack of stand-ins in the background, which is stopped at the end of the test."""

    def start(lines: list[str] | None = None, **changes: Any) -> StackAddresses:
        kept = [] if lines is None else lines
        return start_detached(replace(options, **changes), kept.append, modules=modules)

    yield start
    stop_detached(options.home)


def test_it_is_started_found_and_stopped(start: Start, options: StackOptions) -> None:
    lines: list[str] = []
    addresses = start(lines)
    assert lines[-1] == f"Gateway is ready on {str(addresses.gateway).removeprefix('http://')}."
    assert running(options.home) == addresses
    assert stop_detached(options.home)
    assert running(options.home) is None
    assert not stop_detached(options.home)


def test_it_outlives_the_process_that_started_it_and_is_nobodys_child(
    options: StackOptions, modules: dict[str, str], start: Start
) -> None:
    code = """
import json, sys
from assaycache.launcher import StackOptions, start_detached
order = json.load(sys.stdin)
start_detached(StackOptions.from_fields(order["options"]), modules=order["modules"])
"""
    order = json.dumps({"options": options.to_fields(), "modules": modules})
    subprocess.run([sys.executable, "-c", code], input=order, text=True, check=True, capture_output=True, timeout=120)
    holder = lock_holder(options.home)
    assert holder is not None
    assert os.getsid(holder.pid) != os.getsid(0)
    assert running(options.home) is not None


def test_a_second_one_in_the_same_home_is_refused_with_the_pid_of_the_first(
    start: Start, options: StackOptions
) -> None:
    start()
    holder = lock_holder(options.home)
    assert holder is not None
    with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"):
        start()
    assert running(options.home) is not None


def test_why_it_could_not_start_is_told_and_nothing_is_left(start: Start, options: StackOptions) -> None:
    with pytest.raises(LauncherError, match=r"(?s)Gateway ended with exit code 1.*no luck today"):
        start(environment={**options.environment, "STAND_IN_GATEWAY": "die"})
    assert running(options.home) is None
    start()


def test_it_ends_when_a_part_dies_and_its_log_says_which(
    start: Start, options: StackOptions, wait_until: Callable[..., None]
) -> None:
    start(redis_url=None)
    holder = lock_holder(options.home)
    assert holder is not None
    assert lock_holder(options.home / "valkey") == holder
    [record] = options.home.parent.glob("stand-ins/cache-*.json")
    os.kill(int(record.stem.partition("-")[2]), signal.SIGKILL)
    wait_until(lambda: not holder.alive())
    assert "Cache service was ended by signal 9" in (options.home / "logs" / "launcher.log").read_text()
    assert running(options.home) is None


def test_a_stack_that_was_killed_is_not_taken_for_running(
    start: Start, options: StackOptions, wait_until: Callable[..., None]
) -> None:
    start()
    holder = lock_holder(options.home)
    assert holder is not None
    os.kill(holder.pid, signal.SIGKILL)
    wait_until(lambda: not holder.alive())
    assert running(options.home) is None
    start()
    assert running(options.home) is not None


def test_no_secret_is_visible_in_the_process_list(
    start: Start, options: StackOptions, command_line: Callable[[int], str]
) -> None:
    start(use_database=True, database_url="postgresql://lab:hidden@db/lab")
    holder = lock_holder(options.home)
    assert holder is not None
    assert "hidden" not in command_line(holder.pid)
    logs = "".join(path.read_text() for path in (options.home / "logs").iterdir())
    assert "hidden" not in logs


def test_a_starter_that_goes_away_takes_the_unfinished_stack_with_it(
    options: StackOptions, modules: dict[str, str], wait_until: Callable[..., None]
) -> None:
    def go_away(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_detached(options, go_away, modules=modules)
    log = options.home / "logs" / "launcher.log"
    wait_until(lambda: "has gone before it was up" in log.read_text())
    wait_until(lambda: lock_holder(options.home) is None)
