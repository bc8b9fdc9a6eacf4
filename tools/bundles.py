"""What `sam build` made, looked at before anybody deploys it: compiled for good, and complete with its own layers."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools import intrinsics
from tools.errors import OperatorError
from tools.services import REGION
from tools.template import Template

# What would make every cold start dearer, and what only the layer of the section writer holds.
_UNWANTED = "{'aiohttp', 'aws_xray_sdk', 'asyncio', 'boto3', 'moto', 'openai'}"
_IMPORT = (
    "import app, gc, sys; app.lambda_handler; assert gc.isenabled(), 'garbage is never collected'; "
    f"found = {_UNWANTED} & sys.modules.keys(); assert not found, f'it imports {{found}}'"
)
# The flags of a .pyc: bit 0 says that it is valid by hash, bit 1 that the hash is compared with the source.
UNCHECKED_HASH = (1).to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A built function: its folder, and those of the layers it is deployed with."""

    name: str
    code: Path
    layers: tuple[Path, ...]


def of(built: Path) -> Iterator[Bundle]:
    """Every function of a build folder."""
    document = intrinsics.load(built / "template.yaml")
    common = document["Globals"]["Function"]["Layers"]
    for name, resource in document["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            layers = (*common, *resource["Properties"].get("Layers", ()))
            code = built / resource["Properties"]["CodeUri"]
            yield Bundle(name, code, tuple(built / each / "python" for each in layers))


def check(built: Path, python: str, runtime: str) -> int:
    """How many functions there are; OperatorError names what is wrong with them."""
    if stale := [source for source in built.rglob("*.py") if not _is_compiled(source, runtime)]:
        raise OperatorError(f"{len(stale)} files have no lasting bytecode, such as {stale[0].relative_to(built)}.")
    found = list(of(built))
    variables = Template(built / "template.yaml").environment | {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }
    # An import takes a processor for a second, so there is nothing in more of them at once.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [said for said in pool.map(lambda one: _import_failure(one, python, variables), found) if said]
    if failures:
        raise OperatorError("\n".join(failures))
    return len(found)


def _is_compiled(source: Path, runtime: str) -> bool:
    tag = runtime.replace("python", "cpython-").replace(".", "")
    compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
    return compiled.exists() and compiled.read_bytes()[4:8] == UNCHECKED_HASH


def _import_failure(bundle: Bundle, python: str, variables: Mapping[str, str]) -> str:
    """What the import said; nothing where it went well. Without `site` there is nothing but the bundle on the path."""
    done = subprocess.run(
        [python, "-S", "-B", "-c", _IMPORT],
        cwd=bundle.code,
        env={**variables, "PYTHONPATH": os.pathsep.join(map(str, bundle.layers))},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    return f"{bundle.name} cannot be imported alone: {said[-1]}" if done.returncode else ""
