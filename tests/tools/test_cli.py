"""The operator's commands answer people and machines, and end with a code that says how it went."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import courses
from tools import cli
from tools.commands import options
from tools.server import Server


@pytest.fixture
def url() -> Iterator[str]:
    with Server(courses.CourseServer()) as served:
        yield served.url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return courses.make(tmp_path / "small")


@pytest.fixture(autouse=True)
def _no_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "LOCAL", tmp_path)
    for name in ("ATTUNE_URL", "ATTUNE_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def attune(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Runs a command as the shell would, and gives its exit code."""
    monkeypatch.setattr(sys, "argv", ["attune", *arguments])
    try:
        return cli.main()
    except SystemExit as end:
        return int(end.code or 0)


def test_publishing_says_what_was_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, folder: Path
) -> None:
    arguments = ["course", "publish", str(folder), "--url", url, "--token", "owner"]
    assert attune(monkeypatch, *arguments) == 0
    said = capsys.readouterr()
    assert said.out == "small: published, version 1, 2 lessons\n"
    assert "stray.md is not in course.yaml" in said.err
    assert attune(monkeypatch, *arguments, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"course": "small", "version": 1, "changed": False}


def test_a_dry_run_lists_the_lessons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, folder: Path
) -> None:
    assert attune(monkeypatch, "course", "publish", str(folder), "--url", url, "--dry-run") == 0
    assert capsys.readouterr().out.split() == ["new", "a/one", "new", "two"]
    assert attune(monkeypatch, "course", "publish", str(folder), "--url", url, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["lessons"][0] == {"slug": "a/one", "state": "new"}


def test_the_token_of_a_local_run_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, folder: Path
) -> None:
    (tmp_path / "tokens.json").write_text(json.dumps({"admin": "owner"}))
    assert attune(monkeypatch, "course", "publish", str(folder), "--url", url) == 0
    assert options.local_token("https://api.example.org") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["course", "publish", "/nowhere"], "/nowhere is no course"),
        (["course", "publish", "{folder}", "--url", "{url}"], "small cannot be published: 403 the scope is missing"),
        (["course", "publish", "{folder}", "--url", "http://127.0.0.1:9"], "the API cannot be reached"),
        (["course", "unpublish"], "No such command"),
    ],
)
def test_what_cannot_be_done_is_code_2_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    folder: Path,
    arguments: list[str],
    said: str,
) -> None:
    filled = [each.format(url=url, folder=folder) for each in arguments]
    assert attune(monkeypatch, *filled) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_the_doctor_finds_everything_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert attune(monkeypatch, "doctor", "--url", url, "--token", "owner") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [["ok", each] for each in ("python", "services", "api", "clock")]


def test_the_doctor_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert attune(monkeypatch, "doctor", "--url", url, "--json") == 1
    findings = {each["what"]: each for each in json.loads(capsys.readouterr().out)}
    assert findings["admin"]["said"] == "the token is refused (401): give one with --token"
    assert attune(monkeypatch, "doctor", "--url", "http://127.0.0.1:9") == 1
    assert "WRONG  api          cannot be reached" in capsys.readouterr().out


def test_help_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert attune(monkeypatch, "course", "publish", "--help") == 0
    assert "--dry-run" in capsys.readouterr().out
    assert os.environ.get("ATTUNE_TOKEN") is None
