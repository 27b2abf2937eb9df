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
from assaycache.cli.inputs import Input, inputs_of
from assaycache.cli.plots import Plots
from assaycache.cli.progress import shown_progress
from assaycache.cli.questions import Pipeline, Reference, Settings, params_of, pipeline_of
from rpc.errors import AssayError, InputError

if TYPE_CHECKING:
    from assaycache import Analysis, Client, QueuedTask

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="Recordings (C3D), sequences (FASTA, FASTQ): paths, patterns (also quoted: 'day*/*.c3d', '**/*.c3d'), "
        "folders with --recursive, or - for standard input.",
        show_default=False,
    ),
]
Recursive = Annotated[
    bool,
    typer.Option("--recursive", "-r", help="Open folders: every C3D, FASTA and FASTQ file in them, by its ending."),
]
Name = Annotated[str, typer.Option(help="With -: the name to record for standard input.")]
Uploader = Annotated[str, typer.Option(help="Who hands the files in, to be recorded with them.")]
Metadata = Annotated[str | None, typer.Option(metavar="JSON", help="An object about the sample, to be recorded.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Compute again although a failure is remembered.")]
Detach = Annotated[
    bool, typer.Option("--detach", help="Queue the files and do not wait; `assaycache jobs TASK_ID` tells what became.")
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        "-w",
        help="Tell how far each computation has come also where standard error is no terminal (there a bar is always "
        "drawn): a line for each step.",
    ),
]
SavePlots = Annotated[
    Path | None,
    typer.Option(
        "--save-plots",
        metavar="FOLDER",
        file_okay=False,
        help="Draw each result as a PNG in this folder: signals with envelope, threshold and contractions, or "
        "a sample's composition. Needs the extra `plots` (matplotlib).",
    ),
]
Timeout = Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long to wait for each file.")]


def analyze(
    files: Files,
    *,
    recursive: Recursive = False,
    name: Name = "",
    settings: Settings = None,
    pipeline: Pipeline = None,
    reference: Reference = "",
    uploader: Uploader = "",
    metadata: Metadata = None,
    retry_failed: RetryFailed = False,
    detach: Detach = False,
    watch: Watch = False,
    save_plots: SavePlots = None,
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

    A file that the cache knows is not uploaded. With --json, one line of JSON a file. A file that cannot be analysed
    does not keep the others from it; the exit code is then 1.
    """
    with exit_codes():
        if detach and (retry_failed or save_plots or watch):
            raise typer.BadParameter(
                "--retry-failed, --save-plots and --watch need somebody who waits; leave --detach out"
            )
        request: dict[str, Any] = {
            "pipeline": pipeline,
            "reference": reference,
            "uploader": uploader,
            "metadata": _parsed(metadata),
            "timeout_seconds": timeout,
        }
        plots = None if save_plots is None else Plots(save_plots)
        chosen = inputs_of(files, recursive=recursive, name=name)
        params = {} if not settings else {item: params_of(pipeline_of(item, pipeline), settings) for item in chosen}
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        asking = _Asking(client, as_json, watch, plots)
        if not detach:
            request["retry_failed"] = retry_failed
        ask = asking.queued if detach else asking.analysed
        answered = [ask(item, {**request, "params": params.get(item)}) for item in chosen]
    if not all(answered):
        raise typer.Exit(CANNOT_BE_ANALYSED)


@dataclasses.dataclass(frozen=True)
class _Asking:
    """Asks about one file after the other, and prints what comes out."""

    client: "Client"
    as_json: bool
    watch: bool
    plots: Plots | None

    def analysed(self, item: Input, request: Mapping[str, Any]) -> bool:
        """Print the analysis of one file; return False, and say why, where the file is at fault."""
        try:
            with shown_progress(item.name, lines=self.watch) as progress:
                found = self.client.analyze(item.given, file_name=item.name, progress=progress, **request)
        except (AssayError, OSError) as error:
            return self._refused(item, error)
        if self.as_json:
            _print_json({"status": "success", **found.as_dict()})
        else:
            _print_findings(found)
        if self.plots is not None:
            self._drawn(item, found, request)
        return True

    def queued(self, item: Input, request: Mapping[str, Any]) -> bool:
        """Queue one file and print its task; return False, and say why, where the file is at fault."""
        try:
            task = self.client.enqueue(item.given, file_name=item.name, **request)
        except (AssayError, OSError) as error:
            return self._refused(item, error)
        _print_queued(task, item.name, self.as_json)
        return True

    def _drawn(self, item: Input, found: "Analysis", request: Mapping[str, Any]) -> None:
        assert self.plots is not None  # noqa: S101 - tells the type checker what the caller has checked
        path = self.plots.save(self.client, item, found, request["params"])
        said = f"{item.name}: drawn in {path}" if path else f"{item.name}: the profile compat has no signals to draw"
        typer.echo(said, err=True)

    def _refused(self, item: Input, error: AssayError | OSError) -> bool:
        if isinstance(error, OSError):
            reason, message = "FILE_UNREADABLE", f"The file cannot be read: {error.strerror or error}."
        else:
            reason, message = error.reason, error.message
        if self.as_json:
            _print_json({"status": "error", "file_name": item.name, "reason": reason, "message": message})
        if not isinstance(error, InputError | OSError):
            raise error
        complain(f"{item.name}: {sentence_of(error) if isinstance(error, InputError) else message}")
        return False


def _print_queued(task: "QueuedTask", name: str, as_json: bool) -> None:
    if as_json:
        _print_json({"status": "queued", "file_name": name, **dataclasses.asdict(task)})
    else:
        typer.echo(f"{name}: task {task.task_id}, {task.position} before it")


def _print_findings(found: "Analysis") -> None:
    from assaycache.analysis.v1.sequence_pb2 import SequenceTaxonomy
    from assaycache.cli import emg, sequences

    result = found.result
    shown = sequences.report(found, result) if isinstance(result, SequenceTaxonomy) else emg.report(found, result)
    Console().print(shown, soft_wrap=False)


def _print_json(value: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


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
