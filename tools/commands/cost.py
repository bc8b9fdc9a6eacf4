"""What model calls cost is reported."""

import json
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console

commands = typer.Typer(no_args_is_help=True, help="What model calls cost.")


@commands.command("report")
def report_cost(
    table: Table = None,
    endpoint: Endpoint = None,
    month: Annotated[str | None, typer.Option(help="The month, such as 2026-11; this one if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Show what model calls cost in a month: by day, by course and model, and as a whole."""
    deployment.use(table, endpoint)
    from tools import cost

    of_month, found = cost.spent(month)
    if as_json:
        print(json.dumps(cost.plain(of_month, found)))
    else:
        console.print(cost.said(of_month, found), markup=False, soft_wrap=True)
