"""Erasures are repeated after a backup was restored."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console

commands = typer.Typer(no_args_is_help=True, help="Learners who left.")


@commands.command("repeat")
def repeat_erasures(
    restored: Annotated[str, typer.Option("--restored", help="The table that a backup was restored to.")],
    table: Table = None,
    endpoint: Endpoint = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would go, and delete nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Delete from a restored table whoever was erased in the live one since; doing it twice changes nothing."""
    deployment.use(table, endpoint)
    from tools import erasures

    found = erasures.repeat(restored, dry_run=dry_run)
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        went = "would go" if dry_run else "went"
        console.print(f"{restored}: {found.learners} learners, {found.erased} of them erased, {found.rows} rows {went}")
