"""Experiments under fire, on an engine that is atomic: many at once, answers that are lost, and what it all takes."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from attune.actions import (
    change_experiment,
    count_events,
    create_path,
    judge_experiment,
    leave_experiment,
    personalize_lesson,
    publish_course,
    recommend,
    record_outcome,
)
from attune.actions.personalize_lesson import Ask
from attune.domain.course import Course
from attune.domain.experiments.definition import Arm, Definition
from attune.domain.experiments.experiment import RUNNING
from attune.domain.experiments.metric import Guardrail, Metric
from attune.domain.experiments.tally import MICRO, Tally
from attune.domain.jobs import Job
from attune.domain.paths.asked import AskedPath
from attune.domain.paths.goal import Goal
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.domain.reports import event as names
from attune.domain.reports.event import Event
from attune.domain.section import Style
from attune.store import courses, keys, learner_settings, tallies
from attune.store.changes import Heard
from attune.store.experiments import every, get
from tests import backends
from tests.backends import Backend
from tests.builders import NOW, a_course, a_guest, an_account, answers
from tests.doubles.clock import Clock
from tests.store.test_concurrency import at_once
from tests.unit.experiments.laid_out import a_definition

NAME = "trial"
WRITERS = 8
STYLE = Style("rules", None, None, "1")
PRIMARY = Metric("minutes", "mean")

backend = backends.ministack_alone(autouse=True)


def laid_out(**changes: Any) -> Definition:
    guardrails = (Guardrail(Metric("gone"), 0.03),)
    return a_definition(primary=PRIMARY, guardrails=guardrails, **changes)


@pytest.fixture
def course() -> Course:
    """A course in which one experiment runs."""
    files = a_course(lessons=1)
    for slug, text in files.texts.items():
        publish_course.stage(files.id, slug, text, NOW)
    publish_course.publish(files.id, files.manifest, NOW)
    change_experiment.put(files.id, NAME, laid_out(), 0.0, None, NOW)
    change_experiment.act(files.id, NAME, "start", NOW)
    return courses.recent(files.id, NOW)


def whole(course: Course, name: str = NAME) -> Tally:
    """All that was counted, in both arms."""
    found = Tally()
    for each in tallies.read(course.id, get(course.id, name, NOW), NOW).values():
        for tally in each:
            found = found.plus(tally)
    return found


def served(course: Course, who: Principal) -> str | None:
    recommend.run(who, course, Asked(), NOW)
    return learner_settings.get(who, course.id, NOW, consistent=True).arms[NAME].arm


def _served_at_once(course: Course, who: Principal) -> list[Any]:
    return list(at_once(WRITERS, lambda _: served(course, who)))


def counted(course: Course, who: Principal, event: str, value: float = 1.0, sent: list[Job] | None = None) -> str:
    out = [] if sent is None else sent
    return record_outcome.run(who, course.id, NAME, event, "minutes", value, NOW, out.extend)


def test_k1_k4_eight_devices_at_once_are_one_exposure(course: Course) -> None:
    for number in range(1, 4):
        who = an_account()
        arms = _served_at_once(course, who)
        assert len(set(arms)) == 1
        assert set(arms) <= {"A", "B"}
        assert whole(course).n == number


def _plan(course: Course, who: Principal) -> None:
    create_path.run(who, course, AskedPath(Goal()), None, lambda made: made.id, NOW)


def _read(course: Course, who: Principal) -> None:
    ask = Ask(who, course.id, next(iter(course.lessons)), 0.0, posted=True)
    personalize_lesson.run(ask, STYLE, lambda messages: None, Clock(NOW))


def _served_by(serve: Callable[[Course, Principal], None], course: Course, who: Principal, _: int) -> None:
    serve(course, who)


@pytest.mark.parametrize(("layer", "serve"), [("planning", _plan), ("writing", _read)])
def test_k1_k4_devices_at_once_are_one_exposure_in_every_layer(
    course: Course, layer: str, serve: Callable[[Course, Principal], None]
) -> None:
    arms = (Arm("A", 0.5), Arm("B", 0.5))
    change_experiment.put(course.id, layer, laid_out(layer=layer, seed=layer, arms=arms), 0.0, None, NOW)
    change_experiment.act(course.id, layer, "start", NOW)
    for number in range(1, 3):
        who = an_account()
        learner_settings.submit_answers(who, course.id, answers(), NOW)
        at_once(3, partial(_served_by, serve, course, who))
        assert learner_settings.get(who, course.id, NOW, consistent=True).arms[layer].arm in ("A", "B")
        assert whole(course, layer).n == number


def test_b46_eight_devices_report_the_same_and_other_events(course: Course) -> None:
    who = an_account()
    served(course, who)
    same = at_once(WRITERS, lambda _: counted(course, who, "e"))
    assert Counter(same) == {"counted": 1, "duplicate": WRITERS - 1}
    assert at_once(4, lambda number: counted(course, who, f"e{number}", 2.5)) == ["counted"] * 4
    assert whole(course).of("minutes").y == 11 * MICRO
    assert whole(course).of("minutes").yy == (11 * MICRO) ** 2


def test_b46_workers_that_are_told_the_same_and_a_site_that_reports_meanwhile_count_each_once(course: Course) -> None:
    """Of one learner: what the stream tells and what the site says stand in one row."""
    who, name = an_account(), "told"
    metrics = {"primary": PRIMARY, "secondary": (Metric("gain_per_minute", "ratio"), Metric("retained_7d"))}
    change_experiment.act(course.id, NAME, "stop", NOW)
    change_experiment.put(course.id, name, a_definition(**metrics), 0.0, None, NOW)
    change_experiment.act(course.id, name, "start", NOW)
    recommend.run(who, course, Asked(), NOW)
    at, week = int(NOW.timestamp() * 1000), 7 * 86_400_000
    said = {"seconds": 60, "gain": {"sense": 2.5}}
    events = [Event(names.ANSWERED, at + place * week, course.id, "x", said) for place in range(12)]
    told = {f"record {place}": Heard(who.learner, [event]) for place, event in enumerate(events)}

    def work(worker: int) -> str:
        if worker % 2:
            return record_outcome.run(who, course.id, name, f"e{worker}", "minutes", 1.0, NOW, lambda jobs: None)
        line = list(told.items())
        Random(worker).shuffle(line)
        for start in range(0, len(line), 4):
            count_events.run(dict(line[start : start + 4]), NOW)
        return "told"

    found = list(at_once(6, work))
    # Whoever had to give up is told again.
    count_events.run(told, NOW)
    done = whole(course, name)
    assert done.of("gain_per_minute").k == 1
    assert (done.of("gain_per_minute").y, done.of("gain_per_minute").d) == (30 * MICRO, 12 * MICRO)
    assert (done.of("retained_7d").y, done.of("minutes").y) == (MICRO, found.count("counted") * MICRO)


def test_b38_of_two_that_are_started_at_once_one_has_the_room(course: Course) -> None:
    change_experiment.act(course.id, NAME, "stop", NOW)
    names = [f"of-{number}" for number in range(4)]
    for name in names:
        change_experiment.put(course.id, name, laid_out(), 0.0, None, NOW)
    at_once(4, lambda number: change_experiment.act(course.id, names[number], "start", NOW))
    statuses = Counter(one.status for one in every(course.id, NOW).experiments.values())
    assert statuses[RUNNING] == 1


Act = Callable[[Course, Principal], object]
ACTS: dict[str, tuple[bool, Act]] = {
    "exposure": (False, served),
    "outcome": (True, lambda course, who: counted(course, who, "e", 3.0)),
    "leaving": (True, lambda course, who: leave_experiment.run(who, course.id, NAME, NOW)),
    "leaving unexposed": (False, lambda course, who: leave_experiment.run(who, course.id, NAME, NOW)),
    "pause": (True, lambda course, who: change_experiment.act(course.id, NAME, "pause", NOW)),
    "draft": (False, lambda course, who: change_experiment.put(course.id, who.subject, laid_out(), 0.0, None, NOW)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("fault", ["lost_after", "error_after"])
def test_c6_a_lost_answer_is_one_effect(backend: Backend, course: Course, act: str, fault: str) -> None:
    exposed, do = ACTS[act]
    ends = []
    for disturbed in (False, True):
        who = an_account()
        if disturbed and act == "pause":
            change_experiment.act(course.id, NAME, "resume", NOW)
        if exposed:
            served(course, who)
        before = whole(course)
        if disturbed:
            with backend.faulty(fault, "PutItem" if act == "draft" else "TransactWriteItems") as faults:
                do(course, who)
            assert faults.met[fault] == 1
        else:
            do(course, who)
        after = whole(course)
        arms = learner_settings.get(who, course.id, NOW, consistent=True).arms
        ends.append(
            (
                after.n - before.n,
                after.exited - before.exited,
                after.of("minutes").y - before.of("minutes").y,
                [one.status for one in arms.values()],
                get(course.id, NAME, NOW).status,
            )
        )
        if act == "draft":
            assert get(course.id, who.subject, NOW).rev == 1
    assert ends[0] == ends[1]


def test_what_it_takes(backend: Backend, course: Course) -> None:
    """Whoever is in no experiment pays nothing; the first exposure is a transaction, once."""
    who = an_account()
    learner_settings.submit_answers(who, course.id, answers(), NOW)
    recommend.run(an_account(), course, Asked(), NOW)

    def taken(do: Callable[[], object]) -> dict[str, int]:
        with backend.watched() as calls:
            do()
        return dict(calls.operations)

    assert taken(lambda: recommend.run(who, course, Asked(), NOW)) == {"Query": 1, "TransactWriteItems": 1}
    assert taken(lambda: recommend.run(who, course, Asked(), NOW)) == {"Query": 1}
    assert taken(lambda: recommend.run(who, course, Asked(), NOW, refresh=True)) == {"Query": 1, "PutItem": 1}
    assert taken(lambda: counted(course, who, "e")) == {"BatchGetItem": 1, "TransactWriteItems": 1}
    assert taken(lambda: counted(course, who, "e")) == {"BatchGetItem": 1}
    assert taken(lambda: judge_experiment.run(course.id, NAME, NOW, lambda *_: None)) == {
        "GetItem": 1,
        "BatchGetItem": 1,
    }
    change_experiment.act(course.id, NAME, "pause", NOW)
    fresh = courses.recent(course.id, NOW)
    outsider = an_account()
    recommend.run(outsider, fresh, Asked(), NOW)
    with backend.watched() as calls:
        recommend.run(outsider, fresh, Asked(), NOW, refresh=True)
    assert (calls.round_trips, calls.read_units <= 0.5, calls.write_units <= 2) == (2, True, True)


def test_a_guest_who_does_not_exist_leaves_nothing(course: Course) -> None:
    assert at_once(1, lambda _: leave_experiment.run(a_guest(), course.id, NAME, NOW)) != []
    assert whole(course) == Tally()


def test_d12_no_partition_takes_much_more_than_its_share() -> None:
    found = Counter(keys.spread(an_account().learner) for _ in range(8000))
    assert max(found.values()) <= 1.25 * 8000 / keys.SHARDS
    assert len(found) == keys.SHARDS
