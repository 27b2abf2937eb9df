"""Tokens are made by the command line, and shown by it to the services."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from rpc.roles import Role
from rpc.tokens import Principal, table_of
from tests.unit.cli.cli_standins import PlayedClient

Run = Callable[..., Any]


@pytest.mark.parametrize("role", Role)
def test_a_new_token_is_known_by_the_lines_that_are_printed_with_it(run: Run, role: Role) -> None:
    done = run("token", "new", "--namespace", "lab-3", "--role", role, "--label", 'Lab "3"')
    assert done.exit_code == 0
    token, _, entry = done.stdout.partition("\n")
    assert table_of(entry).find(token) == Principal("lab-3", role, 'Lab "3"')
    assert token not in entry


def test_as_json_a_token_and_its_entry_are_one_object(run: Run) -> None:
    said = json.loads(run("token", "new", "--json").stdout)
    known = table_of(json.dumps({"tokens": [said["entry"]]})).find(said["token"])
    assert known is not None
    assert (known.namespace, known.role) == ("default", Role.WRITER)


@pytest.mark.parametrize("wrong", [("--role", "owner"), ("--namespace", "Lab 3")])
def test_what_no_service_would_read_is_not_made(run: Run, wrong: tuple[str, str]) -> None:
    done = run("token", "new", *wrong)
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_token_is_shown_from_the_option_or_the_environment(
    run: Run, client: PlayedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("jobs", "--token", "by-option", "--server-name", "cache.lab")
    assert client.shown == ("cache.lab", "by-option")
    monkeypatch.setenv("ASSAYCACHE_TOKEN", "by-environment")
    run("stats")
    assert client.shown == ("", "by-environment")
    assert "by-environment" not in run("jobs", "--help").stdout
