"""The data of the embedded PostgreSQL: who owns it, how it is made, and what an earlier life left in it."""

import os
import pwd
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assaycache.launcher.engine import engine_environment, new_password
from assaycache.launcher.errors import LauncherError
from assaycache.launcher.folders import sync_folder, write_private
from assaycache.launcher.identity import ProcessMark, ps_column
from assaycache.launcher.logs import LogFile
from assaycache.launcher.postgres_programs import ROOT_WAY_OUT, WAY_OUT, Programs
from assaycache.launcher.processes import Account, Child

USER = "assaycache"
_ENGINE_ID = 65523  # 65520-65533 are given to nobody by Debian, Fedora and systemd, and fit a container's range
_BUILTIN_LOCALE_SINCE = 17
_INITDB_SECONDS = 120.0
_CWD = Path("/proc/self/cwd")
_ENDINGS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))  # fast, immediate, by force


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL data folder, ``data``, and the file beside it that holds its password."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def version(self) -> int | None:
        """The major version that wrote the data; None before there is any."""
        return int((self.data / "PG_VERSION").read_text(encoding="ascii")) if self.exists() else None

    def password(self) -> str:
        if not self._password_file.exists():
            raise LauncherError(
                f"{self._password_file}, the password of the database in {self.data}, is gone: put it back from a "
                f"backup, or move {self.folder} away to begin with an empty database."
            )
        return self._password_file.read_text(encoding="utf-8").strip()

    def account(self) -> Account | None:
        """Whom the server must run as: never root, and always the owner of the data. None: who we are."""
        owner = self.data.stat() if self.exists() else None
        if os.geteuid() == 0:
            return Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid else Account(_ENGINE_ID, _ENGINE_ID)
        if owner and owner.st_uid != os.geteuid():
            raise LauncherError(f"{self.data} belongs to user {owner.st_uid}: start as that user or as root.")
        return None

    def create(self, programs: Programs, account: Account | None) -> None:
        """Make an empty cluster. It appears under its name only when it is whole."""
        unfinished = self.folder / "data.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        write_private(self._password_file, new_password() + "\n")
        maker = _account_with_name() if account else None
        if maker is None:
            _demand_own_name()
        hand_over(unfinished, maker)
        self._run_initdb(programs, unfinished, maker)
        hand_over(unfinished, account)
        unfinished.replace(self.data)
        sync_folder(self.folder)

    def _run_initdb(self, programs: Programs, data: Path, maker: Account | None) -> None:
        with tempfile.TemporaryFile(dir=self.folder) as secret:  # has no name, so no path that must be reachable
            secret.write(self.password().encode() + b"\n")
            secret.flush()
            secret.seek(0)
            if maker:
                os.fchown(secret.fileno(), maker.uid, maker.gid)
            initdb = Child(
                "initdb",
                _initdb_arguments(programs, data_argument(data, maker), f"/dev/fd/{secret.fileno()}"),
                log=LogFile(self.folder / "initdb.log"),
                environment=engine_environment(),
                folder=data,
                account=maker,
                stop_signal=signal.SIGKILL,  # nothing it leaves unfinished is ever used
            )
            initdb.start(pass_handles=[secret.fileno()])
            try:
                initdb.wait_until_ended(_INITDB_SECONDS)
            finally:
                initdb.finish(0)
        if initdb.exit_code != 0:
            raise initdb.death()

    def ready(self, pid: int) -> bool:
        """Whether the server with that pid has said, in its pid file, that it accepts connections."""
        lines = self._pid_lines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def end_predecessor(self) -> None:
        """Stop a server that outlived its launcher. (The caller holds the lock: no launcher that lives owns it.)

        The pid file of one that is dead is left to PostgreSQL, which knows to look for its last children, unless
        its pid is another process's now: PostgreSQL would take that one for a server and refuse to start.
        """
        lines = self._pid_lines()
        if not lines:
            return
        pid = int(lines[0])
        for ending, seconds in _ENDINGS:
            if not self._serves(pid):
                break
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(pid, ending)
            self._wait_until_ended(pid, seconds)
        if _exists(pid) and not self._serves(pid):
            self._pid_file.unlink(missing_ok=True)

    def _pid_lines(self) -> list[str]:
        try:
            return self._pid_file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _wait_until_ended(self, pid: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._serves(pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _serves(self, pid: int) -> bool:
        """Whether that process is alive and a server on this data."""
        if ProcessMark.of(pid) is None:
            return False
        if not _CWD.exists():
            return str(self.data) in ps_column(pid, "command=")
        try:
            return Path(f"/proc/{pid}/cwd").samefile(self.data)
        except (FileNotFoundError, PermissionError):  # it ended just now; it is another user's
            return False


def data_argument(data: Path, account: Account | None) -> str:
    """How to name the data to a program that is started in it.

    Another user may not be let through the folders above (0700, of root); through its working folder it is.
    """
    return str(_CWD) if account and _CWD.exists() else str(data)


def _initdb_arguments(programs: Programs, data: str, password_file: str) -> list[str]:
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # the same on every system, for ever
    return [
        programs.path("initdb"),
        f"--pgdata={data}",
        f"--username={USER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-instructions",
        *(builtin if programs.version >= _BUILTIN_LOCALE_SINCE else []),
    ]


def _account_with_name() -> Account:
    """An unprivileged account initdb can run as: unlike the server, it wants to know its user's name."""
    entries = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not entries:
        raise LauncherError(f"initdb needs a user with a name, and the user database has only root. {ROOT_WAY_OUT}")
    chosen = next((entry for entry in entries if entry.pw_name == "nobody"), entries[0])
    return Account(chosen.pw_uid, chosen.pw_gid)


def _demand_own_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise LauncherError(
            f"initdb needs to know its user's name, and user {os.geteuid()} has no entry in the user database: "
            f"add one. {WAY_OUT}"
        ) from error


def hand_over(top: Path, account: Account | None) -> None:
    """Give a folder and all in it to ``account``."""
    if account is None:
        return
    try:
        for folder, _, names in os.walk(top):
            for path in (Path(folder), *(Path(folder, name) for name in names)):
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
    except PermissionError as error:  # some network and container file systems know one owner only
        raise LauncherError(f"Cannot give {top} to user {account.uid}: {error.strerror}. {ROOT_WAY_OUT}") from error


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
