"""What the stream tells of learners counts for experiments once, however it is told, and whoever dies on the way."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from attune.domain.experiments.tally import MICRO
from attune.domain.principal import Principal
from attune.domain.reports.event import Event
from attune.store import courses, events, learner_settings, pseudonyms
from tests.backends import Backend
from tests.builders import NOW, answers
from tests.functions.conftest import World
from tests.functions.experimenting import act, exposed, leave, results, started
from tests.functions.practising import an_answer, practised
from tests.functions.streaming import Record, fold, killed_at_each_call, told

Json = dict[str, Any]
METRICS: Json = {
    "primary": {"metric": "gain_per_minute", "type": "ratio"},
    "secondary": [{"metric": "retained_7d"}, {"metric": "helpful_rating", "type": "mean"}],
    "guardrails": [],
}
FIRST, BACK, LATE = 1, 8 * 24 * 60, 20 * 24 * 60
"""Minutes after the exposure: at once, in the second week, and after it."""
KINDS = ("event", "metric", "presence", "outcomes", "outcome")
CALLS = 12


@pytest.fixture
def begun(world: World) -> World:
    started(world, **METRICS)
    return world


def studied(world: World, who: Principal, *answers: Json) -> None:
    began = (world.clock.now() - timedelta(minutes=30)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    practised(world, who, *answers, started_at=began)


def later(world: World, minutes: float) -> None:
    world.clock.advance(timedelta(minutes=minutes))
    courses.forget()


def lived(world: World) -> dict[str, list[Principal]]:
    """By arm, learners who study; of each arm the first comes back in time, the second too late and rates a lesson."""
    arms = {arm: [exposed(world, arm) for _ in range(2)] for arm in "AB"}
    for place, learners in enumerate(arms.values()):
        for number, who in enumerate(learners):
            wrong = an_answer(2, minutes=-2, correct=False, duration_ms=30_000)
            mixed = an_answer(1, minutes=-FIRST, duration_ms=60_000 * (1 + place + number))
            before = an_answer(3, minutes=60 * 24, duration_ms=60_000)
            studied(world, who, before, mixed, wrong)
    for learners in arms.values():
        rate(world, learners[1], 5)
        rate(world, learners[1], 1)
    rate(world, arms["B"][1], 4)
    later(world, BACK)
    for learners in arms.values():
        studied(world, learners[0], an_answer(4, minutes=-BACK, duration_ms=90_000))
    later(world, LATE - BACK)
    for learners in arms.values():
        studied(world, learners[1], an_answer(5, minutes=-LATE, duration_ms=90_000))
    return arms


def rate(world: World, who: Principal, stars: int) -> None:
    onboarded(world, who)
    if world.call("personalize_lesson", who, {"lesson_slug": world.slug}).status == 202:
        world.work()
        assert world.call("personalize_lesson", who, {"lesson_slug": world.slug}).status == 200
    assert world.call("rate_personalized", who, {"lesson_slug": world.slug, "rating": stars}).status == 200


def onboarded(world: World, who: Principal) -> None:
    learner_settings.submit_answers(who, world.course.id, answers(), world.clock.now())


def found(world: World) -> Mapping[str, Json]:
    """By metric and arm what is answered to the owner."""
    whole = results(world)
    every = [whole["primary"], *whole["secondary"]]
    return {one["metric"]: {arm: one[arm] for arm in "AB"} for one in every}


def kept(world: World) -> list[Event]:
    """All that an owner could export."""
    listed: list[Event] = []
    for ahead in range(40):
        day = (NOW + timedelta(days=ahead - 5)).date().isoformat()
        page, _ = events.page(world.course.id, day, world.clock.now(), after=None, limit=500)
        listed += page
    return listed


def by_hand(world: World, arms: Mapping[str, list[Principal]], listed: list[Event]) -> dict[str, Json]:
    """The same from the events alone: each learner is exposed at the world's beginning."""
    since = int(NOW.timestamp() * 1000)
    whole: dict[str, Json] = {"gain_per_minute": {}, "retained_7d": {}, "helpful_rating": {}}
    for arm, learners in arms.items():
        gain = minutes = 0
        retained, rated, contributing = 0, 0, 0
        for who in learners:
            name = pseudonyms.of(who.learner)
            own = [event for event in listed if event.learner == name and event.at >= since]
            measured = [event.said for event in own if event.name == "attempt" and "gain" in event.said]
            gain += sum(round(sum(said["gain"].values()) / len(said["gain"]) * MICRO) for said in measured)
            minutes += sum(round(said["seconds"] / 60 * MICRO) for said in measured)
            contributing += bool(measured)
            retained += any(7 <= (event.at - since) / 86_400_000 < 14 for event in own if event.name == "attempt")
            rated += sum(e.said["helpful"] - e.said["low"] for e in own if e.name == "lesson_rated")
        about = {"n": len(learners), "exited": 0}
        mean = {"mean": round(gain / minutes, 3), "contributing": contributing}
        whole["gain_per_minute"][arm] = {**about, **mean}
        whole["retained_7d"][arm] = {**about, "conversions": retained, "rate": round(retained / len(learners), 3)}
        whole["helpful_rating"][arm] = {**about, "mean": round(rated / len(learners), 3)}
    return whole


def forget(backend: Backend, before: Mapping[Any, Any]) -> None:
    """All that was counted; the sums are as they were when nothing had been told."""
    now = {key: row for key, row in backend.kept().items() if row["kind"]["S"] not in (*KINDS, "tally")}
    backend.empty({**now, **{key: row for key, row in before.items() if row["kind"]["S"] == "tally"}})


def test_b46_results_equal_a_recount_of_the_events_in_any_order_twice(begun: World, backend: Backend) -> None:
    arms = lived(begun)
    before, records = backend.kept(), told(backend)
    assert fold(records) == []
    listed = kept(begun)
    once = found(begun)
    assert once == by_hand(begun, arms, listed)
    assert once["retained_7d"]["A"]["conversions"] == 1
    assert (once["helpful_rating"]["A"]["mean"], once["helpful_rating"]["B"]["mean"]) == (-0.5, 0.5)
    assert once["gain_per_minute"]["A"]["contributing"] == 2
    for seed in range(2):
        forget(backend, before)
        rng, line = Random(seed), records * 2
        rng.shuffle(line)
        while line:
            cut = rng.randint(1, 9)
            assert fold(line[:cut]) == []
            line = line[cut:]
        assert found(begun) == once


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_between_two_calls_counts_once(begun: World, backend: Backend, after: bool) -> None:
    who = exposed(begun, "A")
    studied(begun, who, an_answer(1, minutes=-1, duration_ms=60_000), an_answer(2, minutes=-2, correct=False))
    before, few = backend.kept(), [record for record in told(backend) if "attempts" in record["dynamodb"]["NewImage"]]
    assert len(few) == 1
    fold(few)
    once = found(begun)
    assert once["gain_per_minute"]["A"]["contributing"] == 1
    died = 0
    forget(backend, before)
    for dead in killed_at_each_call(few, CALLS, after):
        died += dead
        assert found(begun) == once
        forget(backend, before)
    assert 5 < died < CALLS


def test_who_left_or_turned_personalization_off_or_is_in_no_arm_counts_nothing(begun: World, backend: Backend) -> None:
    gone, off = exposed(begun, "A"), exposed(begun, "A")
    nobody = begun.reader()
    for who in (gone, off, nobody):
        studied(begun, who, an_answer(1, minutes=-1, duration_ms=60_000))
    leave(begun, gone)
    key = (f"USER#{off.learner}", f"COURSE#{begun.course.id}#SETTINGS")
    backend.change(key, "SET personalization = :off", off={"BOOL": False})
    fold(told(backend))
    assert found(begun)["gain_per_minute"]["A"] == {"n": 2, "exited": 1, "contributing": 0}


def test_who_is_erased_gets_no_rows_by_what_is_told_late(begun: World, backend: Backend) -> None:
    who = exposed(begun, "A")
    studied(begun, who, an_answer(1, minutes=-1, duration_ms=60_000))
    records = told(backend)
    assert begun.call("erase_user", who, path="/api/user/me").status == 202
    rows = {key: row for key, row in backend.kept().items() if who.learner in str(row["pk"])}
    assert fold(records) == []
    assert {key: row for key, row in backend.kept().items() if who.learner in str(row["pk"])} == rows
    assert found(begun)["gain_per_minute"]["A"]["contributing"] == 0


def test_what_is_over_counts_nothing_more(begun: World, backend: Backend) -> None:
    who = exposed(begun, "A")
    studied(begun, who, an_answer(1, minutes=-1, duration_ms=60_000))
    act(begun, "stop")
    assert fold(told(backend)) == []
    assert found(begun)["gain_per_minute"]["A"]["contributing"] == 0


def test_an_experiment_that_asks_for_none_of_it_costs_no_read_of_a_learner(world: World, backend: Backend) -> None:
    started(world)
    who = exposed(world, "A")
    studied(world, who, an_answer(1, minutes=-1, duration_ms=60_000))
    few: list[Record] = [record for record in told(backend) if "attempts" in record["dynamodb"]["NewImage"]]
    with backend.watched() as watched:
        fold(few)
    calls = [call.operation for call in watched.calls]
    assert calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "GetItem"]
