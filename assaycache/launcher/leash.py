"""Run a program that ends with the process that started it: ``leash.py PARENT SIGNAL UID GID PROGRAM ARG…``.

The launcher runs this file by its path (``python -I -S leash.py``): it must be light, and work without
any package. ``UID`` and ``GID`` are numbers, or ``-`` to stay who we are. The order matters: a change of
user clears the death signal, and the program may lie where only the new user cannot look.
"""

import ctypes
import os
import signal
import sys
from typing import NoReturn

_PR_SET_PDEATHSIG = 1


def _change_user(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _load_libc() -> "ctypes.CDLL | None":
    # Python's own library may lie where the new user cannot look: loaded while we still can.
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _tie_to_parent(libc: "ctypes.CDLL", parent: int, death_signal: int) -> None:
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it died before we were tied to it
        sys.exit(1)


def main(arguments: list[str]) -> NoReturn:
    parent, death_signal, uid, gid, *command = arguments
    libc = _load_libc()
    try:
        if uid != "-":
            _change_user(int(uid), int(gid))
        if libc:  # other kernels offer no death signal
            _tie_to_parent(libc, int(parent), int(death_signal))
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would hand that on
            signal.signal(ignored, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.exit(f"cannot run {command[0]} as user {os.geteuid()}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
