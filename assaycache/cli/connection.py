"""Where the services are: by option, by environment, from a stack that runs here, or at their usual ports."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assaycache.cli.failures import START_HINT, exit_codes

if TYPE_CHECKING:
    from assaycache import Client

Cache = Annotated[
    str | None,
    typer.Option(
        "--cache",
        envvar="CACHE_ADDRESS",
        metavar="HOST:PORT",
        help="The cache service. Unset: that of the stack in --home, else 127.0.0.1:50051.",
    ),
]
Analysis = Annotated[
    str | None,
    typer.Option(
        "--analysis",
        envvar="ANALYSIS_ADDRESS",
        metavar="HOST:PORT",
        help="The analysis service. Unset: that of the stack in --home, else 127.0.0.1:50052.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", envvar="TLS_CA_FILE", exists=True, dir_okay=False, help="PEM roots. Unset: no TLS."),
]
ServerName = Annotated[
    str,
    typer.Option(
        "--server-name",
        envvar="TLS_SERVER_NAME",
        help="The name in the services' certificates, where it is not their address.",
    ),
]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="ASSAYCACHE_TOKEN",
        metavar="TOKEN",
        help="Who asks. Better by the environment: the list of processes shows options.",
    ),
]
Home = Annotated[
    Path,
    typer.Option("--home", envvar="ASSAYCACHE_HOME", file_okay=False, help="The folder of the local stack."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]

HOME = Path(".assaycache")


@contextlib.contextmanager
def connected(
    cache: str | None, analysis: str | None, ca_file: Path | None, home: Path, *, server_name: str, token: str
) -> Iterator["Client"]:
    """Give a client of the services; what they answer amiss ends the program with its exit code."""
    from assaycache import Client

    with exit_codes():
        cache, analysis = _addresses(cache, analysis, home)
    with exit_codes(hint=f"{START_HINT} (asked at {cache} and {analysis}; see --cache, --analysis)"):
        try:
            client = Client.connect(cache, analysis, ca_file, server_name=server_name, token=token)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        with client:
            yield client


def _addresses(cache: str | None, analysis: str | None, home: Path) -> tuple[str, str]:
    from assaycache.launcher import running

    stack = None if cache and analysis else running(home)
    if stack is None:
        return cache or "127.0.0.1:50051", analysis or "127.0.0.1:50052"
    return cache or ",".join(stack.cache), analysis or ",".join(stack.analysis)
