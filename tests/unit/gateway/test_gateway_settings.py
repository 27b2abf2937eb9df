"""Settings that would be unsafe or cannot work are refused at the start."""

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "localhost:0", "[::1]:8080", "127.9.9.9:1"])
def test_loopback_may_be_listened_on(listen: str) -> None:
    assert GatewaySettings(gateway_listen=listen).gateway_listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "[::]:8080", "192.168.1.5:8080", "gateway:8080"])
def test_the_network_may_be_listened_on_only_where_it_is_trusted(listen: str) -> None:
    with pytest.raises(ValidationError, match="TRUST_NETWORK=true"):
        GatewaySettings(gateway_listen=listen)
    assert GatewaySettings(gateway_listen=listen, trust_network=True).gateway_listen == listen


@pytest.mark.parametrize(
    "wrong",
    [
        {"gateway_listen": "8080"},
        {"cache_address": "nowhere"},
        {"analysis_address": "one:1,two:2"},
        {"max_upload_bytes": 0},
        {"analysis_timeout_seconds": -1},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        GatewaySettings(**wrong)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "1000")
    monkeypatch.setenv("CORS_ORIGINS", "http://a.example, http://b.example")
    settings = GatewaySettings()
    assert settings.max_upload_bytes == 1000
    assert settings.origins == ("http://a.example", "http://b.example")


def test_every_setting_has_a_sentence() -> None:
    for name, setting in GatewaySettings.model_fields.items():
        assert setting.description, name
        assert setting.description.endswith("."), name
