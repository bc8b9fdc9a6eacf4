"""Take the fields out of a module's typed dictionaries: `typed_dicts.py <file> ...`.

A field of such a class is for type checkers. pydantic_core describes its schemas by some 80 of them, with annotations
that are texts, and each is compiled at every cold start; nothing reads them. What the classes are called, what they
derive from and all functions stay as they were.
"""

import ast
import sys
from pathlib import Path


def main(files: list[Path]) -> None:
    """Rewrite the files in place."""
    for file in files:
        file.write_text(rewritten(file.read_text("utf-8")), "utf-8")


def rewritten(source: str) -> str:
    """The text of a module whose typed dictionaries have no fields. SystemExit if it has none."""
    module = ast.parse(source)
    found = [node for node in module.body if isinstance(node, ast.ClassDef) and _is_typed_dict(node)]
    if not found:
        raise SystemExit("There are no typed dictionaries: tools/build/typed_dicts.py is of no use.")
    for node in found:
        node.body = [one for one in node.body if not isinstance(one, ast.AnnAssign)] or [ast.Pass()]
    return ast.unparse(module)


def _is_typed_dict(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
