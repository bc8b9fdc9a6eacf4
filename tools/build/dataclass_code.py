"""Compile what dataclasses make of themselves: `dataclass_code.py <the core layer's python> <folder of packages>`.

Imports every module of Attune that needs no more than these packages, and keeps the code of each text that was
compiled on the way, theirs as well as ours, where `attune.start` finds it. The packages are those of the functions,
installed for the machine that builds: the texts are the same whatever the processor.
"""

import builtins
import dataclasses
import importlib
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any


def main(folder: Path, packages: Path) -> None:
    """Write the file into the layer."""
    sys.path[:0] = [str(folder), str(packages)]
    start: Any = importlib.import_module("attune.start")
    known: dict[bytes, bytes] = {}

    def execute(text: str, *spaces: Any) -> None:
        code = compile(text, "<dataclass>", "exec")
        known[start.name(text)] = marshal.dumps(code)
        builtins.exec(code, *spaces)  # noqa: S102

    vars(dataclasses)["exec"] = execute
    for file in sorted((folder / "attune").rglob("*.py")):
        try:
            importlib.import_module(".".join(file.relative_to(folder).with_suffix("").parts))
        except ModuleNotFoundError as error:
            # What only the layers of tokens and of the writer hold.
            if str(error.name).startswith("attune"):
                raise
    if not known:
        raise SystemExit("This Python compiles no text for dataclasses: tools/build/dataclass_code.py is of no use.")
    held = marshal.dumps(dict(sorted(known.items())))
    (folder / "attune" / start.CODE).write_bytes(MAGIC_NUMBER + held)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
