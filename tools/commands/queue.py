"""Messages that were given up are sent back."""

import json
import os
from typing import Annotated

import typer

from tools import deployment
from tools.commands.options import Json, console
from tools.errors import OperatorError

commands = typer.Typer(no_args_is_help=True, help="Messages that were given up.")


@commands.command("redrive")
def redrive_queue(
    which: Annotated[str, typer.Argument(help="sections or jobs")] = "sections",
    queue: Annotated[
        str | None,
        typer.Option(help="The queue's URL, with your AWS credentials; that of a running `make run` if not given."),
    ] = None,
    dead: Annotated[str | None, typer.Option(help="The URL of its dead-letter queue.")] = None,
    as_json: Json = False,
) -> None:
    """Send messages back that were given up; those that are done or out of date are skipped when they come."""
    names = {"sections": "SECTION", "jobs": "JOB"}
    if which not in names:
        raise OperatorError("Say sections or jobs.")
    if (queue is None) != (dead is None):
        raise OperatorError("Give both --queue and --dead, or neither.")
    if queue is None:
        deployment.use(None, None)
        queue, dead = (os.environ[f"{names[which]}_{name}_URL"] for name in ("QUEUE", "DLQ"))
    import boto3

    from tools import redrive

    moved = redrive.redrive(boto3.client("sqs"), str(dead), queue)
    if as_json:
        print(json.dumps({"queue": which, "moved": moved}))
    else:
        console.print(f"{which}: {moved} sent back", markup=False)
