"""The whole of Assaycache on this machine: engines, cache service, analysis service, gateway."""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain
from types import TracebackType
from typing import Self

from assaycache.launcher.engine import Engine
from assaycache.launcher.engines import EmbeddedPostgres, EmbeddedValkey
from assaycache.launcher.errors import LauncherError
from assaycache.launcher.folders import FolderLock, make_private, write_private
from assaycache.launcher.interrupts import ignore, interrupt, on_stop_signals
from assaycache.launcher.options import StackAddresses, StackOptions, default_home
from assaycache.launcher.ports import demand_free, join_address
from assaycache.launcher.services import Ready, Service, python_path

__all__ = ["MODULES", "STATE_NAME", "Stack", "StackAddresses", "StackOptions", "default_home"]

STATE_NAME = "stack.json"
MODULES: Mapping[str, str] = {"cache": "cache_service", "analysis": "analysis_service", "gateway": "gateway"}
_TITLES = {"cache": "Cache service", "analysis": "Analysis service", "gateway": "Gateway"}
_GRACE_SECONDS = 20.0  # services drain their calls; an analysis that takes longer is computed again later
_LOOK_SECONDS = 0.2


class Stack:
    """A stack that lives as long as this process at most. With ``with``, it is started and stopped.

    Parameters
    ----------
    options
        What to start, and where.
    report
        Called with one line of progress, for people, at each step.
    modules
        Only for tests: other modules to run as ``cache``, ``analysis`` and ``gateway``.
    """

    def __init__(
        self,
        options: StackOptions,
        report: Callable[[str], None] = print,
        *,
        modules: Mapping[str, str] = MODULES,
    ) -> None:
        self._options = options.settled()
        self._home = self._options.home
        self._report = report
        self._modules = modules
        self._lock = FolderLock(self._home)
        self._engines: list[Engine] = []
        self._services: list[list[Service]] = []  # replicas by tier, in the order of starting
        self._addresses: StackAddresses | None = None
        self._stop_asked = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def addresses(self) -> StackAddresses:
        if self._addresses is None:
            raise LauncherError("The stack is not running.")
        return self._addresses

    def start(self) -> StackAddresses:
        """Start everything and return when it serves; on a failure nothing is left running."""
        if self._addresses is not None:
            return self._addresses
        make_private(self._home)
        make_private(self._home / "logs")
        self._lock.acquire()
        try:
            with on_stop_signals(interrupt):
                self._demand_ports()
                self._start_engines()
                self._addresses = self._start_services()
                self._save_state(self._addresses)
        except BaseException:
            self.stop()
            raise
        return self._addresses

    def wait(self) -> None:
        """Return when a signal (SIGTERM, Ctrl-C) asks to stop; raise, naming it, when a part has died."""
        with on_stop_signals(self._stop_asked.set):
            while not self._stop_asked.wait(_LOOK_SECONDS):
                self._demand_all_running()

    def _demand_all_running(self) -> None:
        parts: list[Engine | Service] = [*self._engines, *chain.from_iterable(self._services)]
        for part in parts:
            if not part.running():
                raise part.death()

    def stop(self) -> None:
        """Stop the gateway, the services and the engines, in this order. May be called again."""
        if not self._lock.held:
            return
        with on_stop_signals(ignore), ExitStack() as last_first:  # goes on to the next when one fails
            last_first.callback(self._lock.release)
            for engine in self._engines:
                last_first.callback(self._stop_engine, engine)
            for tier in self._services:
                last_first.callback(self._stop_tier, tier)
            (self._home / STATE_NAME).unlink(missing_ok=True)
            self._addresses, self._engines, self._services = None, [], []

    def _stop_engine(self, engine: Engine) -> None:
        engine.stop()
        self._report(f"{engine.name} has stopped.")

    def _stop_tier(self, tier: list[Service]) -> None:
        for service in tier:
            service.ask_to_stop()
        deadline = time.monotonic() + _GRACE_SECONDS
        for service in tier:
            in_time = service.finish(max(0.0, deadline - time.monotonic()))
            self._report(f"{service.name} has stopped." if in_time else f"{service.name} had to be killed.")

    def _demand_ports(self) -> None:
        options = self._options
        wanted = {
            "--cache-port": options.cache_port,
            "--cache-metrics-port": options.cache_metrics_port,
            "--analysis-port": options.analysis_port,
            "--analysis-metrics-port": options.analysis_metrics_port,
            "--gateway-port": options.gateway_port if options.gateway else 0,
        }
        for setting, port in wanted.items():
            demand_free(options.host, port, setting)

    def _start_engines(self) -> None:
        engines = self._needed_engines()
        self._engines = list(engines)
        if not engines:
            return
        self._report(f"Starting {' and '.join(engine.name for engine in engines)} …")
        with ThreadPoolExecutor(len(engines)) as side_by_side:
            for future in [side_by_side.submit(engine.start) for engine in engines]:
                future.result()
        for engine in engines:
            self._report(f"{engine.name} is ready on port {engine.port}.")

    def _needed_engines(self) -> list[Engine]:
        options, logs = self._options, self._home / "logs"
        engines: list[Engine] = []
        if options.use_database and options.database_url is None:
            engines.append(EmbeddedPostgres(self._home / "postgres", log=logs / "postgres.log"))
        if options.redis_url is None and EmbeddedValkey.available():
            engines.append(
                EmbeddedValkey(
                    self._home / "valkey", log=logs / "valkey.log", maxmemory_bytes=options.valkey_maxmemory_bytes
                )
            )
        elif options.redis_url is None:
            self._report("There is no Valkey for this platform: running without the hot tier.")
        return engines

    def _start_services(self) -> StackAddresses:
        options = self._options
        cache = self._start_tier(
            "cache", options.cache_port, options.cache_metrics_port, options.cache_replicas, self._storage_settings()
        )
        met = {"CACHE_ADDRESS": ",".join(ready.listen for ready in cache)}
        analysis = self._start_tier(
            "analysis",
            options.analysis_port,
            options.analysis_metrics_port,
            options.analysis_replicas,
            {**met, "REFERENCE_FOLDER": self._reference_folder()},
        )
        met = {**met, "ANALYSIS_ADDRESS": ",".join(ready.listen for ready in analysis)}
        gateway = self._start_tier("gateway", options.gateway_port, None, 1, met) if options.gateway else []
        return StackAddresses(
            gateway=f"http://{gateway[0].listen}" if gateway else None,
            cache=tuple(ready.listen for ready in cache),
            analysis=tuple(ready.listen for ready in analysis),
            cache_metrics=tuple(ready.metrics for ready in cache if ready.metrics),
            analysis_metrics=tuple(ready.metrics for ready in analysis if ready.metrics),
        )

    def _reference_folder(self) -> str:
        """Where references are kept: as the environment says, else with the rest of what the stack keeps."""
        environment = {**os.environ, **self._options.environment}
        return environment.get("REFERENCE_FOLDER") or str(self._home / "references")

    def _storage_settings(self) -> dict[str, str]:
        options = self._options
        embedded = {engine.name: engine.url for engine in self._engines}
        blobs = self._home / "blobs"
        if options.blob_url is None:
            make_private(blobs)
        database_url = options.database_url or embedded.get(EmbeddedPostgres.name, "")
        return {
            "USE_DATABASE": "true" if options.use_database else "false",
            "DATABASE_URL": database_url if options.use_database else "",
            "REDIS_URL": embedded.get(EmbeddedValkey.name, "") if options.redis_url is None else options.redis_url,
            "BLOB_URL": options.blob_url or blobs.as_uri(),
        }

    def _start_tier(
        self, role: str, port: int, metrics_port: int | None, replicas: int, settings: Mapping[str, str]
    ) -> list[Ready]:
        """Start the replicas of one service side by side, and wait until each is ready."""
        tier: list[Service] = []
        self._services.append(tier)
        for number in range(replicas):
            first = number == 0
            listen = {f"{role.upper()}_LISTEN": self._own_address(port if first else 0)}
            if metrics_port is not None:
                listen[f"{role.upper()}_METRICS_LISTEN"] = self._own_address(metrics_port if first else 0)
            tier.append(self._service(role, number + 1, {**settings, **listen}))
            tier[-1].start()
        return [self._await_ready(service) for service in tier]

    def _await_ready(self, service: Service) -> Ready:
        ready = service.await_ready()
        self._report(f"{service.name} is ready on {ready.listen}.")
        return ready

    def _own_address(self, port: int) -> str:
        return join_address(self._options.host, port)

    def _service(self, role: str, number: int, settings: Mapping[str, str]) -> Service:
        suffix = "" if number == 1 else f"-{number}"
        title = _TITLES[role] if number == 1 else f"{_TITLES[role]} {number}"
        log = self._home / "logs" / f"{role}{suffix}.log"
        return Service(title, self._modules[role], {**self._base_environment(), **settings}, log)

    def _base_environment(self) -> dict[str, str]:
        """Our environment and the options'. PGSSLMODE and the like are for servers of the user's, not for ours."""
        ours = any(isinstance(engine, EmbeddedPostgres) for engine in self._engines)
        inherited = {name: value for name, value in os.environ.items() if not (ours and name.startswith("PG"))}
        environment = {**inherited, **self._options.environment}
        return {**environment, "PYTHONPATH": python_path(environment)}

    def _save_state(self, addresses: StackAddresses) -> None:
        write_private(self._home / STATE_NAME, json.dumps({"pid": os.getpid(), "addresses": asdict(addresses)}))
