"""The night sees what nobody moves: a path that has stalled is planned anew by what is known by then."""

from datetime import timedelta

from attune.actions import refresh_learner
from attune.domain.principal import Principal
from tests.functions.conftest import World
from tests.functions.pathing import a_path, act, practice_ground, practise, read
from tests.functions.practising import recommended


def night(world: World, who: Principal) -> None:
    run = world.clock.now().date().isoformat()
    refresh_learner.run(who.learner, world.course.id, run, world.clock, lambda jobs: None)


def test_a_stalled_path_is_adapted_once_by_what_was_answered_besides(world: World) -> None:
    practice_ground(world)
    who = world.guest()
    id_ = a_path(world, who, goal={})["path_id"]
    practise(world, who, ["act-0", "act-1"])
    before = read(world, who, id_).json["path"]
    world.clock.advance(timedelta(days=6))
    night(world, who)
    assert read(world, who, id_).json["path"] == before
    world.clock.advance(timedelta(days=2))
    night(world, who)
    after = read(world, who, id_).json["path"]
    (entry,) = after["adaptations"]
    assert entry["because"] == [{"code": "stalled", "skill": None}]
    assert entry["removed"] > 0
    assert after["progress"]["minutes_left"] < before["progress"]["minutes_left"]
    night(world, who)
    assert read(world, who, id_).json["path"] == after


def test_the_night_reaches_what_came_too_late_for_a_session(world: World) -> None:
    """A lesson read while its path was paused is found finished, and what is paused stays as it is."""
    practice_ground(world)
    who = world.guest()
    id_ = a_path(world, who, goal={"lessons": [world.slug]})["path_id"]
    practise(world, who, ["sense-0"])
    (lesson,) = (one for one in recommended(world, who, kinds="learn") if one["item"] == world.slug)
    act(world, who, id_, "pause")
    body = {"recommendation_id": lesson["id"], "completion_time": 10}
    assert world.call("complete_recommendation", who, body).status == 200
    world.clock.advance(timedelta(days=1))
    night(world, who)
    assert read(world, who, id_).json["path"]["status"] == "PAUSED"
    assert act(world, who, id_, "resume").json["path"]["status"] == "COMPLETED"
