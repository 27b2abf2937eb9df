"""A site of two replicas of each service over engines of its own, whose parts can be made to fail and be repaired."""

import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psycopg
import redis

from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from tests.support.processes import Service

PROBE_SECONDS = 1.0
HELLO = {
    "valkey": b"PING\r\n",
    "postgresql": b"\x00\x00\x00\x08\x04\xd2\x16\x2f",  # SSLRequest
    "cache": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "analysis": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
}
"""What each server answers something to, whoever says it."""

_FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '53100'; END $$;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON %I EXECUTE FUNCTION disk_full()', name);
  END LOOP;
END $$
"""


class Site:
    """Everything, running; the analysis services only where they are asked for."""

    def __init__(self, folder: Path, *, analysis_replicas: int = 0) -> None:
        self.valkey = EmbeddedValkey(folder / "valkey")
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.blobs = folder / "blobs"
        self.replicas: list[Service] = []
        self.analyses: list[Service] = []
        self._analysis_replicas = analysis_replicas

    def __enter__(self) -> "Site":
        self.valkey.start()
        self.postgres.start()
        self.blobs.mkdir()
        self.replicas = [self.replica() for _ in range(2)]
        self.analyses = [self.analysis(number) for number in range(self._analysis_replicas)]
        return self

    def __exit__(self, *_error: object) -> None:
        for replica in (*self.analyses, *self.replicas):
            replica.kill()
        self.postgres.stop()
        self.valkey.stop()

    def replica(self, listen: str = "127.0.0.1:0") -> Service:
        return Service(
            "cache_service",
            CACHE_LISTEN=listen,
            CACHE_METRICS_LISTEN="127.0.0.1:0",
            DATABASE_URL=self.postgres.url,
            REDIS_URL=self.valkey.url,
            BLOB_URL=self.blobs.as_uri(),
        )

    def analysis(self, number: int, listen: str = "127.0.0.1:0") -> Service:
        """Start an analysis service with a cache replica of its own."""
        return Service(
            "analysis_service",
            ANALYSIS_LISTEN=listen,
            ANALYSIS_METRICS_LISTEN="127.0.0.1:0",
            ANALYSIS_WORKERS="1",
            CACHE_ADDRESS=self.replicas[number].listen,
        )

    def failing(self, part: str, fault: str) -> AbstractContextManager[None]:
        """Make a part fail while the body runs; it is repaired at the end."""
        failure: AbstractContextManager[None] = getattr(self, f"_{fault}")(part)
        return failure

    def kill_replica(self) -> None:
        """Kill the first replica."""
        self._kill("cache")

    def start_replica(self) -> None:
        """Start it again, at the same address."""
        self._start("cache")

    # -- faults ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _killed(self, part: str) -> Iterator[None]:
        if part == "blobs":
            with self._unmounted():
                yield
            return
        self._kill(part)
        yield
        self._start(part)

    @contextmanager
    def _restarted(self, part: str) -> Iterator[None]:
        self._kill(part)
        self._start(part)
        yield

    @contextmanager
    def _hung(self, part: str) -> Iterator[None]:
        pids = family(self.pid(part))
        assert self.answers(part), "the probe works"
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        while not all(map(stopped, pids)):
            time.sleep(0.01)
        try:
            assert not self.answers(part), "it hangs"
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def _full(self, part: str) -> Iterator[None]:
        with ExitStack() as repairs:
            if part == "valkey":
                self._fill_valkey(repairs)
            elif part == "postgresql":
                self._refuse_writes(repairs)
            else:
                for replica in self.replicas:
                    limit_files(replica.process.pid, repairs)
            yield

    @contextmanager
    def _corrupted(self, part: str) -> Iterator[None]:
        getattr(self, f"_corrupt_{part}")()
        yield

    # -- how ---------------------------------------------------------------------------------------------------------

    def pid(self, part: str) -> int:
        if part in self._services:
            return self._services[part][0].process.pid
        return self._engine(part).pid

    @property
    def _services(self) -> dict[str, list[Service]]:
        """The replicas by their service; the first is the one that fails."""
        return {"cache": self.replicas, "analysis": self.analyses}

    def answers(self, part: str) -> bool:
        """Whether a server says anything to a hello."""
        services = self._services
        port = int(services[part][0].listen.rsplit(":", 1)[1]) if part in services else self._engine(part).port
        with socket.create_connection(("127.0.0.1", port), timeout=PROBE_SECONDS) as connection:
            connection.sendall(HELLO[part])
            try:
                return bool(connection.recv(1))
            except TimeoutError:
                return False

    def _kill(self, part: str) -> None:
        if part in self._services:
            self._services[part][0].kill()
        else:
            os.kill(self.pid(part), signal.SIGKILL)
            self._engine(part).stop()

    def _start(self, part: str) -> None:
        if part == "cache":
            self.replicas[0] = self.replica(self.replicas[0].listen)
        elif part == "analysis":
            self.analyses[0] = self.analysis(0, self.analyses[0].listen)
        else:
            self._engine(part).start()

    def _engine(self, part: str) -> EmbeddedValkey | EmbeddedPostgres:
        return self.valkey if part == "valkey" else self.postgres

    @contextmanager
    def _unmounted(self) -> Iterator[None]:
        aside = self.blobs.with_name("elsewhere")
        self.blobs.rename(aside)
        self.blobs.touch()
        yield
        self.blobs.unlink()
        aside.rename(self.blobs)

    def _fill_valkey(self, repairs: ExitStack) -> None:
        with redis.Redis.from_url(self.valkey.url) as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)

        def repair() -> None:
            with redis.Redis.from_url(self.valkey.url) as client:
                client.config_set("maxmemory", 256 * 1024 * 1024)
                client.config_set("maxmemory-policy", "allkeys-lfu")

        repairs.callback(repair)

    def _refuse_writes(self, repairs: ExitStack) -> None:
        """Have every write refused as PostgreSQL does on a full disk: with 53100; reading goes on."""
        with psycopg.connect(self.postgres.url) as connection:
            connection.execute(_FULL)

        def repair() -> None:
            with psycopg.connect(self.postgres.url) as connection:
                connection.execute("DROP FUNCTION disk_full CASCADE")

        repairs.callback(repair)

    def _corrupt_valkey(self) -> None:
        with redis.Redis.from_url(self.valkey.url) as client:
            for name in client.scan_iter("ac:*"):
                if client.type(name) == b"string":
                    client.set(name, b"\xff" + (client.get(name) or b"")[1:], keepttl=True)
                elif client.type(name) == b"hash":
                    client.hset(name, mapping=dict.fromkeys(client.hkeys(name), b"\xff"))
            client.xadd("ac:{invalidations}:log", {"generation": "1", "entry": b"\xff"})

    def _corrupt_postgresql(self) -> None:
        with psycopg.connect(self.postgres.url) as connection:
            connection.execute(
                "UPDATE analysis_results SET payload = set_byte(payload, octet_length(payload) - 2, 0)"
                " WHERE payload IS NOT NULL AND octet_length(payload) > 2"
            )

    def _corrupt_blobs(self) -> None:
        for path in self.blobs.rglob("*"):
            if path.is_file() and len(path.name) == 64:
                path.write_bytes(b"\xff" * path.stat().st_size)
        for folder in (self.blobs / "default" / "pending", self.blobs / ".invalidations"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ("0" * 64)).write_bytes(b"\xff")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(one for child in children for one in family(child))]


def stopped(pid: int) -> bool:
    """Whether all threads of a process stand still."""
    states = [status.read_text().rpartition(")")[2].split()[0] for status in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


def limit_files(pid: int, repairs: ExitStack) -> None:
    """Let a process write into no file: to it, the disk is full."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    repairs.callback(resource.prlimit, pid, resource.RLIMIT_FSIZE, before)
