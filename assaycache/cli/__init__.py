"""The command line: `assaycache --help`."""

import typer

from assaycache.cli import analyze, forgetting, inspect, pipelines, references, signals, stack, token

app = typer.Typer(
    name="assaycache",
    help="Analyse once, answer everywhere: a cache for lab analyses.",
    epilog=(
        "Exit codes: 0 all is well; 1 a file cannot be analysed (the others were), or a job is not known; "
        "2 the command is not valid; 3 the services are away or cannot answer now.\n\n"
        "Tab completes after `assaycache --install-completion` in a new shell (bash, zsh, fish, PowerShell)."
    ),
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command()(stack.up)
app.command()(stack.down)
app.command()(analyze.analyze)
app.command()(signals.signals)
app.command()(pipelines.pipelines)
app.add_typer(references.app)
app.command()(inspect.jobs)
app.command()(inspect.stats)
app.command()(inspect.health)
app.command()(forgetting.explain)
app.command()(forgetting.withdraw)
app.command()(forgetting.invalidate)
app.command()(forgetting.erase)
app.add_typer(token.app, name="token")
