"""Personalized lessons that are out of service are listed, and put back."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console, named

commands = typer.Typer(no_args_is_help=True, help="Personalized lessons that readers took out of service.")


@commands.command("list")
def list_withdrawn(
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """List what is out of service: lesson, readers, ratings, since when, and the variant's key."""
    deployment.use(table, endpoint)
    from tools import variants

    course_id = named(of_course)
    found = variants.withdrawn(course_id)
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
    else:
        console.print(variants.said(course_id, found), markup=False, soft_wrap=True)


@commands.command("restore")
def restore_variant(
    variant: Annotated[str, typer.Argument(help="The variant's key.")],
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
) -> None:
    """Let readers have a variant again, whatever they rate it from now on."""
    deployment.use(table, endpoint)
    from tools import variants

    variants.restore(named(of_course), variant)
