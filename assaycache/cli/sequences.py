"""A sample of sequences as people read it: what was read, what it is made of, how diverse it is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from assaycache.cli.words import counted, seconds_text

if TYPE_CHECKING:
    from assaycache import Analysis
    from assaycache.analysis.v1.sequence_pb2 import SequenceComposition, SequenceTaxonomy

_MOST_TAXA = 15


def report(found: "Analysis", sample: "SequenceTaxonomy") -> RenderableType:
    """Return everything worth reading about a sample."""
    head = f"[bold]{escape(found.file_name or 'Sample')}[/] {_overview(sample)}"
    lines = [head, *_dropped(sample), *_statuses(sample)]
    how = "from the cache" if found.cached else f"computed in {seconds_text(found.compute_seconds)}"
    after = [*_diversity(sample), _reference(sample), f"[dim]Job {found.job_id}, {how}.[/]"]
    table = _table(sample.compositions[-1], _MOST_TAXA)
    return Group(*map(Text.from_markup, lines), table, *map(Text.from_markup, after), "")


def summary(sample: "SequenceTaxonomy") -> RenderableType:
    """Return what is worth knowing first, in a few lines."""
    lines = [_overview(sample), *_statuses(sample)]
    return Group(*(Text.from_markup(f"  {line}") for line in lines), _table(sample.compositions[-1], 5))


def _overview(sample: "SequenceTaxonomy") -> str:
    reading = sample.reading
    return (
        f"{counted(reading.kept_reads, 'read')} of {counted(reading.unique_sequences, 'unique sequence')} "
        f"({reading.format}, {counted(reading.records, 'record')})."
    )


def _dropped(sample: "SequenceTaxonomy") -> Iterator[str]:
    for field, count in sample.reading.dropped.ListFields():
        yield f"[yellow]Left out:[/] {counted(count, 'record')} ({field.name.replace('_', ' ')})."
    for warning in sample.reading.warnings:
        yield f"[yellow]Note:[/] {escape(warning.message)}"


def _statuses(sample: "SequenceTaxonomy") -> Iterator[str]:
    from rpc.protojson import json_of

    counts = ", ".join(
        f"{said['reads']:,} {str(said['status']).replace('_', ' ')}"
        for said in map(json_of, sample.statuses)
        if said["reads"]
    )
    yield f"Reads: {counts}; mean confidence {100 * sample.mean_confidence:.1f} %."


def _table(composition: "SequenceComposition", most: int) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 2))
    table.add_column(composition.rank.capitalize())
    for header in ("Reads", "Share", "Unique"):
        table.add_column(header, justify="right")
    rest = len(composition.taxa) - most
    for taxon in [*composition.taxa[:most], composition.unassigned]:
        table.add_row(escape(taxon.name), f"{taxon.reads:,}", f"{100 * taxon.share:.1f} %", f"{taxon.sequences:,}")
    if rest > 0:
        table.add_row(f"and {rest} more", "", "", "")
    return table


def _diversity(sample: "SequenceTaxonomy") -> Iterator[str]:
    found = sample.diversity
    if found.HasField("shannon"):
        faith = f", Faith's PD {found.faith:.3f}" if found.HasField("faith") else ""
        yield f"Diversity of unique sequences: Shannon {found.shannon:.3f}, Simpson {found.simpson:.3f}{faith}."


def _reference(sample: "SequenceTaxonomy") -> str:
    reference = sample.reference
    said = ", ".join(filter(None, (reference.version, reference.licence, reference.citation)))
    return f"[dim]Reference: {escape(reference.name)} ({escape(said)}).[/]"
