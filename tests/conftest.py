"""The order of the tests, and what a process reads only once.

What takes long per file comes first, so that no process ends with one of them alone.
"""

from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import create_loader

# A session reads the SDK's description of a service anew, which takes longer than most tests; moto begins many.
botocore.session.create_loader = cache(create_loader)

LONGEST_FIRST = ("journeys", "contract", "simulation", "functions", "store", "tools")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together, and in their order."""
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    folder = path.relative_to(Path(__file__).parent).parts[0]
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)
