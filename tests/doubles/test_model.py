"""The stand-in for a model is itself right: what it says of itself is what a caller saw."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.answers import TONGUES, adapted, read, translated
from tests.doubles.model import ModelServer

ROOT = Path(__file__).parents[2]
PROMPT = """The marker is LESSON-0123456789abcdef

LESSON-0123456789abcdef LESSON
Sensors
Sections: A
LESSON-0123456789abcdef TERMS
- IMU
LESSON-0123456789abcdef TOKENS
none
LESSON-0123456789abcdef SECTION in English
## A

The IMU of a ROS 2 robot gives 100 Hz, as [said](⟦l1⟧) by many.

⟦C2⟧

| node | 3 |
|---|---|
LESSON-0123456789abcdef END

The reader
- programming: new

What this asks of the text
- nothing in particular

Write in {language}. """


def ask(model: ModelServer, language: str = "English") -> Any:
    body = {"model": "m", "messages": [{"role": "user", "content": PROMPT.format(language=language)}]}
    request = urllib.request.Request(f"{model.url}/chat/completions", json.dumps(body).encode())  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return json.load(response)


def test_it_adapts_and_counts() -> None:
    with ModelServer() as model:
        first, second = ask(model), ask(model)
        assert first == second
        assert "programming new" in json.loads(first["choices"][0]["message"]["content"])["markdown"]
        assert (model.count, model.tokens) == (2, 2 * 1_180)
        assert model.calls[0].asked.persona == {"programming": "new"}


def test_urdu_keeps_what_must_stay() -> None:
    text = adapted(read(PROMPT.format(language="Urdu")))
    for kept in ("## A", "IMU", "ROS", "100 Hz", "](⟦l1⟧)", "\n⟦C2⟧\n", "|---|---|", "3"):
        assert kept in text
    assert "gives" not in text
    assert translated("", (), TONGUES["Urdu"]) == ""


def test_rules_are_used_in_order_and_by_section() -> None:
    with ModelServer() as model:
        model.script("500", "well")
        model.behave("404", section="A")
        with pytest.raises(urllib.error.HTTPError, match="500"):
            ask(model)
        ask(model)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(model)
        assert [call.behaviour for call in model.calls] == ["500", "well", "404"]
        with pytest.raises(KeyError):
            model.behave("kindly")


def test_hold_and_release() -> None:
    with ModelServer() as model, ThreadPoolExecutor(3) as pool:
        model.hold()
        answers = [pool.submit(ask, model) for _ in range(3)]
        assert model.wait_for(3)
        assert not any(answer.done() for answer in answers)
        model.release()
        assert all(answer.result()["choices"] for answer in answers)
        assert model.max_in_flight == 3


def test_models_are_listed_and_strangers_answered() -> None:
    with ModelServer() as model:
        with urllib.request.urlopen(f"{model.url}/models", timeout=5) as response:  # noqa: S310
            assert json.load(response)["data"][0]["id"] == "double"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{model.url}/images", timeout=5)  # noqa: S310
    assert adapted(read("Say something.")) == "This text is adapted for: everybody.\n\nSay something."


def test_it_runs_by_itself() -> None:
    command = [sys.executable, "-m", "tests.doubles.model", "--port", "0", "--seconds", "0.01"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip().removeprefix("LLM_BASE_URL=")
            with urllib.request.urlopen(f"{url}/models", timeout=5) as response:  # noqa: S310
                assert response.status == 200
        finally:
            process.terminate()
