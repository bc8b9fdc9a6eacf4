"""Whatever begins in Lambda has its garbage collected again, once its handler is made."""

import ast
from pathlib import Path

import pytest

from tools.template import ROOT

EDGE = ROOT / "layers" / "core" / "python" / "attune" / "edge"
MAKERS = [
    file
    for file in sorted(EDGE.glob("*.py"))
    if file.stem == "http" or "def lambda_handler(" in file.read_text("utf-8")
]


@pytest.mark.parametrize("file", MAKERS, ids=[file.stem for file in MAKERS])
def test_whoever_makes_handlers_ends_the_start(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert "start.end" in calls


def test_there_are_such() -> None:
    assert {file.stem for file in MAKERS} >= {"http", "queue", "schedule", "stream"}
