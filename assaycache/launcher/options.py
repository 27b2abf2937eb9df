"""What a local stack is asked for, and where it then answers."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from assaycache.launcher.errors import LauncherError
from assaycache.launcher.valkey import DEFAULT_MAXMEMORY_BYTES

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """``ASSAYCACHE_HOME``, else ``.assaycache`` in the current folder."""
    return Path(environment.get("ASSAYCACHE_HOME") or ".assaycache").absolute()


@dataclass(frozen=True)
class StackOptions:
    """A local stack. Ports of 0 mean any free one; further replicas always take a free one.

    An engine whose URL is given is not started: that one is used. An empty ``redis_url`` means no hot tier.
    """

    home: Path  # everything the stack keeps: the engines' data, blobs, logs, state
    host: str = "127.0.0.1"
    gateway_port: int = 8080
    cache_port: int = 50051
    analysis_port: int = 50052
    cache_metrics_port: int = 50151
    analysis_metrics_port: int = 50152
    cache_replicas: int = 1
    analysis_replicas: int = 1
    gateway: bool = True
    use_database: bool = True
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    blob_url: str | None = field(default=None, repr=False)
    valkey_maxmemory_bytes: int = DEFAULT_MAXMEMORY_BYTES
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # further settings of the services

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **chosen: Any) -> Self:
        """Options from the variables the services know (``USE_DATABASE``, ``DATABASE_URL``, ``REDIS_URL``,
        ``BLOB_URL``) and ``ASSAYCACHE_HOME``; what is ``chosen`` by name goes before them."""
        known: dict[str, Any] = {
            "home": default_home(environment),
            "use_database": _flag(environment, "USE_DATABASE", default=True),
            "database_url": environment.get("DATABASE_URL") or None,
            "redis_url": environment.get("REDIS_URL"),
            "blob_url": environment.get("BLOB_URL") or None,
        }
        return cls(**{**known, **chosen})

    def settled(self) -> Self:
        """The same with an absolute home; refuses what makes no sense."""
        if self.cache_replicas < 1 or self.analysis_replicas < 1:
            raise LauncherError("A stack needs at least one cache service and one analysis service.")
        return replace(self, home=self.home.absolute())

    def to_fields(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**asdict(self), "home": str(self.home), "environment": dict(self.environment)}

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{**values, "home": Path(values["home"])})


@dataclass(frozen=True)
class StackAddresses:
    """Where a running stack answers: the gateway as a URL, the services as ``host:port`` a replica."""

    gateway: str | None
    cache: tuple[str, ...]
    analysis: tuple[str, ...]
    cache_metrics: tuple[str, ...]
    analysis_metrics: tuple[str, ...]

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> Self:
        """From ``dataclasses.asdict``, as JSON gives it back (lists for tuples)."""
        read = {name: values[name] for name in (each.name for each in fields(cls))}
        return cls(**{name: _tuple_of(value) for name, value in read.items()})


def _tuple_of(value: str | Sequence[str] | None) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    said = environment.get(name, "").strip().lower()
    if not said:
        return default
    if said not in _TRUE | _FALSE:
        raise LauncherError(f"{name} must be true or false, not {said!r}.")
    return said in _TRUE
