"""The same requests after ever longer histories, and in ever larger courses: what does not grow, and what does.

Histories are imported as an operator imports them (`attune history import`), newest answers first: the action behind
the route stores each session, and one fold of them all makes the state, which is the one that practice leads to.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from tools import course as courses
from tools import demo
from tools.bench import layout, world
from tools.bench.world import COURSE, Route, World
from tools.course import Course, Lesson
from tools.publish import publish
from tools.template import ROOT

HISTORIES = (10, 1_000, 100_000)
"""Answers."""
COURSES = (10, 100, 1_000)
"""Lessons."""
A_SESSION = 100
MADE = "path, made"
_CHAPTER = 10
_WORDS = "A policy maps what is sensed to what is done, and is judged by what it earns over time. "


def practised(here: World, answers: int) -> World:
    """Somebody who has practised so many answers, a hundred a day up to yesterday, and has been recommended."""
    made = _somebody(here, f"practised-{answers}")
    file = layout.FOLDER / f"history-{answers}.ndjson"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in _history(made.learner, answers)), "utf-8")
    _import(file)
    questions = made.client.get("/api/onboarding").json["questions"]
    made.client.post("/api/onboarding", demo.beginner(questions))
    made.client.get("/api/personalization/recommendations")
    world.written(made.client)
    return made


def requests_of_the_practised(here: World) -> Iterator[Route]:
    """What a learner waits for."""
    recommendations = "/api/personalization/recommendations"
    skill = courses.read(ROOT / "courses" / COURSE).manifest["skills"][0]["id"]
    yield here.route("recommendations, unchanged", "GET", recommendations)
    yield here.route("lesson, ready", "GET", f"/api/personalize/{world.LESSON}")
    yield here.route("profile", "GET", "/api/user/profile")
    yield here.route("skill", "GET", f"/api/personalization/skills/{skill}")
    yield here.route("sessions", "GET", "/api/training/sessions?limit=20")
    yield here.route("progress", "GET", "/api/progress")
    yield here.route("session of ten", "POST", "/api/training/sessions", world.session(90), world.session(91))
    yield here.route("recommendations, recomputed", "GET", f"{recommendations}?refresh=true")


def taught(here: World, lessons: int) -> World:
    """Somebody new in a course of so many lessons, with a set of recommendations and a path."""
    made = _somebody(here, f"taught-{lessons}")
    course = course_of(lessons)
    publish(here.stack.api(here.stack.admin()), course)
    query = f"?course={course.id}"
    made.client.get(f"/api/personalization/recommendations{query}")
    path = made.client.post(f"/api/personalization/learning-path{query}", _A_PATH).json
    return replace(made, course=course.id, path=path["path_id"])


_A_PATH: dict[str, Any] = {"goal": {}}


def requests_of_the_taught(here: World) -> Iterator[Route]:
    """What reads the course, or is made of it."""
    query = f"course={here.course}"
    recommendations = f"/api/personalization/recommendations?{query}"
    yield here.route("book", "GET", f"/api/content/book?{query}")
    yield here.route("lesson, original", "GET", f"/api/content/lessons/{slug(0)}?{query}")
    yield here.route("recommendations, unchanged", "GET", recommendations)
    yield here.route("recommendations, recomputed", "GET", f"{recommendations}&refresh=true")
    yield here.route("path", "GET", f"/api/personalization/learning-path?{query}&path_id={here.path}")
    yield here.route(MADE, "POST", f"/api/personalization/learning-path?{query}", _A_PATH)


def for_the_store(here: World, route: Route) -> Route:
    """The same request as it is sent to a store that has not seen it; a path needs room beside at most two others."""
    if route.name == MADE:
        address = f"/api/personalization/learning-path?course={here.course}"
        for path in here.client.get(address).json["items"]:
            here.client.delete(f"{address}&path_id={path['path_id']}")
    return world.for_the_store(here, route)


def _somebody(here: World, name: str) -> World:
    client = here.stack.api(here.stack.account(name))
    return replace(here, client=client, learner=client.get("/api/user/me").json["id"])


def _history(learner: str, answers: int) -> Iterator[dict[str, Any]]:
    """Sessions, the newest first."""
    rng = Random(answers)  # noqa: S311, nothing secret is drawn
    items = [item["id"] for item in courses.read(ROOT / "courses" / COURSE).manifest["items"]]
    today = datetime.now(UTC).replace(microsecond=0)
    for day, first in enumerate(range(0, answers, A_SESSION), 1):
        began = today - timedelta(days=day)
        yield {
            "user_id": learner,
            "course": COURSE,
            "session_id": str(UUID(int=rng.getrandbits(128), version=4)),
            "started_at": _at(began),
            "attempts": [
                {
                    "attempt_id": str(place),
                    "item_id": rng.choice(items),
                    "correct": rng.random() < 0.7,
                    "duration_ms": rng.randrange(5_000, 90_000),
                    "at": _at(began + timedelta(seconds=30 * place)),
                }
                for place in range(min(A_SESSION, answers - first))
            ],
        }


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _import(file: Path) -> None:
    # The running stack's code, which has read its environment.
    from tools.history import History, Options

    counts = History(file, Options(create=True)).load()
    if not counts.is_clean:
        raise RuntimeError(f"{file.name}: {counts}")


def course_of(lessons: int) -> Course:
    """The poker course with as many other lessons in chapters of ten, of some 1,400 bytes each."""
    poker = courses.read(ROOT / "courses" / "poker")
    skills = [skill["id"] for skill in poker.manifest["skills"]]
    chapters = [
        {
            "id": f"chapter-{number}",
            "number": number + 1,
            "title": {"en": f"Chapter {number + 1}"},
            "lessons": [_entry(place, skills) for place in range(first, min(first + _CHAPTER, lessons))],
        }
        for number, first in enumerate(range(0, lessons, _CHAPTER))
    ]
    parts = [{"id": "part", "number": 1, "title": {"en": "All of it"}, "chapters": chapters}]
    items = [{name: held for name, held in item.items() if name != "lesson"} for item in poker.manifest["items"]]
    texts = [Lesson(slug(place), poker.file, _text(place), {}) for place in range(lessons)]
    return Course(
        f"lessons-{lessons}", poker.file, {**poker.manifest, "parts": parts, "items": items, "templates": []}, texts, []
    )


def _entry(place: int, skills: list[str]) -> dict[str, Any]:
    return {
        "slug": slug(place),
        "title": {"en": f"Lesson {place + 1}"},
        "kind": "lesson",
        "minutes": 10,
        "difficulty": 1 + place % 5,
        "skills": [skills[place % len(skills)]],
        "formats": ["theoretical"],
        "prerequisites": [slug(place - 1)] if place % _CHAPTER else [],
    }


def slug(place: int) -> str:
    return f"chapter-{place // _CHAPTER}/lesson-{place}"


def _text(place: int) -> str:
    sections = "".join(f"\n## Section {number + 1}\n\n{_WORDS * 5}\n" for number in range(3))
    return f"# Lesson {place + 1}\n{sections}"
