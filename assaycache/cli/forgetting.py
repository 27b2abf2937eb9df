"""`assaycache explain | withdraw | invalidate | erase`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from assaycache.cli import connection
from assaycache.cli.inspect import as_json_text
from assaycache.cli.questions import Pipeline, Reference, Settings, params_of, pipeline_of
from assaycache.cli.signals import is_job_id, one_input
from assaycache.cli.words import counted

if TYPE_CHECKING:
    from assaycache import Forgotten

Subject = Annotated[str, typer.Argument(metavar="JOB_ID|FILE", help="A job, or a file.", show_default=False)]
Queued = Annotated[str, typer.Argument(metavar="ID", help="The id of a task or of a job.", show_default=False)]
OfJob = Annotated[str, typer.Option("--job", help="The results and parts of one job.")]
OfFile = Annotated[str, typer.Option("--file", help="All that was computed from a file: its path or its SHA-256.")]
OfPipeline = Annotated[str, typer.Option("--pipeline", help='All that a pipeline computed, like "emg.session".')]
From = Annotated[str, typer.Option(help="With --pipeline: from this version on.")]
To = Annotated[str, typer.Option(help="With --pipeline: up to this version.")]
Everything = Annotated[bool, typer.Option("--everything", help="Everything in the namespace.")]
Note = Annotated[str, typer.Option(help="Why, for the audit.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")]
Erased = Annotated[str, typer.Argument(help="The file's path or its SHA-256.", show_default=False)]

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def explain(
    subject: Subject,
    *,
    settings: Settings = None,
    pipeline: Pipeline = None,
    reference: Reference = "",
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Say why a job, or a file, has no result just now, or which tiers have it. Of a file nothing is uploaded.

    --set, --pipeline and --reference go with a file, and say what is asked of it, as for `analyze`.
    """
    of_job = is_job_id(subject)
    if of_job and (settings or pipeline or reference):
        raise typer.BadParameter("--set, --pipeline and --reference go with a file; a job has its own")
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        if of_job:
            found = client.explain(subject)
        else:
            file = one_input(subject)
            asked = pipeline_of(file, pipeline)
            params = params_of(asked, settings)
            found = client.explain_file(file.given, params=params, pipeline=asked, reference=reference)
    if as_json:
        typer.echo(as_json_text(found))
        return
    typer.echo(found.message)
    if found.tiers:
        typer.echo(f"Held by: {', '.join(found.tiers)}.")
    for item in found.differences:
        typer.echo(f"Job {item.job_id} differs in {item.field}: {item.known}, not {item.asked}.")


def withdraw(
    job: Queued,
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Take queued work that nobody has begun out of the queue. What others have queued too stays."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        done = client.withdraw(job)
    if as_json:
        typer.echo(as_json_text({"id": job, "withdrawn": done}))
    elif done:
        typer.echo("Taken out of the queue.")
    else:
        typer.echo("Nothing to take out: it is not queued, has been begun, or others have queued the same.")
    if not done:
        raise typer.Exit(1)


def invalidate(
    *,
    job: OfJob = "",
    file: OfFile = "",
    pipeline: OfPipeline = "",
    from_version: From = "",
    to_version: To = "",
    everything: Everything = False,
    note: Note = "",
    yes: Yes = False,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Forget results, so that asking again computes them anew. Files and who handed them in stay."""
    if sum(map(bool, (job, file, pipeline, everything))) != 1:
        raise typer.BadParameter("name exactly one of --job, --file, --pipeline, --everything")
    if (from_version or to_version) and not pipeline:
        raise typer.BadParameter("--from-version and --to-version go with --pipeline")
    if everything and not yes:
        typer.confirm("Forget all results of the namespace?", abort=True)
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = client.invalidate(
            job_id=job,
            blob_sha256=_digest(file) if file else "",
            pipeline=pipeline,
            from_version=from_version,
            to_version=to_version,
            whole_namespace=everything,
            note=note,
        )
    _show(found, as_json)


def erase(
    file: Erased,
    *,
    note: Note = "",
    yes: Yes = False,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Erase a file: its bytes, its results and parts, and the names and metadata that came with it, everywhere."""
    sha256 = _digest(file)
    if not yes:
        typer.confirm(f"Erase {sha256} and all that follows from it, for good?", abort=True)
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = client.erase(sha256, note=note)
    _show(found, as_json)


def _digest(given: str) -> str:
    """Return the SHA-256 that was named, or that of the file that was."""
    if _SHA256.fullmatch(given):
        return given.lower()
    from assaycache.client.sources import open_source

    try:
        with open_source(Path(given), None) as source:
            return source.sha256.hex()
    except OSError as error:
        raise typer.BadParameter(f"{given} is no SHA-256, and no file that can be read: {error.strerror}") from error


def _show(found: "Forgotten", as_json: bool) -> None:
    if as_json:
        typer.echo(as_json_text(found))
        return
    counts = {
        "result": found.results,
        "part": found.parts,
        "file": found.blobs,
        "submission": found.submissions,
        "running computation": found.leases,
    }
    removed = ", ".join(counted(count, name) for name, count in counts.items() if count)
    Console().print(f"Removed: {removed or 'nothing that a tier still held'}.")
    if found.pending:
        typer.echo("A tier is away: the rest is not served any more, and is removed when it is back.")
    for sentence in found.unreached:
        typer.echo(sentence)
