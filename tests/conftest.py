"""Fixtures for all tests: real engines, started once, and a place of its own in them for every test."""

import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from cache_service import schema

# A shell that runs this in the background has SIGINT ignored, here and in all children; tests of Ctrl-C need it heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for the whole run."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as engine:
        yield engine


@pytest.fixture(scope="session")
def valkey_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey server for the whole run."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as engine:
        yield engine


@pytest.fixture(scope="session")
def template(postgres_engine: EmbeddedPostgres) -> str:
    """The name of a database with the schema, to be copied for each test."""
    with psycopg.connect(postgres_engine.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_schema")
    schema.up(_named(postgres_engine, "template_schema"))
    return "template_schema"


@pytest.fixture
def empty_database_url(postgres_engine: EmbeddedPostgres) -> Iterator[str]:
    """A database of this test's own, without a schema."""
    with a_database(postgres_engine, "template1") as url:
        yield url


@pytest.fixture
def database_url(postgres_engine: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A database of this test's own, with the schema."""
    with a_database(postgres_engine, template) as url:
        yield url


@contextmanager
def a_database(engine: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A database that is a copy of the template, while the body runs."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(engine.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    try:
        yield _named(engine, name)
    finally:
        with psycopg.connect(engine.url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _named(engine: EmbeddedPostgres, name: str) -> str:
    return engine.url.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def redis_url(valkey_engine: EmbeddedValkey) -> str:
    """A Valkey that holds nothing."""
    import redis

    with redis.Redis.from_url(valkey_engine.url) as client:
        client.flushall()
    return valkey_engine.url


@pytest.fixture
def blob_folder(tmp_path: Path) -> Path:
    """A folder for blobs."""
    return tmp_path / "blobs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what starts whole services: everything but unit and contract tests."""
    for item in items:
        if {"integration", "e2e", "fault"} & set(item.path.parts):
            item.add_marker(pytest.mark.slow)
