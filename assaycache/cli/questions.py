"""What is asked of files: options of the commands that ask, and the parameters that `--set` means."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from assaycache.cli.inputs import Input

PIPELINES = ("emg.session", "sequence.taxonomy")

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of the pipeline; may be repeated. Lists by commas: --set channels=EMG1,EMG2",
    ),
]
Pipeline = Annotated[
    str | None,
    typer.Option(help="The pipeline. Unset: as each file's content says.", autocompletion=lambda: list(PIPELINES)),
]
Reference = Annotated[str, typer.Option(help="Sequences: the reference's name or digest. Unset: the default one.")]


def params_of(pipeline: str, settings: Iterable[str] | None) -> Mapping[str, Any] | None:
    """Return the parameters that settings mean; None where there are none.

    Raises:
        InvalidArgument: PIPELINE_UNKNOWN, PARAMETER_UNKNOWN, PARAMETER_INVALID.
    """
    if not settings:
        return None
    from assaycache.client.params import values_of
    from assaycache.client.pipelines import params_kind_of

    return values_of(params_kind_of(pipeline), settings)


def pipeline_of(item: Input, pipeline: str | None) -> str:
    """Return the pipeline that was asked for, else that for the file's content.

    Raises:
        OSError: the file cannot be read.
    """
    from assaycache.client.pipelines import pipeline_for

    return pipeline or pipeline_for(item.head())
