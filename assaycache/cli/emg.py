"""An EMG session as people read it: quality first, then the channels, then how the numbers came about."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assaycache.cli.words import counted, seconds_text

if TYPE_CHECKING:
    from assaycache import Analysis
    from assaycache.analysis.v1.emg_pb2 import EmgChannel, EmgFinding, EmgSession

_COLOURS = {"info": "dim", "warning": "yellow", "unusable": "bold red"}
_HEADERS = ("Contractions", "Mean µV", "Peak µV", "RMS µV", "Median Hz", "SNR dB")
_MOST_ACTIVE = 3


def report(found: "Analysis", session: "EmgSession") -> RenderableType:
    """Return everything worth reading about an analysis."""
    lines = [
        Text.from_markup(f"[bold]{escape(found.file_name or 'Recording')}[/] {_overview(session)}"),
        *(Text.from_markup(line) for line in _quality(session)),
    ]
    after = [*_remarks(session), *_provenance(session), *_origin(found)]
    table = _compat_table(session) if session.HasField("compat") else _channels_table(session)
    return Group(*lines, table, *(Text.from_markup(line) for line in after), "")


def summary(session: "EmgSession") -> RenderableType:
    """Return what a clinician wants to know first, in a few lines."""
    lines = [_overview(session), *_quality(session), *_activity(session), *_notes_of_all(session)]
    return Group(*(Padding(Text.from_markup(line), (0, 0, 0, 2)) for line in lines))


def _overview(session: "EmgSession") -> str:
    recording, rate = session.recording, session.rate
    count = len(session.compat.channels) if session.HasField("compat") else len(session.channels)
    return (
        f"{count} EMG channels of {recording.channel_count}, {recording.duration_s:.2f} s "
        f"at {rate.used_hz:g} Hz ({_name(rate, 'source')} rate)."
    )


def _quality(session: "EmgSession") -> Iterator[str]:
    if session.HasField("compat"):
        yield "The earlier analyzer's numbers, for comparison only: no quality checks, and in the file's own units."
        return
    unusable = [channel.label for channel in session.channels if not _usable(channel)]
    doubtful = [channel.label for channel in session.channels if _usable(channel) and _worst(channel) == "warning"]
    good = len(session.channels) - len(unusable) - len(doubtful)
    yield f"Quality: [green]{good} good[/], {len(doubtful)} to be read with care, {len(unusable)} unusable."
    if session.rate.HasField("estimated_hz") and abs(session.rate.estimated_hz / session.rate.declared_hz - 1) > 0.002:
        yield (
            f"[yellow]Hum from the mains suggests a sampling rate of {session.rate.estimated_hz:g} Hz, not the "
            f"declared {session.rate.declared_hz:g} Hz[/] ({_name(session.rate, 'confidence')} confidence)."
        )


def _channels_table(session: "EmgSession") -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Channel", no_wrap=True)
    for header in _HEADERS:
        table.add_column(header, justify="right")
    table.add_column("Findings", overflow="fold")
    for channel in session.channels:
        findings = ", ".join(_finding(item) for item in channel.features.findings)
        table.add_row(escape(channel.label), *_numbers(channel), findings or "[green]none[/]")
    return table


def _compat_table(session: "EmgSession") -> Table:
    table = Table("Channel", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("Contractions", "Good", "Mean", "Peak", "RMS", "Median Hz"):
        table.add_column(header, justify="right")
    for channel in session.compat.channels:
        if channel.HasField("rejection_reason"):
            table.add_row(escape(channel.label), *["-"] * 6)
            continue
        numbers = (channel.avg_amplitude, channel.max_amplitude, channel.rms, channel.mdf)
        counts = (channel.contraction_count, channel.good_contraction_count)
        table.add_row(escape(channel.label), *map(str, counts), *(f"{number:.4g}" for number in numbers))
    return table


def _numbers(channel: "EmgChannel") -> tuple[str, ...]:
    features = channel.features
    if not _usable(channel):
        return ("-",) * len(_HEADERS)
    contractions, quality = features.contraction_summary, features.quality
    return (
        str(contractions.count),
        _number(contractions.mean_envelope_uv) if contractions.HasField("mean_envelope_uv") else "-",
        _number(contractions.peak_envelope_uv) if contractions.HasField("peak_envelope_uv") else "-",
        _number(features.amplitude.rms_uv),
        _number(median_frequency_hz(channel)),
        _number(quality.snr_db) if quality.HasField("snr_db") else "-",
    )


def median_frequency_hz(channel: "EmgChannel") -> float | None:
    """Return the median over the contractions' median frequencies; None where none has one."""
    found = [
        contraction.spectrum.median_frequency_hz
        for contraction in channel.features.contractions
        if contraction.HasField("spectrum")
    ]
    return statistics.median(found) if found else None


def _remarks(session: "EmgSession") -> Iterator[str]:
    yield from _notes_of_all(session)
    for warning in session.warnings:
        yield f"[yellow]Recording:[/] {escape(warning.message)}"
    if session.left_out_channels:
        reasons = Counter(_name(channel, "reason").replace("_", " ") for channel in session.left_out_channels)
        named = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        yield f"[dim]Not analysed: {len(session.left_out_channels)} analog channels ({named}).[/]"


def _notes_of_all(session: "EmgSession") -> Iterator[str]:
    """Yield each kind of finding that matters once, with all channels that it is about."""
    about: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for channel in session.channels:
        for finding in channel.features.findings:
            severity = _name(finding, "severity")
            if severity != "info":
                about[severity, _name(finding, "code")].append((channel.label, finding.message))
    for (severity, _code), items in sorted(about.items(), key=lambda item: item[0][0] != "unusable"):
        (label, message), *others = items
        yield f"[{_COLOURS[severity]}]{escape(label)}:[/] {escape(message)}{_elsewhere(message, others)}"


def _elsewhere(message: str, others: list[tuple[str, str]]) -> str:
    if not others:
        return ""
    how = "The same" if all(text == message for _, text in others) else "Much the same"
    return f" {how} on {escape(', '.join(label for label, _ in others))}."


def _activity(session: "EmgSession") -> Iterator[str]:
    active = [channel for channel in session.channels if channel.features.contraction_summary.count]
    if not active:
        yield "No channel shows a contraction that stands out from rest."
        return
    count = sum(channel.features.contraction_summary.count for channel in active)
    yield f"{count} contractions on {len(active)} channels. The most active:"
    active.sort(key=lambda channel: channel.features.contraction_summary.peak_envelope_uv, reverse=True)
    for channel in active[:_MOST_ACTIVE]:
        contractions = channel.features.contraction_summary
        yield (
            f"- [bold]{escape(channel.label)}[/]: {counted(contractions.count, 'contraction')}, "
            f"{contractions.total_ms / 1000:.1f} s under tension, peak {_number(contractions.peak_envelope_uv)} µV, "
            f"median frequency {_number(median_frequency_hz(channel))} Hz"
        )


def _provenance(session: "EmgSession") -> Iterator[str]:
    made = session.provenance
    bands = {_band(channel) for channel in session.channels if channel.features.HasField("filter")}
    yield (
        f"[dim]{escape(made.pipeline)} {escape(made.pipeline_version)}, profile {_name(session, 'profile')}"
        f"{''.join(f'; {band}' for band in sorted(bands))}; onsets: {escape(made.onset_method)}.[/]"
    )
    if made.not_supplied:
        yield f"[dim]A report by the standards also needs: {escape(', '.join(made.not_supplied).replace('_', ' '))}.[/]"


def _band(channel: "EmgChannel") -> str:
    band = channel.features.filter
    return f"band {band.low_cut_hz:g}-{band.high_cut_hz:g} Hz, effective order {band.effective_order}"


def _origin(found: "Analysis") -> Iterator[str]:
    if found.cached:
        how = f"[green]cached[/] ({found.tier or 'unknown'}; computing took {seconds_text(found.compute_seconds)})"
    else:
        how = f"[cyan]computed[/] in {seconds_text(found.compute_seconds)} ({found.durability or 'unknown'})"
    yield f"Job {found.job_id}: {how}"


def _finding(finding: "EmgFinding") -> str:
    colour = _COLOURS.get(_name(finding, "severity"), "yellow")
    return f"[{colour}]{_name(finding, 'code').replace('_', ' ')}[/]"


def _usable(channel: "EmgChannel") -> bool:
    return not channel.features.HasField("unusable_reason")


def _worst(channel: "EmgChannel") -> str:
    found = {_name(finding, "severity") for finding in channel.features.findings}
    return next((severity for severity in ("unusable", "warning", "info") if severity in found), "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _name(message: object, field: str) -> str:
    """Return the short lower-case name of an enum field's value."""
    enum = message.DESCRIPTOR.fields_by_name[field].enum_type  # type: ignore[attr-defined]  # any message has one
    value = enum.values_by_number.get(getattr(message, field))
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return "unknown" if value is None else str(value.name).removeprefix(prefix).lower()
