"""The operator at the command line, beside a running Attune."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.journeys.conftest import World
from tools.template import ROOT


def command(world: World, *words: str) -> str:
    """What a command prints that works on the table of this world."""
    stack = world.stack
    where = ["--table", stack.table, "--endpoint", stack.env["AWS_ENDPOINT_URL"]]
    done = subprocess.run(
        [sys.executable, "-m", "tools.cli", *words, *where],
        env={**os.environ, **stack.env},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(world: World, *words: str) -> Any:
    """The same, for machines."""
    return json.loads(command(world, *words, "--json"))
