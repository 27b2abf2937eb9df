"""Ports and ``host:port`` addresses."""

import errno
import socket

from assaycache.launcher.errors import LauncherError, PortInUse

LOOPBACK = "127.0.0.1"
_WILDCARDS = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - recognised here, never bound


def free_port(host: str = LOOPBACK) -> int:
    """A port nothing listens on now. Another program may take it before you do: be ready to ask again."""
    with socket.create_server((host, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def demand_free(host: str, port: int, setting: str) -> None:
    """Raise `PortInUse`, naming the setting to change, unless ``port`` is free (0 always is)."""
    if port == 0:
        return
    family, *_, address = _resolve(host, port)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed one may linger
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise _refusal(host, port, setting, error) from error


def _resolve(host: str, port: int) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise LauncherError(f"Cannot listen on {host}: {error.strerror}.") from error
    return found[0]  # type: ignore[return-value]  # typeshed allows for a build without IPv6


def _refusal(host: str, port: int, setting: str, error: OSError) -> LauncherError:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(f"Port {port} on {host} is in use: choose another with {setting} (0 = any free one).")
    return LauncherError(f"Cannot listen on {join_address(host, port)}: {error.strerror}. Change {setting}.")


def join_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def to_connect(address: str) -> str:
    """The address to call a server at that said it listens on ``address`` (``0.0.0.0:80`` -> ``127.0.0.1:80``)."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return join_address(_WILDCARDS.get(host, host), int(port))
