"""The connection to PostgreSQL: short time-outs, a circuit breaker, nothing that a transaction pooler would break."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error, errors
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cache_service.breaker import Breaker, TierAway, TierBusy
from rpc.errors import InvalidArgument
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

Row = dict[str, Any]

_CONNECT_SECONDS = 2
"""How long one attempt to connect may take, and how long a caller waits for a connection."""

_CALL_SECONDS = 3.0
"""No transaction of ours takes more than some milliseconds on an idle machine; whoever needs longer is away.
Less than a lease lasts, so that a leader finds another authority before its lease ends."""

_TRUSTED_SECONDS = 0.5
"""A connection that answered so recently is not asked whether it is well before it is used again: a third of the round
trips of whoever looks a few times a second."""

_CONTENDED = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable, errors.QueryCanceled)
"""Operational errors of a server that is well: others were in the way."""

_AWAY = (
    errors.OperationalError,
    errors.ReadOnlySqlTransaction,  # after a fail-over: this one is a replica by now
    errors.UndefinedTable,  # the schema has not been applied yet,
    errors.UndefinedColumn,  # or not wholly: each migration is committed by itself
    TimeoutError,
    OSError,
)


class UndoneError(Exception):
    """An attempt inside a transaction failed, or took too long; only it was undone."""


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
        """Run a statement with named values and return its rows; none where it returns none."""
        cursor = await self._connection.execute(sql.encode(), values)
        return await cursor.fetchall() if cursor.description else []

    async def run_named(self, sql: str, **values: object) -> None:
        """Run a statement with named values."""
        await self._connection.execute(sql.encode(), values)

    async def copy(self, sql: str, slices: AsyncIterable[Sequence[Sequence[object]]]) -> None:
        """Copy rows into a table, slice by slice; others have their turn between two slices."""
        async with self._connection.cursor() as cursor, cursor.copy(sql.encode()) as copying:
            async for rows in slices:
                for row in rows:
                    await copying.write_row(row)

    @asynccontextmanager
    async def attempt(self, seconds: float) -> AsyncIterator[None]:
        """Run the body so that, if it fails or one of its statements takes longer, it alone is undone.

        Raises:
            UndoneError: if that happened; the transaction goes on.
        """
        await self._connection.execute("SAVEPOINT attempt")
        await self._connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}".encode())
        try:
            yield
        except Exception as error:
            if self._connection.closed:
                raise
            await self.undo_attempt()
            raise UndoneError(type(error).__name__) from None  # the cause may show values
        await self._connection.execute("SET LOCAL statement_timeout TO DEFAULT")

    async def undo_attempt(self) -> None:
        """Undo an attempt, and all that the transaction has done since."""
        await self._connection.execute("ROLLBACK TO SAVEPOINT attempt")

    async def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row of values, in one round trip."""
        async with self._connection.cursor() as cursor:
            await cursor.executemany(sql.encode(), rows)


class _Connection(AsyncConnection[DictRow]):
    """A connection that hangs up where psycopg would ask the server to cancel.

    A server that hangs does not answer that question either, for as long as 10 s. One that is well rolls back when it
    is hung up on, and the pool connects anew.
    """

    answered_at = float("-inf")
    """When it last was well: it did what it was asked to, or the pool asked it."""

    async def cancel_safe(self, *, timeout: float = 30.0) -> None:  # noqa: ASYNC109, ARG002 - psycopg's signature
        """Hang up."""
        self.pgconn.finish()


async def _check(connection: _Connection) -> None:
    if time.monotonic() - connection.answered_at > _TRUSTED_SECONDS:
        await AsyncConnectionPool.check_connection(connection)
        connection.answered_at = time.monotonic()


class Postgres:
    """One pool of connections; failures of the connection become TierAway, faults of ours stay what they are."""

    def __init__(self, url: str, pool_size: int) -> None:
        self.breaker = Breaker("postgresql")
        self._answered_at = self._unreachable_at = float("-inf")
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            url,
            connection_class=_Connection,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=_CONNECT_SECONDS,
            # Give up at the second failure. The pool then is smaller by one, and grows again as soon as somebody waits
            # for a connection; with any other value it would wait ever longer between two attempts.
            reconnect_timeout=0,
            reconnect_failed=self._note_unreachable,
            kwargs={"prepare_threshold": None, "row_factory": dict_row, "connect_timeout": _CONNECT_SECONDS},
            check=_check,
        )

    async def open(self) -> None:
        """Begin to connect; does not wait for it."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(
        self, more_seconds: float = 0.0, *, of_one_statement: bool = False
    ) -> AsyncIterator[Transaction]:
        """Run the body in one transaction, committed at its end. It may take `more_seconds` than they all may.

        `of_one_statement`: the body runs only one, which PostgreSQL then commits by itself, two round trips cheaper.

        Raises:
            TierAway: if PostgreSQL does not answer, or did not just now.
            TierBusy: if it answers others, or another transaction was in the way.
            InvalidArgument: FIELD_INVALID, if it cannot keep a value.
        """
        self.breaker.check()
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(_CALL_SECONDS + more_seconds), self._pool.connection() as connection:
                self._answered_at = max(self._answered_at, connection.answered_at)
                if connection.autocommit is not of_one_statement:
                    await connection.set_autocommit(of_one_statement)
                yield Transaction(connection)
            connection.answered_at = time.monotonic()
        except PoolTimeout as error:
            if self._answers_others(asked_at):
                raise TierBusy("postgresql") from error
            await self._away(error)
            raise TierAway("postgresql") from error
        except _CONTENDED as error:
            self._answered()
            raise TierBusy("postgresql") from error
        except _AWAY as error:
            await self._away(error)
            raise TierAway("postgresql") from error
        except errors.DataError as error:
            self._answered()
            log.warning("a value cannot be kept in postgresql", error=type(error).__name__)
            message = "A value in the request cannot be kept."
            raise InvalidArgument(Reason.FIELD_INVALID, message) from None  # the cause would show the value
        except Error:
            self._answered()
            raise
        self._answered()

    async def fetch(self, sql: str, *values: object) -> list[Row]:
        """Run one statement and return its rows."""
        async with self.transaction(of_one_statement=True) as transaction:
            return await transaction.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: object) -> Row | None:
        """Run one statement and return its first row."""
        async with self.transaction(of_one_statement=True) as transaction:
            return await transaction.fetch_one(sql, *values)

    def _answered(self) -> None:
        self._answered_at = time.monotonic()
        self.breaker.succeeded()

    async def _away(self, error: BaseException) -> None:
        if self.breaker.available:
            log.warning("postgresql does not answer", error=type(error).__name__)
        self.breaker.failed()
        if not self._pool.closed:
            await self._pool.drain()  # the idle connections are most likely as dead, and would fail one by one

    def _answers_others(self, asked_at: float) -> bool:
        """Whether PostgreSQL is well, and only all connections were in use since this caller asked for one."""
        if not self.breaker.available or time.monotonic() - self._answered_at > _CALL_SECONDS:
            return False
        return self._answered_at >= asked_at or self._unreachable_at < asked_at

    async def _note_unreachable(self, _pool: object) -> None:
        self._unreachable_at = time.monotonic()
