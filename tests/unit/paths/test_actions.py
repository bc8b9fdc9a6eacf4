"""The state machine of a path: every action in every status."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.errors import Conflict, NotFound
from attune.domain.instants import DAY_MS
from attune.domain.linking import waiting
from attune.domain.paths import actions
from attune.domain.paths.actions import ACTIONS, allowed
from attune.domain.paths.advance import Cause
from attune.domain.paths.path import (
    ACTIVE,
    ARCHIVED,
    ARCHIVED_AFTER_MS,
    CANCELLED,
    COMPLETED,
    MOST_ACTIVE,
    PAUSED,
    Path,
)
from attune.domain.paths.progress import progress
from attune.domain.paths.replan import replan
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, BY_LEARNER
from tests.unit.paths.worlds import NEW, TODAY, a_path, a_world, later, standing_as

NOW = TODAY * DAY_MS


def _world() -> tuple[PlanRequest, Path]:
    """A path of some stages."""
    for seed in range(1000):
        _, request, _ = a_world(seed)
        path = a_path(request)
        if len(path.stages) > 3 and not any(step.kind == ASSESS for step in path.steps):
            return request, path
    raise AssertionError


REQUEST, STARTED = _world()
STATES = {
    "not started": (replace(STARTED, started_at=None), ("start", "adapt", "cancel")),
    "started": (STARTED, ("pause", "complete_step", "adapt", "cancel")),
    "paused": (replace(STARTED, status=PAUSED, paused_at=NOW), ("resume", "cancel")),
    "completed": (replace(STARTED, status=COMPLETED, ended_at=NOW), ()),
    "archived": (replace(STARTED, status=COMPLETED, ended_at=NOW - ARCHIVED_AFTER_MS), ()),
    "cancelled": (replace(STARTED, status=CANCELLED, ended_at=NOW), ()),
}


def _do(path: Path, action: str, now: int) -> Path:
    if action == "complete_step":
        return actions.complete_step(path, next(path.steps).id, now)
    if action == "adapt":
        return replan(path, REQUEST, Cause("requested"))[0]
    moves = {"start": actions.start, "pause": actions.pause, "resume": actions.resume, "cancel": actions.cancel}
    return moves[action](path, now)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_in_every_status(state: str, action: str) -> None:
    path, legal = STATES[state]
    assert allowed(path, NOW) == legal
    if action in legal:
        after = _do(path, action, NOW)
        assert after.rev == path.rev + (action != "adapt" or after is not path)
        return
    with pytest.raises(Conflict) as caught:
        _do(path, action, NOW)
    assert caught.value.code == "illegal_action"
    assert caught.value.extra["allowed"] == list(legal)
    assert caught.value.extra["current"] == path.status_at(NOW)


def test_completed_is_archived_after_thirty_days_whoever_looks() -> None:
    path, _ = STATES["completed"]
    assert path.status_at(NOW + ARCHIVED_AFTER_MS - 1) == COMPLETED
    assert path.status_at(NOW + ARCHIVED_AFTER_MS) == ARCHIVED
    assert STATES["cancelled"][0].status_at(NOW + 2 * ARCHIVED_AFTER_MS) == CANCELLED


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_pause_moves_the_last_day_and_no_deadline(first: int, second: int) -> None:
    path = replace(STARTED, deadline=None, duration=30)
    for away in (first, second):
        path = actions.resume(actions.pause(path, NOW, "travel"), NOW + away * DAY_MS)
    assert path.last_day == TODAY + 29 + first + second
    assert path.status == ACTIVE
    assert path.pause_reason is None
    assert replace(path, deadline=TODAY + 3).last_day == min(path.last_day, TODAY + 3)


def test_a_step_is_completed_once_and_only_when_its_turn_has_come() -> None:
    path = STARTED
    locked = path.stages[-1].steps[0].id
    with pytest.raises(Conflict) as caught:
        actions.complete_step(path, locked, NOW)
    assert caught.value.code == "step_locked"
    with pytest.raises(NotFound):
        actions.complete_step(path, "nine", NOW)
    first = next(path.steps).id
    after = actions.complete_step(path, first, NOW)
    assert next(after.steps).by == BY_LEARNER
    assert actions.complete_step(after, first, NOW + 5) is after
    assert progress(after).completed == 1


def test_steps_completed_by_hand_reach_no_milestone() -> None:
    path = STARTED
    for step in list(path.steps):
        assert progress(path).percent <= 100
        path = actions.complete_step(path, step.id, NOW)
    assert progress(path).completed == progress(path).total
    assert not any(milestone.is_reached for milestone in path.milestones)
    assert (path.status == COMPLETED) == (not path.milestones)


def test_a_fixed_path_is_over_with_its_steps() -> None:
    path = replace(STARTED, adaptivity="off")
    for step in list(path.steps):
        path = actions.complete_step(path, step.id, NOW)
    assert path.status == COMPLETED
    assert path.ended_at == NOW


def test_a_test_out_is_not_passed_by_a_claim() -> None:
    for seed in range(1000):
        course, request, _ = a_world(seed)
        told = standing_as(request, {skill.id: replace(NEW, rating=1100.0) for skill in course.skills})
        path = a_path(told)
        checks = [step for step in (path.stages[0].steps if path.stages else ()) if step.kind == ASSESS]
        if checks:
            with pytest.raises(Conflict) as caught:
                actions.complete_step(path, checks[0].id, NOW)
            assert caught.value.code == "needs_evidence"
            return
    raise AssertionError


def test_deleted_once_is_deleted() -> None:
    gone = actions.delete(STARTED, NOW)
    assert gone.deleted_at == NOW
    assert actions.delete(gone, NOW + 1) is gone


def test_later_is_later() -> None:
    assert later(REQUEST, 3).now == REQUEST.now + 3 * DAY_MS


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=5), st.integers(0, 3))
def test_of_a_joined_guests_paths_as_many_stay_active_as_there_is_room_for(
    told: list[tuple[bool, int]], own: int
) -> None:
    guest = {
        f"g{place}": replace(STARTED, status=ACTIVE if is_active else CANCELLED, active_at=at)
        for place, (is_active, at) in enumerate(told)
    }
    account = {f"a{place}": STARTED for place in range(own)}
    paused = waiting(account, guest, NOW)
    stays = {id_: path for id_, path in guest.items() if path.is_active and id_ not in paused}
    was_active = sum(path.is_active for path in guest.values())
    assert len(stays) == min(was_active, MOST_ACTIVE - own)
    assert all(path.active_at <= other.active_at for path in paused.values() for other in stays.values())
    for id_, path in paused.items():
        assert path == replace(guest[id_], status=PAUSED, paused_at=NOW, rev=guest[id_].rev + 1)
        assert allowed(path, NOW) == ("resume", "cancel")
