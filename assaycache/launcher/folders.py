"""Folders the launcher keeps: private to the user, and used by one process at a time."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path

from assaycache.launcher.errors import AlreadyRunning, LauncherError
from assaycache.launcher.identity import ProcessMark

_LOCK_NAME = "lock"


def make_private(folder: Path) -> None:
    """Create ``folder`` (mode 0700) and what is missing above it; an existing one keeps its mode."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LauncherError(f"Cannot create the folder {folder}: {error.strerror}.") from error


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all, on disk when this returns."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderLock:
    """The right to run what lives in a folder. The kernel frees it when its holder dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def acquire(self) -> None:
        """Take the lock (again taking one's own is fine), or say who holds it."""
        if self._handle is not None:
            return
        try:
            handle = os.open(self._folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise LauncherError(f"Cannot use the folder {self._folder}: {error.strerror}.") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise AlreadyRunning(self._refusal()) from error
        mark = ProcessMark.of_this_process()
        _overwrite(handle, json.dumps({"pid": mark.pid, "mark": mark.mark}))
        self._handle = handle

    def release(self) -> None:
        if self._handle is None:
            return
        _overwrite(self._handle, "")
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        os.close(self._handle)
        self._handle = None

    def _refusal(self) -> str:
        holder = lock_holder(self._folder)
        who = f"process {holder.pid}" if holder else "another process"
        return f"{self._folder} is in use by {who}: stop that one first, or choose another folder."


def lock_holder(folder: Path) -> ProcessMark | None:
    """The living process that holds the folder's lock, if any."""
    try:
        text = (folder / _LOCK_NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise LauncherError(f"Cannot look into {folder}: it belongs to another user.") from error
    mark = parse_mark(json.loads(text)) if text else None
    return mark if mark and mark.alive() else None


def parse_mark(fields: Mapping[str, object]) -> ProcessMark:
    return ProcessMark(int(str(fields["pid"])), str(fields["mark"]))


def _overwrite(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)
