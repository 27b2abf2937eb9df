"""The Compose file is valid YAML, starts modules that exist, and sets settings that they know."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis_service.settings import AnalysisSettings
from cache_service.settings import CacheSettings
from gateway.settings import GatewaySettings

FILE = Path(__file__).parents[2] / "docker-compose.yml"
SETTINGS = {"cache": CacheSettings, "analysis": AnalysisSettings, "gateway": GatewaySettings}
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())


@pytest.mark.parametrize("name", SETTINGS)
def test_a_service_runs_its_module_with_settings_that_it_knows(name: str) -> None:
    service = COMPOSE["services"][name]
    kind = SETTINGS[name]
    assert service["command"] == ["python", "-m", kind.__module__.split(".", maxsplit=1)[0]]
    values = {variable.lower(): value for variable, value in service["environment"].items()}
    assert set(values) <= set(kind.model_fields)
    kind(**values)


def test_what_services_depend_on_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(COMPOSE["volumes"])


def test_only_loopback_is_published() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_no_password_is_written_down() -> None:
    assert "${POSTGRES_PASSWORD:?" in COMPOSE["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert "@postgres" in COMPOSE["services"]["cache"]["environment"]["DATABASE_URL"]
    assert ":${POSTGRES_PASSWORD}@" in COMPOSE["services"]["cache"]["environment"]["DATABASE_URL"]
