"""Courses are published from a folder."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tools import course, publish
from tools.client import Client
from tools.commands.options import HERE, Json, Token, Url, console, local_token

commands = typer.Typer(no_args_is_help=True, help="Courses.")


@commands.command("publish")
def publish_course(
    folder: Annotated[Path, typer.Argument(help="A course folder (docs/course-format.md).")],
    url: Url = HERE,
    token: Token = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Publish a course folder; publishing the same files again writes nothing."""
    found = course.read(folder)
    client = Client(url, token or local_token(url))
    for file in found.unused:
        print(f"warning: {file} is not in course.yaml", file=sys.stderr)
    if dry_run:
        differences = list(publish.compare(client, found))
        if as_json:
            print(json.dumps({"course": found.id, "lessons": [asdict(each) for each in differences]}))
        else:
            for each in differences:
                console.print(f"{each.state:<8}{each.slug}", markup=False)
        return
    before = publish.version(client, found.id)
    with console.status("") as status:
        published = publish.publish(client, found, status.update)
    if as_json:
        print(json.dumps({"course": found.id, **published}))
    else:
        state = publish.state_of(published, before)
        console.print(f"{found.id}: {state}, version {published.get('version')}, {len(found.lessons)} lessons")
