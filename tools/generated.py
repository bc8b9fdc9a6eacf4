"""Files that are made from the source: written, or compared with what is there."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.errors import OperatorError
from tools.template import ROOT

Files = Mapping[Path, str]


def main(name: str, make: Callable[[], Files], arguments: list[str] | None = None) -> int:
    """`python -m tools.<name> [--check]`: 1 where a file is stale, 2 where the source does not fit together."""
    parser = argparse.ArgumentParser(prog=f"python -m tools.{name}", description=make.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    options = parser.parse_args(arguments)
    try:
        stale = {path: text for path, text in make().items() if _read(path) != text}
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    for path, text in stale.items():
        print(f"{os.path.relpath(path, ROOT)} {'is stale: run python -m tools.docs' if options.check else 'written'}")
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    return 1 if options.check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None
