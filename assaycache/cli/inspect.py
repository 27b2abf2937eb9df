"""`assaycache jobs | stats | health`: what is in the cache, and whether the services serve."""

import dataclasses
import itertools
import json
import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.cli import connection
from assaycache.cli.failures import SERVICE_AWAY, START_HINT, complain
from assaycache.cli.words import bytes_text, seconds_text
from rpc.errors import Unauthenticated

if TYPE_CHECKING:
    from assaycache import Client, Job, Stats, Tier

JobId = Annotated[str | None, typer.Argument(help="Show this job, or task, with all its submissions.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="How many jobs at most.")]
Status = Annotated[
    list[str] | None,
    typer.Option(help="Only this status (succeeded, failed, …); may be repeated.", autocompletion=lambda: _STATUSES),
]
Name = Annotated[str, typer.Option(help="Only jobs whose file name holds this text.")]

Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Say it again and again, until Ctrl-C; with --json a line each time.")
]
Every = Annotated[float, typer.Option(min=0.2, metavar="SECONDS", help="With --follow: how often.")]

_STATUSES = ["queued", "asked", "running", "succeeded", "failed", "gone"]
_COLOURS = {"succeeded": "green", "failed": "red", "running": "cyan", "queued": "cyan"}


def jobs(
    job_id: JobId = None,
    *,
    limit: Limit = 20,
    status: Status = None,
    name: Name = "",
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """List the jobs, last changed first, or show one."""
    from assaycache import JobStatus

    try:
        statuses = tuple(JobStatus(item.lower()) for item in status or ())
    except ValueError as error:
        choices = ", ".join(JobStatus)
        raise typer.BadParameter(f"--status must be one of {choices}") from error
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        if job_id is not None:
            found = [client.job(job_id)]
        else:
            listing = client.jobs(statuses=statuses, file_name_contains=name, page_size=min(limit, 200))
            found = list(itertools.islice(listing, limit))
    if as_json:
        typer.echo(as_json_text(found if job_id is None else found[0]))
    else:
        Console().print(_job_details(found[0]) if job_id is not None else _jobs_table(found))


def stats(
    *,
    follow: Follow = False,
    every: Every = 2.0,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Tell what the cache holds, what it answered, and how much computing it saved."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        _show_stats(client.stats(), as_json)
        while follow:
            time.sleep(every)
            if not as_json:
                Console().clear()
            _show_stats(client.stats(), as_json)


def _show_stats(found: "Stats", as_json: bool) -> None:
    if as_json:
        typer.echo(as_json_text(found))
        return
    console = Console()
    console.print(_tiers_table(found))
    console.print(_totals_table(found))


def health(
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Tell whether the services serve; exit code 3 where one does not."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        services = client.health()
        tiers = _tiers(client) if services[0].serving else ()
    if as_json:
        typer.echo(as_json_text({"services": services, "tiers": tiers}))
    else:
        table = _table("Service", "Status")
        for service in services:
            colour = "green" if service.serving else "red"
            table.add_row(service.service, f"[{colour}]{service.status}[/]")
        Console().print(table)
        if tiers:
            Console().print(f"Tiers that answer: {', '.join(tiers)}")
    away = [service for service in services if not service.serving]
    if away:
        complain(f"{' '.join(service.message for service in away)} {START_HINT}".lstrip())
        raise typer.Exit(SERVICE_AWAY)


def _tiers(client: "Client") -> tuple["Tier", ...]:
    """Return the tiers that answer; none where only callers with a token are told."""
    try:
        return client.capabilities().tiers
    except Unauthenticated:
        return ()


def _jobs_table(found: Iterable["Job"]) -> Table:
    table = _table("Job", "Status", "File", "Pipeline", "Computed in", "Changed")
    table.columns[0].no_wrap = True  # it is there to be copied
    for job in found:
        name = job.submissions[0].file_name if job.submissions else ""
        pipeline = f"{job.identity.pipeline} {job.identity.pipeline_version}"
        table.add_row(job.job_id or job.task_id, _status(job), escape(name), pipeline, _cost(job), _minute(job.updated))
    return table


def _job_details(job: "Job") -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    identity = job.identity
    rows = {
        "Job": job.job_id,
        "Task": job.task_id,
        "Status": _status(job),
        "Why": "" if job.failure is None else escape(f"{job.failure.message} ({job.failure.reason})"),
        "Pipeline": f"{identity.pipeline} {identity.pipeline_version}",
        "Parameters": "all defaults" if job.params_json in {"", "{}"} else escape(job.params_json),
        "Input": f"sha256 {identity.blob_sha256}, {bytes_text(identity.blob_size_bytes)}",
        "Result": bytes_text(job.result_size_bytes) if job.result_size_bytes else "none",
        "Computed in": _cost(job),
        "First asked": _time(job.created),
        "Last changed": _time(job.updated),
    }
    for label, text in rows.items():
        if text:
            table.add_row(label, text)
    for submission in job.submissions:
        who = f" by {submission.uploader}" if submission.uploader else ""
        often = "once" if submission.seen_count == 1 else f"{submission.seen_count} times, last"
        seen = f", {often} {_time(submission.last_seen)}"
        table.add_row("Handed in", escape(f"{submission.file_name or '(no name)'}{who}{seen}"))
    return table


def _tiers_table(found: "Stats") -> Table:
    table = _table("Tier", "State", "Entries", "Size", "Limit", "Hits")
    for tier in found.tiers:
        state = "not in use" if not tier.configured else "[green]answers[/]" if tier.available else "[red]away[/]"
        limit = bytes_text(tier.limit_bytes) if tier.limit_bytes else "none"
        table.add_row(
            str(tier.tier or "?"), state, str(tier.entries), bytes_text(tier.size_bytes), limit, str(tier.hits)
        )
    return table


def _totals_table(found: "Stats") -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("Jobs", f"{found.jobs} ({found.running} running, {found.queued} queued)")
    table.add_row("Files kept", f"{found.blobs} ({bytes_text(found.blob_size_bytes)})")
    table.add_row("Hits", str(found.hits_total))
    misses = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in found.misses.items())
    table.add_row("Misses", misses or "0")
    table.add_row("Computing saved", seconds_text(found.compute_saved_seconds))
    return table


def _table(*headers: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _status(job: "Job") -> str:
    colour = _COLOURS.get(job.status or "", "yellow")
    return f"[{colour}]{job.status or '?'}[/]"


def _cost(job: "Job") -> str:
    return seconds_text(job.compute_seconds) if job.compute_seconds else "-"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def as_json_text(value: Any) -> str:
    """Return what a command found as JSON."""
    return json.dumps(value, default=_jsonable, ensure_ascii=False)


def _jsonable(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return {"job_id": value.job_id, **fields} if hasattr(value, "job_id") else fields
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
