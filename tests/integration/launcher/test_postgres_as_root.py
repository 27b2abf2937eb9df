"""Started by root, PostgreSQL runs as a user of its own, wherever its programs and its data lie."""

import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from assaycache.launcher import EmbeddedPostgres, LauncherError
from assaycache.launcher import postgres as module
from assaycache.launcher.postgres_programs import Programs, find_programs


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # TMPDIR itself may be closed to others
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def hidden_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs, but below a folder that only root can look into."""
    real = find_programs(None).package
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (real, real.with_name(f"{real.name}.libs")):
        (hidden / part.name).symlink_to(part)

    def find_hidden(version: int | None) -> Programs:
        return replace(find_programs(version), package=hidden / real.name)

    monkeypatch.setattr(module, "find_programs", find_hidden)


def owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def test_it_runs_as_a_user_who_owns_the_data_and_nothing_else(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    assert owner_of_process(postgres.pid) == data.stat().st_uid == 65523
    assert {path.lstat().st_uid for path in data.rglob("*")} == {65523}
    assert (tmp_path / "postgres" / "password").stat().st_uid == 0


def test_the_folders_above_the_data_may_be_closed_to_that_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "postgres") as engine, psycopg.connect(engine.url) as connection:
        assert connection.execute("SHOW data_directory").fetchone() == ("/proc/self/cwd",)


@pytest.mark.usefixtures("hidden_programs")
def test_programs_that_user_cannot_reach_are_copied_once(tmp_path: Path, reachable: Path) -> None:
    engines = reachable / "lib" / "engines"
    with EmbeddedPostgres(tmp_path / "postgres", shared_engines=engines) as engine:
        assert Path(f"/proc/{engine.pid}/exe").readlink().is_relative_to(engines)
        with psycopg.connect(engine.url) as connection:
            connection.execute("DO $$ BEGIN RAISE NOTICE 'its libraries are found'; END $$ LANGUAGE plpgsql")
    [copy] = engines.iterdir()
    inode = copy.stat().st_ino
    with EmbeddedPostgres(tmp_path / "postgres", shared_engines=engines):
        assert copy.stat().st_ino == inode
    assert list(engines.iterdir()) == [copy]


@pytest.mark.usefixtures("hidden_programs")
def test_the_copy_can_be_read_by_all_and_written_by_root_alone(tmp_path: Path, reachable: Path) -> None:
    earlier = os.umask(0o077)
    try:
        with EmbeddedPostgres(tmp_path / "postgres", shared_engines=reachable / "lib" / "engines"):
            pass
    finally:
        os.umask(earlier)
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in (reachable / "lib").rglob("*")}
    assert modes == {0o755, 0o644}


@pytest.mark.usefixtures("hidden_programs")
def test_a_copy_somebody_else_could_have_written_is_refused(tmp_path: Path, reachable: Path) -> None:
    engines = reachable / "lib" / "engines"
    with EmbeddedPostgres(tmp_path / "postgres", shared_engines=engines):
        pass
    engines.chmod(0o777)
    with pytest.raises(LauncherError, match="only root can write"):
        EmbeddedPostgres(tmp_path / "postgres", shared_engines=engines).start()


@pytest.mark.usefixtures("hidden_programs")
def test_programs_that_cannot_be_reached_at_all_are_told_with_a_way_out(tmp_path: Path) -> None:
    engine = EmbeddedPostgres(tmp_path / "postgres", shared_engines=tmp_path / "closed" / "engines")
    with pytest.raises(LauncherError, match=r"(?s)cannot run as user 65523.*DATABASE_URL.*USE_DATABASE=false"):
        engine.start()


def test_data_an_ordinary_user_made_is_served_as_that_user(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres"):
        pass
    data = tmp_path / "postgres" / "data"
    for path in (data, *data.rglob("*")):
        os.chown(path, 1234, 1234, follow_symlinks=False)
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        assert owner_of_process(engine.pid) == 1234


def test_data_that_was_given_to_root_is_given_back(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres"):
        pass
    data = tmp_path / "postgres" / "data"
    for path in (data, *data.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        assert owner_of_process(engine.pid) == data.stat().st_uid == 65523
