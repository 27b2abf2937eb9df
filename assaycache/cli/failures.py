"""Errors at the command line: one sentence, and an exit code that says what kind it is."""

import contextlib
from collections.abc import Iterator

import typer
from rich.console import Console
from rich.markup import escape

from rpc.errors import AssayError, InputError, InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from rpc.reasons import Reason

CANNOT_BE_ANALYSED = 1
USAGE = 2
SERVICE_AWAY = 3

START_HINT = "Start the services with: assaycache up"
AWAY = (Reason.CACHE_UNAVAILABLE, Reason.ANALYSIS_UNAVAILABLE)

_INTERRUPTED = 130  # by custom 128 + SIGINT


def exit_code_of(error: AssayError) -> int:
    """Return the exit code that an error stands for."""
    if isinstance(error, InputError | NotFound):
        return CANNOT_BE_ANALYSED
    return USAGE if isinstance(error, InvalidArgument | Unauthenticated | PermissionDenied) else SERVICE_AWAY


def sentence_of(error: AssayError) -> str:
    """Return an error for people: what is wrong, and its reason."""
    return f"{error.message} ({error.reason})"


def complain(sentence: str) -> None:
    """Print an error on standard error."""
    Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(sentence)}", highlight=False)


@contextlib.contextmanager
def exit_codes(hint: str = "") -> Iterator[None]:
    """End the program with a sentence and an exit code where one of our errors comes out.

    `hint` is added where a service is away.
    """
    from assaycache.launcher.errors import LauncherError

    try:
        yield
    except AssayError as error:
        complain(f"{sentence_of(error)} {hint if error.reason in AWAY else ''}".rstrip())
        raise typer.Exit(exit_code_of(error)) from error
    except LauncherError as error:
        complain(str(error))
        raise typer.Exit(SERVICE_AWAY) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(_INTERRUPTED) from error
