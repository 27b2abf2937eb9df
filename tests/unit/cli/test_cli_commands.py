"""The other commands: help, jobs, stats, health, up and down."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assaycache import JobStatus, NotFound, Reason
from assaycache.cli import app
from assaycache.cli.words import bytes_text, counted, seconds_text
from assaycache.launcher import PortInUse, StackAddresses, StackOptions
from tests.unit.cli.cli_standins import JOB_ID, PlayedClient
from tests.unit.cli.conftest import Run


def test_help_names_every_command_and_the_exit_codes(run: Run) -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert all(name in done.stdout for name in ("up", "down", "analyze", "jobs", "stats", "health", "Exit codes"))


@pytest.mark.parametrize(
    "command",
    ["up", "down", "analyze", "signals", "pipelines", "jobs", "stats", "health", "explain", "invalidate", "erase"],
)
def test_every_command_explains_each_of_its_options(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    assert "--home" in done.stdout


def test_pipelines_show_what_set_takes_or_are_json(run: Run, client: PlayedClient) -> None:
    lines = run("pipelines").stdout.splitlines()
    assert lines[0] == "emg.session 1.0.0: Every EMG channel."
    row = next(line for line in lines if line.startswith("threshold_k")).split("  ")
    assert [cell.strip() for cell in row if cell.strip()] == [
        "threshold_k",
        "5 SD",
        "1 to 50",
        "Contraction threshold. (Hodges)",
    ]
    assert any("standard, compat" in line for line in lines)
    (listed,) = json.loads(run("pipelines", "--json").stdout)
    assert [parameter["name"] for parameter in listed["parameters"]] == ["profile", "channels", "threshold_k"]


def test_jobs_are_a_table_or_json(run: Run, client: PlayedClient) -> None:
    table = run("jobs").stdout
    assert table.count(JOB_ID) == 2
    assert "succeeded" in table
    assert "jump [1].c3d" in table
    listed = json.loads(run("jobs", "--json").stdout)
    assert [item["status"] for item in listed] == ["succeeded", "failed"]
    assert listed[0]["updated"] == "2026-05-04T12:00:00+00:00"


def test_jobs_are_filtered_and_limited(run: Run, client: PlayedClient) -> None:
    done = run("jobs", "--status", "Failed", "--name", "jump", "--limit", "1", "--json")
    assert len(json.loads(done.stdout)) == 1
    assert client.asked[0]["statuses"] == (JobStatus.FAILED,)
    assert client.asked[0]["file_name_contains"] == "jump"
    assert run("jobs", "--status", "nonsense").exit_code == 2


def test_one_job_is_shown_with_its_submissions_and_why_it_failed(run: Run, client: PlayedClient) -> None:
    shown = run("jobs", JOB_ID).stdout
    assert "Half of it is missing. (FILE_TRUNCATED)" in shown
    assert "jump [1].c3d by lab 3, 2 times" in shown
    assert "all defaults" in shown


def test_a_job_that_is_not_known_ends_with_1(run: Run, client: PlayedClient) -> None:
    client.error = NotFound(Reason.JOB_UNKNOWN, "No such job.")
    assert run("jobs", JOB_ID).exit_code == 1


def test_stats_tell_tiers_and_what_was_saved(run: Run, client: PlayedClient) -> None:
    shown = run("stats").stdout
    assert "memory  answers  3        2.0 KiB  4.0 KiB  11" in shown
    assert "away" in shown
    assert "Computing saved  90 s" in shown
    assert json.loads(run("stats", "--json").stdout)["hits_total"] == 11


def test_stats_are_followed_until_the_user_has_seen_enough(
    run: Run, client: PlayedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("assaycache.cli.inspect.time.sleep", sleep)
    done = run("stats", "--follow", "--every", "0.5", "--json")
    assert [json.loads(line)["hits_total"] for line in done.stdout.splitlines()] == [11, 11, 11]
    assert (done.exit_code, waited) == (130, [0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("assaycache inv", ["invalidate"]),
        ("assaycache analyze --pipe", ["--pipeline"]),
        ("assaycache analyze --pipeline seq", ["sequence.taxonomy"]),
        ("assaycache jobs --status fa", ["failed"]),
        ("assaycache token new --role re", ["reader"]),
    ],
)
def test_a_shell_completes_commands_options_and_choices(words: str, offered: list[str]) -> None:
    count = str(len(words.split()) - 1)
    asked = {"_ASSAYCACHE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": count}
    done = CliRunner().invoke(app, [], prog_name="assaycache", env=asked)
    assert done.stdout.split() == offered


def test_help_says_how_completion_is_installed(run: Run) -> None:
    shown = run("--help").stdout
    assert "assaycache --install-completion" in shown
    assert "--show-completion" in shown


def test_health_ends_with_0_when_all_serve_and_with_3_when_not(run: Run, client: PlayedClient) -> None:
    assert run("health").exit_code == 0
    client.serving = False
    done = run("health")
    assert done.exit_code == 3
    assert "UNREACHABLE" in done.stdout
    assert "Start the services with: assaycache up" in done.stderr


ADDRESSES = StackAddresses("http://127.0.0.1:8080", ("127.0.0.1:1", "127.0.0.1:2"), ("127.0.0.1:3",), (), ())


class PlayedStack:
    """It stands where the launcher's `Stack` stands."""

    made: StackOptions
    addresses = ADDRESSES

    def __init__(self, options: StackOptions, _report: Any) -> None:
        PlayedStack.made = options

    def __enter__(self) -> "PlayedStack":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def wait(self) -> None:
        return None


@pytest.mark.usefixtures("client")
def test_up_prints_where_everything_is_and_what_to_try(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assaycache.launcher.Stack", PlayedStack)
    done = run("up", "--cache-port", "0", "--no-database", "--analysis-replicas", "2")
    assert done.exit_code == 0
    made = PlayedStack.made
    assert (made.cache_port, made.gateway_port, made.use_database, made.analysis_replicas) == (0, 8080, False, 2)
    assert "http://127.0.0.1:8080/docs" in done.stdout
    assert "127.0.0.1:1, 127.0.0.1:2" in done.stdout
    assert "curl -F file=@RECORDING.c3d http://127.0.0.1:8080/analyze" in done.stdout


def test_up_in_another_home_says_so_in_what_to_try(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assaycache.launcher.start_detached", lambda _options, _report: ADDRESSES)
    done = run("up", "--detach", "--home", "other home")
    assert "assaycache jobs --home 'other home'" in done.stdout
    assert "assaycache down --home 'other home'" in done.stdout


def test_up_that_cannot_start_says_why_and_ends_with_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_options: StackOptions, _report: Any) -> StackAddresses:
        raise PortInUse("Port 8080 on 127.0.0.1 is in use: choose another by --gateway-port.")

    monkeypatch.setattr("assaycache.launcher.start_detached", refuse)
    done = run("up", "--detach")
    assert done.exit_code == 3
    assert "Port 8080" in done.stderr


def test_down_where_nothing_runs_is_no_error(run: Run, tmp_path: Path) -> None:
    done = run("down", "--home", tmp_path / "nothing")
    assert done.exit_code == 0
    assert "Nothing runs in" in done.stdout


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0"), (4e-6, "4 µs"), (0.0123, "12.3 ms"), (1.5, "1.5 s"), (300, "5.0 min"), (9000, "2.5 h")],
)
def test_times_are_said_in_the_unit_that_suits_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (2048, "2.0 KiB"), (3 << 20, "3.0 MiB"), (5 << 40, "5120.0 GiB")]
)
def test_sizes_are_said_in_the_unit_that_suits_them(size: int, text: str) -> None:
    assert bytes_text(size) == text


def test_things_are_counted_in_the_singular_too() -> None:
    assert [counted(count, "file") for count in (0, 1, 2000)] == ["0 files", "1 file", "2,000 files"]
