"""A path moves by what happens and settles: the same knowledge again changes nothing, and counts follow statuses."""

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.instants import DAY_MS
from attune.domain.paths import actions
from attune.domain.paths.agenda import agenda
from attune.domain.paths.creation import created
from attune.domain.paths.evidence import Answer, Evidence
from attune.domain.paths.ids import path_id
from attune.domain.paths.moved import moved
from attune.domain.paths.path import Path
from attune.domain.paths.plan import plan
from attune.domain.paths.progress import progress
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.tally import Tally
from tests.unit.paths.test_plan import within
from tests.unit.paths.worlds import a_path, a_standing, a_world, later, standing_as

seeds = st.integers(0, 10_000_000)


def asked_for(request: PlanRequest) -> Callable[[Path], PlanRequest]:
    """What is asked for whatever the path."""
    return lambda _: request


@given(seeds)
def test_whatever_happens_finished_steps_stay_and_what_is_known_counts_once(seed: int) -> None:
    course, request, chance = a_world(seed)
    path, finished = a_path(request), set[str]()
    for _ in range(4):
        # Days without a trace lie between, some of them many.
        request = later(request, chance.choice([0, 1, 9, 60]))
        answers = [Answer(item.id, request.now, chance.random()) for item in course.items if chance.random() < 0.2]
        skills = {skill for answer in answers for skill in course.items_by_id[answer.item].skills}
        request = standing_as(request, {skill: a_standing(chance) for skill in sorted(skills)})
        evidence = Evidence(
            course,
            request.situation.standings,
            answers,
            read={slug: request.now for slug in course.lessons if chance.random() < 0.2},
        )
        told = moved("p", path, evidence, request.now, asked_for(request))
        done = {step.id for step in told.path.steps if step.is_done}
        assert finished | set(told.finished) == done
        assert told.path.rev >= path.rev
        assert told.is_new == (told.path != path)
        shown = progress(told.path)
        assert shown.completed + shown.spared <= shown.total
        assert 0 <= shown.percent <= 100
        again = moved("p", told.path, replace(evidence, answers=()), request.now, asked_for(request))
        assert not again.finished
        assert not again.reached
        path, finished = told.path, done


@given(seeds)
def test_the_days_of_a_path_never_hold_more_than_its_minutes(seed: int) -> None:
    _, request, chance = a_world(seed)
    path = a_path(request)
    for away in (0, 60):
        now = later(request, away)
        spent = chance.choice([0, request.minutes_per_day // 2, request.minutes_per_day])
        found = agenda(path, replace(now, goal=path.goal), spent)
        assert within(found.days, request.minutes_per_day)
        today = [day.minutes for day in found.days if day.day == now.today]
        assert sum(today) <= request.minutes_per_day - spent
        assert found.days == agenda(path, replace(now, goal=path.goal), spent).days
        assert found.finish.earliest <= found.finish.estimate <= found.finish.latest


@given(seeds, st.lists(st.sampled_from(["start", "pause", "resume", "cancel", "delete", "archive"]), max_size=8))
def test_counts_follow_every_change_of_status(seed: int, wanted: list[str]) -> None:
    _, request, _ = a_world(seed)
    now = request.now
    path = created(request, plan(request), "full")
    tally = Tally().after(None, path)
    for word in wanted:
        before, now = path, now + DAY_MS
        if word == "delete":
            path = actions.delete(path, now)
        elif word in actions.allowed(path, now) and path.deleted_at is None:
            path = _acted(path, word, now)
        tally = tally.after(before, path)
        assert tally.total == int(path.deleted_at is None)
        if path.deleted_at is None:
            assert getattr(tally, path.status.lower()) == 1
    assert Tally(*tally.to_json()) == tally


def _acted(path: Path, word: str, now: int) -> Path:
    match word:
        case "start":
            return actions.start(path, now)
        case "pause":
            return actions.pause(path, now, None)
        case "resume":
            return actions.resume(path, now)
        case _:
            return actions.cancel(path, now)


@given(st.lists(st.integers(0, 2**48 - 1), unique=True, max_size=20), st.randoms())
def test_ids_sort_by_when_a_path_was_made(moments: list[int], chance: random.Random) -> None:
    made = {path_id("g.1", "c", at, str(chance.random())): at for at in moments}
    assert [made[id_] for id_ in sorted(made)] == sorted(moments)
    assert all(id_[14] == "8" and id_[19] in "89ab" for id_ in made)
