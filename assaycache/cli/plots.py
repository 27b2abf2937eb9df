"""Results drawn as PNG files, by matplotlib, which is an extra."""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assaycache.cli.failures import USAGE, complain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from assaycache import Analysis, Client, Signal
    from assaycache.analysis.v1.sequence_pb2 import SequenceComposition, SequenceTaxonomy
    from assaycache.cli.inputs import Input

POINTS = 3000
"""Of each signal: twice the pixels that a plot is wide."""

_SIGNAL, _ENVELOPE, _THRESHOLD, _CONTRACTION, _UNASSIGNED = "#9db4c0", "#0b5c6b", "#a4242a", "#f0a92b", "#c9d3d8"
_WIDTH_IN, _ROW_IN, _MARGIN_IN, _DPI = 12.0, 1.5, 1.2, 125
_MOST_TAXA = 12
_LEAST_NAMED_SHARE = 0.014  # a line of text is 1.2 % of the height
_MISSING = "--save-plots needs matplotlib, which is an extra: pip install 'assaycache[plots]'"


class Plots:
    """Draws results into a folder."""

    def __init__(self, folder: Path) -> None:
        """Make the folder.

        Raises:
            typer.Exit: matplotlib is not installed.
            typer.BadParameter: the folder cannot be made.
        """
        if importlib.util.find_spec("matplotlib") is None:
            complain(_MISSING)
            raise typer.Exit(USAGE)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"{folder} cannot be made: {error.strerror}") from error
        self._folder = folder

    def save(self, client: "Client", item: "Input", found: "Analysis", params: Mapping[str, Any] | None) -> Path | None:
        """Draw a result and return where it is; None where it has no signals, as with the profile `compat`."""
        from assaycache.analysis.v1.sequence_pb2 import SequenceTaxonomy

        if isinstance(found.result, SequenceTaxonomy):
            figure = composition_figure(found.result, item.name)
        elif found.result.HasField("compat"):
            return None
        else:
            signals = client.signals(item.given, params=params, max_points=POINTS)
            figure = session_figure(signals, item.name)
        path = self._folder / f"{_stem(item.name)}-{found.job_id[:8]}.png"
        figure.savefig(path, dpi=_DPI)
        return path


def session_figure(signals: Sequence["Signal"], title: str) -> "Figure":
    """Return a plot a channel: the signal, its envelope and threshold, and contractions as bands."""
    channels: dict[str, dict[str, Signal]] = defaultdict(dict)
    for signal in signals:
        channels[signal.label][signal.kind or ""] = signal
    figure = _figure(title, _MARGIN_IN + _ROW_IN * max(1, len(channels)))
    rows = list(figure.subplots(max(1, len(channels)), 1, sharex=True, squeeze=False)[:, 0])
    for axes, (label, kinds) in zip(rows, channels.items(), strict=False):
        _draw_channel(axes, kinds)
        axes.set_ylabel(f"{label}\nµV", parse_math=False, fontsize=8)
        axes.tick_params(labelsize=7)
        axes.margins(x=0)
    rows[-1].set_xlabel("Time (s)")
    _explain_lines(figure, rows)
    return figure


def composition_figure(sample: "SequenceTaxonomy", title: str) -> "Figure":
    """Return a bar a rank, highest first, of the shares of reads; the largest taxa by name."""
    figure = _figure(title, _MARGIN_IN + 8.0)
    axes = figure.subplots()
    for place, composition in enumerate(sample.compositions):
        _draw_rank(axes, place, composition)
    ranks = [composition.rank.capitalize() for composition in sample.compositions]
    axes.set_xticks(range(len(ranks)), ranks)
    axes.set_ylabel("Share of reads (%)")
    axes.set_ylim(0, 100)
    return figure


def _figure(title: str, height_in: float) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
    figure.suptitle(title, parse_math=False)
    return figure


def _draw_channel(axes: "Axes", kinds: Mapping[str, "Signal"]) -> None:
    shown = kinds.get("filtered") or kinds.get("raw")
    if shown is not None:
        axes.fill_between(_seconds(shown), shown.minimum_uv, shown.maximum_uv, color=_SIGNAL, lw=0.4, label="Signal")
        for number, (onset_ms, offset_ms) in enumerate(shown.contractions_ms):
            label = "" if number else "Contraction"
            axes.axvspan(onset_ms / 1000, offset_ms / 1000, color=_CONTRACTION, alpha=0.3, lw=0, label=label)
    envelope = kinds.get("envelope")
    if envelope is not None:
        axes.plot(_seconds(envelope), envelope.maximum_uv, color=_ENVELOPE, lw=1.0, label="RMS envelope")
        if envelope.threshold_uv is not None:
            axes.axhline(envelope.threshold_uv, color=_THRESHOLD, lw=0.9, ls="--", label="Threshold")


def _explain_lines(figure: "Figure", rows: Sequence["Axes"]) -> None:
    """Put one legend over all plots."""
    named = {name: line for axes in rows for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    if named:
        figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named), fontsize=8)


def _draw_rank(axes: "Axes", place: int, composition: "SequenceComposition") -> None:
    from matplotlib import colormaps

    colours = colormaps["Set3"].colors  # type: ignore[attr-defined]  # the stubs know colour maps in general only
    bottom = 0.0
    shown = composition.taxa[:_MOST_TAXA]
    rest = sum(taxon.share for taxon in composition.taxa[_MOST_TAXA:])
    bars = [(taxon.name, taxon.share, colours[at % len(colours)]) for at, taxon in enumerate(shown)]
    others = len(composition.taxa) - len(shown)
    bars += [(f"{others} more", rest, "#aebac0"), ("unassigned", composition.unassigned.share, _UNASSIGNED)]
    for name, share, colour in bars:
        axes.bar(place, 100 * share, 0.8, bottom=100 * bottom, color=colour, edgecolor="white", linewidth=0.5)
        if share >= _LEAST_NAMED_SHARE:
            middle = 100 * (bottom + share / 2)
            axes.text(place, middle, name, ha="center", va="center", fontsize=7, parse_math=False, wrap=True)
        bottom += share


def _seconds(signal: "Signal") -> list[float]:
    return [time_ms / 1000 for time_ms in signal.time_ms]


def _stem(name: str) -> str:
    """Return a file's name without its ending and what file systems dislike."""
    return re.sub(r"[^\w.-]+", "_", name.rsplit(".", 1)[0]).lstrip(".") or "result"
