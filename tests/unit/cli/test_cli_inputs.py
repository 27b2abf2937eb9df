"""Which files `assaycache analyze` takes: paths, patterns, folders, standard input."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.cli_standins import PlayedClient, analysis
from tests.unit.cli.conftest import Run


@pytest.fixture
def day(tmp_path: Path, client: PlayedClient) -> Path:
    """A folder of recordings and sequences, and of what is neither."""
    folder = tmp_path / "day"
    for name in ("b.c3d", "a.C3D", "notes.txt", ".hidden.c3d", "pond/soil.fasta.gz"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        client.answers[path.name] = analysis()
    return folder


def asked(client: PlayedClient) -> list[str]:
    return [request["file_name"] for request in client.asked]


def test_a_pattern_that_no_shell_expanded_is_expanded(run: Run, client: PlayedClient, day: Path) -> None:
    assert run("analyze", "day/*.[cC]3[dD]").exit_code == 0
    assert run("analyze", f"{day}/**/*.gz").exit_code == 0
    assert asked(client) == ["a.C3D", "b.c3d", "soil.fasta.gz"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(run: Run, client: PlayedClient, tmp_path: Path) -> None:
    (tmp_path / "trial[1].c3d").write_bytes(b"one")
    client.answers["trial[1].c3d"] = analysis()
    assert run("analyze", "trial[1].c3d").exit_code == 0
    assert client.read == [b"one"]


def test_a_file_that_is_named_twice_is_analysed_once(run: Run, client: PlayedClient, day: Path) -> None:
    assert run("analyze", "day/b.c3d", "day/*.c3d", "day/b.c3d").exit_code == 0
    assert asked(client) == ["b.c3d"]


def test_a_folder_is_opened_only_on_request(run: Run, client: PlayedClient, day: Path) -> None:
    refused = run("analyze", "day")
    assert refused.exit_code == 2
    assert "--recursive" in refused.stderr
    assert run("analyze", "day", "-r").exit_code == 0
    assert asked(client) == ["a.C3D", "b.c3d", "soil.fasta.gz"]


@pytest.mark.parametrize("arguments", [["none*.c3d"], ["empty", "--recursive"], ["no*where", "-r"], ["gone.c3d"]])
def test_what_names_no_file_ends_with_2_before_anything_is_asked(
    run: Run, client: PlayedClient, day: Path, arguments: list[str]
) -> None:
    (day.parent / "empty").mkdir()
    assert run("analyze", "day/b.c3d", *arguments).exit_code == 2
    assert client.asked == []


def test_standard_input_is_a_file_of_the_name_that_is_said(run: Run, client: PlayedClient, day: Path) -> None:
    client.answers |= {"walk.c3d": analysis(), "stdin": analysis()}
    assert run("analyze", "-", "day/b.c3d", "--name", "walk.c3d", stdin=b"recorded").exit_code == 0
    assert run("analyze", "-", stdin=b"again").exit_code == 0
    assert asked(client) == ["walk.c3d", "b.c3d", "stdin"]
    assert client.read == [b"recorded", b"b.c3d", b"again"]


def test_a_name_without_standard_input_is_a_mistake(run: Run, client: PlayedClient, day: Path) -> None:
    done = run("analyze", "day/b.c3d", "--name", "walk.c3d")
    assert done.exit_code == 2
    assert "add - to the files" in done.stderr


def test_settings_fit_the_kind_of_every_file_before_the_first_is_asked_for(
    run: Run, client: PlayedClient, day: Path
) -> None:
    (day / "pond.fasta").write_bytes(b">one\nACGT\n")
    done = run("analyze", "day/b.c3d", "day/pond.fasta", "--set", "threshold_k=4")
    assert done.exit_code == 2
    assert "PARAMETER_UNKNOWN" in done.stderr
    assert client.asked == []


def test_a_file_that_cannot_be_read_does_not_keep_the_others(run: Run, client: PlayedClient, day: Path) -> None:
    client.answers["a.C3D"] = PermissionError(13, "Permission denied")
    done = run("analyze", "day/*.[cC]3[dD]", "--json")
    failed, found = (json.loads(line) for line in done.stdout.splitlines())
    assert (failed["file_name"], failed["reason"], found["status"]) == ("a.C3D", "FILE_UNREADABLE", "success")
    assert "a.C3D: The file cannot be read: Permission denied." in done.stderr
    assert done.exit_code == 1
