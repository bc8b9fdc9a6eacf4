"""Have packages import what they pass on when it is asked for: `lazy.py <the layer's python> <package> ...`.

Powertools' packages import all that they offer, such as the resolvers of nine kinds of events and asyncio, when one
name of them is used. What each name means stays as it was; only the moment of its import is another. `__init__.py` is
rewritten from its own text: imports of names that nothing else in it uses become entries of a table.
"""

import ast
import sys
from pathlib import Path

_TAIL = """

_LATER = {
%s}


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LATER[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def __dir__():
    return sorted({*globals(), *_LATER})
"""


def main(folder: Path, packages: list[str]) -> None:
    """Rewrite the packages in place."""
    for package in packages:
        file = folder.joinpath(*package.split("."), "__init__.py")
        file.write_text(rewritten(file.read_text("utf-8"), package), "utf-8")


def rewritten(source: str, package: str) -> str:
    """The text of a package's `__init__.py` with its own family imported later."""
    module = ast.parse(source)
    used = {
        node.id
        for statement in module.body
        if not isinstance(statement, ast.ImportFrom)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    kept: list[ast.stmt] = []
    later: dict[str, tuple[str, str]] = {}
    for statement in module.body:
        names = _passed_on(statement, package, used)
        later.update(names)
        if not names:
            kept.append(statement)
    table = "".join(f"    {name!r}: {where!r},\n" for name, where in sorted(later.items()))
    return ast.unparse(ast.Module(kept, [])) + _TAIL % table


def _passed_on(statement: ast.stmt, package: str, used: set[str]) -> dict[str, tuple[str, str]]:
    """The names that a statement imports from the package's own family, if nothing in the file uses any of them."""
    if not isinstance(statement, ast.ImportFrom):
        return {}
    above = package.split(".")[: len(package.split(".")) - statement.level + 1] if statement.level else []
    module = ".".join([*above, *([statement.module] if statement.module else [])])
    names = {alias.asname or alias.name: (module, alias.name) for alias in statement.names}
    family = module.split(".")[0] == package.split(".")[0]
    return names if family and "*" not in names and not names.keys() & used else {}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
