"""The signals that ask to stop: SIGTERM, Ctrl-C, the end of the terminal."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def on_stop_signals(action: Callable[[], None]) -> Iterator[None]:
    """Inside, a signal to stop calls ``action``; one that is ignored (``nohup``) stays so.

    Only the main thread hears signals: in others nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    earlier = [(number, signal.signal(number, lambda *_: action())) for number in heard]
    try:
        yield
    finally:
        for number, handler in earlier:
            signal.signal(number, handler)


def interrupt() -> None:
    """What Ctrl-C does by default."""
    raise KeyboardInterrupt


def ignore() -> None:
    """Let a stop that is under way go on."""
