"""`assaycache up | down`: the local stack."""

import contextlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.cli import connection
from assaycache.cli.failures import exit_codes

if TYPE_CHECKING:
    from assaycache.launcher import StackAddresses, StackOptions

Port = Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")]
Replicas = Annotated[int, typer.Option(min=1, max=64, help="How many processes; all after the first on free ports.")]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Return when it runs; end it with `assaycache down`.")]
Database = Annotated[
    bool,
    typer.Option(
        "--database/--no-database",
        envvar="USE_DATABASE",
        help="Keep results in PostgreSQL; without it they do not survive a restart of everything.",
    ),
]


def up(
    *,
    detach: Detach = False,
    home: connection.Home = connection.HOME,
    gateway_port: Port = 8080,
    cache_port: Port = 50051,
    analysis_port: Port = 50052,
    cache_metrics_port: Port = 50151,
    analysis_metrics_port: Port = 50152,
    cache_replicas: Replicas = 1,
    analysis_replicas: Replicas = 1,
    database: Database = True,
) -> None:
    """Start everything on this machine: Valkey, PostgreSQL, both services and the gateway.

    Data, logs and state lie in --home. REDIS_URL, DATABASE_URL and BLOB_URL, where they are set, name servers of
    yours to use instead. Runs until Ctrl-C, or with --detach until `assaycache down`.
    """
    with exit_codes():
        from assaycache.launcher import StackOptions

        options = StackOptions.from_environment(
            home=home,
            gateway_port=gateway_port,
            cache_port=cache_port,
            analysis_port=analysis_port,
            cache_metrics_port=cache_metrics_port,
            analysis_metrics_port=analysis_metrics_port,
            cache_replicas=cache_replicas,
            analysis_replicas=analysis_replicas,
            use_database=database,
        )
        if detach:
            _detached(options)
        else:
            _foreground(options)


def down(home: connection.Home = connection.HOME) -> None:
    """Stop the stack that runs in --home."""
    with exit_codes():
        from assaycache.launcher import stop_detached

        if stop_detached(home):
            Console().print("Stopped.")
        else:
            Console().print(f"Nothing runs in {escape(str(home))}.", soft_wrap=True)


def _foreground(options: "StackOptions") -> None:
    from assaycache.launcher import Stack
    from assaycache.launcher.interrupts import interrupt, on_stop_signals

    with on_stop_signals(interrupt), Stack(options, _report) as stack, contextlib.suppress(KeyboardInterrupt):
        _print_addresses(stack.addresses, options)
        Console().print("\nPress Ctrl-C to stop.")
        stack.wait()


def _detached(options: "StackOptions") -> None:
    from assaycache.launcher import start_detached

    _print_addresses(start_detached(options, _report), options)
    Console().print(f"\nStop it with: assaycache down{_home_option(options)}", soft_wrap=True, highlight=False)


def _report(line: str) -> None:
    Console(stderr=True, soft_wrap=True).print(escape(line), style="dim", highlight=False)


def _print_addresses(addresses: "StackAddresses", options: "StackOptions") -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    rows = {
        "Console": f"{addresses.gateway}/" if addresses.gateway else None,
        "REST": addresses.gateway,
        "API description": f"{addresses.gateway}/docs" if addresses.gateway else None,
        "Cache (gRPC)": ", ".join(addresses.cache),
        "Analysis (gRPC)": ", ".join(addresses.analysis),
        "Metrics": ", ".join((*addresses.cache_metrics, *addresses.analysis_metrics)),
    }
    for label, text in rows.items():
        if text:
            table.add_row(f"[bold]{label}[/]", escape(text))
    console = Console(soft_wrap=True)
    console.print(table)
    console.print("\nTry:", style="bold")
    for line in _suggestions(addresses, options):
        console.print(f"  {escape(line)}", highlight=False)


def _suggestions(addresses: "StackAddresses", options: "StackOptions") -> list[str]:
    home, recording = _home_option(options), _recording(options.home)
    lines = [f"assaycache analyze {recording}{home}", f"assaycache jobs{home}"]
    if addresses.gateway:
        drop = f"open {addresses.gateway}/ in a browser and drop {recording} there"
        lines = [drop, *lines, f"curl -F file=@{recording} {addresses.gateway}/analyze"]
    return lines


def _recording(home: Path) -> str:
    """Return the recording that the demo has left, else a word for one."""
    found = min((home / "samples").glob("*.c3d"), default=None)
    return "RECORDING.c3d" if found is None else shlex.quote(str(found))


def _home_option(options: "StackOptions") -> str:
    """Return what must be added to the other commands, so that they find this stack."""
    return "" if options.home.absolute() == connection.HOME.absolute() else f" --home {shlex.quote(str(options.home))}"
