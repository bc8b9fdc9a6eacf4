"""All that a lesson starts from is read in one round trip, whatever of it is there."""

import pytest

from attune.domain.errors import NotFound
from attune.domain.learner import NONE
from attune.store import courses, learner_settings, pointers, reading, users
from tests.backends import Backend
from tests.builders import NOW, a_course, a_key, an_account, an_id, answers


@pytest.mark.parametrize("has_settings", [False, True])
@pytest.mark.parametrize("has_pointer", [False, True])
def test_whatever_is_there_is_read_at_once(backend: Backend, has_settings: bool, has_pointer: bool) -> None:
    who, course = an_account(), a_course()
    users.create(who, NOW, None)
    current = courses.publish(course.id, course.stored(), None, NOW)
    pointer = pointers.Pointer(a_key(), 1, 1, a_key(), 0, False)
    if has_settings:
        learner_settings.submit_answers(who, course.id, answers(), NOW)
    if has_pointer:
        pointers.put(who, course.id, course.slugs[0], pointer, NOW)
    with backend.watched() as calls:
        start = reading.start(who, course.id, course.slugs[0], NOW)
    # Where nothing is found of a learner, one read more tells whether they were erased.
    assert calls.operations == {"BatchGetItem": 1} | ({} if has_settings else {"GetItem": 1})
    assert start == reading.Start(learner_settings.get(who, course.id, NOW), pointer if has_pointer else None, current)
    assert start.settings.onboarded is has_settings


def test_without_a_course_there_is_no_start() -> None:
    with pytest.raises(NotFound, match="unknown_course"):
        reading.start(an_account(), an_id(), "lesson", NOW)


def test_a_learner_is_read_with_their_settings(backend: Backend) -> None:
    who, course = an_account(), an_id()
    assert reading.learner(who, course, NOW) == (None, NONE)
    users.create(who, NOW, None)
    learner_settings.submit_answers(who, course, answers(), NOW)
    with backend.watched() as calls:
        found = reading.learner(who, course, NOW)
    assert calls.operations == {"BatchGetItem": 1}
    assert found == (users.get(who, NOW), learner_settings.get(who, course, NOW))
