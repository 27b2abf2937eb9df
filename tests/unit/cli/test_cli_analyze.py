"""`assaycache analyze`: what it asks, what it prints, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from assaycache import AssayError, InputError, InvalidArgument, Reason, ResourceExhausted, Unavailable
from tests.unit.cli.cli_standins import JOB_ID, PlayedClient, analysis
from tests.unit.cli.conftest import Run

TRUNCATED = InputError(Reason.FILE_TRUNCATED, "Half of it is missing.")


def test_findings_come_quality_first_then_channels_then_their_origin(
    run: Run, client: PlayedClient, recording: Path
) -> None:
    client.answers["jump.c3d"] = analysis()
    done = run("analyze", recording)
    assert done.exit_code == 0
    quality, channel, origin = (
        done.stdout.index(text) for text in ("Quality: 1 good, 1 to be read with care, 1 unusable", "VL ", JOB_ID)
    )
    assert quality < channel < origin
    assert "Hum from the mains suggests a sampling rate of 1000 Hz, not the declared 990 Hz" in done.stdout
    assert "computed in 250 ms (durable)" in done.stdout
    assert "emg.session 1.0.0, profile standard; band 20-450 Hz, effective order 4" in done.stdout


def test_each_channel_has_its_numbers_and_an_unusable_one_has_none(
    run: Run, client: PlayedClient, recording: Path
) -> None:
    client.answers["jump.c3d"] = analysis()
    rows = {line.split()[0]: line.split() for line in run("analyze", recording).stdout.splitlines() if line.strip()}
    assert rows["VL"][1:7] == ["2", "77", "300", "41.5", "85", "21"]
    assert rows["RF"][7:] == ["low", "snr"]
    assert rows["TA"][1:7] == ["-"] * 6
    assert rows["TA:"][1:] == ["No", "contact."]
    assert rows["Recording:"][1:] == ["Volts", "were", "assumed."]


def test_a_cached_answer_says_which_tier_it_came_from(run: Run, client: PlayedClient, recording: Path) -> None:
    client.answers["jump.c3d"] = analysis(cached=True)
    assert "cached (durable; computing took 250 ms)" in run("analyze", recording).stdout


def test_watching_tells_the_steps_where_there_is_no_terminal(run: Run, client: PlayedClient, recording: Path) -> None:
    client.answers["jump.c3d"] = analysis()
    assert run("analyze", recording).stderr == ""
    watched = run("analyze", recording, "--json", "--watch")
    assert watched.stderr == "jump.c3d: filtering, 50%\n"
    assert json.loads(watched.stdout)["status"] == "success"
    assert run("analyze", recording, "--watch", "--detach").exit_code == 2


def test_json_is_one_object_a_file_and_nothing_else(run: Run, client: PlayedClient, recording: Path) -> None:
    other = recording.with_name("broken.c3d")
    other.write_bytes(b"x")
    client.answers = {"jump.c3d": analysis(cached=True), "broken.c3d": TRUNCATED}
    done = run("analyze", other, recording, "--json")
    failed, found = (json.loads(line) for line in done.stdout.splitlines())
    assert (failed["status"], failed["file_name"], failed["reason"]) == ("error", "broken.c3d", "FILE_TRUNCATED")
    assert (found["status"], found["job_id"], found["cached"], found["tier"]) == ("success", JOB_ID, True, "durable")
    assert found["result"]["channels"][0]["label"] == "VL"
    assert done.exit_code == 1


def test_json_has_the_form_that_rest_gives_a_result(run: Run, client: PlayedClient, recording: Path) -> None:
    client.answers["jump.c3d"] = analysis()
    result = json.loads(run("analyze", recording, "--json").stdout)["result"]
    assert result["profile"] == "standard"
    assert result["rate"]["source"] == "declared"
    assert result["recording"]["channel_count"] == 5
    assert result["recording"]["sample_count"] == 0, "what is 0 is said"
    assert result["channels"][0]["unit"] is None, "what is absent is null"


def test_the_other_files_are_analysed_when_one_cannot_be(run: Run, client: PlayedClient, recording: Path) -> None:
    other = recording.with_name("broken.c3d")
    other.write_bytes(b"x")
    client.answers = {"jump.c3d": analysis(), "broken.c3d": TRUNCATED}
    done = run("analyze", other, recording)
    assert done.exit_code == 1
    assert "error: broken.c3d: Half of it is missing. (FILE_TRUNCATED)" in done.stderr
    assert JOB_ID in done.stdout


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (TRUNCATED, 1),
        (InvalidArgument(Reason.PARAMETER_INVALID, "threshold_k must be at least 1."), 2),
        (Unavailable(Reason.ANALYSIS_UNAVAILABLE, "The analysis service does not answer."), 3),
        (ResourceExhausted(Reason.OVERLOADED, "Too many calls are running."), 3),
    ],
    ids=lambda value: value.reason if isinstance(value, AssayError) else None,
)
def test_the_exit_code_says_what_kind_of_error_it_is(
    run: Run, client: PlayedClient, recording: Path, error: AssayError, exit_code: int
) -> None:
    client.answers["jump.c3d"] = error
    done = run("analyze", recording)
    assert done.exit_code == exit_code
    assert f"{error.message} ({error.reason})" in done.stderr
    assert done.stdout == ""


def test_services_that_are_away_come_with_the_way_to_start_them(
    run: Run, client: PlayedClient, recording: Path
) -> None:
    client.answers["jump.c3d"] = Unavailable(Reason.CACHE_UNAVAILABLE, "The cache service does not answer.")
    done = run("analyze", recording, "--cache", "127.0.0.1:1")
    assert "Start the services with: assaycache up (asked at 127.0.0.1:1 and 127.0.0.1:50052" in done.stderr


def test_settings_travel_as_typed_parameters(run: Run, client: PlayedClient, recording: Path) -> None:
    client.answers["jump.c3d"] = analysis()
    settings = ("--set", "threshold_k=4", "--set", "channels=VL,RF", "--uploader", "me", "--metadata", '{"visit": 2}')
    assert run("analyze", recording, *settings, "--retry-failed").exit_code == 0
    asked = client.asked[0]
    assert asked["params"] == {"threshold_k": 4.0, "channels": ["VL", "RF"]}
    assert (asked["uploader"], asked["metadata"], asked["retry_failed"]) == ("me", {"visit": 2}, True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--set", "treshold_k=4"], "did you mean 'threshold_k'? (PARAMETER_UNKNOWN)"),
        (["--set", "threshold_k"], "must be written as name=value. (PARAMETER_INVALID)"),
        (["--metadata", "[1]"], "--metadata must be a JSON object"),
        (["--metadata", "{"], "--metadata is not JSON"),
        (["--timeout", "0"], "--timeout"),
        (["--nonsense"], "--nonsense"),
        (["nowhere.c3d"], "does not exist"),
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_valid_ends_with_2_before_anything_is_asked(
    run: Run, client: PlayedClient, recording: Path, arguments: list[str], complaint: str
) -> None:
    done = run("analyze", recording, *arguments)
    assert (done.exit_code, client.asked) == (2, [])
    assert complaint in done.stderr


def test_an_address_that_is_none_is_a_usage_error(run: Run, recording: Path) -> None:
    done = run("analyze", recording, "--cache", "nonsense")
    assert done.exit_code == 2
    assert "host:port" in done.stderr


def test_a_file_name_cannot_play_with_the_terminal(run: Run, client: PlayedClient, tmp_path: Path) -> None:
    path = tmp_path / "[red]x.c3d"
    path.write_bytes(b"x")
    client.answers[path.name] = TRUNCATED
    assert "[red]x.c3d: Half of it" in run("analyze", path).stderr


def test_addresses_come_from_options_then_environment_then_defaults(
    run: Run, client: PlayedClient, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.answers["jump.c3d"] = analysis()
    seen: list[Any] = []
    run("analyze", recording)
    seen.append(client.addresses)
    monkeypatch.setenv("CACHE_ADDRESS", "10.0.0.1:1")
    monkeypatch.setenv("ANALYSIS_ADDRESS", "10.0.0.1:2")
    run("analyze", recording)
    seen.append(client.addresses)
    run("analyze", recording, "--cache", "10.0.0.2:3")
    seen.append(client.addresses)
    assert seen == [("127.0.0.1:50051", "127.0.0.1:50052"), ("10.0.0.1:1", "10.0.0.1:2"), ("10.0.0.2:3", "10.0.0.1:2")]


def test_detached_files_are_queued_and_nobody_waits(run: Run, client: PlayedClient, recording: Path) -> None:
    done = run("analyze", recording, "--detach", "--uploader", "lab 3")
    assert done.exit_code == 0
    assert done.stdout == "jump.c3d: task task-1, 2 before it\n"
    assert (client.asked[0]["given"], client.asked[0]["uploader"]) == (recording, "lab 3")
    told = json.loads(run("analyze", recording, "--detach", "--json").stdout)
    assert told == {"status": "queued", "file_name": "jump.c3d", "task_id": "task-1", "job_id": JOB_ID, "position": 2}


def test_a_queue_without_a_database_ends_a_detached_call_with_3(
    run: Run, client: PlayedClient, recording: Path
) -> None:
    client.error = Unavailable(Reason.DATABASE_UNAVAILABLE, "There is no queue without a database.")
    done = run("analyze", recording, "--detach")
    assert done.exit_code == 3
    assert "There is no queue without a database." in done.stderr


def test_detached_and_retried_do_not_go_together(run: Run, client: PlayedClient, recording: Path) -> None:
    assert run("analyze", recording, "--detach", "--retry-failed").exit_code == 2
    assert client.asked == []
