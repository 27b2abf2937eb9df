"""The embedded Valkey is a bounded cache behind a password."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from assaycache.launcher import AlreadyRunning, EmbeddedValkey, LauncherError, PortInUse

NO_RETRY = Retry(NoBackoff(), 0)


def test_it_answers_as_soon_as_it_has_started_and_not_after_it_has_stopped(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.ping()
    valkey.stop()
    with redis.Redis.from_url(valkey.url, retry=NO_RETRY) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_without_the_password_nobody_gets_in(valkey: EmbeddedValkey) -> None:
    for stranger in ("", ":guess@"):
        address = f"redis://{stranger}127.0.0.1:{valkey.port}"
        with redis.Redis.from_url(address, retry=NO_RETRY) as client, pytest.raises(redis.AuthenticationError):
            client.ping()


def test_the_password_is_neither_in_the_process_list_nor_in_the_log(
    valkey: EmbeddedValkey, tmp_path: Path, command_line: Callable[[int], str]
) -> None:
    password = valkey.url.removeprefix("redis://:").partition("@")[0]
    assert "valkey-server" in command_line(valkey.pid)
    assert password not in command_line(valkey.pid)
    assert password not in (tmp_path / "valkey" / "engine.log").read_text()


def test_its_memory_is_bounded_and_the_least_used_goes_first(tmp_path: Path) -> None:
    with (
        EmbeddedValkey(tmp_path / "valkey", maxmemory_bytes=50_000_000) as engine,
        redis.Redis.from_url(engine.url, decode_responses=True) as client,
    ):
        assert client.config_get("maxmemory*") == {
            "maxmemory": "50000000",
            "maxmemory-policy": "allkeys-lfu",
            "maxmemory-samples": "5",
            "maxmemory-eviction-tenacity": "10",
            "maxmemory-clients": "0",
        }
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_it_writes_nothing_to_disk(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("key", "value")
    valkey.stop()
    assert {path.name for path in (tmp_path / "valkey").iterdir()} == {"engine.log", "lock"}


def test_it_comes_back_at_its_address_after_it_was_killed(
    valkey: EmbeddedValkey, wait_until: Callable[..., None]
) -> None:
    url = valkey.url
    os.kill(valkey.pid, signal.SIGKILL)
    wait_until(lambda: not valkey.running())
    valkey.start()
    assert valkey.url == url
    with redis.Redis.from_url(url) as client:
        assert client.ping()


def test_a_port_that_is_taken_is_named(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with pytest.raises(PortInUse, match=f"Port {valkey.port} on 127.0.0.1"):
        EmbeddedValkey(tmp_path / "other", port=valkey.port).start()


def test_a_folder_that_is_in_use_is_refused(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        EmbeddedValkey(tmp_path / "valkey").start()


def test_a_platform_without_a_binary_is_told_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert not EmbeddedValkey.available()
    with pytest.raises(LauncherError, match=r"riscv64: set REDIS_URL"):
        EmbeddedValkey(tmp_path / "valkey").start()
