"""How a service tells whoever started it that it is serving, and where."""

import json
import os

READY_FD = "ASSAYCACHE_READY_FD"


def announce_ready(listen: str, metrics: str | None) -> None:
    """Write one line to the inherited pipe that the environment names, if it names one, and close it."""
    descriptor = os.environ.pop(READY_FD, "")
    if not descriptor:
        return
    with os.fdopen(int(descriptor), "w") as pipe:
        pipe.write(json.dumps({"listen": listen, "metrics": metrics}) + "\n")
