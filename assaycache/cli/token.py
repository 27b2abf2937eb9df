"""`assaycache token new`: makes tokens; what knows them is the tokens file of the services."""

from typing import Annotated

import typer

from assaycache.cli import connection

app = typer.Typer(help="Tokens, by which the services know their callers.", no_args_is_help=True)

_ROLES = ["reader", "writer", "admin", "service"]

Namespace = Annotated[str, typer.Option(help="The namespace that the token opens.")]
RoleName = Annotated[
    str, typer.Option("--role", help="reader, writer, admin or service.", autocompletion=lambda: _ROLES)
]
Label = Annotated[str, typer.Option(help="Whose token it is, for the audit.")]


@app.callback()
def _group() -> None:
    """Keep `new` a command of its own while it is the only one."""


@app.command()
def new(
    *,
    namespace: Namespace = "default",
    role: RoleName = "writer",
    label: Label = "",
    as_json: connection.Json = False,
) -> None:
    """Make a token: it is printed once, beside the lines for the services' TOKENS_FILE, which hold only its SHA-256."""
    from rpc.roles import Role
    from rpc.tokens import Principal, digest_of, entry_text, new_token, table_of

    if role not in set(Role):
        raise typer.BadParameter(f"--role must be one of {', '.join(Role)}")
    token = new_token()
    entry = entry_text(token, Principal(namespace, Role(role), label))
    try:
        table_of(entry)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        import json

        fields = {"sha256": digest_of(token).hex(), "namespace": namespace, "role": role, "label": label}
        typer.echo(json.dumps({"token": token, "entry": fields}))
        return
    typer.echo("The token, which is shown this once; hand it over in secret:", err=True)
    typer.echo(token)
    typer.echo("\nFor the TOKENS_FILE of the cache service, the analysis service and the gateway:", err=True)
    typer.echo(entry, nl=False)
