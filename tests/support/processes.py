"""Services as processes of a test's own, to be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 30


class Service:
    """A service process of ours, serving."""

    def __init__(self, module: str, **settings: str) -> None:
        ours, theirs = os.pipe()
        environment = {
            **os.environ,
            **settings,
            "ASSAYCACHE_READY_FD": str(theirs),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self.process = subprocess.Popen([sys.executable, "-m", module], env=environment, pass_fds=[theirs])
        os.close(theirs)
        with os.fdopen(ours) as ready:
            said = json.loads(ready.readline())
        self.listen: str = said["listen"]
        self.metrics: str = said["metrics"]

    def stop(self) -> int:
        """Ask it to end, and return how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)


@contextmanager
def cache_process(blob_folder: Path, database_url: str = "", redis_url: str = "") -> Iterator[Service]:
    """A cache service as a process."""
    service = Service(
        "cache_service",
        CACHE_LISTEN="127.0.0.1:0",
        CACHE_METRICS_LISTEN="127.0.0.1:0",
        USE_DATABASE="true" if database_url else "false",
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        BLOB_URL=blob_folder.as_uri(),
    )
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()
