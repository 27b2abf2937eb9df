"""`assaycache signals JOB_ID|FILE`: the signals behind an analysis, thinned for a plot."""

import csv
import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.cli import connection
from assaycache.cli.inputs import Input, inputs_of
from assaycache.cli.inspect import as_json_text
from assaycache.cli.questions import params_of

if TYPE_CHECKING:
    from assaycache import Client, Signal

Subject = Annotated[
    str, typer.Argument(metavar="JOB_ID|FILE", help="A job, or a recording (- is standard input).", show_default=False)
]
Channel = Annotated[
    list[str] | None, typer.Option("--channel", "-c", metavar="LABEL", help="Only this channel; may be repeated.")
]
OfFile = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="With a FILE: as for `analyze`.")]
Start = Annotated[float, typer.Option(min=0.0, metavar="SECONDS", help="Where to begin.")]
Length = Annotated[
    float | None, typer.Option(min=0.001, metavar="SECONDS", help="How long a stretch. Unset: to the end.")
]
Points = Annotated[int, typer.Option(min=2, max=100_000, help="Of each signal, at the most.")]
AsCsv = Annotated[
    bool, typer.Option("--csv", help="Print CSV on standard output: label,kind,time_ms,minimum_uv,maximum_uv.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="Save as CSV or JSON, by the ending .csv or .json."),
]

_JOB_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLUMNS = ("label", "kind", "time_ms", "minimum_uv", "maximum_uv")


def signals(
    subject: Subject,
    *,
    channel: Channel = None,
    settings: OfFile = None,
    start: Start = 0.0,
    length: Length = None,
    points: Points = 4000,
    as_csv: AsCsv = False,
    output: Output = None,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """List, print or save the signals behind an EMG analysis: raw, filtered and RMS envelope of each channel.

    They are thinned by minimum and maximum, so that no peak is lost. Without --csv, --json or --output, they are
    listed with their thresholds and contractions.
    """
    _check_forms(as_csv, as_json, output)
    window = {"labels": channel or (), "start_seconds": start, "length_seconds": length, "max_points": points}
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = _fetched(client, subject, settings, window)
    if output is not None:
        _save(output, found)
    elif as_json:
        typer.echo(as_json_text(found))
    elif as_csv:
        sys.stdout.write(_csv(found))
    else:
        Console().print(_table(found))


def _check_forms(as_csv: bool, as_json: bool, output: Path | None) -> None:
    if sum((as_csv, as_json, output is not None)) > 1:
        raise typer.BadParameter("choose one of --csv, --json, --output")
    if output is not None and output.suffix.lower() not in {".csv", ".json"}:
        raise typer.BadParameter("--output must end in .csv or .json")


def _fetched(client: "Client", subject: str, settings: list[str] | None, window: dict[str, Any]) -> list["Signal"]:
    if is_job_id(subject):
        if settings:
            raise typer.BadParameter("--set goes with a file; a job has its parameters")
        return client.job_signals(subject, **window)
    item = one_input(subject)
    return client.signals(item.given, params=params_of("emg.session", settings), **window)


def is_job_id(text: str) -> bool:
    """Tell whether a text is a job's id; a file of such a name can be said as ./NAME."""
    return _JOB_ID.fullmatch(text) is not None


def one_input(named: str) -> Input:
    """Return the one file that was named.

    Raises:
        typer.BadParameter: it is not there, or there are several.
    """
    found = inputs_of([named], recursive=False, name="")
    if len(found) != 1:
        raise typer.BadParameter(f"{named} matches {len(found)} files; name one")
    return found[0]


def _save(output: Path, found: list["Signal"]) -> None:
    text = as_json_text(found) + "\n" if output.suffix.lower() == ".json" else _csv(found)
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{output} cannot be written: {error.strerror}") from error
    typer.echo(f"{len(found)} signals saved in {output}", err=True)


def _csv(found: Iterable["Signal"]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    for signal in found:
        for point in zip(signal.time_ms, signal.minimum_uv, signal.maximum_uv, strict=True):
            rows.writerow((signal.label, signal.kind, *(f"{number:.9g}" for number in point)))
    return text.getvalue()


def _table(found: Iterable["Signal"]) -> Table:
    table = Table("Channel", "Signal", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("Points", "Smallest µV", "Greatest µV", "Threshold µV", "Contractions"):
        table.add_column(header, justify="right")
    for signal in found:
        threshold = "-" if signal.threshold_uv is None else f"{signal.threshold_uv:.4g}"
        low = f"{min(signal.minimum_uv):.4g}" if signal.minimum_uv else "-"
        high = f"{max(signal.maximum_uv):.4g}" if signal.maximum_uv else "-"
        numbers = (str(len(signal.time_ms)), low, high, threshold, str(len(signal.contractions_ms)))
        table.add_row(escape(signal.label), str(signal.kind or "?"), *numbers)
    return table
