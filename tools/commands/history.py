"""Practice of years is loaded from a file."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console

commands = typer.Typer(no_args_is_help=True, help="Practice of years.")


@commands.command("import")
def import_history(
    file: Annotated[
        Path, typer.Argument(help="NDJSON: a session or a piece of one in each line (docs/operations.md).")
    ],
    table: Table = None,
    endpoint: Endpoint = None,
    course_of_lines: Annotated[
        str | None, typer.Option("--course", help="The course of lines that name none.", show_default=False)
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="Make learners who are not there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is wrong, and write nothing.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew, whatever was done before.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Learners at once.")] = 8,
    as_json: Json = False,
) -> None:
    """Load practice of any age; loading the same again changes nothing. Exit code 1 if anything was left out."""
    deployment.use(table, endpoint)
    from tools import history, history_progress

    options = history.Options(course_of_lines or os.environ.get("DEFAULT_COURSE"), create, dry_run, restart, workers)
    with history_progress.shown(file) as watch:
        counts = history.History(file, options, watch).load()
    if as_json:
        print(json.dumps(asdict(counts)))
    else:
        console.print(history_progress.summary(file, counts, dry_run=dry_run), markup=False, soft_wrap=True)
    if not counts.is_clean:
        raise typer.Exit(1)
