"""A course to practise in, attempts at its items, and what the store keeps of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations, pairwise, permutations

from attune.actions import record_session
from attune.domain.course import Course
from attune.domain.jobs import Job
from attune.domain.manifest import read
from attune.domain.practice.gist import Gist
from attune.domain.practice.intake import Sent, attempt
from attune.domain.practice.profile import Practice
from attune.domain.practice.recorded import Recorded
from attune.domain.practice.replay import rebuild
from attune.domain.practice.session import Session
from attune.domain.practice.state import NOTHING
from attune.domain.principal import Principal
from attune.store import learner_course, parameters
from tests.builders import NOW, Json, a_course, a_uuid, an_id

START = int((NOW - timedelta(days=40)).timestamp() * 1000)
"""When practice begins: the age limit is far."""
MINUTE = 60_000
DAY = 86_400_000

Delivery = tuple[tuple[Sent, ...], ...]
"""The calls in which the answers of a session come in."""


def a_practice_manifest() -> Json:
    """Items of one skill and of two, a key, mistakes and phases."""
    items: list[Json] = [
        {"id": f"q{n}", "skills": [["sense"], ["act"], ["act", "sense"]][n % 3], "difficulty": 1 + n % 5}
        for n in range(12)
    ]
    for item in items:
        item |= {
            "prompt": "What does it do?",
            "choices": {"a": "It measures", "b": "It moves"},
            "answer": {"choice": "a"},
        }
    mistakes = [
        {"id": "hasty", "title": "Too fast", "items": ["q2", "q5"], "advice": "Slow down."},
        {"id": "late", "title": "Too late", "items": ["q2"], "phases": ["end"], "advice": "Begin earlier."},
    ]
    return a_course(lessons=1).stored(items=items, mistakes=mistakes, phases=["begin", "end"])


def a_practice_course() -> Course:
    """A course of its own: no other test's parameters are its."""
    return read(an_id(), 1, _manifest())


_manifest = cache(a_practice_manifest)


def a_sent(number: int, at: int, rng: random.Random) -> Sent:
    """An answer of any kind that counts."""
    item = rng.randrange(12)
    mistake = rng.choice([None, None, "hasty", "late"])
    told = rng.randrange(3)
    return Sent(
        id=f"a{number}",
        item=f"q{item}",
        at=at,
        score=rng.choice([0.0, 0.4, 1.0]) if told == 0 else None,
        correct=rng.random() < 0.6 if told == 1 else None,
        response=rng.choice("ab") if told == 2 else None,
        difficulty=rng.choice([None, None, 4]),
        duration_ms=rng.choice([None, 9_000, 61_000]),
        hints=rng.choice([0, 0, 1]),
        phase=rng.choice([None, "begin", "end"]),
        mistake=mistake,
        loss=2.5 if mistake and rng.random() < 0.5 else None,
    )


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session and all its answers, in the order of time."""

    session: Session
    answers: tuple[Sent, ...]

    def pieces(self, size: int) -> list["Sitting"]:
        """The same in several calls."""
        places = range(0, len(self.answers), size)
        return [replace(self, answers=self.answers[place : place + size]) for place in places]


def a_sitting(count: int, begins: int = START, *, seed: int = 1, step: int = MINUTE) -> Sitting:
    rng = random.Random(seed)
    session = Session(id=a_uuid(), started_at=begins)
    return Sitting(session, tuple(a_sent(n, begins + n * step, rng) for n in range(count)))


def sittings(count: int, answers: int, *, seed: int = 1) -> list[Sitting]:
    """Sessions that overlap in time, on days that lie apart."""
    return [
        a_sitting(answers, START + n * DAY // 3 + n % 2 * MINUTE // 2, seed=seed * 1000 + n, step=7 * MINUTE)
        for n in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Site:
    """Sends what a learner practised, and keeps the jobs that were queued."""

    course: Course
    jobs: list[Job] = field(default_factory=list)

    def send(self, who: Principal, sitting: Sitting, *, now: datetime = NOW, any_age: bool = False) -> Recorded:
        return record_session.run(
            who, self.course, sitting.session, sitting.answers, now, self.jobs.extend, any_age=any_age
        )

    def results(self, who: Principal, sitting: Sitting) -> list[str]:
        return [outcome.result for outcome in self.send(who, sitting).outcomes]

    def stored(self, who: Principal) -> tuple[bytes, bytes]:
        """The bytes of the profile and of the log."""
        return learner_course.stored(who, self.course.id, NOW)

    def expected(self, all_of_them: Sequence[Sitting], late: Sequence[str] = ()) -> tuple[bytes, bytes]:
        """The bytes that the answers give, folded in the order of time without any store."""
        now = int(NOW.timestamp() * 1000)
        attempts = [
            attempt(self.course, one.session.id, answer, now, any_age=True)
            for one in all_of_them
            for answer in one.answers
        ]
        log, state = rebuild(NOTHING, attempts, parameters.load(self.course.id, NOW).at)
        return learner_course.measured(Practice(Gist.of(state)), log, late)


def deliveries(answers: Sequence[Sent], calls: int = 3) -> Iterator[Delivery]:
    """All orders of the answers, cut in all ways into up to so many calls."""
    for order in permutations(answers):
        for cuts in range(calls):
            for places in combinations(range(1, len(order)), cuts):
                bounds = (0, *places, len(order))
                yield tuple(order[low:high] for low, high in pairwise(bounds))
