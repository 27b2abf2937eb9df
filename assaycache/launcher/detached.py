"""A stack in the background: started, found and stopped from other processes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from assaycache.launcher.errors import AlreadyRunning, LauncherError
from assaycache.launcher.folders import lock_holder, make_private
from assaycache.launcher.identity import ProcessMark
from assaycache.launcher.logs import LogFile
from assaycache.launcher.options import StackAddresses, StackOptions
from assaycache.launcher.services import python_module, python_path
from assaycache.launcher.stack import MODULES, STATE_NAME

_STOP_SECONDS = 180.0  # three tiers of services that drain, and the last checkpoint
_LOOK_SECONDS = 0.05


def start_detached(
    options: StackOptions, report: Callable[[str], None] = print, *, modules: Mapping[str, str] = MODULES
) -> StackAddresses:
    """Start a stack that outlives this process; return when it serves. The parameters are those of `Stack`."""
    options = options.settled()
    holder = lock_holder(options.home)
    if holder:
        raise AlreadyRunning(f"{options.home} is in use by process {holder.pid}, a stack that is running or starting.")
    make_private(options.home)
    make_private(options.home / "logs")
    log = LogFile(options.home / "logs" / "launcher.log")
    daemon = _spawn(log)
    with daemon:  # the process we start hands over to its own child and ends at once
        try:
            return _hand_over(daemon, {"options": options.to_fields(), "modules": dict(modules)}, report, log)
        except BrokenPipeError as error:
            raise LauncherError(f"The launcher did not start. The end of {log.path}:\n{log.tail()}") from error


def _spawn(log: LogFile) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": python_path(os.environ)}
    errors = log.open()
    try:
        return subprocess.Popen(  # noqa: S603 - our own arguments, and no shell
            python_module("assaycache.launcher"),
            stdin=subprocess.PIPE,  # the options: they may hold passwords, which arguments would show to everyone
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            encoding="utf-8",
        )
    finally:
        os.close(errors)


def _hand_over(
    daemon: "subprocess.Popen[str]", order: dict[str, Any], report: Callable[[str], None], log: LogFile
) -> StackAddresses:
    orders, answers = _pipes(daemon)
    with orders:
        json.dump(order, orders)
    for line in answers:
        message = json.loads(line)
        if "addresses" in message:
            return StackAddresses.from_fields(message["addresses"])
        if "error" in message:
            raise LauncherError(message["error"])
        report(message["progress"])
    raise LauncherError(f"The launcher ended before the stack was up. The end of {log.path}:\n{log.tail()}")


def _pipes(daemon: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    if daemon.stdin is None or daemon.stdout is None:
        raise RuntimeError("the launcher is started with pipes")
    return daemon.stdin, daemon.stdout


def running(home: Path) -> StackAddresses | None:
    """Where the stack of this home answers; None when none is up (or it is still starting)."""
    holder = lock_holder(home)
    if holder is None:
        return None
    try:
        state = json.loads((home / STATE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return StackAddresses.from_fields(state["addresses"]) if state["pid"] == holder.pid else None


def stop_detached(home: Path) -> bool:
    """Stop the stack of this home and wait until it is down. False when none was running."""
    holder = lock_holder(home)
    if holder is None:
        return False
    if holder.pid == os.getpid():
        raise LauncherError("The stack runs in this very process: stop it with Stack.stop().")
    _send(holder, signal.SIGTERM)
    if not _ends_within(holder, _STOP_SECONDS):
        _send(holder, signal.SIGKILL)  # its children end with it
        _ends_within(holder, _STOP_SECONDS)
    return True


def _send(process: ProcessMark, number: signal.Signals) -> None:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return  # it ended just now, which is what was wanted
    except PermissionError as error:
        raise LauncherError(f"The stack runs as another user (process {process.pid}): stop it as that user.") from error


def _ends_within(process: ProcessMark, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while process.alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
