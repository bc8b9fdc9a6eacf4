"""Compile what dataclasses make of themselves: `dataclass_code.py <the core layer's python>`.

Imports every module of the domain that needs the standard library alone, and keeps the code of each text that was
compiled on the way, where `attune.start` finds it.
"""

import builtins
import dataclasses
import importlib
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Write the file into the layer."""
    sys.path.insert(0, str(folder))
    start: Any = importlib.import_module("attune.start")
    known: dict[bytes, bytes] = {}

    def execute(text: str, *spaces: Any) -> None:
        code = compile(text, "<dataclass>", "exec")
        known[start.name(text)] = marshal.dumps(code)
        builtins.exec(code, *spaces)  # noqa: S102

    vars(dataclasses)["exec"] = execute
    for file in sorted((folder / "attune" / "domain").rglob("*.py")):
        try:
            importlib.import_module(".".join(file.relative_to(folder).with_suffix("").parts))
        except ModuleNotFoundError as error:
            if str(error.name).startswith("attune"):
                raise
    if not known:
        raise SystemExit("This Python compiles no text for dataclasses: tools/build/dataclass_code.py is of no use.")
    held = marshal.dumps(dict(sorted(known.items())))
    (folder / "attune" / start.CODE).write_bytes(MAGIC_NUMBER + held)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
