"""`assaycache reference …`: the databases that sequences are assigned by."""

import dataclasses
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assaycache.cli import connection
from assaycache.cli.failures import SERVICE_AWAY, complain
from assaycache.cli.progress import shown_progress

if TYPE_CHECKING:
    from assaycache import Client, Reference
    from assaycache.client.inquiry import Progress
    from assaycache.reference_samples import KnownReference

app = typer.Typer(
    name="reference", help="The reference databases that sequences are assigned by.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The reference's name; also its digest, where there is one.")]
Fasta = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="Sequences with lineages: FASTA, plain or gzip."),
]
Taxonomy = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="A table of lineages, where the FASTA has none: accession TAB lineage."
    ),
]
Tree = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="A tree of its accessions in Newick, rooted: for Faith's diversity and UniFrac.",
    ),
]
Ranks = Annotated[str, typer.Option(help="The ranks by commas, highest first, where the lineages do not say them.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of another reference of this name.")]
Default = Annotated[bool, typer.Option("--default", help="Make it the one that is meant where none is named.")]


class KnownName(StrEnum):
    """The references that `fetch` knows: those of `assaycache.reference_samples`."""

    ITS1 = "its1-curated"
    GREENGENES = "greengenes-97"


Known = Annotated[KnownName, typer.Argument(help="Which one.")]


@app.command("list")
def list_references(
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """List the references that are installed."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = client.references()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(reference) for reference in found], ensure_ascii=False))
    elif found:
        Console().print(_table(found))
    else:
        typer.echo("No reference is installed. Try: assaycache reference fetch")


@app.command()
def show(
    name: Name,
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Show one reference: where it comes from, its ranks, its digest."""
    from assaycache.client.references import named

    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = named(client.references(), name)
    _print(found, as_json)


@app.command()
def add(
    name: Name,
    fasta: Fasta,
    *,
    taxonomy: Taxonomy = None,
    tree: Tree = None,
    version: Annotated[str, typer.Option(help="Its version, as its makers call it.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of its contents.")] = "",
    citation: Annotated[str, typer.Option(help="How to cite it.")] = "",
    ranks: Ranks = "",
    replace: Replace = False,
    default: Default = False,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Build a reference from FASTA with lineages; what is said of it is shown with every result."""
    with (
        connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client,
        shown_progress(name) as progress,
    ):
        found = client.add_reference(
            name,
            fasta,
            taxonomy=taxonomy,
            tree=tree,
            version=version,
            licence=licence,
            citation=citation,
            ranks=tuple(rank.strip() for rank in ranks.split(",") if rank.strip()),
            replace=replace,
            make_default=default,
            progress=progress,
        )
    _print(found, as_json)


@app.command()
def remove(
    name: Name,
    *,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Remove a reference. Results that were made with it stay in the cache."""
    with connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client:
        found = client.remove_reference(name)
    typer.echo(f"{found.name} is removed.")


@app.command()
def fetch(
    name: Known = KnownName.ITS1,
    *,
    as_json: connection.Json = False,
    cache: connection.Cache = None,
    analysis: connection.Analysis = None,
    ca_file: connection.CaFile = None,
    server_name: connection.ServerName = "",
    token: connection.Token = "",
    home: connection.Home = connection.HOME,
) -> None:
    """Fetch a real reference by pip, out of a package that carries it, and add it.

    its1-curated: 384 ITS1 sequences of Phytophthora, out of thapbi-pict (2.4 MB). greengenes-97: 99,322 sequences of
    16S with their tree, out of qiime-default-reference (35 MB); it takes minutes to build, and 1 GB.
    """
    from assaycache import reference_samples
    from assaycache.packages import SampleUnavailableError

    with (
        connection.connected(cache, analysis, ca_file, home, server_name=server_name, token=token) as client,
        shown_progress(name) as progress,
    ):
        try:
            found = fetched(client, home / "samples" / "sequences", reference_samples.KNOWN[name], progress)
        except SampleUnavailableError as error:
            complain(str(error))
            raise typer.Exit(SERVICE_AWAY) from error
    _print(found, as_json)


def fetched(
    client: "Client", folder: Path, wanted: "KnownReference | None" = None, progress: "Progress | None" = None
) -> "Reference":
    """Add a reference that a package carries, the demo's by default, unless it is there."""
    from assaycache import Event, reference_samples

    known = wanted or reference_samples.DEMO
    if progress is not None:
        progress(Event("fetching"))
    files = known.fetch(folder)
    return client.add_reference(
        known.name,
        files.sequences,
        taxonomy=files.taxonomy,
        tree=files.tree,
        version=known.version,
        licence=known.licence,
        citation=known.citation,
        ranks=known.ranks,
        progress=progress,
    )


def _print(reference: "Reference", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(reference), ensure_ascii=False))
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in dataclasses.asdict(reference).items():
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        table.add_row(name.replace("_", " "), escape(shown))
    Console().print(table)


def _table(references: "tuple[Reference, ...]") -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("Name", "Version", "Sequences", "Ranks", "Tree", "Licence", "Digest"):
        table.add_column(header, overflow="fold")
    for item in references:
        name = f"{item.name} (default)" if item.is_default else item.name
        counted, ranks, tree = f"{item.sequences:,}", ", ".join(item.ranks), "yes" if item.has_tree else "no"
        words = (name, item.version, counted, ranks, tree, item.licence, item.digest[:12])
        table.add_row(*map(escape, words))
    return table
