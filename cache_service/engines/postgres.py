"""The connection to PostgreSQL: short time-outs, a circuit breaker, nothing that a transaction pooler would break."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error, errors
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cache_service.breaker import Breaker, TierAway
from rpc.logs import get_logger

log = get_logger(__name__)

Row = dict[str, Any]

_CONNECT_SECONDS = 2
_STATEMENT_SECONDS = 5.0
"""No statement of ours takes more than some milliseconds on an idle machine; whoever needs longer is away."""


def json_value(value: object) -> object:
    """Return a value as a parameter of type jsonb."""
    return Jsonb(value)


class Transaction:
    """A running transaction."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: object) -> list[Row]:
        """Run a statement and return its rows; none where it returns none."""
        cursor: AsyncCursor[DictRow] = await self._connection.execute(sql.encode(), values)
        return await cursor.fetchall() if cursor.description else []

    async def fetch_one(self, sql: str, *values: object) -> Row | None:
        """Run a statement and return its first row."""
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None

    async def fetch_named(self, sql: str, **values: object) -> list[Row]:
        """Run a statement with named values and return its rows."""
        cursor = await self._connection.execute(sql.encode(), values)
        return await cursor.fetchall()

    async def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row of values, in one round trip."""
        async with self._connection.cursor() as cursor:
            await cursor.executemany(sql.encode(), rows)


class Postgres:
    """One pool of connections; failures of the connection become TierAway, faults of ours stay what they are."""

    def __init__(self, url: str, pool_size: int) -> None:
        self.breaker = Breaker("postgresql")
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=_CONNECT_SECONDS,
            reconnect_timeout=0,
            kwargs={"prepare_threshold": None, "row_factory": dict_row, "connect_timeout": _CONNECT_SECONDS},
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self) -> None:
        """Begin to connect; does not wait for it."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Run the body in one transaction, committed at its end.

        Raises:
            TierAway: if PostgreSQL does not answer, or did not just now.
        """
        self.breaker.check()
        try:
            async with asyncio.timeout(_STATEMENT_SECONDS), self._pool.connection() as connection:
                yield Transaction(connection)
        except (errors.OperationalError, PoolTimeout, TimeoutError, OSError) as error:
            self._away(error)
            raise TierAway("postgresql") from error
        except Error:
            self.breaker.succeeded()
            raise
        self.breaker.succeeded()

    async def fetch(self, sql: str, *values: object) -> list[Row]:
        """Run one statement and return its rows."""
        async with self.transaction() as transaction:
            return await transaction.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: object) -> Row | None:
        """Run one statement and return its first row."""
        async with self.transaction() as transaction:
            return await transaction.fetch_one(sql, *values)

    def _away(self, error: BaseException) -> None:
        if self.breaker.available:
            log.warning("postgresql does not answer", error=type(error).__name__)
        self.breaker.failed()
