"""Whatever breaks at any call of the store, whoever asks again ends where nothing had gone wrong."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from attune.domain.errors import Conflict
from attune.domain.progress.summary import recounted
from attune.store import items, progress
from tests import backends
from tests.backends import Backend
from tests.builders import NOW
from tests.doubles.faults import End, Ended
from tests.store.pathing import Walk

MOST_CALLS = 40

backend = backends.ministack_alone(autouse=True)


def _story(walk: Walk) -> list[Callable[[], object]]:
    """All that can be done with a path, one after the other; each may be asked twice."""
    ids = dict[str, str]()

    def create(key: str) -> None:
        ids[key] = walk.create(key=key)

    slug, *_ = walk.course.lessons
    return [
        lambda: create("one"),
        lambda: walk.act(ids["one"], "start"),
        lambda: walk.track("e", slug, "completed", 60),
        lambda: walk.act(ids["one"], "pause"),
        lambda: create("two"),
        lambda: walk.act(ids["one"], "resume"),
        lambda: walk.delete(ids["two"]),
    ]


def _end(walk: Walk) -> Any:
    """All that is left, but for what was made by chance."""
    rows = walk.rows()
    lessons = dict(progress.every(walk.who, walk.course.id, NOW))
    assert rows.progress == recounted(lessons, rows.progress.activity)
    (path,) = rows.paths.values()
    done = [step.is_done for step in path.steps]
    told = [(lesson.status, lesson.seconds) for lesson in lessons.values()]
    return rows.tally.to_json(), path.status, path.rev, done, told


@pytest.fixture(scope="module")
def wanted(backend: Backend) -> Any:
    """Where it ends if nothing goes wrong."""
    walk = Walk.begin(2)
    for act in _story(walk):
        act()
    found = _end(walk)
    assert found[:2] == ([1, 0, 0, 0], "ACTIVE")
    assert True in found[3]
    assert found[4] == [("completed", 60)]
    return found


@pytest.mark.parametrize("after", [False, True])
def test_c7_an_end_at_any_call_is_mended_by_asking_again(after: bool, wanted: Any) -> None:
    for nth in range(1, MOST_CALLS):
        walk = Walk.begin(2)
        with End(nth, after).on(items.Item) as end:
            for act in _story(walk):
                try:
                    act()
                except Ended:
                    # What was done already is refused, and says that it was.
                    with suppress(Conflict):
                        act()
        assert _end(walk) == wanted, nth
        if end.seen < nth:
            return
    pytest.fail("there are more calls than were tried")


def test_c6_a_lost_answer_at_any_call_is_not_noticed(backend: Backend, wanted: Any) -> None:
    for nth in range(1, MOST_CALLS):
        walk = Walk.begin(2)
        with backend.faulty("lost_after", nth=nth) as faults:
            for act in _story(walk):
                act()
        assert _end(walk) == wanted, nth
        if not faults.met["lost_after"]:
            return
    pytest.fail("there are more calls than were tried")
