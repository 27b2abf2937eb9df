"""Start real engines and our own services on this machine, as child processes of a launcher.

In the foreground::

    with Stack(StackOptions.from_environment()) as stack:
        print(stack.addresses.gateway)
        stack.wait()

In the background: `start_detached`, `running`, `stop_detached`. Only the engines, for tests:
`EmbeddedPostgres` and `EmbeddedValkey`.
"""

from assaycache.launcher.detached import running, start_detached, stop_detached
from assaycache.launcher.engines import EmbeddedPostgres, EmbeddedValkey
from assaycache.launcher.errors import AlreadyRunning, LauncherError, PortInUse
from assaycache.launcher.options import StackAddresses, StackOptions, default_home
from assaycache.launcher.stack import Stack

__all__ = [
    "AlreadyRunning",
    "EmbeddedPostgres",
    "EmbeddedValkey",
    "LauncherError",
    "PortInUse",
    "Stack",
    "StackAddresses",
    "StackOptions",
    "default_home",
    "running",
    "start_detached",
    "stop_detached",
]
