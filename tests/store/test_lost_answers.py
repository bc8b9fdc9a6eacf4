"""A write whose answer is lost is sent again by the SDK and refused by its own effect: it counts as done, and once."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from attune.domain.errors import Unavailable
from attune.domain.instants import instant
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.domain.repetition import Repetition
from attune.store import courses, keys, learner_settings, pointers, sections, users, variants
from attune.store.sections import Claim, Outcome
from tests.backends import Backend
from tests.builders import NOW, a_course, a_guest, a_key, an_account, an_id, answers
from tests.store.regeneration import regenerated
from tests.store.test_variants import DUE, LESSON, a_plan, queued

COURSE = an_id()
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A write by one operation; what it answers, and what it leaves behind, as they are where nothing goes wrong."""

    operation: str
    act: Callable[[], object]
    answer: object
    look: Callable[[], object]
    left: object


def _guest() -> Principal:
    who = a_guest()
    users.create(who, NOW, None)
    return who


def _onboarded() -> Principal:
    who = an_account()
    learner_settings.submit_answers(who, COURSE, answers(), NOW)
    return who


def create_user() -> Case:
    who = a_guest()
    act: Callable[[], object] = lambda: users.create(who, NOW, None)[1]  # noqa: E731
    return Case("TransactWriteItems", act, False, lambda: users.get(who, NOW) is not None, True)


def create_user_under_a_key() -> Case:
    who, repetition = a_guest(), Repetition("create_user", a_key(), "h")
    act: Callable[[], object] = lambda: users.create(who, NOW, repetition)[0].id  # noqa: E731
    look: Callable[[], object] = lambda: users.repeated(repetition, NOW) == users.get(who, NOW)  # noqa: E731
    return Case("TransactWriteItems", act, who.subject, look, True)


def _settings_case(operation: str, who: Principal, act: Callable[[], LearnerSettings], left: tuple[int, int]) -> Case:
    def revs(found: LearnerSettings) -> tuple[int, int]:
        return found.answers_rev, found.preferences_rev

    return Case(operation, lambda: revs(act()), left, lambda: revs(learner_settings.get(who, COURSE, NOW)), left)


def first_answers_of_a_guest() -> Case:
    who = _guest()
    return _settings_case(
        "TransactWriteItems", who, lambda: learner_settings.submit_answers(who, COURSE, answers(), NOW), (1, 0)
    )


def first_answers_of_an_account() -> Case:
    who = an_account()
    return _settings_case(
        "TransactWriteItems", who, lambda: learner_settings.submit_answers(who, COURSE, answers(), NOW), (1, 0)
    )


def other_answers() -> Case:
    who = _onboarded()
    return _settings_case(
        "UpdateItem", who, lambda: learner_settings.submit_answers(who, COURSE, answers(hardware=True), NOW), (2, 0)
    )


def some_answers_of_an_expected_revision() -> Case:
    who, expected = _onboarded(), frozenset({1})
    return _settings_case(
        "UpdateItem",
        who,
        lambda: learner_settings.change_answers(who, COURSE, {"hardware": True}, expected, NOW),
        (2, 0),
    )


def preferences() -> Case:
    who = _onboarded()
    return _settings_case(
        "UpdateItem",
        who,
        lambda: learner_settings.change_preferences(
            who, COURSE, {"feedback_style": "simple"}, [], frozenset({0}), NOW, lambda _: None
        ),
        (1, 1),
    )


def reset() -> Case:
    who = _onboarded()
    learner_settings.change_preferences(who, COURSE, {"challenge_level": 1}, [], None, NOW, lambda _: None)
    return _settings_case(
        "UpdateItem", who, lambda: learner_settings.reset_preferences(who, COURSE, frozenset({1}), NOW), (1, 2)
    )


def regeneration() -> Case:
    who = _onboarded()
    return Case(
        "TransactWriteItems",
        lambda: regenerated(who, COURSE, instant(NOW - DAY), NOW),
        True,
        lambda: learner_settings.get(who, COURSE, NOW).regenerated_at,
        instant(NOW),
    )


def publication() -> Case:
    course = a_course()
    act: Callable[[], object] = lambda: courses.publish(course.id, course.stored(), None, NOW).version  # noqa: E731
    return Case("TransactWriteItems", act, 1, lambda: courses.newest(course.id, NOW), 1)


def switch() -> Case:
    course = a_course()
    first = courses.publish(course.id, course.stored(), None, NOW)
    second = courses.publish(course.id, course.stored(title="Second"), first, NOW)
    act: Callable[[], object] = lambda: courses.switch(course.id, 1, second, NOW)  # noqa: E731
    return Case("TransactWriteItems", act, first, lambda: courses.current(course.id, NOW), first)


def staging() -> Case:
    course = a_course(lessons=1)
    ((slug, text),) = course.texts.items()
    act: Callable[[], object] = lambda: courses.stage(course.id, slug, text, "h", NOW)  # noqa: E731
    return Case("PutItem", act, True, lambda: courses.text(course.id, slug, text.id, NOW), text)


def claim() -> Case:
    key = a_key()

    def act() -> object:
        taken = sections.claim(key, 75.0, NOW)
        return isinstance(taken, Claim) and (taken.fence, taken.attempt)

    return Case("UpdateItem", act, (1, 1), lambda: sections.get_many([key], NOW)[key].attempts, 1)


def _finish(outcome: Outcome) -> Case:
    key = a_key()
    held = sections.claim(key, 75.0, NOW)
    assert isinstance(held, Claim)
    state = "written" if outcome.text else "original"
    act: Callable[[], object] = lambda: sections.finish(held, outcome, NOW)  # noqa: E731
    return Case("UpdateItem", act, True, lambda: sections.get_many([key], NOW)[key].state, state)


def finish_with_a_text() -> Case:
    return _finish(Outcome(text="## Text\n"))


def finish_with_the_original() -> Case:
    return _finish(Outcome(reason="gate_failed"))


def release() -> Case:
    key = a_key()
    held = sections.claim(key, 75.0, NOW)
    assert isinstance(held, Claim)
    until = NOW.timestamp() + 9
    return Case(
        "UpdateItem",
        lambda: sections.release(held, until, NOW),
        None,
        lambda: sections.get_many([key], NOW)[key].lease_until,
        until,
    )


def enqueue() -> Case:
    key = a_key()
    act: Callable[[], object] = lambda: variants.enqueue(key, a_plan(), DUE, NOW)  # noqa: E731
    return Case("PutItem", act, True, lambda: variants.get(key, NOW) is not None, True)


def take_requeue() -> Case:
    key = queued()
    seen = variants.get(key, NOW)
    assert seen is not None
    act: Callable[[], object] = lambda: variants.take_requeue(seen, DUE + 9, NOW)  # noqa: E731
    look: Callable[[], object] = lambda: (found := variants.get(key, NOW)) and found.requeue_at  # noqa: E731
    return Case("UpdateItem", act, True, look, DUE + 9)


def assemble() -> Case:
    key = queued()
    act: Callable[[], object] = lambda: variants.assemble(key, LESSON, None, NOW)  # noqa: E731
    look: Callable[[], object] = lambda: (found := variants.get(key, NOW)) and found.assembled  # noqa: E731
    return Case("UpdateItem", act, None, look, LESSON)


def pointer() -> Case:
    who, new = an_account(), pointers.Pointer(a_key(), 1, 1, "s", 0, False)
    act: Callable[[], object] = lambda: pointers.put(who, COURSE, "x", new, NOW)  # noqa: E731
    return Case("TransactWriteItems", act, None, lambda: pointers.clear(who, COURSE, NOW), 1)


def clearing() -> Case:
    who, old = an_account(), pointers.Pointer(a_key(), 1, 1, "s", 0, False)
    for number in range(30):
        pointers.put(who, COURSE, f"lesson-{number}", old, NOW)
    act: Callable[[], object] = lambda: pointers.clear(who, COURSE, NOW)  # noqa: E731
    return Case("BatchWriteItem", act, 30, lambda: pointers.clear(who, COURSE, NOW), 0)


CASES = (
    create_user,
    create_user_under_a_key,
    first_answers_of_a_guest,
    first_answers_of_an_account,
    other_answers,
    some_answers_of_an_expected_revision,
    preferences,
    reset,
    regeneration,
    publication,
    switch,
    staging,
    claim,
    finish_with_a_text,
    finish_with_the_original,
    release,
    enqueue,
    take_requeue,
    assemble,
    pointer,
    clearing,
)


@pytest.mark.parametrize("fault", [None, "lost_after", "error_after"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_c6_c12_d2_a_lost_answer_is_a_success_and_one_effect(
    backend: Backend, case: Callable[[], Case], fault: str | None
) -> None:
    one = case()
    if fault is None:
        assert one.act() == one.answer
    else:
        with backend.faulty(fault, one.operation) as faults:
            assert one.act() == one.answer
        assert faults.met[fault] == 1
    assert one.look() == one.left


def test_c6_who_never_hears_of_their_creation_may_ask_again_under_a_key(backend: Backend) -> None:
    who, repetition = a_guest(), Repetition("create_user", a_key(), "h")
    with backend.faulty("lost_after", "TransactWriteItems", times=math.inf), pytest.raises(Unavailable):
        users.create(who, NOW, repetition)
    found, repeated = users.create(who, NOW, repetition)
    assert (found.id, repeated) == (who.subject, True)


def test_who_never_hears_of_their_change_may_ask_again(backend: Backend) -> None:
    who = _onboarded()
    with backend.faulty("lost_after", "UpdateItem", times=math.inf), pytest.raises(Unavailable):
        learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW)
    assert learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW).answers_rev == 2


def test_c12_a_lost_answer_is_not_taken_for_somebody_elses_write(backend: Backend) -> None:
    """Refused by another one's write, not by our own: no success is claimed."""
    key, other = a_key(), a_plan()
    assert variants.enqueue(key, other, DUE, NOW)
    with backend.faulty("lost_after", "PutItem"):
        assert not variants.enqueue(key, a_plan(), DUE, NOW)
    found = variants.get(key, NOW)
    assert found is not None
    assert found.plan == other
    assert len(backend.rows(keys.variant(key).pk)) == 1
