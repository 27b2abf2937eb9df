"""The process of a stack in the background. `start_detached` runs it; options come in as JSON, progress goes out."""

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from assaycache.launcher.errors import LauncherError
from assaycache.launcher.interrupts import interrupt, on_stop_signals
from assaycache.launcher.options import StackOptions
from assaycache.launcher.stack import Stack


def _leave_terminal() -> None:
    """Go on as a child of nobody, in a session of our own: no terminal's end is ours."""
    if os.fork():
        os._exit(0)
    os.setsid()


class _Reporter:
    """Tells the process that started us; once that has heard the last word, or has gone, the log."""

    def __init__(self) -> None:
        self._listener = True

    def progress(self, line: str) -> None:
        if self._listener:
            self._tell({"progress": line})
        else:
            print(line, file=sys.stderr, flush=True)

    def last_word(self, message: dict[str, Any], line: str) -> None:
        if self._listener:
            self._tell(message)
            self._turn_to_log()
        print(line, file=sys.stderr, flush=True)

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            print(json.dumps(message), flush=True)
        except BrokenPipeError as error:
            self._turn_to_log()
            raise LauncherError("The process that asked for this stack has gone before it was up.") from error

    def _turn_to_log(self) -> None:
        self._listener = False
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _run(order: dict[str, Any], reporter: _Reporter) -> None:
    with Stack(StackOptions.from_fields(order["options"]), reporter.progress, modules=order["modules"]) as stack:
        reporter.last_word({"addresses": asdict(stack.addresses)}, "The stack is up.")
        stack.wait()


def main() -> int:
    _leave_terminal()
    reporter = _Reporter()
    try:
        with on_stop_signals(interrupt):
            _run(json.load(sys.stdin), reporter)
    except LauncherError as error:
        reporter.last_word({"error": str(error)}, str(error))
        return 1
    except KeyboardInterrupt:
        reporter.last_word({"error": "The stack was stopped while it was starting."}, "Stopped while starting.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
