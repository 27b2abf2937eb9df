"""Locks, marks of processes, ports and options."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from assaycache.launcher import (
    AlreadyRunning,
    LauncherError,
    PortInUse,
    StackAddresses,
    StackOptions,
    default_home,
    identity,
)
from assaycache.launcher.folders import FolderLock, lock_holder, make_private, write_private
from assaycache.launcher.identity import ProcessMark
from assaycache.launcher.ports import demand_free, free_port, join_address, to_connect

WAYS = {"/proc/self/stat": identity._mark_from_proc, "/bin/ps": identity._mark_from_ps}
LOOK_UPS = [look_up for needed, look_up in WAYS.items() if Path(needed).exists()]


def test_a_lock_names_its_holder_and_is_free_after_its_release(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    assert lock_holder(tmp_path) is None
    lock.acquire()
    assert lock_holder(tmp_path) == ProcessMark.of_this_process()
    with pytest.raises(AlreadyRunning, match=f"in use by process {os.getpid()}"):
        FolderLock(tmp_path).acquire()
    lock.release()
    assert lock_holder(tmp_path) is None
    lock.acquire()
    lock.release()


def test_a_lock_is_free_when_its_holder_was_killed_and_its_pid_is_another_process_now(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    (tmp_path / "lock").write_text(f'{{"pid": {os.getpid()}, "mark": "of an earlier process"}}')
    assert lock_holder(tmp_path) is None
    lock.acquire()
    lock.release()


@pytest.mark.parametrize("look_up", LOOK_UPS)
def test_a_process_is_told_from_others_until_it_has_ended_even_while_it_is_a_zombie(
    look_up: Callable[[int], str | None], wait_until: Callable[..., None]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        mark = look_up(process.pid)
        assert mark is not None
        assert look_up(process.pid) == mark
        assert process.stdin
        process.stdin.close()
        wait_until(lambda: look_up(process.pid) is None)
        assert process.returncode is None  # not reaped yet
    assert look_up(process.pid) is None


def test_private_things_are_private_from_the_start(tmp_path: Path) -> None:
    make_private(tmp_path / "above" / "home")
    write_private(tmp_path / "above" / "home" / "secret", "s")
    assert stat.S_IMODE((tmp_path / "above" / "home").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "above" / "home" / "secret").stat().st_mode) == 0o600


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LauncherError, match="Cannot create the folder"):
        make_private(tmp_path / "file" / "home")


def test_a_taken_port_is_named_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"Port {port} on 127\.0\.0\.1 .* --cache-port"):
            demand_free("127.0.0.1", port, "--cache-port")
    demand_free("127.0.0.1", free_port(), "--cache-port")
    demand_free("127.0.0.1", 0, "--cache-port")


def test_an_address_that_is_not_of_this_machine_is_told() -> None:
    with pytest.raises(LauncherError, match=r"Cannot listen on 192\.0\.2\.1"):
        demand_free("192.0.2.1", 50051, "--cache-port")


def test_addresses_are_written_and_read_for_both_families() -> None:
    assert join_address("127.0.0.1", 80) == "127.0.0.1:80"
    assert join_address("::1", 80) == "[::1]:80"
    assert to_connect("0.0.0.0:80") == "127.0.0.1:80"
    assert to_connect("[::]:80") == "[::1]:80"
    assert to_connect("lab.example:80") == "lab.example:80"


def test_options_come_from_the_variables_the_services_know() -> None:
    options = StackOptions.from_environment(
        {
            "ASSAYCACHE_HOME": "/srv/assaycache",
            "USE_DATABASE": "False",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "BLOB_URL": "s3://blobs",
        },
        cache_replicas=2,
    )
    assert options.home == Path("/srv/assaycache")
    assert not options.use_database
    assert options.database_url is None
    assert options.redis_url == ""  # no hot tier, said aloud
    assert options.blob_url == "s3://blobs"
    assert options.cache_replicas == 2


def test_the_home_is_a_hidden_folder_here_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_home({}) == tmp_path / ".assaycache"
    assert default_home({"ASSAYCACHE_HOME": "/srv/data"}) == Path("/srv/data")


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="true or false"):
        StackOptions.from_environment({"USE_DATABASE": "maybe"})
    with pytest.raises(LauncherError, match="at least one"):
        StackOptions(tmp_path, cache_replicas=0).settled()


def test_options_and_addresses_survive_being_written_down(tmp_path: Path) -> None:
    options = StackOptions(tmp_path, database_url="postgresql://u:secret@db/d", environment={"A": "b"})
    assert StackOptions.from_fields(json.loads(json.dumps(options.to_fields()))) == options
    assert "secret" not in repr(options)
    addresses = StackAddresses("http://127.0.0.1:1", ("a:1",), ("b:1", "b:2"), (), ("c:1",))
    assert StackAddresses.from_fields(json.loads(json.dumps(asdict(addresses)))) == addresses
