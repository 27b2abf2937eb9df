from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.support.scripted_services import ScriptedAnalysis, ScriptedCache, serve_scripted


@dataclass
class Services:
    """Both scripted services behind one address."""

    cache: ScriptedCache
    analysis: ScriptedAnalysis
    address: str


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    cache, analysis = ScriptedCache(), ScriptedAnalysis()
    server, address = await serve_scripted(cache, analysis)
    yield Services(cache, analysis, address)
    await server.stop(None)
