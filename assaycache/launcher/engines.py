"""The embedded engines: real servers out of wheels, started as child processes."""

from assaycache.launcher.postgres import EmbeddedPostgres
from assaycache.launcher.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
