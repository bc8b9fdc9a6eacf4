"""What is measured, laid out as Lambda lays it out: the layers in one folder, read-only, all files of 1980."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import bundles, runtime
from tools.files import LOCAL
from tools.template import ROOT

FOLDER = LOCAL / "bench"
VENV = LOCAL / "bench-venv"
LOCK = ROOT / "requirements" / "bench.txt"
PEERS = Path(__file__).parent / "peers"
# 1980-01-01, the earliest that a zip can say, and what SAM's zips say.
_ZIPPED = 315_532_800


@dataclass(frozen=True, slots=True)
class Program:
    """A function or a peer: where its `app.py` lies, and the folders of what it imports."""

    name: str
    task: Path
    path: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Bytes of its own code."""
        return size(self.task)


def prepare() -> str:
    """Builds everything that is measured; the interpreter to measure it with."""
    python = runtime.interpreter(runtime.wanted())
    runtime.build(python)
    runtime.environment(python, VENV, LOCK)
    return python


def functions() -> dict[str, Program]:
    """Every function of the built artefact, by its logical id."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    found = {}
    for bundle in bundles.of(runtime.BUILT):
        opt = FOLDER / "+".join(layer.parent.name for layer in bundle.layers)
        if not opt.exists():
            for layer in bundle.layers:
                shutil.copytree(layer, opt, dirs_exist_ok=True)
            _freeze(opt)
        task = FOLDER / "task" / bundle.name
        shutil.copytree(bundle.code, task)
        _freeze(task)
        found[bundle.name] = Program(bundle.name, task, (opt,))
    return found


def from_source(name: str, folder: str) -> Program:
    """A function as a developer runs it: the source tree, and packages as pip installs them, all compiled and valid."""
    task, core = FOLDER / "source" / name, FOLDER / "source" / "core"
    shutil.copytree(ROOT / "functions" / folder, task, dirs_exist_ok=True)
    shutil.copytree(ROOT / "layers" / "core" / "python", core, dirs_exist_ok=True)
    _compile(FOLDER / "source")
    return Program(name, task, (core, packages()))


def peers() -> dict[str, Program]:
    """The programs to compare with, on the same packages, compiled and valid."""
    found = {}
    for folder in sorted(each for each in PEERS.iterdir() if (each / "app.py").exists()):
        task = FOLDER / "peers" / folder.name
        shutil.copytree(folder, task, dirs_exist_ok=True)
        shutil.copy(PEERS / "shown.py", task)
        found[folder.name] = Program(folder.name, task, (packages(),))
    _compile(FOLDER / "peers")
    return found


def packages() -> Path:
    """The site-packages of the environment for measuring."""
    (found,) = VENV.glob("lib/python3*/site-packages")
    return found


def runtime_client() -> Path:
    """A folder with the runtime's client alone, which Lambda has on the path whatever a function brings."""
    folder = FOLDER / "runtime"
    if not folder.exists():
        folder.mkdir(parents=True)
        for pattern in ("awslambdaric", "runtime_client*", "simplejson", "snapshot_restore_py*"):
            for found in packages().glob(pattern):
                copy = shutil.copytree if found.is_dir() else shutil.copy
                copy(found, folder / found.name)
    return folder


def size(folder: Path, *, without: str = "") -> int:
    """Bytes of all files below a folder."""
    found = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in found if not without or file.suffix != without)


def sizes() -> Mapping[str, int]:
    """Bytes of each layer, unzipped."""
    return {folder.name: size(folder) for folder in sorted(runtime.BUILT.glob("*Layer"))}


def _compile(folder: Path) -> None:
    """Bytecode of the runtime's version, valid as long as the files stay as they are."""
    runtime.command([str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-f", str(folder)])


def _freeze(folder: Path) -> None:
    for file in sorted(folder.rglob("*"), reverse=True):
        os.utime(file, (_ZIPPED, _ZIPPED))
        file.chmod(0o555 if file.is_dir() else 0o444)
