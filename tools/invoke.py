"""`make invoke f=get_preferences`: one function on its sample event, in this process, without Docker.

It works on the data of a running `make run`; without one it makes a fresh stack, courses included, for the call.
"""

import argparse
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from tools import demo, services
from tools.client import Refused
from tools.code import Code
from tools.errors import OperatorError
from tools.files import LOCAL, RUNNING
from tools.gateway import Gateway
from tools.local import Stack
from tools.template import ROOT, Template


def main(arguments: list[str] | None = None) -> int:
    """Prints the function's answer; 1 where it raises, 2 where there is nothing to call."""
    parser = argparse.ArgumentParser(prog="python -m tools.invoke", description=__doc__)
    parser.add_argument("function", nargs="?", help="the folder's name under functions/")
    parser.add_argument("--event", type=Path, help="a file; events/<function>.json if not given")
    options = parser.parse_args(arguments)
    try:
        answer = _invoke(options.function, options.event)
    except (OperatorError, Refused) as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 1 if isinstance(answer, dict) and "errorType" in answer else 0


def _invoke(name: str | None, file: Path | None) -> Any:
    template = Template()
    ids = {function.name: function.id for function in template.functions.values()}
    if name not in ids:
        said = f"There is no function {name!r}" if name else "Say which function: make invoke f=get_preferences"
        raise OperatorError(f"{said}. There are: {', '.join(sorted(ids))}.")
    file = file or ROOT / "events" / f"{name}.json"
    if not file.is_file():
        raise OperatorError(f"{file} does not exist: write the event there, or name another file with --event.")
    event = json.loads(file.read_text("utf-8"))
    if running := _running():
        os.environ.update(running)
        return _call(Gateway(template, Code()), ids[name], event)
    with Stack(pollers=False) as stack:
        list(demo.courses(stack))
        return _call(stack.gateway, ids[name], event)


def _call(gateway: Gateway, function: str, event: dict[str, Any]) -> Any:
    """What Lambda answers: the function's result, or what it raised."""
    try:
        return gateway.invoke(function, event)
    except Exception as error:
        trace = traceback.format_exception(error)
        return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}


def _running() -> dict[str, str] | None:
    file = LOCAL / RUNNING
    if not file.exists():
        return None
    said = json.loads(file.read_text("utf-8"))
    return said["environment"] if services.is_healthy(said["endpoint"]) else None


if __name__ == "__main__":
    sys.exit(main())
