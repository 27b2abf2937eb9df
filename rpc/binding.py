"""How both kinds of server bind their port."""

from typing import Any

import grpc

from rpc.addresses import split_address
from rpc.channels import MAX_MESSAGE_BYTES
from rpc.settings import ServerSettings

OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),  # on by default, by which two servers can share a port without knowing
)


def bind(server: Any, settings: ServerSettings, listen: str) -> str:
    """Bind a server, synchronous or aio, with TLS where it is set; return the bound address.

    Raises:
        OSError: if the address cannot be bound.
    """
    host, _ = split_address(listen)
    try:
        if settings.tls_cert_file is None or settings.tls_key_file is None:
            port = server.add_insecure_port(listen)
        else:
            pair = (settings.tls_key_file.read_bytes(), settings.tls_cert_file.read_bytes())
            port = server.add_secure_port(listen, grpc.ssl_server_credentials([pair]))
    except RuntimeError as error:
        raise OSError(f"{listen} cannot be bound: {error}") from error
    return f"{host}:{port}"
