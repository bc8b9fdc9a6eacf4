"""Where this machine keeps what is not in git, and how secrets are written there."""

import os
from pathlib import Path

from tools.template import ROOT

LOCAL = ROOT / ".local"
# The tokens that `make run` prints.
TOKENS = "tokens.json"
# Lets `make invoke` find the services of a running `make run`.
RUNNING = "running.json"


def write_private(path: Path, text: str) -> None:
    """Writes the file so that nobody but its owner can read it, not even while it is being written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
