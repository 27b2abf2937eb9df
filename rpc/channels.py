"""Channels to our services: deliberate message limits, retries, load balancing over replicas."""

import ipaddress
import json
from pathlib import Path

import grpc

from rpc.settings import split_address

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


def connect(addresses: str, ca_file: Path | None = None) -> grpc.Channel:
    """Return a synchronous channel to a service."""
    target = target_of(addresses)
    if ca_file is None:
        return grpc.insecure_channel(target, _OPTIONS)
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(ca_file.read_bytes()), _OPTIONS)


def connect_aio(addresses: str, ca_file: Path | None = None) -> grpc.aio.Channel:
    """Return an asynchronous channel to a service."""
    target = target_of(addresses)
    if ca_file is None:
        return grpc.aio.insecure_channel(target, _OPTIONS)
    return grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(ca_file.read_bytes()), _OPTIONS)


def _is_numeric(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4
    except ValueError:
        return False
