"""Channels to our services: deliberate message limits, retries, load balancing over replicas."""

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path

import grpc

from rpc.addresses import split_address

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message either side receives: a batch of 100,000 part references is about 4 MiB, 1,000 small parts
about 8 MiB. gRPC's own default is 4 MiB."""

CHUNK_BYTES = 1024 * 1024
"""The chunk in which blobs travel: large enough to make the cost of a message small beside its bytes, far below the
largest message."""

_RETRIES = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}

_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_retries", 1),
    ("grpc.service_config", json.dumps(_RETRIES)),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
)


def target_of(addresses: str) -> str:
    """Return the gRPC target of one address, or of several replicas joined by commas.

    Several addresses must be numeric; one name is resolved by DNS, to all replicas behind it.

    Raises:
        ValueError: if an address is not host:port, or several are not numeric.
    """
    parts = [part.strip() for part in addresses.split(",") if part.strip()]
    if not parts:
        raise ValueError("no address is given")
    hosts = [split_address(part)[0] for part in parts]
    if len(parts) == 1 and not _is_numeric(hosts[0]):
        return f"dns:///{parts[0]}"
    if not all(_is_numeric(host) for host in hosts):
        raise ValueError(f"several addresses must be numeric, or one name that resolves to them: {addresses!r}")
    return "ipv4:" + ",".join(parts)


@dataclass(frozen=True)
class Tls:
    """How the other side is known.

    Attributes:
        ca_file: PEM roots of the certificates that are believed.
        server_name: the name that the certificates hold. Empty: the address that is called.
    """

    ca_file: Path
    server_name: str = ""


def connect(addresses: str, tls: Tls | None = None) -> grpc.Channel:
    """Return a synchronous channel to a service.

    Raises:
        ValueError: if the addresses are not of the form host:port, or several, with TLS, and no name is given.
        OSError: if the roots cannot be read.
    """
    target = target_of(addresses)
    if tls is None:
        return grpc.insecure_channel(target, _OPTIONS)
    return grpc.secure_channel(target, _credentials(tls), _options(addresses, tls))


def connect_aio(addresses: str, tls: Tls | None = None) -> grpc.aio.Channel:
    """Return an asynchronous channel to a service.

    Raises:
        ValueError: if the addresses are not of the form host:port, or several, with TLS, and no name is given.
        OSError: if the roots cannot be read.
    """
    target = target_of(addresses)
    if tls is None:
        return grpc.aio.insecure_channel(target, _OPTIONS)
    return grpc.aio.secure_channel(target, _credentials(tls), _options(addresses, tls))


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(tls.ca_file.read_bytes())


def _options(addresses: str, tls: Tls) -> tuple[tuple[str, int | str], ...]:
    if not tls.server_name:
        if "," in addresses:  # gRPC then expects the name "localhost" of all of them
            raise ValueError("with TLS, several addresses need the name that their certificates hold (TLS_SERVER_NAME)")
        return _OPTIONS
    return (*_OPTIONS, ("grpc.ssl_target_name_override", tls.server_name))


def _is_numeric(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4
    except ValueError:
        return False
