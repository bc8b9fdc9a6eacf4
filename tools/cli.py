"""The operator's command line: `python -m tools.cli`."""

import json
import sys
from dataclasses import asdict

import typer
import urllib3

from tools import doctor
from tools.client import Client, Refused, connections
from tools.commands import cost, course, erasures, history, model, profile, queue, retention, variant
from tools.commands.options import HERE, Json, Token, Url, console, local_token
from tools.errors import OperatorError

app = typer.Typer(name="attune", no_args_is_help=True, help="Operate Attune, here or deployed.", rich_markup_mode=None)
app.add_typer(course.commands, name="course")
app.add_typer(history.commands, name="history")
app.add_typer(profile.commands, name="profile")
app.add_typer(variant.commands, name="variant")
app.add_typer(cost.commands, name="cost")
app.add_typer(queue.commands, name="queue")
app.add_typer(model.commands, name="model")
app.add_typer(erasures.commands, name="erasures")
app.add_typer(retention.commands, name="retention")


@app.callback()
def attune() -> None:
    """Operate Attune, here or deployed."""


@app.command("doctor")
def run_doctor(url: Url = HERE, token: Token = None, as_json: Json = False) -> None:
    """Look at what Attune needs, and say what is wrong; exit code 1 if anything is."""
    findings = list(doctor.examine(Client(url, token or local_token(url), connections(timeout=5))))
    if as_json:
        print(json.dumps([asdict(each) for each in findings]))
    else:
        for each in findings:
            console.print(
                f"{'ok' if each.ok else 'WRONG':<6} {each.what:<12} {each.said}", markup=False, soft_wrap=True
            )
    if not all(each.ok for each in findings):
        raise typer.Exit(1)


def main() -> int:
    """Runs a command; 2 with one sentence where it cannot be done."""
    try:
        app()
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
    except Refused as refused:
        print(f"attune: the API refused: {refused}", file=sys.stderr)
    except urllib3.exceptions.HTTPError as error:
        print(f"attune: the API cannot be reached: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
