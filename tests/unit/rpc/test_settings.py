"""Settings that cannot work or would be unsafe end the process before it serves, in words that tell no secret."""

from pathlib import Path
from typing import Self

import pytest
from pydantic import SecretStr, model_validator

from rpc.addresses import is_loopback
from rpc.settings import ServerSettings, read_settings

PEM = Path("server.pem")


class DoorSettings(ServerSettings):
    """The settings of a door."""

    door_key: SecretStr = SecretStr("")
    door_width_mm: int = 900

    @model_validator(mode="after")
    def _it_is_wide_enough(self) -> Self:
        if self.door_width_mm < 600:
            raise ValueError("DOOR_WIDTH_MM must be at least 600")
        return self


@pytest.fixture(autouse=True)
def no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["door"])
    monkeypatch.setenv("DOOR_KEY", "open-sesame")


def test_settings_come_from_the_environment_and_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOOR_WIDTH_MM", "800")
    assert read_settings(DoorSettings, "door").door_width_mm == 800
    monkeypatch.setattr("sys.argv", ["door", "--door-width-mm", "700"])
    settings = read_settings(DoorSettings, "door")
    assert settings.door_width_mm == 700
    assert settings.door_key.get_secret_value() == "open-sesame"


def test_every_fault_is_one_line_and_no_secret_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOOR_WIDTH_MM", "wide")
    monkeypatch.setenv("DRAIN_SECONDS", "-1")
    with pytest.raises(SystemExit) as ended:
        read_settings(DoorSettings, "door")
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert sorted(line.split(": ")[:2] for line in said.err.splitlines()) == [
        ["door", "DOOR_WIDTH_MM"],
        ["door", "DRAIN_SECONDS"],
    ]
    assert "open-sesame" not in said.err


def test_settings_that_do_not_go_together_are_told_in_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOOR_WIDTH_MM", "10")
    with pytest.raises(SystemExit) as ended:
        read_settings(DoorSettings, "door")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "door: DOOR_WIDTH_MM must be at least 600\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "LocalHost", "::1", "[::1]"])
def test_loopback_is_this_machine_only(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.168.1.5", "localhost.example", "", "cache"])  # noqa: S104 - what is meant
def test_any_other_host_can_be_reached_from_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_a_trusted_network_may_be_listened_on() -> None:
    ServerSettings(trust_network=True).check_protection("DOOR_LISTEN", "192.168.1.5:1")


TLS = {"tls_cert_file": PEM, "tls_key_file": PEM}
TOKENS = {"tokens_file": Path("tokens.toml")}


@pytest.mark.parametrize(
    ("said", "missing"), [({}, "TLS .* and tokens"), (TLS, "tokens"), (TOKENS, "TLS")], ids=["neither", "tls", "tokens"]
)
def test_without_trust_only_loopback_is_listened_on_unless_there_are_tls_and_tokens(
    said: dict[str, object], missing: str
) -> None:
    settings = ServerSettings(**said)
    settings.check_protection("DOOR_LISTEN", "127.0.0.1:1")
    with pytest.raises(ValueError, match=rf"DOOR_LISTEN=.* is open to the network without {missing} \("):
        settings.check_protection("DOOR_LISTEN", "192.168.1.5:1")


def test_with_tls_and_tokens_the_network_may_be_listened_on() -> None:
    ServerSettings(**TLS, **TOKENS).check_protection("DOOR_LISTEN", "192.168.1.5:1")


@pytest.mark.parametrize("half", ["tls_cert_file", "tls_key_file"])
def test_half_a_pair_of_tls_files_is_a_fault_and_not_a_server_without_tls(half: str) -> None:
    with pytest.raises(ValueError, match="go together"):
        ServerSettings(**{half: PEM}).check_protection("DOOR_LISTEN", "127.0.0.1:1")


def test_an_anonymous_namespace_without_tokens_is_a_fault() -> None:
    with pytest.raises(ValueError, match="ANONYMOUS_NAMESPACE means nothing"):
        ServerSettings(anonymous_namespace="public").check_protection("DOOR_LISTEN", "127.0.0.1:1")


def test_metrics_are_shown_to_the_network_only_where_that_is_said() -> None:
    ServerSettings().check_metrics("DOOR_METRICS", "127.0.0.1:1")
    ServerSettings(open_metrics=True).check_metrics("DOOR_METRICS", "192.168.1.5:1")
    with pytest.raises(ValueError, match="OPEN_METRICS=true"):
        ServerSettings(**TLS, **TOKENS).check_metrics("DOOR_METRICS", "192.168.1.5:1")


@pytest.mark.parametrize("option", ["--door-key", "--door-key=x", "--door-k=x", "--service-token=x", "--tokens"])
def test_secrets_are_not_taken_from_the_command_line_which_every_user_can_read(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["door", option, "1"])
    with pytest.raises(SystemExit) as ended:
        read_settings(DoorSettings, "door")
    assert ended.value.code == 2
    assert "set it by the environment" in capsys.readouterr().err


def test_a_service_token_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("of-the-file\n")
    assert ServerSettings(service_token=SecretStr("of-the-environment")).own_token() == "of-the-environment"
    assert ServerSettings(service_token_file=path).own_token() == "of-the-file"
    with pytest.raises(ValueError, match="SERVICE_TOKEN_FILE cannot be read: FileNotFoundError"):
        ServerSettings(service_token_file=tmp_path / "nothing").own_token()


def test_tokens_are_read_from_one_place() -> None:
    with pytest.raises(ValueError, match="both set"):
        ServerSettings(**TOKENS, tokens=SecretStr("{}")).access()
    assert not ServerSettings().access().guarded
    assert ServerSettings(tokens=SecretStr('{"tokens": []}')).access().guarded
