"""What is kept too long goes: guests who cannot come back, and rows whose time has passed."""

import json
import os
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console
from tools.errors import OperatorError

commands = typer.Typer(no_args_is_help=True, help="How long what is stored is kept.")


@commands.command("sweep")
def sweep_table(
    table: Table = None,
    queue: Annotated[
        str | None,
        typer.Option(help="The URL of the queue of jobs, which erases guests; that of a running `make run` without."),
    ] = None,
    endpoint: Endpoint = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Erase guests whose last token has run out, and delete rows whose time has passed. It reads the whole table."""
    if table is not None and queue is None and not dry_run:
        raise OperatorError("Name the queue of jobs with --queue, or see what would go with --dry-run.")
    deployment.use(table, endpoint)
    if queue is not None:
        os.environ["JOB_QUEUE_URL"] = queue
    from tools import retention

    found = retention.sweep(dry_run=dry_run)
    if as_json:
        print(json.dumps(found.told()))
        return
    for kind, count in sorted(found.rows.items()):
        past, gone = found.expired.get(kind, 0), found.of_gone_guests.get(kind, 0)
        console.print(f"{kind:<16} {count:>9} rows {past:>9} past their time {gone:>9} of guests who are gone")
    went = "would go" if dry_run else "went"
    console.print(f"{found.guests} guests, {found.gone_guests} of them gone; {found.total} rows {went}", markup=False)
