"""The table of endpoints in README.md, between its two markers."""

import re
from collections.abc import Iterator
from typing import Any

from tools import generated
from tools.errors import OperatorError
from tools.template import ROOT

README = ROOT / "README.md"
_BETWEEN = re.compile(r"(<!-- endpoints -->\n).*?(<!-- /endpoints -->)", re.DOTALL)

Json = dict[str, Any]


def operations(contract: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation as (method, path, operation), tag by tag in the order of the document."""
    found = [
        (method.upper(), path, operation)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    ]
    order = [tag["name"] for tag in contract["tags"]]
    return iter(sorted(found, key=lambda entry: order.index(entry[2]["tags"][0])))


def who(operation: Json) -> str:
    """Who may call an operation."""
    security = operation["security"]
    if not security:
        return "everybody"
    wanted = "admins" if {"bearer": ["admin"]} in security else "learners"
    return f"everybody, {wanted} for more" if {} in security else wanted


def table(contract: Json) -> str:
    """One line a function, in Markdown."""
    lines = ["| function | route | for | |", "|---|---|---|---|"]
    for method, path, operation in operations(contract):
        name = operation["operationId"]
        summary = operation["summary"].replace("|", "\\|")
        if operation.get("deprecated"):
            summary = f"*Deprecated.* {summary}"
        lines.append(f"| [{name}](functions/{name}/app.py) | `{method} {path}` | {who(operation)} | {summary} |")
    return "\n".join(lines) + "\n"


def files(contract: Json) -> generated.Files:
    """README.md with the table of today, if there is a README. Raises `OperatorError` if it has no place for it."""
    if not README.exists():
        return {}
    text = README.read_text("utf-8")
    if not _BETWEEN.search(text):
        raise OperatorError("README.md must hold the lines <!-- endpoints --> and <!-- /endpoints -->, once.")
    return {README: _BETWEEN.sub(lambda found: f"{found[1]}{table(contract)}{found[2]}", text, count=1)}
