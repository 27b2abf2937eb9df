"""`assaycache analyze FILE…`: what is in a recording, or in a sample of sequences."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from assaycache.cli import connection
from assaycache.cli.failures import CANNOT_BE_ANALYSED, complain, exit_codes, sentence_of
from assaycache.cli.progress import shown_progress
from rpc.errors import AssayError, InputError

if TYPE_CHECKING:
    from assaycache import Analysis, Client, QueuedTask

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…", exists=True, dir_okay=False, readable=True, help="Recordings (C3D), sequences (FASTA, FASTQ)."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of the pipeline; may be repeated. Lists by commas: --set channels=EMG1,EMG2",
    ),
]
Pipeline = Annotated[str | None, typer.Option(help="The pipeline. Unset: as each file's content says.")]
Reference = Annotated[str, typer.Option(help="Sequences: the reference's name or digest. Unset: the default one.")]
Uploader = Annotated[str, typer.Option(help="Who hands the files in, to be recorded with them.")]
Metadata = Annotated[str | None, typer.Option(metavar="JSON", help="An object about the sample, to be recorded.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Compute again although a failure is remembered.")]
Detach = Annotated[
    bool, typer.Option("--detach", help="Queue the files and do not wait; `assaycache jobs TASK_ID` tells what became.")
]
Timeout = Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long to wait for each file.")]


def analyze(
    files: Files,
    *,
    settings: Settings = None,
    pipeline: Pipeline = None,
    reference: Reference = "",
    uploader: Uploader = "",
    metadata: Metadata = None,
    retry_failed: RetryFailed = False,
    detach: Detach = False,
    timeout: Timeout = 600.0,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Analyse files: from the cache where they were analysed before, computed where not.

    A file that the cache knows is not uploaded. With --json, one line of JSON a file.
    """
    with exit_codes():
        request: dict[str, Any] = {
            "params": _params(pipeline or _pipeline_of(files[0]), settings),
            "pipeline": pipeline,
            "reference": reference,
            "uploader": uploader,
            "metadata": _parsed(metadata),
            "timeout_seconds": timeout,
        }
        if detach and retry_failed:
            raise typer.BadParameter("--retry-failed needs somebody who waits; leave --detach out")
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        if detach:
            for path in files:
                _print_queued(client.enqueue(path, **request), path, as_json)
            return
        request["retry_failed"] = retry_failed
        answered = [_answered(client, path, request, as_json) for path in files]
    if not all(answered):
        raise typer.Exit(CANNOT_BE_ANALYSED)


def _answered(client: "Client", path: Path, request: Mapping[str, Any], as_json: bool) -> bool:
    """Print the analysis of one file; return False, and say why, where the file is at fault."""
    try:
        with shown_progress(path.name) as progress:
            found = client.analyze(path, progress=progress, **request)
    except AssayError as error:
        if as_json:
            _print_json({"status": "error", "file_name": path.name, "reason": error.reason, "message": error.message})
        if not isinstance(error, InputError):
            raise
        complain(f"{path.name}: {sentence_of(error)}")
        return False
    if as_json:
        _print_json({"status": "success", **found.as_dict()})
    else:
        _print_findings(found)
    return True


def _print_queued(task: "QueuedTask", path: Path, as_json: bool) -> None:
    if as_json:
        _print_json({"status": "queued", "file_name": path.name, **dataclasses.asdict(task)})
    else:
        typer.echo(f"{path.name}: task {task.task_id}, {task.position} before it")


def _print_findings(found: "Analysis") -> None:
    from assaycache.analysis.v1.sequence_pb2 import SequenceTaxonomy
    from assaycache.cli import emg, sequences

    result = found.result
    shown = sequences.report(found, result) if isinstance(result, SequenceTaxonomy) else emg.report(found, result)
    Console().print(shown, soft_wrap=False)


def _print_json(value: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _params(pipeline: str, settings: list[str] | None) -> Mapping[str, Any] | None:
    if not settings:
        return None
    from assaycache.client.params import values_of
    from assaycache.client.pipelines import params_kind_of

    return values_of(params_kind_of(pipeline), settings)


def _pipeline_of(path: Path) -> str:
    from assaycache.client.pipelines import pipeline_for

    with path.open("rb") as file:
        return pipeline_for(file.read(512))


def _parsed(metadata: str | None) -> Mapping[str, Any] | None:
    if metadata is None:
        return None
    try:
        value = json.loads(metadata)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--metadata is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise typer.BadParameter("--metadata must be a JSON object")
    return value
