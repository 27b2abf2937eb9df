"""The commands that explain, invalidate and erase."""

import hashlib
import json
from pathlib import Path

from assaycache import NotFound, Reason
from tests.unit.cli.cli_standins import JOB_ID, PlayedClient
from tests.unit.cli.conftest import Run

SHA256 = "ab" * 32


def test_explain_says_why_and_what_differs(run: Run, client: PlayedClient) -> None:
    lines = run("explain", JOB_ID).stdout.splitlines()
    assert lines == ["It was never asked.", "Held by: hot.", f"Job {JOB_ID} differs in threshold_k: 5, not 4."]
    assert json.loads(run("explain", JOB_ID, "--json").stdout)["explanation"] == "other_question"


def test_invalidate_names_one_thing_and_tells_what_it_removed(run: Run, client: PlayedClient) -> None:
    done = run("invalidate", "--pipeline", "emg.session", "--to-version", "1.0.0")
    assert done.stdout.splitlines() == ["Removed: 2 results, 30 parts.", "Backups."]
    assert client.asked[-1]["to_version"] == "1.0.0"
    assert run("invalidate").exit_code == 2
    assert run("invalidate", "--job", JOB_ID, "--everything").exit_code == 2


def test_a_file_is_named_by_its_path_or_its_digest(run: Run, client: PlayedClient, tmp_path: Path) -> None:
    (tmp_path / "walk.c3d").write_bytes(b"walk")
    run("invalidate", "--file", str(tmp_path / "walk.c3d"))
    assert client.asked[-1]["blob_sha256"] == hashlib.sha256(b"walk").hexdigest()
    run("erase", SHA256.upper(), "--yes")
    assert client.asked[-1]["blob_sha256"] == SHA256


def test_what_cannot_be_undone_is_asked_for_twice(run: Run, client: PlayedClient) -> None:
    assert run("erase", SHA256).exit_code != 0
    assert run("invalidate", "--everything").exit_code != 0
    assert client.asked == []


def test_a_pending_erasure_says_so(run: Run, client: PlayedClient) -> None:
    done = run("erase", SHA256, "--yes")
    assert "Removed: 2 results, 30 parts, 1 file, 4 submissions, 1 running computation." in done.stdout
    assert "is removed when it is back" in done.stdout


def test_erasing_what_is_not_known_ends_with_1(run: Run, client: PlayedClient) -> None:
    client.error = NotFound(Reason.BLOB_MISSING, "Nothing of this blob is known.")
    assert run("erase", SHA256, "--yes").exit_code == 1


def test_explain_takes_a_file_and_what_is_asked_of_it(run: Run, client: PlayedClient, recording: Path) -> None:
    assert run("explain", recording, "--set", "threshold_k=4").stdout == "Nobody has asked this yet.\n"
    assert client.asked == [
        {"given": recording, "params": {"threshold_k": 4.0}, "pipeline": "emg.session", "reference": ""}
    ]
    assert run("explain", JOB_ID, "--set", "threshold_k=4").exit_code == 2
    assert run("explain", "nowhere.c3d").exit_code == 2


def test_a_file_that_is_not_there_is_a_mistake_of_the_command(run: Run, client: PlayedClient) -> None:
    for arguments in (("erase", "nowhere.c3d", "--yes"), ("invalidate", "--file", "nowhere.c3d")):
        done = run(*arguments)
        assert done.exit_code == 2
        assert "no file that can be read" in " ".join(done.stderr.replace("│", " ").split())
    assert client.asked == []


def test_withdraw_says_whether_it_took_anything_out_of_the_queue(run: Run, client: PlayedClient) -> None:
    assert run("withdraw", JOB_ID).stdout == "Taken out of the queue.\n"
    done = run("withdraw", "another", "--json")
    assert (json.loads(done.stdout), done.exit_code) == ({"id": "another", "withdrawn": False}, 1)


def test_versions_without_a_pipeline_are_a_mistake(run: Run, client: PlayedClient) -> None:
    assert run("invalidate", "--job", JOB_ID, "--to-version", "1.0.0").exit_code == 2
    assert client.asked == []
