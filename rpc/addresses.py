"""Addresses of the form host:port."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on can be reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def split_address(listen: str) -> tuple[str, int]:
    """Return host and port of "host:port".

    Raises:
        ValueError: if it is not of that form.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is not an address of the form host:port")
    return host, int(port)
