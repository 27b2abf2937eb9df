"""What the connections make of engines that are busy, stopped, hung or not ready, and how soon they find them again."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from psycopg import AsyncConnection
from pydantic import SecretStr

from assaycache.cache.v1 import entry_pb2
from assaycache.launcher import EmbeddedPostgres
from cache_service import schema
from cache_service.__main__ import running
from cache_service.breaker import TierAway, TierBusy
from cache_service.engines import postgres as postgres_module
from cache_service.engines import valkey as valkey_module
from cache_service.engines.postgres import Postgres, Transaction
from cache_service.engines.valkey import Valkey
from cache_service.settings import CacheSettings
from rpc.errors import InvalidArgument
from rpc.reasons import Reason
from tests.integration.cache.conftest import Caller

HEALED_SECONDS = 10.0
HUNG_SECONDS = 8.0
"""Well above the time a call has, well below the time psycopg would wait for a server that hangs."""

LEFT_SECONDS = 2.0
"""Below the time a call has: who leaves earlier does not wait for its end."""

Step = Callable[[Transaction], Awaitable[object]]


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that may be stopped, killed and frozen."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("own-postgres")) as engine:
        yield engine


@pytest.fixture
def own(own_engine: EmbeddedPostgres) -> EmbeddedPostgres:
    """The same, running at the begin of each test."""
    own_engine.start()
    return own_engine


@asynccontextmanager
async def connected(url: str, pool_size: int = 2) -> AsyncIterator[Postgres]:
    database = Postgres(url, pool_size)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def hot(url: str) -> AsyncIterator[Valkey]:
    valkey = Valkey(url)
    try:
        yield valkey
    finally:
        await valkey.close()


@contextmanager
def frozen(engine: EmbeddedPostgres) -> Iterator[None]:
    """Stop all its processes, as a machine does that swaps or whose disk hangs."""
    pids = [engine.pid, *_children(engine.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def answers_again(database: Postgres) -> None:
    """Return as soon as it answers; fail if that takes too long."""
    async with asyncio.timeout(HEALED_SECONDS):
        while True:
            try:
                await database.fetch("SELECT 1")
            except (TierAway, TierBusy):
                await asyncio.sleep(0.1)
            else:
                return


async def use_all(database: Postgres, pool_size: int) -> None:
    """Have the pool make all its connections."""
    everybody = asyncio.Barrier(pool_size)

    async def use() -> None:
        async with database.transaction() as transaction:
            await transaction.fetch("SELECT 1")
            await everybody.wait()

    await asyncio.gather(*(use() for _ in range(pool_size)))


# -- Valkey --------------------------------------------------------------------------------------------------------


async def test_a_crowd_waits_for_the_connections_to_valkey_and_all_are_answered(redis_url: str) -> None:
    async with hot(redis_url) as valkey:
        answers = await asyncio.gather(*(valkey.call(lambda client: client.incr("count")) for _ in range(300)))
        assert sorted(answers) == list(range(1, 301))
        assert valkey.breaker.available


async def test_who_gets_no_connection_to_valkey_is_told_that_it_is_busy_not_away(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey_module, "_QUEUE_SECONDS", 0.05)
    go_on, inside = asyncio.Event(), asyncio.Barrier(valkey_module._CONNECTIONS + 1)

    async def hold(_client: object) -> str:
        await inside.wait()
        await go_on.wait()
        return "held"

    async with hot(redis_url) as valkey:
        holders = [asyncio.create_task(valkey.call(hold)) for _ in range(valkey_module._CONNECTIONS)]
        await inside.wait()
        with pytest.raises(TierBusy) as busy:
            await valkey.call(lambda client: client.ping())
        go_on.set()
        assert await asyncio.gather(*holders) == ["held"] * valkey_module._CONNECTIONS
        assert (busy.value.code, busy.value.reason) == ("RESOURCE_EXHAUSTED", Reason.OVERLOADED)
        assert valkey.breaker.available
        assert await valkey.call(lambda client: client.ping())


async def test_hundreds_who_reserve_at_once_all_get_their_lease(settings: CacheSettings) -> None:
    without_database = settings.model_copy(update={"use_database": False})
    async with running(without_database) as (address, _):
        caller = Caller(address)
        await caller.announce()
        questions = [await caller.ask(b"%d" % number) for number in range(300)]
        answers = await asyncio.gather(*(caller.reserve(question) for question in questions))
        await caller.close()
    assert [answer.WhichOneof("outcome") for answer in answers] == ["lease"] * 300


# -- PostgreSQL that is busy -----------------------------------------------------------------------------------------


async def test_who_gets_no_connection_to_postgresql_is_told_that_it_is_busy_not_away(database_url: str) -> None:
    go_on, inside = asyncio.Event(), asyncio.Event()
    async with connected(database_url, pool_size=1) as database:

        async def hold() -> None:
            async with database.transaction() as transaction:
                await transaction.fetch("SELECT 1")
                inside.set()
                await go_on.wait()

        holder = asyncio.create_task(hold())
        await inside.wait()
        with pytest.raises(TierBusy):
            await database.fetch("SELECT 1")
        assert database.breaker.available
        go_on.set()
        await holder
        assert await database.fetch_one("SELECT 1 AS one") == {"one": 1}


RAISE = "DO $$ BEGIN RAISE SQLSTATE '{}'; END $$"


@pytest.mark.parametrize("sqlstate", ["40P01", "40001", "55P03", "57014"])
async def test_a_transaction_that_others_were_in_the_way_of_says_busy(database_url: str, sqlstate: str) -> None:
    async with connected(database_url) as database:
        with pytest.raises(TierBusy):
            await database.fetch(RAISE.format(sqlstate))
        assert database.breaker.available


@pytest.mark.parametrize("sqlstate", ["25006", "42P01", "57P01"])
async def test_a_replica_an_empty_database_and_one_that_shuts_down_count_as_away(
    database_url: str, sqlstate: str
) -> None:
    async with connected(database_url) as database:
        with pytest.raises(TierAway):
            await database.fetch(RAISE.format(sqlstate))
        assert not database.breaker.available
        await answers_again(database)


async def test_two_transactions_that_wait_for_each_other_end_with_one_done_and_one_told_busy(
    database_url: str,
) -> None:
    both = asyncio.Barrier(2)
    async with connected(database_url) as database:

        async def lock(first: int, second: int) -> str:
            try:
                async with database.transaction() as transaction:
                    await transaction.fetch("SELECT pg_advisory_xact_lock(%s)", first)
                    await both.wait()
                    await transaction.fetch("SELECT pg_advisory_xact_lock(%s)", second)
            except TierBusy:
                return "busy"
            return "done"

        assert sorted(await asyncio.gather(lock(1, 2), lock(2, 1))) == ["busy", "done"]


async def test_a_transaction_is_undone_whole_also_on_a_connection_that_ran_a_lone_statement(database_url: str) -> None:
    async with connected(database_url, pool_size=1) as database:
        await database.fetch("DROP TABLE IF EXISTS undone")
        await database.fetch("CREATE TABLE undone (number int)")
        with contextlib.suppress(ZeroDivisionError):
            async with database.transaction() as transaction:
                await transaction.fetch("INSERT INTO undone VALUES (1)")
                raise ZeroDivisionError
        await database.fetch("INSERT INTO undone VALUES (2)")
        assert await database.fetch("SELECT number FROM undone") == [{"number": 2}]
        await database.fetch("DROP TABLE undone")


async def test_a_lone_statement_takes_one_round_trip_while_its_connection_is_known_to_be_well(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    execute = AsyncConnection.execute

    async def counted(connection: AsyncConnection[object], sql: object, *values: object, **options: object) -> object:
        asked.append(sql)
        return await execute(connection, sql, *values, **options)  # type: ignore[arg-type] # handed on as it came

    async with connected(database_url, pool_size=1) as database:
        monkeypatch.setattr(AsyncConnection, "execute", counted)
        monkeypatch.setattr(postgres_module, "_TRUSTED_SECONDS", 60.0)
        await database.fetch("SELECT 1")
        await database.fetch("SELECT 2")
        assert asked[-2:] == [b"SELECT 1", b"SELECT 2"]
        monkeypatch.setattr(postgres_module, "_TRUSTED_SECONDS", 0.0)
        await database.fetch("SELECT 3")
        assert asked[-2:] == ["", b"SELECT 3"]


async def test_a_value_that_postgresql_cannot_keep_is_the_callers_fault_and_is_not_repeated(
    database_url: str,
) -> None:
    async with connected(database_url) as database:
        with pytest.raises(InvalidArgument) as fault:
            await database.fetch("SELECT %s::text", "secret\0name")
        assert fault.value.reason is Reason.FIELD_INVALID
        assert "secret" not in fault.value.message
        assert fault.value.__cause__ is None
        assert database.breaker.available


# -- PostgreSQL that is away -----------------------------------------------------------------------------------------


async def test_a_pool_made_while_postgresql_was_away_finds_it_when_it_comes(own: EmbeddedPostgres) -> None:
    url = own.url
    own.stop()
    async with connected(url) as database:
        with pytest.raises(TierAway):
            await database.fetch("SELECT 1")
        own.start()
        await answers_again(database)


async def test_a_pool_full_of_dead_connections_finds_a_restarted_postgresql(own: EmbeddedPostgres) -> None:
    async with connected(own.url, pool_size=8) as database:
        await use_all(database, 8)
        os.kill(own.pid, signal.SIGKILL)
        own.stop()
        with pytest.raises(TierAway):
            await database.fetch("SELECT 1")
        own.start()
        await answers_again(database)


async def select(transaction: Transaction) -> None:
    await transaction.fetch("SELECT 1")


async def write_many(transaction: Transaction) -> None:
    await transaction.run_many("SELECT %s::int", [[1], [2]])


async def nothing_but_the_commit(_transaction: Transaction) -> None:
    return None


async def hang_before(step: Step, engine: EmbeddedPostgres, database: Postgres) -> None:
    """Run a transaction whose engine hangs from a step on."""
    with ExitStack() as freeze:
        async with asyncio.timeout(HUNG_SECONDS), database.transaction() as transaction:
            await select(transaction)
            freeze.enter_context(frozen(engine))
            await step(transaction)


@pytest.mark.parametrize("step", [select, write_many, nothing_but_the_commit])
async def test_a_postgresql_that_hangs_in_a_transaction_is_soon_away(own: EmbeddedPostgres, step: Step) -> None:
    async with connected(own.url) as database:
        with pytest.raises(TierAway):
            await hang_before(step, own, database)
        await answers_again(database)


async def test_a_postgresql_that_hangs_between_transactions_is_soon_away(own: EmbeddedPostgres) -> None:
    async with connected(own.url, pool_size=4) as database:
        await use_all(database, 4)
        with frozen(own), pytest.raises(TierAway):
            async with asyncio.timeout(HUNG_SECONDS):
                await database.fetch("SELECT 1")
        await answers_again(database)


async def test_a_caller_who_gives_up_on_a_postgresql_that_hangs_is_not_held(own: EmbeddedPostgres) -> None:
    async with connected(own.url) as database:
        await answers_again(database)
        with frozen(own):
            call = asyncio.create_task(database.fetch("SELECT 1"))
            done, _ = await asyncio.wait({call}, timeout=0.2)
            assert not done
            call.cancel()
            await asyncio.wait({call}, timeout=LEFT_SECONDS)
            assert call.cancelled()
        await answers_again(database)


# -- the schema ------------------------------------------------------------------------------------------------------


def of_its_own(settings: CacheSettings, url: str) -> CacheSettings:
    return settings.model_copy(update={"database_url": SecretStr(url), "redis_url": SecretStr("")})


async def test_a_service_is_ready_only_with_the_schema_applied(
    settings: CacheSettings, empty_database_url: str
) -> None:
    async with running(of_its_own(settings, empty_database_url)):
        assert await asyncio.to_thread(schema.pending, empty_database_url) == []


async def test_a_service_serves_without_its_database_and_keeps_durably_once_that_has_come(
    settings: CacheSettings, own: EmbeddedPostgres
) -> None:
    url = own.url
    own.stop()
    async with running(of_its_own(settings, url)) as (address, _):
        caller = Caller(address)
        await caller.announce()
        assert await commits(caller, b"before") == entry_pb2.DURABILITY_PENDING
        own.start()
        async with asyncio.timeout(HEALED_SECONDS):
            while await commits(caller, b"after %d" % time.monotonic_ns()) != entry_pb2.DURABILITY_DURABLE:
                await asyncio.sleep(0.2)
        await caller.close()


@pytest.mark.parametrize("applied", range(len(schema.names())))
async def test_a_service_serves_without_a_database_whose_schema_is_half_applied(
    settings: CacheSettings, empty_database_url: str, applied: int
) -> None:
    async with running(of_its_own(settings, empty_database_url)) as (address, _):
        caller = Caller(address)
        await caller.announce()
        assert await commits(caller, b"whole %d" % applied) == entry_pb2.DURABILITY_DURABLE
        await asyncio.to_thread(schema.down, empty_database_url, applied)
        assert len(await asyncio.to_thread(schema.pending, empty_database_url)) == len(schema.names()) - applied
        assert await commits(caller, b"half %d" % applied)
        await asyncio.to_thread(schema.up, empty_database_url)
        async with asyncio.timeout(HEALED_SECONDS):
            while await commits(caller, b"again %d" % time.monotonic_ns()) != entry_pb2.DURABILITY_DURABLE:
                await asyncio.sleep(0.2)
        await caller.close()


async def commits(caller: Caller, content: bytes) -> int:
    answer = await caller.reserve(await caller.ask(content))
    return (await caller.commit(answer.lease.token)).durability


def test_the_schema_takes_both_names_of_the_url_scheme(empty_database_url: str) -> None:
    url = empty_database_url.replace("postgresql://", "postgres://", 1)
    assert schema.up(url)
    assert schema.pending(empty_database_url) == []
