"""Which deployment's table a command works on: that of a stack, or of a running `make run`.

Only after `use` may the production code be imported: it reads the table's name when it is.
"""

import importlib
import json
import os
import sys

from tools import services
from tools.errors import OperatorError
from tools.files import LOCAL, RUNNING
from tools.template import ROOT

_CODE = str(ROOT / "layers" / "core" / "python")


def use(table: str | None, endpoint: str | None) -> None:
    """Point the environment at a table; without its name at that of a running `make run`. OperatorError if none is."""
    if table is None:
        os.environ.update(_running())
    else:
        os.environ["TABLE_NAME"] = table
        # CloudFormation names a table after its stack.
        os.environ.setdefault("TOMBSTONE_KEY_PARAMETER", f"/{table.partition('-Table-')[0]}/tombstone-key")
    if endpoint is not None:
        os.environ["AWS_ENDPOINT_URL"] = endpoint
    if region := os.environ.get("AWS_REGION"):
        # The AWS command line knows both names, the SDK only this one.
        os.environ.setdefault("AWS_DEFAULT_REGION", region)
    if _CODE not in sys.path:
        sys.path.insert(0, _CODE)
    tombs = importlib.import_module("attune.edge.tombs")
    tombs.use()


def _running() -> dict[str, str]:
    file = LOCAL / RUNNING
    said = json.loads(file.read_text("utf-8")) if file.exists() else None
    if said is None or not services.is_healthy(said["endpoint"]):
        raise OperatorError("Name the table of your stack with --table, or start `make run` to work on its table.")
    return dict(said["environment"])
