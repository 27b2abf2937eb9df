"""How far an analysis has come: a bar on a terminal, lines elsewhere if they are asked for."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from assaycache import Event


@contextlib.contextmanager
def shown_progress(name: str, *, lines: bool = False) -> Iterator[Callable[["Event"], None] | None]:
    """Give a listener that draws a bar on standard error; where that is no terminal, one for `lines`, else None."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(name).hear if lines else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(escape(name), total=None)
        yield lambda event: _show(bar, task, name, event)


def _show(bar: Progress, task: TaskID, name: str, event: "Event") -> None:
    total = None if event.fraction is None else 1.0
    bar.update(task, description=f"{escape(name)}: {words_of(event)}", total=total, completed=event.fraction or 0.0)


class Lines:
    """Writes a line on standard error whenever there is something new to say: for logs, and for screen readers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said = ""

    def hear(self, event: "Event") -> None:
        """Say where it stands."""
        share = "" if event.fraction is None else f", {event.fraction:.0%}"
        said = f"{self._name}: {words_of(event)}{share}"
        if said != self._said:
            typer.echo(said, err=True)
        self._said = said


def words_of(event: "Event") -> str:
    """Return what is going on, in a few words."""
    if event.joined:
        return "waiting for the same analysis, already under way"
    if event.queue_position:
        return f"queued, {event.queue_position} before it"
    counted = f", {event.parts_done} of {event.parts_total} parts" if event.parts_total else ""
    return event.stage.replace("_", " ") + counted
