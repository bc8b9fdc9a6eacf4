"""M13: what is built is the same each time, small, and holds nothing that is not to be deployed."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import intrinsics, runtime
from tools.errors import OperatorError
from tools.template import ROOT

RULES = ROOT / "tools" / "build" / "Makefile"
MB = 1_000_000
# Unzipped, as the functions that answer requests carry them together: 30 MB at most.
LIMITS = {"CoreLayer": 6 * MB, "DependenciesLayer": 24 * MB, "GetHealth": MB}


@pytest.fixture(scope="module")
def python() -> str:
    try:
        return runtime.interpreter(intrinsics.load(ROOT / "template.yaml")["Globals"]["Function"]["Runtime"])
    except OperatorError as error:
        pytest.skip(str(error))


def built(name: str, source: Path, python: str, folder: Path) -> dict[str, bytes]:
    """The files that `sam build` makes of a folder: it runs the rule in a copy of it."""
    copy, out = folder / "source", folder / "out"
    shutil.copytree(source, copy)
    out.mkdir()
    subprocess.run(
        ["make", "--silent", "-f", RULES, f"build-{name}"],
        cwd=copy,
        env={
            **os.environ,
            "ARTIFACTS_DIR": str(out),
            "RUNTIME_PYTHON": python,
            "ARCHITECTURE": "arm64",
            # Another order of hashing in another process must not show.
            "PYTHONHASHSEED": str(len(folder.name)),
        },
        check=True,
    )
    return {str(file.relative_to(out)): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


def digest(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, held in files.items():
        whole.update(f"{name}\0{len(held)}\0".encode() + held)
    return whole.hexdigest()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("GetHealth", "functions/get_health"),
        pytest.param("CoreLayer", "layers/core", marks=pytest.mark.soak),
        pytest.param("DependenciesLayer", "layers/dependencies", marks=pytest.mark.soak),
    ],
)
def test_m13_two_builds_are_the_same_and_hold_what_is_deployed_alone(
    name: str, source: str, python: str, tmp_path: Path
) -> None:
    both = []
    for folder in (tmp_path / "one", tmp_path / "the-other"):
        folder.mkdir()
        both.append(built(name, ROOT / source, python, folder))
    one, other = both
    assert digest(one) == digest(other)
    assert any(file.endswith(".pyc") for file in one)
    # What others made may hold tests of theirs.
    unwanted = {".git", ".env", ".pytest_cache"} | ({"tests"} if name != "DependenciesLayer" else set())
    assert not unwanted & {part for file in one for part in Path(file).parts}
    assert sum(map(len, one.values())) < LIMITS[name]
    # Nothing of the machine that built it is in what was compiled.
    assert not [file for file, held in one.items() if str(tmp_path).encode() in held]
