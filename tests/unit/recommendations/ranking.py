"""What is ranked for somebody, and a course in which one thing builds upon another."""

from attune.domain.course import Course
from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.rank import first_draws, rank
from attune.domain.recommendations.recommendation import Ranked
from attune.domain.recommendations.situation import Request, Situation
from tests.unit.recommendations.situations import a_course, an_item, situation

CHAIN = a_course(
    {"a": [], "b": ["a"], "c": []},
    [an_item(f"{skill}{n}", skill, difficulty=n + 1) for skill in "abc" for n in range(4)],
)
ALL = Request(count=20, minutes=240)


def shown(ranked: Ranked) -> dict[str, str]:
    return {one.item: one.kind for one in ranked.recommendations}


def ranked(course: Course, request: Request = ALL, seed: str = "seed", **known: object) -> Ranked:
    return rank(situation(course, **known), request, DEFAULT, seed)  # type: ignore[arg-type]


def chances(situation: Situation, request: Request = ALL) -> dict[str, float]:
    return first_draws(situation, request, DEFAULT)
