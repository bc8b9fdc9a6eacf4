"""Models that fail are shown, and asked again."""

import json
from dataclasses import asdict

import typer

from tools import deployment
from tools.commands.options import Endpoint, Json, Table, console

commands = typer.Typer(no_args_is_help=True, help="The models that write.")


@commands.command("status")
def model_status(table: Table = None, endpoint: Endpoint = None, as_json: Json = False) -> None:
    """Say which models fail, and until when they are not asked; exit code 1 if one is not."""
    deployment.use(table, endpoint)
    from tools import suppliers

    found = suppliers.look()
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
    elif not found:
        console.print("No model has failed.", markup=False)
    else:
        for each in found:
            told = [each.model, each.state, each.reason or "", f"until {each.until}" if each.until else ""]
            console.print(" ".join(filter(None, told)), markup=False, soft_wrap=True)
    if any(each.state == "not asked" for each in found):
        raise typer.Exit(1)


@commands.command("reset")
def reset_models(table: Table = None, endpoint: Endpoint = None, as_json: Json = False) -> None:
    """Have every model asked at once, and every section that used up its calls tried again."""
    deployment.use(table, endpoint)
    from tools import suppliers

    count = suppliers.reset()
    if as_json:
        print(json.dumps({"reset": count}))
    else:
        console.print(f"{count} reset", markup=False)
