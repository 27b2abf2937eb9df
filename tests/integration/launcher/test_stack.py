"""A stack starts in order, hands everyone the addresses of the others, and leaves nothing behind."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from assaycache.launcher import AlreadyRunning, LauncherError, PortInUse, Stack, StackOptions, running, stop_detached

MakeStack = Callable[..., Stack]
Records = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def make_stack(options: StackOptions, modules: dict[str, str]) -> Callable[..., Stack]:
    """A stack of stand-in services; its progress lines are kept in ``lines``."""

    def make(*, lines: list[str] | None = None, **changes: Any) -> Stack:
        kept = [] if lines is None else lines
        return Stack(replace(options, **changes), kept.append, modules=modules)

    return make


@pytest.fixture
def records(stand_ins: dict[str, str]) -> Callable[[str], list[dict[str, Any]]]:
    """What the replicas of a role noted about their settings when they started."""

    def read(role: str) -> list[dict[str, Any]]:
        found = Path(stand_ins["STAND_IN_RECORDS"]).glob(f"{role}-*.json")
        return [json.loads(path.read_text()) for path in found]

    return read


def answers(address: str) -> bool:
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_everything_answers_once_it_has_started_and_nothing_after_it_has_stopped(make_stack: MakeStack) -> None:
    with make_stack() as stack:
        addresses = stack.addresses
        everyone = [
            str(addresses.gateway),
            *addresses.cache,
            *addresses.analysis,
            *addresses.cache_metrics,
            *addresses.analysis_metrics,
        ]
        assert len(everyone) == 5
        assert all(answers(address) for address in everyone)
    assert not any(answers(address) for address in everyone)
    with pytest.raises(LauncherError, match="not running"):
        _ = stack.addresses


def test_each_part_learns_the_addresses_of_all_replicas_it_calls(make_stack: MakeStack, records: Records) -> None:
    with make_stack(cache_replicas=2, analysis_replicas=2) as stack:
        addresses = stack.addresses
    assert len(set(addresses.cache)) == len(set(addresses.analysis)) == 2
    assert len(addresses.cache_metrics) == len(addresses.analysis_metrics) == 2
    assert [record["CACHE_ADDRESS"] for record in records("analysis")] == [",".join(addresses.cache)] * 2
    [gateway] = records("gateway")
    assert gateway["CACHE_ADDRESS"] == ",".join(addresses.cache)
    assert gateway["ANALYSIS_ADDRESS"] == ",".join(addresses.analysis)


def test_without_engines_the_services_are_told_so(
    make_stack: MakeStack, records: Records, options: StackOptions
) -> None:
    with make_stack(environment={**options.environment, "EXTRA": "yes"}):
        pass
    [cache] = records("cache")
    assert cache["USE_DATABASE"] == "false"
    assert cache["DATABASE_URL"] == cache["REDIS_URL"] == ""
    assert cache["BLOB_URL"] == (options.home / "blobs").as_uri()
    assert cache["EXTRA"] == "yes"


def test_engines_of_ones_own_are_used_instead_of_embedded_ones(
    make_stack: MakeStack, records: Records, options: StackOptions
) -> None:
    urls = {"database_url": "postgresql://db/lab", "redis_url": "redis://hot:6379/0", "blob_url": "s3://blobs"}
    with make_stack(use_database=True, **urls):
        pass
    [cache] = records("cache")
    assert cache["USE_DATABASE"] == "true"
    assert [cache[name] for name in ("DATABASE_URL", "REDIS_URL", "BLOB_URL")] == list(urls.values())
    assert not (options.home / "postgres").exists()
    assert not (options.home / "valkey").exists()


def test_with_nothing_configured_real_engines_are_started(
    make_stack: MakeStack, records: Records, options: StackOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")  # for the user's own servers: it would break the embedded one
    lines: list[str] = []
    with make_stack(lines=lines, use_database=True, redis_url=None):
        [cache] = records("cache")
        assert cache["PGSSLMODE"] is None
        with psycopg.connect(cache["DATABASE_URL"], sslmode="prefer") as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(cache["REDIS_URL"]) as client:
            assert client.ping()
    secrets = [cache["DATABASE_URL"].split(":")[2].split("@")[0], cache["REDIS_URL"].split(":")[2].split("@")[0]]
    written = [path.read_text() for path in (options.home / "logs").iterdir()]
    assert not any(secret in text for secret in secrets for text in [*written, *lines])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cache["DATABASE_URL"], sslmode="prefer")


def test_a_platform_without_valkey_goes_without_the_hot_tier_and_says_so(
    make_stack: MakeStack, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    lines: list[str] = []
    with make_stack(lines=lines, redis_url=None):
        [cache] = records("cache")
        assert cache["REDIS_URL"] == ""
    assert "There is no Valkey for this platform: running without the hot tier." in lines


def test_it_stops_in_the_opposite_order(make_stack: MakeStack) -> None:
    lines: list[str] = []
    with make_stack(lines=lines, redis_url=None):
        lines.clear()
    assert lines == [
        "Gateway has stopped.",
        "Analysis service has stopped.",
        "Cache service has stopped.",
        "Valkey has stopped.",
    ]


def test_the_gateway_can_be_left_out(make_stack: MakeStack, records: Records) -> None:
    with make_stack(gateway=False) as stack:
        assert stack.addresses.gateway is None
    assert records("gateway") == []


def test_a_service_that_cannot_start_is_named_with_its_log_and_the_rest_is_taken_down(
    make_stack: MakeStack, records: Records, options: StackOptions, has_ended: Callable[[int], bool]
) -> None:
    stack = make_stack(environment={**options.environment, "STAND_IN_ANALYSIS": "die"})
    with pytest.raises(LauncherError, match=r"(?s)Analysis service ended with exit code 1.*no luck today"):
        stack.start()
    [cache] = records("cache")
    assert has_ended(cache["pid"])
    assert running(options.home) is None
    with make_stack():  # and the home is free again
        pass


def test_a_taken_port_is_named_with_its_setting_before_anything_is_started(
    make_stack: MakeStack, records: Records
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {port} .*--analysis-port"):
            make_stack(analysis_port=port).start()
    assert records("cache") == []


def test_a_home_has_one_stack_at_a_time(make_stack: MakeStack) -> None:
    with make_stack() as stack:
        second = make_stack()
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
            second.start()
        second.stop()
        assert answers(stack.addresses.cache[0])


def test_others_find_a_running_stack_by_its_home(make_stack: MakeStack, options: StackOptions) -> None:
    assert running(options.home) is None
    with make_stack() as stack:
        assert running(options.home) == stack.addresses
        with pytest.raises(LauncherError, match="this very process"):
            stop_detached(options.home)
    assert running(options.home) is None
    assert not stop_detached(options.home)


def test_waiting_ends_with_an_error_that_names_a_part_that_died(make_stack: MakeStack, records: Records) -> None:
    with make_stack() as stack:
        [analysis] = records("analysis")
        os.kill(analysis["pid"], signal.SIGKILL)
        with pytest.raises(LauncherError, match="Analysis service was ended by signal 9"):
            stack.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_ends_when_a_signal_asks_to_stop(make_stack: MakeStack, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with make_stack() as stack:
        asker = threading.Timer(0.3, os.kill, [os.getpid(), number])
        asker.start()
        stack.wait()
        asker.join()
    assert signal.getsignal(number) is before
