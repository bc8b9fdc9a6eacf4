"""`make run` and `make invoke`: everything comes up, says where it is, and is gone afterwards."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tools import invoke, run, services
from tools.client import Client
from tools.errors import OperatorError
from tools.gateway import Gateway
from tools.template import ROOT


@contextmanager
def running(local: Path) -> Iterator[tuple[list[str], "subprocess.Popen[str]"]]:
    """A run in a process group of its own, and what it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run", "--port", "0", "--local", str(local)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if "Ctrl-C" in line:
                break
        yield lines, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """As a terminal does it: the whole group gets the signal."""
    assert process.stdout
    os.killpg(process.pid, number)
    said = process.stdout.read()
    assert process.wait(timeout=20) == 0, said
    return said


def assert_invoked_on_the_running_stack(local: Path, event: Path) -> None:
    code = (
        "import pathlib, sys; from tools import invoke; "
        f"invoke.LOCAL = pathlib.Path({str(local)!r}); sys.exit(invoke.main(['get_book', '--event', {str(event)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statusCode"] == 200


def test_a_run_and_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: Path) -> None:
    for name in ("OPENAI_API_KEY", "LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with running(tmp_path) as (lines, process):
        said = "\n".join(lines)
        assert "demo learners ready" in said, said
        for course in sorted(file.parent.name for file in (ROOT / "courses").glob("*/course.yaml")):
            assert re.search(rf"{course}: \d+ lessons, published", said), said
        tokens = json.loads((tmp_path / "tokens.json").read_text())
        assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600
        assert all(token in said for token in tokens.values())
        api = next(line.split()[-1] for line in lines if line.strip().startswith("API")).removesuffix("/api")
        for token in tokens.values():
            assert Client(api, token).send("GET", "/api/personalization/preferences").status == 200
        state = json.loads((tmp_path / "running.json").read_text())
        assert services.is_healthy(state["endpoint"])
        assert_invoked_on_the_running_stack(tmp_path, event)
        assert "Traceback" not in end(process, signal.SIGINT)
    assert not services.is_healthy(state["endpoint"])
    assert not (tmp_path / "running.json").exists()

    with running(tmp_path) as (lines, process):
        said = "\n".join(lines)
        assert said.count("unchanged") == said.count("lessons,") > 0
        api = next(line.split()[-1] for line in lines if line.strip().startswith("API")).removesuffix("/api")
        again = json.loads((tmp_path / "tokens.json").read_text())
        before, after = (
            Client(api, token).get("/api/user/me").json["id"] for token in (tokens["guest"], again["guest"])
        )
        assert before == after
        assert Client(api, again["guest"]).send("GET", "/api/user/preferences").status == 200
        assert "Traceback" not in end(process, signal.SIGTERM)


def test_a_taken_port_is_one_sentence_and_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "tools.run", "--port", str(port), "--local", str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == f"attune: Port {port} is taken: end what uses it, or run `make run PORT={port + 2}`.\n"
    assert not list(tmp_path.iterdir())


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with (
        run._only_user_of(tmp_path),
        pytest.raises(OperatorError, match="Another run"),
        run._only_user_of(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("environment", "writer"),
    [
        ({}, "rules"),
        ({"LLM_MODEL": "m"}, "rules"),
        ({"SECOND_LLM_MODEL": "m", "SECOND_LLM_API_KEY": "k"}, "rules"),
        ({"LLM_BASE_URL": "http://x"}, "openai"),
        ({"OPENAI_API_KEY": "k"}, "openai"),
    ],
)
def test_an_address_or_a_key_chooses_a_real_model(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], writer: str
) -> None:
    for name in run._MODEL:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run._model() == {**environment, "WRITER": writer}


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A request for the book."""
    file = tmp_path_factory.mktemp("event") / "get_book.json"
    path = "/api/content/book"
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
    context = {"http": http, "requestId": "0123456789abcdef", "stage": "$default", "routeKey": f"GET {path}"}
    request = {"version": "2.0", "routeKey": f"GET {path}", "rawPath": path, "rawQueryString": "", "headers": {}}
    file.write_text(json.dumps({**request, "requestContext": context, "isBase64Encoded": False}))
    return file


def test_a_function_is_invoked_on_an_event(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: Path
) -> None:
    monkeypatch.setattr(invoke, "LOCAL", tmp_path)
    assert invoke.main(["get_book", "--event", str(event)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["parts"]


def test_a_function_that_raises_is_shown_as_lambda_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(invoke, "LOCAL", tmp_path)
    monkeypatch.setattr(invoke, "_invoke", lambda name, file: invoke._call(cast(Gateway, None), "GetBook", {}))
    assert invoke.main(["get_book"]) == 1
    assert json.loads(capsys.readouterr().out)["errorType"] == "AttributeError"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say which function"),
        (["fly"], "no function 'fly'"),
        (["get_book", "--event", "/nowhere"], "does not exist"),
    ],
)
def test_nothing_to_invoke_is_one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert invoke.main(arguments) == 2
    assert said in capsys.readouterr().err
