"""The embedded PostgreSQL keeps its data through everything, and lets nobody in without its password."""

import os
import signal
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from assaycache.launcher import AlreadyRunning, EmbeddedPostgres, LauncherError, PortInUse
from assaycache.launcher import postgres as module
from assaycache.launcher.ports import free_port
from assaycache.launcher.postgres_programs import find_programs


def write_note(engine: EmbeddedPostgres, text: str) -> None:
    with psycopg.connect(engine.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [text])


def read_notes(engine: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(engine.url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM notes").fetchall()]


def test_it_answers_as_soon_as_it_has_started_and_not_after_it_has_stopped(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("assaycache",)
    postgres.stop()
    assert not postgres.running()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(postgres.url)


def test_starting_and_stopping_twice_are_fine(postgres: EmbeddedPostgres) -> None:
    pid = postgres.pid
    postgres.start()
    assert postgres.pid == pid
    postgres.stop()
    postgres.stop()


def test_stop_and_start_keep_data_and_address(postgres: EmbeddedPostgres) -> None:
    write_note(postgres, "kept")
    url = postgres.url
    postgres.stop()
    postgres.start()
    assert postgres.url == url
    assert read_notes(postgres) == ["kept"]


def test_a_later_launcher_finds_the_data(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as earlier:
        write_note(earlier, "kept")
    with EmbeddedPostgres(tmp_path / "postgres") as later:
        assert read_notes(later) == ["kept"]


def test_killing_the_server_loses_nothing(postgres: EmbeddedPostgres, wait_until: Callable[..., None]) -> None:
    write_note(postgres, "committed")
    os.kill(postgres.pid, signal.SIGKILL)
    wait_until(lambda: not postgres.running())
    postgres.start()
    assert read_notes(postgres) == ["committed"]


def test_a_server_left_by_an_earlier_life_is_stopped_and_replaced(
    postgres: EmbeddedPostgres, tmp_path: Path, has_ended: Callable[[int], bool]
) -> None:
    write_note(postgres, "kept")
    left = postgres.pid
    postgres._lock.release()  # as the kernel does when a launcher is killed
    with EmbeddedPostgres(tmp_path / "postgres") as later:
        assert has_ended(left)
        assert read_notes(later) == ["kept"]


def test_a_pid_file_that_names_another_process_by_now_is_no_obstacle(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as earlier:
        write_note(earlier, "kept")
        pid_file = tmp_path / "postgres" / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    innocent = EmbeddedPostgres(tmp_path / "innocent")  # of the same user, so that PostgreSQL would mind
    with innocent:
        pid_file.write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        with EmbeddedPostgres(tmp_path / "postgres") as later:
            assert read_notes(later) == ["kept"]
        assert innocent.running()


def test_a_creation_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        write_note(engine, "works")
    assert not unfinished.exists()


def test_without_the_password_nobody_gets_in(shared_postgres: EmbeddedPostgres) -> None:
    for password in (None, "guess"):
        with pytest.raises(psycopg.OperationalError, match=r"password"):
            psycopg.connect(host="127.0.0.1", port=shared_postgres.port, user="assaycache", password=password)


def test_the_password_is_in_a_private_file_and_nowhere_else(
    shared_postgres: EmbeddedPostgres, shared_folder: Path
) -> None:
    file = shared_folder / "password"
    password = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password in shared_postgres.url
    assert password not in repr(vars(shared_postgres))
    logs = [path.read_text() for path in shared_folder.glob("*.log")]
    assert len(logs) == 2
    assert not any(password in log for log in logs)


def test_a_lost_password_file_is_told_with_a_way_out(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres"):
        pass
    (tmp_path / "postgres" / "password").unlink()
    with pytest.raises(LauncherError, match="put it back"):
        EmbeddedPostgres(tmp_path / "postgres").start()


def test_the_folders_are_private(shared_postgres: EmbeddedPostgres, shared_folder: Path) -> None:
    for folder in (shared_folder, shared_folder / "data"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_makes_every_commit_durable(shared_postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(shared_postgres.url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_it_listens_on_loopback_only_and_on_no_socket_file(shared_postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(shared_postgres.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)


def test_a_statement_that_fails_leaves_no_values_in_the_log(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE names (name text UNIQUE)")
        connection.execute("INSERT INTO names VALUES ('alice.c3d')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO names VALUES ('alice.c3d')")
    postgres.stop()
    log = (tmp_path / "postgres" / "engine.log").read_text()
    assert "duplicate key" in log
    assert "alice" not in log


def test_a_port_that_is_taken_is_named(tmp_path: Path, shared_postgres: EmbeddedPostgres) -> None:
    with pytest.raises(PortInUse, match=f"Port {shared_postgres.port} on 127.0.0.1"):
        EmbeddedPostgres(tmp_path / "other", port=shared_postgres.port).start()


def test_a_port_that_is_asked_for_is_used(tmp_path: Path) -> None:
    port = free_port()
    with EmbeddedPostgres(tmp_path / "postgres", port=port) as engine:
        assert f"@127.0.0.1:{port}/" in engine.url


def test_two_of_them_run_side_by_side_in_different_folders(tmp_path: Path, shared_postgres: EmbeddedPostgres) -> None:
    with EmbeddedPostgres(tmp_path / "other") as other:
        write_note(shared_postgres, "one")
        write_note(other, "other")
        assert (read_notes(shared_postgres), read_notes(other)) == (["one"], ["other"])


def test_a_folder_that_is_in_use_is_refused_and_left_running(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        EmbeddedPostgres(tmp_path / "postgres").start()
    assert postgres.running()


def test_data_of_a_version_that_is_not_installed_is_told(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(LauncherError, match=r"PostgreSQL 9, .*DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "postgres").start()


def test_data_of_an_older_version_is_served_by_that_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(module, "find_programs", lambda _: find_programs(16))
        with EmbeddedPostgres(tmp_path / "postgres") as engine:
            write_note(engine, "from 16")
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        assert read_notes(engine) == ["from 16"]
        with psycopg.connect(engine.url) as connection:
            assert connection.info.server_version // 10000 == 16


def test_libpq_settings_of_the_user_do_not_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    monkeypatch.setenv("PGDATA", str(tmp_path / "elsewhere"))
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        assert engine.running()


def test_a_session_in_use_does_not_hold_up_stopping(postgres: EmbeddedPostgres) -> None:
    with closing(psycopg.connect(postgres.url)) as connection:
        connection.execute("SELECT 1")
        postgres.stop()
        assert not postgres.running()


def test_a_user_without_a_name_is_told_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_000)
    with pytest.raises(LauncherError, match=r"user 4000000000 has no entry .*DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "postgres").start()


def test_without_its_package_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LauncherError, match=r"PostgreSQL is not installed .*DATABASE_URL .*USE_DATABASE=false"):
        EmbeddedPostgres(tmp_path / "postgres").start()
