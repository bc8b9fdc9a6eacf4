"""What several commands take, and where they print."""

import json
import os
from typing import Annotated

import typer
import urllib3
from rich.console import Console

from tools.errors import OperatorError
from tools.files import LOCAL, TOKENS

console = Console(highlight=False)

Url = Annotated[str, typer.Option(envvar="ATTUNE_URL", help="Where the API answers.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="ATTUNE_TOKEN", help="An admin token; that of `make run` if not given.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Table = Annotated[
    str | None,
    typer.Option(
        envvar="ATTUNE_TABLE",
        help="The table, with your AWS credentials; that of a running `make run` if not given.",
        show_default=False,
    ),
]
Endpoint = Annotated[
    str | None,
    typer.Option(envvar="AWS_ENDPOINT_URL", help="Where the table is, if not at AWS.", show_default=False),
]
HERE = "http://127.0.0.1:8000"


def named(of_course: str | None) -> str:
    """The course that is meant."""
    course_id = of_course or os.environ.get("DEFAULT_COURSE")
    if course_id is None:
        raise OperatorError("Name the course with --course.")
    return course_id


def local_token(url: str) -> str | None:
    """The admin token of `make run`, for an API on this machine only."""
    if urllib3.util.parse_url(url).host not in ("127.0.0.1", "localhost") or not (LOCAL / TOKENS).exists():
        return None
    return str(json.loads((LOCAL / TOKENS).read_text("utf-8"))["admin"])
