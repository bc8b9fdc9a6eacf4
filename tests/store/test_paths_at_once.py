"""Many devices at once, on an engine that is atomic: no event, no step and no path is lost or counted twice."""

from attune.domain.errors import Conflict
from attune.domain.paths.path import COMPLETED
from attune.domain.paths.progress import progress as shown
from attune.domain.paths.tally import Tally
from attune.domain.progress.summary import recounted
from attune.store import progress
from tests import backends
from tests.backends import Backend
from tests.builders import NOW
from tests.store.pathing import Walk
from tests.store.test_concurrency import at_once

DEVICES = 20

backend = backends.ministack_alone(autouse=True)


def test_twenty_devices_tell_of_one_lesson(backend: Backend) -> None:
    walk = Walk.begin(1)
    told = at_once(DEVICES, lambda n: walk.track(f"e{n}", seconds=30, status="completed" if n == 7 else None).counted)
    assert told == [True] * DEVICES
    (slug,) = walk.course.lessons
    rows = walk.rows()
    lessons = dict(progress.every(walk.who, walk.course.id, NOW))
    assert lessons[slug].seconds == rows.progress.lessons[slug].seconds == 30 * DEVICES
    assert rows.progress == recounted(lessons, rows.progress.activity)
    assert lessons[slug].status == "completed"


def test_twenty_devices_tell_of_the_same_event(backend: Backend) -> None:
    walk = Walk.begin(1)
    told = at_once(DEVICES, lambda _: walk.track("e", seconds=30).counted)
    assert sorted(map(str, told)) == ["False"] * (DEVICES - 1) + ["True"]
    assert next(iter(walk.rows().progress.lessons.values())).seconds == 30


def test_twenty_lessons_are_read_at_once_and_finish_their_path(backend: Backend) -> None:
    walk = Walk.begin(DEVICES)
    id_ = walk.create()
    walk.act(id_, "start")
    slugs = list(walk.course.lessons)
    told = at_once(DEVICES, lambda n: walk.track("e", slugs[n], "completed", 60).counted)
    assert told == [True] * DEVICES
    path = walk.path(id_)
    assert path is not None
    assert all(step.is_done for step in path.steps if step.is_lesson)
    assert path.status == COMPLETED
    assert walk.rows().tally == Tally(completed=1)
    assert walk.rows().progress.completed.keys() == set(slugs)


def test_c16_twenty_devices_complete_the_steps_of_a_stage(backend: Backend) -> None:
    walk = Walk.begin()
    id_ = walk.create()
    begun = walk.act(id_, "start").path
    stage = [step.id for step in begun.stages[0].steps]
    assert len(stage) >= 4
    told = at_once(DEVICES, lambda n: walk.act(id_, "complete_step", stage[n % len(stage)]).path.rev)
    assert all(isinstance(rev, int) for rev in told), told
    path = walk.path(id_)
    assert path is not None
    assert [step.is_done for step in path.stages[0].steps] == [True] * len(stage)
    # Each step was one change, whoever made it; the others found it done.
    assert path.rev == begun.rev + len(stage)
    assert shown(path).completed == len(stage)


def test_a_path_is_paused_once_however_many_ask(backend: Backend) -> None:
    walk = Walk.begin()
    id_ = walk.create()
    walk.act(id_, "start")
    told = at_once(8, lambda _: walk.act(id_, "pause").path.status)
    assert [str(one) for one in told].count("PAUSED") == 1
    assert sum(isinstance(one, Conflict) and one.extra["allowed"] == ["resume", "cancel"] for one in told) == 7
    assert walk.rows().tally == Tally(paused=1)


def test_c3_one_request_twenty_times_makes_one_path(backend: Backend) -> None:
    walk = Walk.begin()
    told = at_once(DEVICES, lambda _: walk.create(key="k"))
    assert len(set(map(str, told))) == 1
    assert list(walk.rows().paths) == [told[0]]
    assert walk.rows().tally == Tally(active=1)


def test_no_more_than_three_are_made_at_once(backend: Backend) -> None:
    walk = Walk.begin()
    told = at_once(8, lambda _: walk.create())
    made = [one for one in told if isinstance(one, str)]
    assert sorted(made) == sorted(walk.rows().paths)
    assert len(made) == 3
    assert sum(isinstance(one, Conflict) and one.code == "too_many_paths" for one in told) == 5
