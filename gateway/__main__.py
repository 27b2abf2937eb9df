"""`python -m gateway`: settings in, a serving process out."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from prometheus_client import CollectorRegistry

from gateway.app import create_app
from gateway.front import Front
from gateway.http11 import BoundedHttp
from gateway.settings import GatewaySettings
from gateway.translate import GrpcBackend, Timeouts
from rpc.addresses import split_address
from rpc.aio_server import until_asked_to_stop
from rpc.channels import connect_aio
from rpc.logs import configure_logs, get_logger
from rpc.ready import announce_ready
from rpc.settings import read_settings
from rpc.tracing import Tracer

log = get_logger(__name__)


class GatewayServer(uvicorn.Server):
    """An HTTP server that announces itself, and whose process ends itself with 0 after SIGTERM."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `until_asked_to_stop`: the original raises them again at the end."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, and say so."""
        await super().startup(sockets=sockets)
        log.info("serving", address=self._address)
        announce_ready(self._address, self._address)


async def serve(settings: GatewaySettings, listener: socket.socket, tracer: Tracer | None = None) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT, then let running requests end."""
    timeouts = Timeouts(
        look_up=settings.cache_timeout_seconds,
        upload=settings.upload_timeout_seconds,
        analysis=settings.analysis_timeout_seconds,
        health=settings.health_timeout_seconds,
    )
    async with (
        connect_aio(settings.cache_address, settings.tls) as cache,
        connect_aio(settings.analysis_address, settings.tls) as analysis,
    ):
        backend = GrpcBackend(cache, analysis, timeouts, settings.own_token())
        app = create_app(settings, backend, CollectorRegistry(), settings.access(), tracer)
        server = GatewayServer(_config(settings, app), address_of(settings.gateway_listen, listener))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        stopping = asyncio.create_task(until_asked_to_stop())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        stopping.cancel()
        log.info("stopped")


def bound(listen: str) -> socket.socket:
    """Return a socket bound to host:port.

    Raises:
        OSError: if the address cannot be bound.
    """
    host, port = split_address(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be said: asyncio turns Nagle's delay off only for sockets that say TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that a restart need not wait
        listener.bind((host.strip("[]"), port))
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listen: str, listener: socket.socket) -> str:
    """Return host:port with the port that was bound."""
    host, _ = split_address(listen)
    return f"{host}:{listener.getsockname()[1]}"


def _config(settings: GatewaySettings, app: Front) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedHttp,
        log_config=None,
        ssl_certfile=settings.tls_cert_file,
        ssl_keyfile=settings.tls_key_file,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
    )


def main() -> None:
    """Read the settings and serve."""
    settings = read_settings(GatewaySettings, "gateway")
    configure_logs("gateway", settings.log_level, settings.log_format)
    try:
        listener = bound(settings.gateway_listen)
    except OSError as error:
        raise SystemExit(f"gateway: {settings.gateway_listen} cannot be bound: {error.strerror or error}") from None
    with listener:
        try:
            with settings.tracing("gateway") as tracer:
                asyncio.run(serve(settings, listener, tracer))
        except (ValueError, OSError) as error:
            raise SystemExit(f"gateway: {error}") from None


if __name__ == "__main__":
    main()
