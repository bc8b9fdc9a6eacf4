"""`make smoke`: does a deployment do what it is for? Asked as a learner, right after it was deployed.

A guest is made each time and stays: one small row, without a name, that nobody has the token of.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

import urllib3

from tools import demo
from tools.client import Client, Refused, Reply
from tools.errors import OperatorError

WAIT = 8
TRIES = 5


def main(arguments: list[str] | None = None) -> int:
    """0 where everything worked; 2, and what did not, otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tools.smoke", description=__doc__)
    parser.add_argument("--url", default=os.environ.get("ATTUNE_URL") or "http://127.0.0.1:8000", help="of the API")
    parser.add_argument("--course", help="another than the default course")
    options = parser.parse_args(arguments)
    try:
        for line in look(options.url, options.course):
            print(f"  {line}", flush=True)
    except (OperatorError, Refused) as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    except urllib3.exceptions.HTTPError as error:
        print(f"attune: {options.url} cannot be reached: {error}", file=sys.stderr)
        return 2
    return 0


def look(url: str, course: str | None = None) -> Iterator[str]:
    """Each step that worked; the first that does not ends it with `Refused` or `OperatorError`."""
    of = f"?course={course}" if course else ""
    anybody = Client(url)
    health = anybody.get("/api/health").json
    _same("the state of health", health.get("status"), "ok")
    yield f"health: version {health['version']}"
    questions = _published(anybody.send("GET", f"/api/onboarding{of}"))["questions"]
    yield f"onboarding: {len(questions)} questions"
    guest = anybody.post("/api/user/create", {}).json
    learner = Client(url, guest["token"])
    _same("the guest", learner.get("/api/user/me").json["id"], guest["id"])
    learner.post(f"/api/onboarding{of}", demo.beginner(questions))
    yield "guest: created, known by the token, and onboarded"
    items = learner.get(f"/api/personalization/recommendations{of}").json["items"]
    if not items:
        raise OperatorError("A newcomer is recommended nothing: has the course any lesson or item?")
    yield f"recommendations: {len(items)}, first {items[0]['title']!r}"
    yield _lesson(learner, of)


def _published(reply: Reply) -> dict[str, Any]:
    if reply.status == 404:
        raise OperatorError("The API runs, but has no such course: publish one (`python -m tools.cli course publish`).")
    if reply.status >= 400:
        raise Refused(reply)
    found: dict[str, Any] = reply.json
    return found


def _lesson(learner: Client, of: str) -> str:
    """The first lesson of the course becomes ready: the queue, the worker and the writer behind them."""
    book = learner.get(f"/api/content/book{of}").json
    slugs = [lesson["slug"] for part in book["parts"] for chapter in part["chapters"] for lesson in chapter["lessons"]]
    if not slugs:
        return "lesson: the course has none"
    for _ in range(TRIES):
        reply = learner.get(f"/api/personalize/{slugs[0]}{of}", prefer=f"wait={WAIT}")
        if reply.status == 200:
            sections = reply.json["sections"]
            written = sum(section["state"] == "written" for section in sections)
            return f"lesson: {slugs[0]} is ready, {written} of {len(sections)} sections written"
    ready = f"{reply.json['sections_ready']} of {reply.json['sections_total']}"
    raise OperatorError(
        f"{slugs[0]} is not ready after {TRIES * WAIT} seconds: {ready} sections. Look at the queue and the worker."
    )


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise OperatorError(f"{what[0].upper()}{what[1:]} is {found!r}, not {wanted!r}.")


if __name__ == "__main__":
    sys.exit(main())
