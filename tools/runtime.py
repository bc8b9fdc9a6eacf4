"""The functions' own interpreter, environments on it, and what `sam build` makes there."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path

from tools import intrinsics
from tools.errors import OperatorError
from tools.files import LOCAL
from tools.template import ROOT

SAM = LOCAL / "sam-venv" / "bin" / "sam"
BUILT = LOCAL / "stack" / "build"
_RULES = ROOT / "tools" / "build"
# Read by the rules of the core layer too.
_PACKAGES = ROOT / "layers" / "dependencies" / "requirements.txt"


def wanted() -> str:
    """The runtime that the template names, such as python3.13."""
    return str(intrinsics.load(ROOT / "template.yaml")["Globals"]["Function"]["Runtime"])


def interpreter(runtime: str) -> str:
    """The functions' own interpreter: the bytecode is for that version alone, and the embedded Lambda runs on it."""
    script = "import sys; print('python%d.%d' % sys.version_info[:2], sys.executable)"
    try:
        said = subprocess.check_output(
            [os.environ.get("RUNTIME_PYTHON", runtime), "-c", script], text=True, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError):
        said = ""
    version, _, executable = said.strip().partition(" ")
    if version != runtime:
        raise OperatorError(
            f"The functions run on {runtime}, which is not here: put it on the PATH, or name it in RUNTIME_PYTHON."
        )
    return executable


def environment(python: str, venv: Path, lock: Path) -> None:
    """An environment on that interpreter with what a lock names; made anew when the lock has changed."""
    ready = venv / ".ready"
    if not ready.exists() or ready.stat().st_mtime < lock.stat().st_mtime:
        command([python, "-m", "venv", "--clear", str(venv)])
        install = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes", "--no-deps"]
        command([*install, "-r", str(lock)])
        ready.touch()


def command(words: list[str], **environment: str) -> None:
    """Runs it without what this terminal says of AWS, and tells the end of what it said if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=kept | {"SAM_CLI_TELEMETRY": "0"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        end = "\n".join(done.stdout.strip().splitlines()[-30:])
        raise OperatorError(f"`{Path(words[0]).name} {words[1]}` failed:\n{end}")


def architecture() -> str:
    processor = "x86_64" if platform.machine().lower() in ("x86_64", "amd64") else "arm64"
    return f"Architecture={processor}"


def build(python: str) -> None:
    """In folders of its own: what is made for this machine must not be deployed to another."""
    if not SAM.exists():
        raise OperatorError(f"The SAM command line is not installed: run `make {SAM.relative_to(ROOT)}`.")
    folders = ["--build-dir", str(BUILT), "--cache-dir", str(BUILT.with_name("cache") / rules())]
    words = [str(SAM), "build", *folders, "--parameter-overrides", architecture()]
    command(words, ARCHITECTURE="host", RUNTIME_PYTHON=python)


def rules() -> str:
    """A name for the rules of the build and what they read: SAM's cache looks at a layer's folder alone."""
    whole = hashlib.sha256()
    for file in [*sorted(_RULES.iterdir()), _PACKAGES]:
        if file.is_file():
            whole.update(f"{file.name}\0".encode() + file.read_bytes())
    return whole.hexdigest()[:12]
