"""N5: what passes here passes under other hashes, in other time zones, languages and orders."""

import os
import subprocess
import sys

import pytest

from tools.template import ROOT

SURROUNDINGS = [
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "Asia/Kathmandu", "LC_ALL": "POSIX", "PYTHONUTF8": "0"},
]


def _run(surroundings: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not soak and not cloud", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.soak
@pytest.mark.parametrize("place", range(len(SURROUNDINGS)))
def test_n5_the_domain_and_the_functions_pass_anywhere(place: int) -> None:
    _run(SURROUNDINGS[place], "-n", "2", "tests/functions", "tests/unit", "tests/edge")
