"""What a stack on this machine begins with: courses, and learners that are the same each time, made over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from tools import course
from tools.client import Refused
from tools.files import write_private
from tools.local import Stack
from tools.publish import Progress, publish, state_of, version
from tools.template import ROOT

# Any fixed namespace gives the same learners each time.
_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
GUEST = str(uuid5(_NAMESPACE, "attune-demo-guest"))
ACCOUNT = "demo-player"


def folders() -> list[Path]:
    """The courses that ship."""
    return sorted(file.parent for file in (ROOT / "courses").glob("*/course.yaml"))


def courses(stack: Stack, progress: Progress = lambda line: None) -> Iterator[str]:
    """Publishes every course, and says of each what it holds."""
    for folder in folders():
        found = course.read(folder)
        before = version(stack.api(), found.id)
        state = state_of(publish(stack.api(stack.admin()), found, progress), before)
        yield f"{found.id}: {len(found.lessons)} lessons, {state}"


def learners(stack: Stack, file: Path) -> dict[str, str]:
    """Makes the learners unless they are there; their tokens and the owner's go into a file of this user alone."""
    earlier = json.loads(file.read_text("utf-8")) if file.exists() else {}
    tokens = {"guest": _guest(stack, earlier.get("guest")), "account": stack.account(ACCOUNT), "admin": stack.admin()}
    write_private(file, json.dumps(tokens, indent=2) + "\n")
    for kind in ("guest", "account"):
        for folder in folders():
            _answer_questionnaire(stack, tokens[kind], folder.name)
    return tokens


def _guest(stack: Stack, earlier: object) -> str:
    """The demo guest is recognised by the token of an earlier run; if that is lost, a new guest has to do."""
    try:
        return stack.guest(GUEST)
    except Refused as refused:
        if refused.reply.status != 409:
            raise
    if isinstance(earlier, str):
        reply = stack.api(earlier).send("POST", "/api/user/token")
        if reply.status < 300:
            return str(reply.json["token"])
    return stack.guest()


def _answer_questionnaire(stack: Stack, token: str, of: str) -> None:
    api = stack.api(token)
    if api.send("GET", f"/api/user/preferences?course={of}").status == 404:
        questions = api.get(f"/api/onboarding?course={of}").json["questions"]
        api.post(f"/api/onboarding?course={of}", beginner(questions))


def beginner(questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers to what a course's questionnaire requires."""
    return {each["id"]: _answer(each) for each in questions if each["required"]}


def _answer(question: dict[str, Any]) -> Any:
    """The first choice there is: a beginner's, in the courses that ship."""
    if question["type"] == "boolean":
        return False
    first = question["options"][0]["value"]
    return [first] if question["type"] == "choices" else first
