"""What may not stand in the sources: secrets, code that runs data, comparisons that tell a secret by their time."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.template import ROOT

CODE = [file for folder in ("layers", "functions", "tools") for file in sorted((ROOT / folder).rglob("*.py"))]
# Shapes of keys that open something; hashes of locks and texts that say "secret" have none of them.
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/]{20}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bsk-(?:proj-)?[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|(?i:aws_secret_access_key)\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}"
    r"|://[^/\s:@\"']{1,40}:[^/\s:@\"'{}$]{6,}@"
)
RUNS_DATA = {"pickle", "cPickle", "dill", "shelve", "marshal"}
RUNNERS = {"eval", "exec", "compile", "__import__"}
SECRET_WORDS = {"signature", "mac", "hmac", "secret", "token", "password"}


def committed() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_m11_no_file_holds_a_secret() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git working tree")
    files = committed()
    assert {"template.yaml", "tests/contract/test_sources.py"} <= set(files)
    found = [
        f"{name}: {match[0][:20]}"
        for name in files
        for match in SECRETS.finditer((ROOT / name).read_bytes().decode("utf-8", "ignore"))
    ]
    assert found == []
    assert not [name for name in files if Path(name).name.startswith(".env") or Path(name).suffix in {".pem", ".key"}]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("-----BEGIN EC PRIVATE " + "KEY-----\nMHcCAQEEIFbFb2Z1ZW5zZWVkbm90YWtleQ", True),
        ("AKIA" + "IOSFODNN7EXAMPLE", True),
        ("OPENAI_API_KEY=sk-" + "proj-abcdefghijklmnopqrstuvwx", True),
        ("eyJhbGciOiJFUzI1NiJ9." + "eyJzdWIiOiJnLjEyMzQifQ.c2lnbmF0dXJlLW9m", True),
        ("https://user:" + "hunter2hunter2@example.org/", True),
        ("guest   eyJ…", False),
        ("--hash=sha256:b4ce2265a7abece45e7cc896e98dbebe6cead56bcf805a3d23136d145f5445bf", False),
        ("OPENAI_API_KEY=... make run", False),
        ("risk-averse-learners-are-no-secret", False),
    ],
)
def test_m11_a_secret_is_known_by_its_shape(text: str, secret: bool) -> None:
    assert bool(SECRETS.search(text)) is secret


def unsafe(tree: ast.AST) -> Iterator[str]:
    """What runs data as code, or a text as a command."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.partition(".")[0] in RUNS_DATA)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in RUNS_DATA:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in RUNNERS:
                yield name
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="yaml"), attr="load" | "load_all" | "unsafe_load" as name)
            ):
                yield f"yaml.{name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen" as name)):
                yield f"os.{name}"
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                yield "shell=True"


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from marshal import loads", "eval(x)", "yaml.load(x, L)", "run(x, shell=True)", "os.system(x)"],
)
def test_m12_what_runs_data_is_noticed(source: str) -> None:
    assert len(list(unsafe(ast.parse(source)))) == 1


OWN_CODE = {
    "layers/core/python/attune/start.py": ["marshal"],
    "tools/bench/probe.py": ["pickle"],
    "tools/build/dataclass_code.py": ["marshal", "compile"],
}
"""What the build itself made and ships beside the code, and what the bench passes between its own processes."""


def test_m12_nothing_runs_data_as_code() -> None:
    assert len(CODE) > 100
    found = {str(file.relative_to(ROOT)): list(unsafe(ast.parse(file.read_text("utf-8")))) for file in CODE}
    assert {name: each for name, each in found.items() if each} == OWN_CODE


def telling(tree: ast.AST) -> Iterator[int]:
    """The lines where a secret is compared letter by letter: the time taken says how much of it was right."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, node.comparators[0]]
            if any(map(is_secret, sides)) and not any(isinstance(side, ast.Constant) for side in sides):
                yield node.lineno


def is_secret(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="digest" | "hexdigest")):
            return True
        case ast.Call(func=ast.Attribute() as inner) | ast.Subscript(value=inner):
            return is_secret(inner)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return bool(SECRET_WORDS & set(name.lower().split("_")))
    return False


@pytest.mark.parametrize(
    ("source", "tells"),
    [
        ("signature == given", True),
        ("hashlib.sha256(x).hexdigest() != wanted", True),
        ("self.access_token == sent", True),
        ("mac[:16] == sent[:16]", True),
        ("hmac.compare_digest(signature, given)", False),
        ("token == ''", False),
        ("len(token) == length", False),
        ("tokens == 3 * count", False),
    ],
)
def test_a20_a_telling_comparison_is_noticed(source: str, tells: bool) -> None:
    assert bool(list(telling(ast.parse(source)))) is tells


def test_a20_secrets_are_compared_in_constant_time() -> None:
    shipped = [file for file in CODE if "tools" not in file.parts]
    found = {str(file.relative_to(ROOT)): list(telling(ast.parse(file.read_text("utf-8")))) for file in shipped}
    assert {name: lines for name, lines in found.items() if lines} == {}
