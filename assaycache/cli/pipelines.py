"""`assaycache pipelines`: what can be asked, and every parameter that `analyze --set` takes."""

import dataclasses
import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.cli import connection

if TYPE_CHECKING:
    from assaycache import Parameter, Pipeline


def pipelines(
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """List the pipelines with their parameters: what `analyze --set NAME=VALUE` takes."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = client.pipelines()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(pipeline) for pipeline in found], ensure_ascii=False))
        return
    console = Console()
    for pipeline in found:
        state = "" if pipeline.active else ", not the active version"
        console.print(f"[bold]{escape(pipeline.name)} {pipeline.version}[/]{state}: {escape(pipeline.description)}")
        console.print(_table(pipeline))


def _table(pipeline: "Pipeline") -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("Parameter", "Default", "Allowed", "What it does (where it comes from)"):
        table.add_column(header, overflow="fold")
    table.columns[0].no_wrap = True  # it is there to be copied
    for parameter in pipeline.parameters:
        default = " ".join(filter(None, (parameter.default.lower(), parameter.unit)))
        words = (parameter.name, default if parameter.default else "", allowed(parameter))
        source = f" [dim]({escape(parameter.source)})[/]" if parameter.source else ""
        table.add_row(*map(escape, words), escape(parameter.description) + source)
    return table


def allowed(parameter: "Parameter") -> str:
    """Return the values that a parameter may have, in a few words."""
    if parameter.choices:
        return ", ".join(choice.lower() for choice in parameter.choices)
    if parameter.minimum is not None and parameter.maximum is not None:
        return f"{parameter.minimum:g} to {parameter.maximum:g}"
    return "a list" if parameter.type.startswith("repeated ") else ""
