"""Profiles are checked against what they are made from."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console, named

commands = typer.Typer(no_args_is_help=True, help="What is measured of learners.")


@commands.command("audit")
def audit_profile(
    user_id: Annotated[str, typer.Argument(help="The learner's id in the API.")],
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Store what a replay gives.")] = False,
    as_json: Json = False,
) -> None:
    """Replay all of a learner's sessions: exit code 1 if the stored profile is not what they give, byte for byte."""
    deployment.use(table, endpoint)
    from tools import audit

    course_id = named(of_course)
    found, well = audit.audit(user_id, course_id, repair=repair)
    if as_json:
        print(json.dumps({"course": course_id, **asdict(found), "well": well}))
    else:
        console.print(f"{course_id}: {audit.said(found, well=well)}", markup=False, soft_wrap=True)
    if not well:
        raise typer.Exit(1)
