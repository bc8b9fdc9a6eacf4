"""What the pages say is so: commands run, answers have the shape that is shown, examples load, links lead somewhere."""

import contextlib
import importlib.util
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools import course, demo, demo_week, endpoints, publish, run
from tools.local import Stack
from tools.template import ROOT, Template

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = ROOT / "README.md"
FORMAT = ROOT / "docs" / "course-format.md"
CONTRACT = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))

SHELL = frozenset({"sh", "console"})
LANGUAGES = SHELL | {"json", "jsonl", "yaml", "markdown", "mermaid", "text"}
# So many commands are run at least: a block that is not found any more must not pass for one that is right.
LEAST = {"README.md": 14, "operations.md": 1}
BUILTINS = frozenset({"export", "echo", "rm"})
HERE = "http://127.0.0.1:8000"
MARK = "--- ended with"
CUT = "…"
# What is another with each run: a UUID, a time, a token, a hash.
CHANGING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|eyJ[\w.-]+|\b[0-9a-f]{32,64}\b"
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
_PATH = re.compile(r"\.?(?:tests|docs|courses|functions|tools|layers|events|requirements|ci)/[\w./-]*")
_MODULE = re.compile(r"(?:attune|tools|tests)(?:\.[a-z_]+)+")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and where it stands."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a block, and what is shown below it."""

    command: str
    shown: str

    @property
    def words(self) -> list[str]:
        """The command's words without the variables before it."""
        words = shlex.split(self.command, comments=True)
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        return words

    @property
    def variables(self) -> set[str]:
        """The names of the variables before it."""
        matches = map(_ASSIGNMENT.match, shlex.split(self.command, comments=True))
        return {match[1] for match in itertools.takewhile(bool, matches) if match}


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    for token in tokens(page):
        if token.type == "fence" and (not languages or token.info in languages):
            yield Block(page, (token.map or [0])[0] + 1, token.info, token.content)


def steps(block: Block) -> Iterator[Step]:
    """The commands of a block; only in a `console` block is anything shown below them."""
    command, shown = "", list[str]()
    for line in block.text.splitlines():
        prompt = line.startswith("$ ") or (block.language == "sh" and line.strip() and not line.startswith("#"))
        if command and not whole(command):
            command = f"{command}\n{line}"
        elif prompt:
            if command:
                yield Step(command, "\n".join(shown))
            command, shown = line.removeprefix("$ "), []
        else:
            shown.append(line)
    if command:
        yield Step(command, "\n".join(shown))


def whole(command: str) -> bool:
    """Whether a command ends here: no open quote, no backslash."""
    with contextlib.suppress(ValueError):
        shlex.split(command, comments=True)
        return not command.endswith("\\")
    return False


def all_steps(*languages: str) -> list[tuple[Block, Step]]:
    return [(block, step) for page in PAGES for block in blocks(page, *languages) for step in steps(block)]


def runs_here(block: Block) -> bool:
    """Whether the commands of a block are for the API of this machine; `make` has tests of its own."""
    return block.language == "console" and not any(step.words[:1] == ["make"] for step in steps(block))


# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        yield running


@pytest.fixture(scope="module")
def beginning(stack: Stack) -> list[str]:
    """What a run says of its courses; they are published from here on."""
    return list(demo.courses(stack))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the commands of a page find what they name."""
    (tmp_path / ".local").mkdir()
    (tmp_path / "courses").symlink_to(ROOT / "courses")
    return tmp_path


def test_every_block_says_what_it_is() -> None:
    found = {str(block): block.language for page in PAGES for block in blocks(page)}
    assert len(found) > 20
    assert {place: name for place, name in found.items() if name not in LANGUAGES} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_answer_as_shown(page: Path, stack: Stack, beginning: list[str], folder: Path) -> None:
    if not (shutil.which("bash") and shutil.which("curl")):
        pytest.skip("bash and curl are not here")
    todo = [step for block in blocks(page) if runs_here(block) for step in steps(block)]
    assert len(todo) >= LEAST.get(page.name, 0)
    for step, said in zip(todo, session(stack, folder, [step.command for step in todo]), strict=True):
        if not step.shown and not step.words:
            continue
        assert differences(step.shown, said) == [], f"{step.command}\n{said}"


def session(stack: Stack, folder: Path, commands: list[str]) -> list[str]:
    """What each command says, one after the other in one shell, as somebody types them."""
    script = "\n".join(f"{command}\nprintf '\\n{MARK} %d\\n' $?" for command in commands)
    script = script.replace(HERE, stack.url).replace(".venv/bin/python ", f"{shlex.quote(sys.executable)} ")
    # The stack's own variables, its embedded services above all, are not what somebody's terminal has.
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env |= {"API": f"{stack.url}/api", "ADMIN": stack.admin(), "ATTUNE_URL": stack.url, "ATTUNE_TOKEN": stack.admin()}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said = re.split(rf"\n{MARK} (\d+)\n", done.stdout)[:-1]
    assert set(said[1::2]) <= {"0"}, f"{done.stdout}\n{done.stderr}"
    return said[::2]


def differences(shown: str, said: str) -> list[str]:
    """What of the shown answer is not so in what was said: status, headers, and the body's shape and values."""
    head, body = split(shown)
    real_head, real_body = split(said)
    wrong = []
    if head[:1] != real_head[:1]:
        wrong.append(f"{head[:1]} is {real_head[:1]}")
    real = {name.lower(): value for name, value in pairs(real_head)}
    wrong += [f"{name}: {value}" for name, value in pairs(head) if not alike(value, real.get(name.lower()))]
    if body.startswith(("{", "[")):
        return wrong + list(compared(json.loads(body), json.loads(real_body), ""))
    return wrong if body == real_body else [*wrong, f"{body!r} is {real_body!r}"]


def split(answer: str) -> tuple[list[str], str]:
    """The status line and headers of an answer, if it has any, and its body."""
    lines = [line.rstrip() for line in answer.strip().splitlines()]
    if not lines or not lines[0].startswith("HTTP/"):
        return [], "\n".join(lines)
    end = lines.index("") if "" in lines else len(lines)
    return lines[:end], "\n".join(lines[end + 1 :])


def pairs(head: list[str]) -> Iterator[tuple[str, str]]:
    for line in head[1:]:
        name, _, value = line.partition(": ")
        yield name, value


def compared(shown: Any, said: Any, place: str) -> Iterator[str]:
    """The places where a shown value is not the one that was said; lists may end with a cut."""
    if isinstance(shown, dict) and isinstance(said, dict):
        if list(shown) != list(said):
            yield f"{place}: {list(shown)} is {list(said)}"
        for name in shown.keys() & said.keys():
            yield from compared(shown[name], said[name], f"{place}/{name}")
    elif isinstance(shown, list) and isinstance(said, list):
        rest = shown[-1:] == [CUT]
        if len(shown) - rest > len(said) - rest or (not rest and len(shown) != len(said)):
            yield f"{place}: {len(shown)} are {len(said)}"
        kept = shown[:-1] if rest else shown
        for number, (one, other) in enumerate(zip(kept, said, strict=False)):
            yield from compared(one, other, f"{place}/{number}")
    elif not (alike(shown, said) if isinstance(shown, str) else type(shown) is type(said) and shown == said):
        yield f"{place}: {shown!r} is {said!r}"


def alike(shown: str, said: object) -> bool:
    """Whether a text is the one shown, but for what changes with each run and what is cut."""
    if not isinstance(said, str):
        return False
    one, other = CHANGING.sub("*", shown.replace("eyJ…", "eyJ0")), CHANGING.sub("*", said)
    return re.fullmatch(".*".join(map(re.escape, one.split(CUT))), other, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("shown", "said", "so"),
    [
        ('HTTP/1.1 200 OK\nETag: "1"\n\n{"a": [1, "…"]}', 'HTTP/1.1 200 OK\nx: y\nEtag: "1"\n\n{"a":[1,2,3]}', True),
        ("HTTP/1.1 304 Not Modified", "HTTP/1.1 304 Not Modified\nx: y\n", True),
        (
            '{"at": "2026-11-21T09:11:05Z", "t": "eyJ…"}',
            '{"at":"2027-01-01T00:00:00.5Z","t":"eyJhbGci.eyJ9.x_-y"}',
            True,
        ),
        ('{"text": "It begins … ends."}', '{"text": "It begins here\\nand there ends."}', True),
        ("HTTP/1.1 202 Accepted", "HTTP/1.1 200 OK", False),
        ('HTTP/1.1 200 OK\nETag: "1"', 'HTTP/1.1 200 OK\nEtag: "2"', False),
        ("HTTP/1.1 200 OK\nLocation: /a", "HTTP/1.1 200 OK", False),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"a": 1}', '{"a": 1.0}', False),
        ('{"a": [1]}', '{"a": [1, 2]}', False),
        ('{"a": [1, 2, 3, "…"]}', '{"a": [1, 2]}', False),
        ('{"a": {"b": null}}', '{"a": {"b": "x"}}', False),
        ('{"text": "It begins … ends."}', '{"text": "It begins."}', False),
        ("same    a", "changed a", False),
    ],
)
def test_what_is_not_so_is_noticed(shown: str, said: str, so: bool) -> None:
    assert (differences(shown, said) == []) is so


def test_a_run_announces_what_is_shown(stack: Stack, beginning: list[str], tmp_path: Path) -> None:
    (step,) = (step for block in blocks(README, "console") for step in steps(block) if step.words == ["make", "run"])
    with run.console.capture() as said:
        run._announce(stack, demo.learners(stack, tmp_path / "tokens.json"), tmp_path / "tokens.json")
    real = [f"{len(stack.template.functions)} functions, table and queues of template.yaml: embedded"]
    real += [*beginning, "demo learners ready", f"{demo_week.COURSE}: {demo_week.SAID}"]
    real += [*map(str.strip, said.get().split("Try")[0].splitlines())]

    def settled(lines: list[str]) -> list[str]:
        text = re.sub(r"\(also in .*?\)", "", "\n".join(line.strip() for line in lines if line.strip()))
        return re.sub(r"eyJ\S+", "eyJ", re.sub(r"127\.0\.0\.1:\d+", "here", text)).splitlines()

    assert settled(step.shown.splitlines()) == settled(real)


def test_help_is_as_shown() -> None:
    shown = [step.shown for _, step in all_steps("console") if step.command == "make"]
    assert shown
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {text.strip("\n") for text in shown} == {said.strip("\n")}


def test_every_make_target_exists() -> None:
    called = {
        tuple(step.words[1:]) for _, step in all_steps(*SHELL) if step.words[:1] == ["make"] and len(step.words) > 1
    }
    said = [re.findall(r"`make ([a-z]+)`", page.read_text("utf-8")) for page in PAGES]
    called |= {(name,) for names in said for name in names}
    assert {"run", "test", "deploy"} <= {words[0] for words in called}
    for words in sorted(called):
        # A target that a rule does not name may still be a file or folder, such as tests.
        assert re.search(rf"(?m)^{words[0]}:", (ROOT / "Makefile").read_text("utf-8")), words
        done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)


def test_variables_before_a_command_are_those_it_knows() -> None:
    known = {*run._MODEL, "PORT", "CONFIG", "ARCHITECTURE", "RUNTIME_PYTHON", "ATTUNE_URL", "ATTUNE_TOKEN"}
    found = {name for _, step in all_steps("sh") if step.words for name in step.variables}
    assert found
    assert found <= known


@pytest.mark.parametrize(("block", "step"), all_steps("sh"), ids=str)
def test_a_command_that_is_not_run_is_possible(block: Block, step: Step) -> None:
    words = step.words
    if not words or words[0] in BUILTINS or words[0] == "make":
        return
    if words[0] == "aws":
        assert_possible_for_aws(words)
    elif words[:3] == ["sam", "local", "invoke"]:
        event = ROOT / words[words.index("--event") + 1]
        assert Template().functions[words[3]].name == event.stem
        assert event.is_file()
    elif words[0] == ".venv/bin/python":
        assert words[1] == "-m"
        assert importlib.util.find_spec(words[2]), words
    elif words[0] == "curl":
        assert operation(words), step.command
    elif words[0] == ".local/audit-venv/bin/pip-audit":
        named = {word for word in words if word.endswith(".txt")}
        assert named == {str(lock.relative_to(ROOT)) for lock in ROOT.glob("layers/*/requirements.txt")}
        assert re.search(r"(?m)^pip-audit==", (ROOT / "requirements" / "audit.txt").read_text("utf-8"))
    else:
        pytest.fail(f"{block}: nothing is known of {words[0]}")


def assert_possible_for_aws(words: list[str]) -> None:
    """Service, operation and options are those of the AWS command line, which is made from botocore's models."""
    general = {"query", "output", "region", "profile", "endpoint_url"}
    service = botocore.session.get_session().get_service_model(words[1])
    found = {cli_name(name): service.operation_model(name) for name in service.operation_names}
    assert words[2] in found, words
    members = found[words[2]].input_shape
    options = {word.removeprefix("--").replace("-", "_") for word in words[3:] if word.startswith("--")}
    known = {cli_name(name).replace("-", "_") for name in (members.members if members else {})}
    assert options <= known | general | {f"no_{name}" for name in known}, options - known


def cli_name(name: str) -> str:
    return str(botocore.xform_name(name, "-"))


def operation(words: list[str]) -> bool:
    """Whether the contract has the method and path that a curl line asks for."""
    (address,) = (word for word in words if word.startswith(("$API/", HERE)))
    path = "/api/" + address.removeprefix("$API/").removeprefix(f"{HERE}/api/").partition("?")[0]
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if "-d" in words else "GET"
    return any(
        re.fullmatch(re.sub(r"\{\w+\}", "[^/]+(?:/[^/]+)*", known), path) and method.lower() in methods
        for known, methods in CONTRACT["paths"].items()
    )


# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_data_can_be_read(page: Path) -> None:
    for block in blocks(page, "json"):
        json.loads(block.text)
    for block in blocks(page, "jsonl"):
        assert all(isinstance(json.loads(line), dict) for line in block.text.splitlines())
    for block in blocks(page, "yaml"):
        assert yaml.safe_load(block.text)


def test_the_example_of_a_course_is_one(stack: Stack, tmp_path: Path) -> None:
    (manifest,) = (block.text for block in blocks(FORMAT, "yaml"))
    original, translation = (block.text for block in blocks(FORMAT, "markdown"))
    body = CONTRACT["components"]["schemas"]["CourseBody"]["properties"]
    assert set(yaml.safe_load(manifest)) == set(body) - {"switch_to"}
    folder = tmp_path / "example"
    (folder / "lessons" / "foundations").mkdir(parents=True)
    (folder / "course.yaml").write_text(manifest, "utf-8")
    for ending, text in (("md", original), ("ur.md", translation)):
        (folder / "lessons" / "foundations" / f"embodiment-hypothesis.{ending}").write_text(text, "utf-8")
    published = publish.publish(stack.api(stack.admin()), course.read(folder))
    assert (published["version"], published["lessons"]) == (1, 1)


def test_the_endpoints_are_those_of_today() -> None:
    assert endpoints.files(CONTRACT) == {README: README.read_text("utf-8")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_names_of_files_lead_somewhere(page: Path) -> None:
    broken = [target for target in links(page) if not leads_somewhere(page, target)]
    assert broken == []
    missing = [name for name in named(page) if not exists(name)]
    assert missing == []


def inline(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield from token.children or ()


def links(page: Path) -> Iterator[str]:
    yield from (str(token.attrs["href"]) for token in inline(page) if token.type == "link_open")


def leads_somewhere(page: Path, target: str) -> bool:
    if target.startswith("https://"):
        return True
    path, _, anchor = target.partition("#")
    file = page.parent / path if path else page
    if not anchor:
        return file.exists()
    return file.is_file() and anchor in anchors(file)


@cache
def anchors(page: Path) -> set[str]:
    """The places that GitHub makes of a page's headings."""
    found = tokens(page)
    titles = (found[at + 1] for at, token in enumerate(found) if token.type == "heading_open")
    texts = ("".join(child.content for child in title.children or ()) for title in titles)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


def named(page: Path) -> Iterator[str]:
    """The files and modules that a page names in code."""
    for token in inline(page):
        if token.type == "code_inline" and (_PATH.fullmatch(token.content) or _MODULE.fullmatch(token.content)):
            yield token.content


def exists(name: str) -> bool:
    if "/" in name:
        return (ROOT / name).exists()
    roots = (ROOT / "layers" / "core" / "python", ROOT)
    parts = name.split(".")
    # The last part may be a name inside the module.
    return any(
        root.joinpath(*some).with_suffix(".py").is_file() or root.joinpath(*some).is_dir()
        for root in roots
        for some in (parts, parts[:-1])
        if len(some) > 1
    )
