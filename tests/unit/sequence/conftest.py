"""A synthetic marker: evolved from one ancestor down a tree of known taxa, so that every truth is known."""

from pathlib import Path

import pytest

from analysis_service.sequence.reference import About, Reference, Source, build
from tests.support.synthetic_marker import Marker, evolved


@pytest.fixture(scope="session")
def marker() -> Marker:
    return evolved(seed=7)


@pytest.fixture(scope="session")
def source(marker: Marker) -> Source:
    return marker.source


@pytest.fixture(scope="session")
def reference_path(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(source, About("synthetic", "1"), tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="session")
def reference(reference_path: Path) -> Reference:
    return Reference.open(reference_path)
