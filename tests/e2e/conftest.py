"""Whole stacks, as their users see them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assaycache.launcher import Stack, StackAddresses, StackOptions
from tests.support.recordings import demo_recording

ANY_PORTS = {f"{name}_port": 0 for name in ("gateway", "cache", "analysis", "cache_metrics", "analysis_metrics")}


def quiet(_line: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stack."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(home: Path) -> Iterator[StackAddresses]:
    """Two cache services, two analysis services and a gateway on engines of their own."""
    options = StackOptions(
        home=home,
        cache_replicas=2,
        analysis_replicas=2,
        environment={"ANALYSIS_WORKERS": "2", "MAX_UPLOAD_BYTES": "8000000", "MAX_BLOB_BYTES": "8000000"},
        **ANY_PORTS,
    )
    with Stack(options, quiet) as running:
        yield running.addresses


@pytest.fixture(scope="module")
def rest(stack: StackAddresses) -> Iterator[httpx.Client]:
    """A caller of the gateway."""
    assert stack.gateway is not None
    with httpx.Client(base_url=stack.gateway, timeout=60.0) as client:
        yield client


@pytest.fixture(scope="session")
def recording() -> bytes:
    """The bytes of the demo recording."""
    return demo_recording().read_bytes()
