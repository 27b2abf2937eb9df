"""The client's tests drive it by grpc_testing: see `client_services`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.client.client_services import Services


@pytest.fixture
def services() -> Iterator[Services]:
    """Both services, played by hand."""
    with ThreadPoolExecutor(4) as pool:
        yield Services(pool)
