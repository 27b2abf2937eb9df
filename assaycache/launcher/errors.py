"""What can go wrong in the launcher.

LauncherError
├── PortInUse          a port that was asked for is taken
└── AlreadyRunning     the folder belongs to a stack or an engine that is running
"""


class LauncherError(Exception):
    """The local stack cannot be started, found or stopped; the message names a way out."""


class PortInUse(LauncherError):
    """A port that was asked for is taken by another program."""


class AlreadyRunning(LauncherError):
    """The folder is in use by a running stack or engine."""
