"""What functions import: nothing that would make every cold start dearer, and no more modules than they need."""

import subprocess
import sys

import pytest

from tests.backends import ENVIRONMENT
from tests.contract.declared import FUNCTIONS
from tests.contract.test_template import snake
from tools.template import ROOT

# botocore is enough, Lambda traces without an SDK, and only the worker asks a model, when it does.
UNWANTED = ("aiohttp", "aws_xray_sdk", "boto3", "moto", "openai")
SCRIPT = """
import importlib, sys
before = set(sys.modules)
for name in sys.argv[1].split():
    importlib.import_module(f"functions.{name}.app")
print("\\n".join(sorted(set(sys.modules) - before)))
"""
MOST = {
    "authorize": (215, 20),
    "get_preferences": (480, 60),
    "list_recommendations": (590, 148),
    "get_personalized": (600, 110),
}
"""Modules that a function may import, and how many of them are ours."""


def imported(*names: str) -> list[str]:
    """The modules that these functions import together."""
    path = f"{ROOT / 'layers/core/python'}:{ROOT}"
    said = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, " ".join(names)], env={**ENVIRONMENT, "PYTHONPATH": path}, text=True
    )
    return said.split()


def test_no_function_imports_what_makes_all_starts_dearer() -> None:
    """Together, so that it takes one process: what none of all imports, none imports."""
    found = imported(*(snake(name) for name in FUNCTIONS))
    assert len(found) > 500
    assert not [name for name in found if name.partition(".")[0] in UNWANTED]


@pytest.mark.parametrize("name", sorted(MOST))
def test_a_function_imports_no_more_than_it_did(name: str) -> None:
    found = imported(name)
    ours = [module for module in found if module.startswith("attune")]
    most, most_of_ours = MOST[name]
    # The source tree imports Powertools' packages whole; what the build takes out is counted by `make bench`.
    whole = [module for module in found if module.startswith(("aws_lambda_powertools", "asyncio"))]
    assert len(found) - len(whole) <= most
    assert len(ours) <= most_of_ours
    if name != "get_personalized":
        assert "markdown_it" not in found


def test_a_reader_of_a_ready_lesson_parses_no_markdown() -> None:
    assert "markdown_it" not in imported("get_personalized", "personalize_lesson")
