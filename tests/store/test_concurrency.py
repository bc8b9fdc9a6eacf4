"""Many at once, on an engine that is atomic: one wins where one may, and nobody's change is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest

from attune.actions import change_preferences
from attune.domain.errors import Conflict, DomainError, PreconditionFailed
from attune.domain.learner import LearnerSettings
from attune.domain.ratings import Rating, Tally
from attune.domain.repetition import Repetition
from attune.store import courses, learner_settings, pointers, ratings, sections, table, users, variants
from attune.store.quotas import Quota
from tests import backends
from tests.builders import NOW, a_course, a_guest, a_key, an_account, an_id, answers
from tests.store.regeneration import regenerated
from tests.store.test_variants import DUE, a_plan, queued

R = TypeVar("R")
COURSE = an_id()

backend = backends.ministack_alone(autouse=True)


def at_once(count: int, act: Callable[[int], R]) -> list[R | DomainError]:
    """What each of so many threads got or met, all of which began together."""
    ready = threading.Barrier(count)

    def one(number: int) -> R | DomainError:
        ready.wait()
        try:
            return act(number)
        except DomainError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_c3_one_of_eight_creates_a_learner() -> None:
    who = a_guest()
    got = at_once(8, lambda _: users.create(who, NOW, None))
    assert [type(each) for each in got].count(Conflict) == 7
    assert [each for each in got if isinstance(each, tuple)] == [(users.get(who, NOW), False)]


def test_c3_one_request_twenty_times_creates_one_learner() -> None:
    repetition = Repetition("create_user", a_key(), "h")
    guests = [a_guest() for _ in range(20)]
    got = at_once(20, lambda number: users.create(guests[number], NOW, repetition))
    found = [each for each in got if isinstance(each, tuple)]
    assert len(found) == 20
    assert len({user.id for user, _ in found}) == 1
    assert sum(not replayed for _, replayed in found) == 1
    assert sum(users.get(guest, NOW) is not None for guest in guests) == 1


@pytest.mark.parametrize("exists", [False, True])
def test_c11_changes_of_both_views_at_once_are_all_there_and_all_counted(exists: bool) -> None:
    who, names = an_account(), [f"n{number}" for number in range(10)]
    if exists:
        learner_settings.submit_answers(who, COURSE, answers(), NOW)

    def act(number: int) -> object:
        name = names[number // 2]
        if number % 2:
            return learner_settings.change_preferences(
                who, COURSE, {"extras": {name: number}}, [], None, NOW, lambda _: None
            )
        if exists:
            return learner_settings.change_answers(who, COURSE, {name: str(number)}, None, NOW)
        return learner_settings.submit_answers(who, COURSE, answers(), NOW)

    for again in range(4):
        got = at_once(20, act)
        retried = [number for number, each in enumerate(got) if isinstance(each, DomainError)]
        for number in retried:
            act(number)
        # Who is told that the store is busy has changed nothing yet; most are not.
        assert len(retried) <= 4
        stored = learner_settings.get(who, COURSE, NOW)
        assert stored.preferences["extras"] == {name: 2 * place + 1 for place, name in enumerate(names)}
        # Only the first round changed anything.
        assert (stored.answers_rev, stored.preferences_rev) == ((11, 10) if exists else (1, 10)), again
        if exists:
            assert stored.answers == {**answers(), **{name: str(2 * place) for place, name in enumerate(names)}}


def test_c11_one_of_twenty_changes_an_expected_revision() -> None:
    who = an_account()
    learner_settings.submit_answers(who, COURSE, answers(), NOW)
    got = at_once(
        20, lambda number: learner_settings.change_answers(who, COURSE, {"n": str(number)}, frozenset({1}), NOW)
    )
    won = [each for each in got if isinstance(each, LearnerSettings)]
    assert len(won) == 1
    assert [type(each) for each in got].count(PreconditionFailed) == 19
    assert learner_settings.get(who, COURSE, NOW) == won[0]


def test_the_limit_between_two_fields_holds_whoever_changes_them() -> None:
    """One lengthens the session, the other shortens the day: never both."""
    fitting = a_course().course()
    for _ in range(8):
        who = an_account()
        change_preferences.run(who, fitting, {"time_availability": 60, "session_length": 20}, None, NOW)
        changes = ({"session_length": 50}, {"time_availability": 30})
        got = at_once(2, lambda number: change_preferences.run(who, fitting, changes[number], None, NOW))  # noqa: B023
        stored = learner_settings.get(who, fitting.id, NOW).preferences
        assert stored["session_length"] <= stored["time_availability"]
        assert sum(isinstance(each, DomainError) for each in got) == 1


@pytest.mark.parametrize("exists", [False, True])
def test_one_regeneration_a_day_however_often_it_is_asked_for(exists: bool) -> None:
    who = an_account()
    if exists:
        learner_settings.submit_answers(who, COURSE, answers(), NOW)
    got = at_once(20, lambda _: regenerated(who, COURSE, "2000-01-01T00:00:00Z", NOW))
    assert got.count(True) == 1


def test_i02_fifty_lessons_at_once_with_one_left_are_one() -> None:
    quota, kept = Quota(an_account(), 5), [a_key() for _ in range(4)]
    for key in kept:
        assert quota.take(key, NOW)
        quota.keep(key, NOW)
    keys = [a_key() for _ in range(50)]
    got = at_once(50, lambda number: quota.take(keys[number], NOW))
    assert got.count(True) == 1
    assert all(quota.take(key, NOW) for key in kept)


def test_one_of_fifty_claims_a_section() -> None:
    key = a_key()
    got = at_once(50, lambda _: sections.claim(key, 75.0, NOW))
    won = [each for each in got if isinstance(each, sections.Claim)]
    assert [(each.fence, each.attempt) for each in won] == [(1, 1)]
    assert all(isinstance(each, sections.StoredSection) and each.held(NOW) for each in got if each is not won[0])


def test_one_of_a_hundred_plans_a_variant() -> None:
    key, plan = a_key(), a_plan()
    assert at_once(100, lambda _: variants.enqueue(key, plan, DUE, NOW)).count(True) == 1


def test_one_of_thirty_sends_again() -> None:
    seen = variants.get(queued(), NOW)
    assert seen is not None
    assert at_once(30, lambda number: variants.take_requeue(seen, DUE + 1 + number, NOW)).count(True) == 1


def test_twenty_ratings_at_once_are_all_counted_and_none_twice() -> None:
    """Ten readers, each of whom says first this and then that, on two devices at once."""
    plan = replace(a_plan(), course=COURSE)
    key, readers = a_key(), [an_account() for _ in range(10)]
    variants.enqueue(key, plan, DUE, NOW)
    for who in readers:
        pointers.put(who, COURSE, plan.slug, pointers.Pointer(key, 1, 1, "s", 0, True), NOW)
    shown = [{"id": "a", "title": "A", "state": "written", "reason": None}]
    variants.assemble(key, variants.Assembled('"# A"', shown, [], {}, "2026-11-21T09:00:00Z"), None, NOW)

    def act(number: int) -> None:
        who, stars = readers[number // 2], 1 + number % 2
        for turn in range(40):
            rated = ratings.read(who, key, COURSE, NOW)
            assert rated is not None
            try:
                return ratings.write(who, rated, Rating(stars, None, "2026-11-21T09:00:00Z"), NOW)
            except table.ConditionFailed:
                table.pause(min(turn, 2))
        raise AssertionError(number)

    assert at_once(20, act) == [None] * 20
    found = [ratings.read(who, key, COURSE, NOW) for who in readers]
    assert {(each.tally, each.variant.out_since is None) for each in found if each} == {(Tally(10, 10), False)}
    assert {each.mine.stars for each in found if each and each.mine} <= {1, 2}
    assert [(each.variant, each.rated, each.low) for each in ratings.withdrawn(COURSE, NOW)] == [(key, 10, 10)]


@pytest.mark.parametrize("first", [True, False])
def test_one_of_eight_publishes(first: bool) -> None:
    course = a_course()
    was = None if first else courses.publish(course.id, course.stored(), None, NOW)
    got = at_once(8, lambda number: courses.publish(course.id, course.stored(title=f"By {number}"), was, NOW))
    won = [each for each in got if isinstance(each, courses.Current)]
    assert len(won) == 1
    assert all(isinstance(each, Conflict) for each in got if each is not won[0])
    assert courses.current(course.id, NOW) == won[0]
    assert courses.newest(course.id, NOW) == won[0].version
    assert courses.load(won[0], NOW).manifest in [course.stored(title=f"By {number}") for number in range(8)]
