"""What practice, the profile and recommendations cost at the table: the same with any history."""

import random
from collections import Counter
from dataclasses import dataclass, replace

import pytest

from attune.actions import rebuild_profile
from attune.domain.course import Course
from attune.domain.lesson_text import LessonText
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.session import Session
from attune.domain.principal import Principal
from attune.edge.moments import moment
from attune.store import courses, keys, sessions, table
from tests import backends
from tests.backends import Backend
from tests.builders import NOW, CourseFiles, Json, a_uuid, an_account, an_id
from tests.functions.conftest import Reply, World
from tools import demo
from tools.course import read
from tools.template import ROOT

NOW_MS = int(NOW.timestamp() * 1000)
DAY = 86_400_000
A_SESSION = 50

backend = backends.ministack_alone()


@dataclass(frozen=True, slots=True)
class Practised:
    """A course that ships, and learners with a past in it."""

    world: World
    course: Course
    rng: random.Random

    def learner(self, answers: int) -> Principal:
        """Somebody with so many answers, up to ten minutes ago; the rows of the state come from a rebuild."""
        who = an_account()
        starts = range(0, answers, A_SESSION)
        gap = min(DAY, 720 * DAY // len(starts))
        rows = []
        for place, start in enumerate(starts):
            begins = NOW_MS - 40 * 60_000 - (len(starts) - 1 - place) * gap
            session = Session(a_uuid(), begins)
            found = [self._attempt(session.id, begins + n * 30_000) for n in range(min(A_SESSION, answers - start))]
            full = replace(session, attempts={attempt.id: attempt for attempt in found})
            rows.append(sessions.item(who.learner, self.course.id, full, table.new_write_id()))
        table.put_all(rows)
        assert rebuild_profile.run(who, self.course.id, NOW)
        self._settle(who)
        return who

    def _settle(self, who: Principal) -> None:
        """The questionnaire, preferences, and some lessons."""
        questions = self.call("get_onboarding", who).json["questions"]
        self.call("submit_onboarding", who, demo.beginner(questions))
        self.call("put_preferences", who, {"challenge_level": 0.7, "time_availability": 60})
        for slug in list(self.course.lessons)[:8]:
            body = {"event_id": an_id(), "status": "completed", "seconds": 720}
            self.call("track_lesson", who, body, f"/api/progress/{slug}")

    def _attempt(self, session: str, at: int) -> Attempt:
        item = self.rng.choice(self.course.items)
        invited = tuple(mistake.id for mistake in self.course.mistakes if item.id in mistake.items)
        mistake = self.rng.choice(invited) if invited and self.rng.random() < 0.2 else None
        return Attempt(
            session=session,
            id=str(self.rng.randrange(10**6)),
            item=item.id,
            at=at,
            score=0.0 if mistake else float(self.rng.random() < 0.6),
            skills=item.skills,
            difficulty=item.difficulty,
            categories=invited,
            duration_ms=self.rng.randrange(5_000, 90_000),
            mistake=mistake,
        )

    def call(self, function: str, who: Principal, body: object = None, path: str | None = None, **query: str) -> Reply:
        reply = self.world.call(function, who, body, path=path, query={"course": self.course.id, **query})
        assert reply.status in (200, 201), reply.body
        return reply

    def a_session(self) -> Json:
        """Ten answers at ten items, just now."""
        items = self.rng.sample(self.course.items, 10)
        return {
            "session_id": a_uuid(),
            "started_at": moment(NOW_MS - 300_000),
            "attempts": [
                {
                    "attempt_id": str(n),
                    "item_id": item.id,
                    "correct": n % 3 > 0,
                    "duration_ms": 21_000,
                    "at": moment(NOW_MS - 300_000 + n * 25_000),
                }
                for n, item in enumerate(items)
            ],
        }


@pytest.fixture(params=["physical-ai", "poker"])
def practised(world: World, request: pytest.FixtureRequest) -> Practised:
    files = read(ROOT / "courses" / request.param)
    texts = {lesson.slug: LessonText(lesson.content, lesson.translations) for lesson in files.lessons}
    other = replace(world, course=CourseFiles(an_id(), files.manifest, texts))
    other.publish()
    return Practised(other, courses.load_current(other.course.id, NOW), random.Random(0))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request took."""

    operations: Counter[str]
    read: float
    write: float


MOST: dict[str, tuple[Counter[str], float, float]] = {
    "profile": (Counter({"Query": 1}), 0.5, 0),
    "skill": (Counter({"BatchGetItem": 1}), 5, 0),
    "sessions": (Counter({"Query": 1, "BatchGetItem": 1}), 12, 0),
    "history of sets": (Counter({"Query": 2}), 2, 0),
    "progress": (Counter({"Query": 1}), 0.5, 0),
    "set that stands": (Counter({"Query": 1}), 0.5, 0),
    "set made anew": (Counter({"Query": 1, "PutItem": 1}), 0.5, 2),
    "session": (Counter({"BatchGetItem": 1, "TransactWriteItems": 1}), 8, 25),
    "set after it": (Counter({"Query": 1, "PutItem": 1}), 0.5, 2),
    "another session": (Counter({"BatchGetItem": 1, "TransactWriteItems": 1}), 8, 25),
}
"""The calls of each request, and the most units that they take, whatever the history."""
LARGEST = {"hot": 3_500, "log": 8_192}
"""Bytes of what a profile or a set is read from, and of the log: what they grow to in a month of daily practice."""


def costs(practised: Practised, backend: Backend, who: Principal) -> dict[str, Cost]:
    """What each request costs a learner, after each was asked once."""
    assert practised.call("get_profile", who).json["skills"]
    practised.call("list_recommendations", who)
    read = ("get_profile", "get_skill", "list_sessions", "list_recommendation_history", "get_progress")
    functions = (*read, *["list_recommendations"] * 2, "record_session", "list_recommendations", "record_session")
    path = f"/api/personalization/skills/{practised.course.skills[0].id}"
    found = {}
    for name, function in zip(MOST, functions, strict=True):
        body = practised.a_session() if function == "record_session" else None
        query = {"refresh": "true"} if name == "set made anew" else {}
        with backend.watched() as calls:
            practised.call(function, who, body, path if function == "get_skill" else None, **query)
        found[name] = Cost(calls.operations, calls.read_units, calls.write_units)
    return found


def sizes(backend: Backend, who: Principal) -> dict[str, int]:
    """Bytes of the rows that a query for the learner's state reads, and of the log."""
    rows = {
        row["sk"]["S"]: len(row["data"]["B"]) + 200 for row in backend.rows(keys.user(who.learner).pk) if "data" in row
    }
    return {
        "hot": sum(size for name, size in rows.items() if name.startswith("COURSE#")),
        "log": sum(size for name, size in rows.items() if name.startswith("LOG#")),
    }


def check(practised: Practised, backend: Backend, answers: int) -> None:
    who = practised.learner(answers)
    for name, cost in costs(practised, backend, who).items():
        operations, read_units, write_units = MOST[name]
        assert cost.operations == operations, name
        assert cost.read <= read_units, name
        assert cost.write <= write_units, name
    found = sizes(backend, who)
    assert {name: size for name, size in found.items() if size > LARGEST[name]} == {}


@pytest.mark.parametrize("answers", [10, 1_000])
def test_d11_a_request_costs_the_same_with_any_history(practised: Practised, backend: Backend, answers: int) -> None:
    check(practised, backend, answers)


@pytest.mark.soak
def test_d11_a_request_costs_the_same_with_a_hundred_thousand_answers(practised: Practised, backend: Backend) -> None:
    check(practised, backend, 100_000)
