"""Applying and taking back the migrations, by yoyo, under one lock for all replicas.

`python -m cache_service.schema up|down|status` does it by hand, on the database that DATABASE_URL names.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import yoyo

_FOLDER = Path(__file__).parent / "migrations"
_LOCK_NUMBER = 7_214_530_112
"""Any number that no other program uses for an advisory lock in this database."""


class DatabaseAwayError(Exception):
    """The database does not answer."""


def up(url: str) -> list[str]:
    """Apply what is not applied yet; return its names. Safe to call from many replicas at once.

    Raises:
        DatabaseAwayError: if the database does not answer.
    """
    with _locked(url) as backend:
        pending = backend.to_apply(_migrations())
        backend.apply_migrations(pending)
        return [migration.id for migration in pending]


def down(url: str, left: int = 0) -> list[str]:
    """Take back all migrations but the first `left`; return their names. What they made goes, with its contents.

    Raises:
        DatabaseAwayError: if the database does not answer.
    """
    with _locked(url) as backend:
        applied = backend.to_rollback(_migrations()[left:])
        backend.rollback_migrations(applied)
        return [migration.id for migration in applied]


def pending(url: str) -> list[str]:
    """Return the names of the migrations that are not applied."""
    with _locked(url) as backend:
        return [migration.id for migration in backend.to_apply(_migrations())]


def names() -> list[str]:
    """Return the names of all migrations, the first one first."""
    return [migration.id for migration in _migrations()]


def _migrations() -> Any:
    return yoyo.read_migrations(str(_FOLDER))


def _yoyo_url(url: str) -> str:
    """Return the URL as yoyo wants it: libpq knows two names of the scheme, yoyo wants the driver's."""
    return re.sub(r"\Apostgres(ql)?://", "postgresql+psycopg://", url)


@contextmanager
def _locked(url: str) -> Iterator[Any]:
    """Hold a transaction-level advisory lock, which a pooler keeps and a crash releases, around yoyo's own work."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
            backend = yoyo.get_backend(_yoyo_url(url))
            try:
                yield backend
            finally:
                backend.connection.close()
    except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise DatabaseAwayError("the database does not answer") from error


def main(arguments: list[str]) -> int:
    """Apply, take back, or list what is not applied."""
    commands = {"up": up, "down": down, "status": pending}
    url = os.environ.get("DATABASE_URL", "")
    if len(arguments) != 1 or arguments[0] not in commands or not url:
        print(__doc__, file=sys.stderr)
        return 2
    names = commands[arguments[0]](url)
    print("\n".join(names) if names else "nothing")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
