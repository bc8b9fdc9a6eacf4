"""A path is one small row, read back as it was written; paces and forecasts hold what their intervals say."""

import json
import random
import sys
import time
from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.manifest import read
from attune.domain.paths.advance import Cause, advance
from attune.domain.paths.days import ReviewQueue
from attune.domain.paths.evidence import Answer, Evidence
from attune.domain.paths.forecast import forecast
from attune.domain.paths.goal import Goal
from attune.domain.paths.pace import Minutes, Pace, measured
from attune.domain.paths.path import ADAPTATIONS, Path
from attune.domain.paths.plan import MOST_STEPS, plan
from attune.domain.paths.progress import progress
from attune.domain.paths.replan import replan
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import LEARN, Step
from attune.domain.recommendations.situation import Situation
from tests.calls import calls
from tests.unit.paths.worlds import NEW, TODAY, a_course, a_path, a_request, a_standing, a_world, later, standing_as

seeds = st.integers(0, 10_000_000)


def _written(path: Path) -> Path:
    return Path.from_json(json.loads(json.dumps(path.to_json(), sort_keys=True)))


@given(seeds)
def test_a_path_is_read_back_as_it_was_written(seed: int) -> None:
    course, request, chance = a_world(seed, templates=True)
    path = a_path(request)
    assert _written(path) == path
    for _ in range(3):
        request = later(request, 2)
        request = standing_as(request, {skill.id: a_standing(chance) for skill in course.skills})
        answers = [Answer(item.id, request.now, chance.random()) for item in course.items]
        path = advance(path, Evidence(course, request.situation.standings, answers), request.now).path
        if path.status == "ACTIVE":
            path = replan(path, request, Cause("requested"))[0]
        assert _written(path) == path
    paused = replace(path, status="PAUSED", paused_at=5, pause_reason="exams", deleted_at=9, title="December")
    assert _written(paused) == paused


def test_five_hundred_steps_take_less_than_a_hundred_kilobytes() -> None:
    long = "x" * 40
    names = [f"skill-{n:03d}-{long}" for n in range(200)]
    manifest = {
        "skills": [{"id": name} for name in names],
        "items": [
            {"id": f"{name[:9]}-item-{n}-{long}", "skills": [name], "minutes": 1} for name in names for n in range(6)
        ],
        "parts": [],
    }
    course = read("c", 1, manifest)
    situation = Situation(course, TODAY * 86400.0, dict.fromkeys(names, NEW), {})
    path = a_path(PlanRequest(situation, Goal(), TODAY, 600, duration=366))
    steps = list(path.steps)
    assert len(steps) == MOST_STEPS
    finished = tuple(
        replace(
            stage,
            steps=tuple(
                step._replace(done_at=situation_ms(situation) + 1, by="evidence", tries=2) for step in stage.steps
            ),
        )
        for stage in path.stages
    )
    path = replace(path, stages=finished, touched=frozenset(names), description="d" * 2000)
    size = len(json.dumps(path.to_json(), separators=(",", ":")))
    print(f"{len(steps)} steps: {size} bytes", file=sys.stderr)
    assert size < 100_000


def situation_ms(situation: Situation) -> int:
    return int(situation.now * 1000)


def test_only_the_newest_adaptations_are_remembered() -> None:
    assert ADAPTATIONS == 20


def test_a_path_without_steps_is_wholly_done() -> None:
    path = Path(goal=Goal(), minutes_per_day=30, duration=30, first_day=TODAY, created_at=0)
    shown = progress(path)
    assert (shown.percent, shown.total, shown.stage, shown.stages) == (100.0, 0, 0, 0)
    assert not path.is_there("nine")


def test_without_measurements_the_authors_minutes_count() -> None:
    assert Pace().minutes(30) == 30
    assert Pace().interval([30] * 10).estimate == 300
    assert Pace().interval([]) == Minutes(0, 0, 0)
    assert Pace().with_measured(0, 100) == Pace()
    assert Pace().with_measured(10, 0) == Pace()


def test_a_pace_is_shrunk_to_the_authors_word_and_follows_many_measurements() -> None:
    one, many = measured([(10, 1200)]), measured([(10, 1200)] * 200)
    assert 1.0 < one.factor < 1.3
    assert many.factor == pytest.approx(2.0, rel=0.03)
    assert measured([(10, 600 * 1000)]).factor < 1.6
    assert many.interval([10] * 30).high - many.interval([10] * 30).low < one.interval([10] * 30).high


@given(st.lists(st.tuples(st.floats(0.5, 200), st.floats(0.5, 100_000)), max_size=30), st.randoms())
def test_a_pace_does_not_depend_on_the_order(pairs: list[tuple[float, float]], chance: random.Random) -> None:
    other = list(pairs)
    chance.shuffle(other)
    assert measured(other).factor == pytest.approx(measured(pairs).factor)
    assert measured(other).squares == pytest.approx(measured(pairs).squares, abs=1e-6)


def test_the_interval_of_minutes_holds_about_ninety_five_in_a_hundred() -> None:
    """Learners whose own pace and whose steps vary as the model says."""
    chance = random.Random(11)
    inside = 0
    for _ in range(1000):
        own = chance.gauss(0.0, 0.2)
        seen = [(10.0, 600.0 * exp(chance.gauss(own, 0.4))) for _ in range(chance.choice([0, 5, 30]))]
        interval = measured(seen).interval([20] * 15)
        true = sum(20 * exp(chance.gauss(own, 0.4)) for _ in range(15))
        inside += interval.low <= true <= interval.high
    assert 900 <= inside <= 990


def test_attendance_moves_the_finish_and_widens_its_interval() -> None:
    steps = [Step(f"s-{n}", LEARN, f"p{n}", "", 30, 30) for n in range(20)]
    minutes = Minutes(600, 500, 720)
    daily = forecast(steps, minutes, TODAY, 30, ReviewQueue({}, {}), 1.0)
    half = forecast(steps, minutes, TODAY, 30, ReviewQueue({}, {}), 0.5)
    assert daily.estimate == TODAY + 19
    assert half.estimate == TODAY + 39
    assert half.latest - half.earliest > daily.latest - daily.earliest
    assert forecast([], Minutes(0, 0, 0), TODAY, 30, ReviewQueue({}, {})).latest == TODAY


class _Counted(dict[str, float]):
    """Counts how often an item's expected score is asked for."""

    asked = 0

    def get(self, key: str, default: float = 0.0) -> float:  # type: ignore[override]
        self.asked += 1
        return super().get(key, default)


def _large(skills: int, items: int) -> PlanRequest:
    chance = random.Random(1)
    course = a_course(chance, skills, items, skills)
    request = a_request(course, chance, Goal(), minutes_per_day=60, duration=90, deadline=None)
    return standing_as(request, dict.fromkeys((skill.id for skill in course.skills), NEW))


def _planning(request: PlanRequest) -> int:
    return calls(lambda: plan(request))


def test_the_work_grows_with_the_course_and_no_faster() -> None:
    few, many = (_planning(_large(size, 10 * size)) for size in (50, 200))
    assert many < 8 * few
    request = _large(200, 2000)
    p = _Counted(request.situation.p)
    plan(replace(request, situation=replace(request.situation, p=p)))
    assert p.asked < 4 * 2000


def test_a_thousand_skills_and_ten_thousand_items() -> None:
    """Says what it takes of CPU on this machine (-s), and asserts what is the same on any."""
    request = _large(1000, 10_000)
    before = time.process_time()
    plan(request)
    print(f"a plan: {(time.process_time() - before) * 1000:.0f} ms of CPU", file=sys.stderr)
    assert _planning(request) < 225_000
