"""Paths are planned once for each request, listed, acted on as their status allows, and deleted for good."""

from datetime import timedelta

import pytest

from attune.domain.paths.actions import ACTIONS
from attune.store import keys, table
from attune.store.items import PathItem
from attune.store.paths import PAGE
from tests.builders import a_guest, a_uuid
from tests.functions.conftest import World
from tests.functions.pathing import (
    GOAL,
    ITEMS,
    Json,
    a_path,
    act,
    create,
    listed,
    practice_ground,
    practise,
    read,
    steps,
)


@pytest.fixture(autouse=True)
def ground(world: World) -> None:
    practice_ground(world)


def test_a_goal_becomes_stages_in_days_that_fit(world: World) -> None:
    who = world.guest()
    made = create(world, who, minutes_per_day=20, title="Robots that act")
    assert made.status == 201
    path = made.json
    assert (path["status"], path["rev"], path["title"], path["feasible"]) == ("ACTIVE", 1, "Robots that act", True)
    assert path["allowed"] == ["start", "adapt", "cancel"]
    assert list(dict.fromkeys(stage["skill"] for stage in path["stages"])) == ["sense", "act"]
    assert all(1 <= len(stage["steps"]) <= 5 for stage in path["stages"])
    low, high = path["minutes"]["interval"]
    assert low <= path["minutes"]["estimate"] <= high
    assert path["minutes"]["estimate"] == sum(step["minutes"] for step in steps(path))
    assert path["agenda"]["days"]
    assert all(0 < day["minutes"] <= 20 for day in path["agenda"]["days"])
    assert path["agenda"]["on_time"]
    targets = {one["skill"]: (one["target"], one["mastery"]) for one in path["milestones"]}
    assert targets == {"sense": (1000.0, 0.6), "act": (1050.0, None)}
    assert path["stages"][-1]["milestone"]["skill"] == "act"
    world.clock.advance(1)
    again = create(world, who, minutes_per_day=20).json
    assert again["path_id"] > path["path_id"]
    assert again["stages"] == path["stages"]


def test_a_day_has_the_minutes_of_the_preferences(world: World) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"time_availability": 45})
    assert create(world, who).json["minutes_per_day"] == 45


def test_a_deadline_that_cannot_be_met_is_said_to_be_so(world: World) -> None:
    who = world.guest()
    path = create(world, who, minutes_per_day=10, deadline="2031-05-06").json
    assert path["feasible"] is False
    assert path["missing"] > 0
    assert path["left_out"] == ["act"]
    assert (path["plan_duration"], path["deadline"], path["last_day"]) == (2, "2031-05-06", "2031-05-06")
    assert 0 < path["minutes"]["estimate"] <= 20
    assert path["agenda"]["on_time"]
    assert [day["date"] for day in path["agenda"]["days"]] <= ["2031-05-05", "2031-05-06"]
    later = create(world, who, deadline="2031-05-07T00:00:00Z").json
    assert (later["deadline"], later["plan_duration"]) == ("2031-05-06", 2)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"goal": {"skills": {"nothing": 1000}}}, "/goal/skills/nothing"),
        ({"goal": {"lessons": ["nothing"]}}, "/goal/lessons/0"),
        ({"goal": {"template": "nothing"}}, "/goal/template"),
        ({"deadline": "2031-05-04"}, "/deadline"),
        ({"deadline": "2031-02-30"}, "/deadline"),
        ({"plan_duration": 367}, "/plan_duration"),
        ({"minutes_per_day": 4}, "/minutes_per_day"),
    ],
)
def test_what_cannot_be_planned_is_refused(world: World, body: Json, pointer: str) -> None:
    who = world.guest()
    problem = create(world, who, **body).problem(422, "invalid")
    assert pointer in {flaw["pointer"] for flaw in problem["errors"]}
    assert listed(world, who) == []


def test_nobody_gets_no_path(world: World) -> None:
    create(world, a_guest()).problem(401, "unknown_user")


def test_c1_c2_c4_c10_the_same_request_is_answered_again_as_it_was(world: World) -> None:
    who, other = world.guest(), world.guest()
    first = create(world, who, key="k1")
    assert "Idempotency-Replayed" not in first.headers
    act(world, who, first.json["path_id"], "start")
    again = create(world, who, key="k1")
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    create(world, who, key="k1", title="Another").problem(422, "idempotency_key_reused")
    assert create(world, other, key="k1").json["path_id"] != first.json["path_id"]
    assert len(listed(world, who)) == 1
    create(world, who, key="no spaces").problem(400, "malformed_idempotency_key")
    world.clock.advance(timedelta(hours=24))
    assert create(world, who, key="k1").json["path_id"] != first.json["path_id"]


def test_at_most_three_are_active(world: World) -> None:
    who = world.guest()
    first, *_ = (create(world, who).json["path_id"] for _ in range(3))
    assert create(world, who).problem(409, "too_many_paths")["allowed"] == []
    act(world, who, first, "start")
    act(world, who, first, "pause")
    fourth = create(world, who)
    assert fourth.status == 201
    assert act(world, who, first, "resume").problem(409, "too_many_paths")
    act(world, who, fourth.json["path_id"], "cancel")
    assert act(world, who, first, "resume").json["path"]["status"] == "ACTIVE"
    counts = {"total": 4, "active": 3, "paused": 0, "completed": 0, "cancelled": 1}
    assert world.call("get_profile", who).json["paths"] == counts


def test_what_a_status_does_not_allow_is_refused_and_says_what_it_does(world: World) -> None:
    who = world.guest()
    fresh = create(world, who).json["path_id"]
    started, paused = (a_path(world, who)["path_id"] for _ in range(2))
    act(world, who, paused, "pause")
    cancelled = create(world, who).json["path_id"]
    act(world, who, cancelled, "cancel")
    states = {
        fresh: ["start", "adapt", "cancel"],
        started: ["pause", "complete_step", "adapt", "cancel"],
        paused: ["resume", "cancel"],
        cancelled: [],
    }
    for id_, allowed in states.items():
        before = read(world, who, id_).json
        assert before["path"]["allowed"] == allowed
        for action in set(ACTIONS) - set(allowed):
            more: Json = {"step_id": "sense-01"} if action == "complete_step" else {}
            problem = act(world, who, id_, action, **more).problem(409, "illegal_action")
            assert problem["allowed"] == allowed
        assert read(world, who, id_).json == before


def test_a_path_is_completed_by_what_is_done_and_archived_a_month_later(world: World) -> None:
    who = world.guest()
    path = a_path(world, who, goal={"lessons": [world.slug]})
    (step,) = steps(path)
    assert (step["kind"], step["item"], step["status"]) == ("learn", world.slug, "open")
    tracked = world.call(
        "track_lesson", who, {"event_id": "e", "status": "completed"}, path=f"/api/progress/{world.slug}"
    )
    (moved,) = tracked.json["paths"]
    assert (moved["path_id"], moved["status"], moved["finished"]) == (path["path_id"], "COMPLETED", [step["step_id"]])
    found = read(world, who, path["path_id"]).json
    assert (found["path"]["status"], found["progress"]["percent"]) == ("COMPLETED", 100.0)
    assert steps(found["path"])[0].items() >= {"status": "done", "by": "evidence"}.items()
    assert world.call("get_profile", who).json["paths"]["completed"] == 1
    # It makes room, and is found where it is kept from then on.
    world.clock.advance(1)
    other = create(world, who).json["path_id"]
    assert [one["path_id"] for one in listed(world, who)] == [other, path["path_id"]]
    assert read(world, who, path["path_id"]).json == found
    world.clock.advance(timedelta(days=30))
    assert [one["path_id"] for one in listed(world, who, status="ARCHIVED")] == [path["path_id"]]
    assert listed(world, who, status="COMPLETED") == []
    assert act(world, who, path["path_id"], "pause").problem(409, "illegal_action")["allowed"] == []
    assert world.call("get_profile", who).json["paths"]["total"] == 2


def test_c16_a_step_out_of_order_is_refused_and_one_repeated_changes_nothing(world: World) -> None:
    who = world.guest()
    path = a_path(world, who)
    first, *rest = steps(path)
    locked = next(step for step in rest if step["status"] == "locked")
    problem = act(world, who, path["path_id"], "complete_step", step_id=locked["step_id"]).problem(409, "step_locked")
    assert "complete_step" in problem["allowed"]
    done = act(world, who, path["path_id"], "complete_step", step_id=first["step_id"]).json
    assert done["progress"]["completed"] == 1
    assert steps(done["path"])[0].items() >= {"status": "done", "by": "learner"}.items()
    again = act(world, who, path["path_id"], "complete_step", step_id=first["step_id"])
    assert (again.status, again.json["path"]["rev"]) == (200, done["path"]["rev"])
    act(world, who, path["path_id"], "complete_step", step_id="sense-99").problem(404, "unknown_step")
    # No milestone is reached by it, whatever is said.
    assert done["progress"]["milestones_reached"] == 0


def test_what_goes_with_an_action_goes_with_no_other(world: World) -> None:
    who = world.guest()
    id_ = a_path(world, who)["path_id"]
    wrong: list[tuple[str, Json, str]] = [
        ("complete_step", {}, "/step_id"),
        ("pause", {"step_id": "sense-01"}, "/step_id"),
        ("cancel", {"reason": "tired"}, "/reason"),
        ("adapt", {"reason": "whatever"}, "/reason"),
    ]
    for action, more, pointer in wrong:
        problem = act(world, who, id_, action, **more).problem(422, "invalid")
        assert [flaw["pointer"] for flaw in problem["errors"]] == [pointer]


def test_a_change_names_the_revision_it_is_made_on(world: World) -> None:
    who = world.guest()
    id_ = create(world, who).json["path_id"]
    tag = read(world, who, id_).headers["ETag"]
    assert tag == '"1"'
    started = act(world, who, id_, "start", {"if_match": tag})
    assert started.headers["ETag"] == f'"{started.json["path"]["rev"]}"'
    act(world, who, id_, "pause", {"if_match": tag}).problem(412, "precondition_failed")
    world.call("delete_learning_path", who, query={"path_id": id_}, if_match=tag).problem(412, "precondition_failed")
    assert act(world, who, id_, "pause", {"if_match": started.headers["ETag"]}, reason="travel").status == 200


def test_a_pause_moves_the_days(world: World) -> None:
    who = world.guest()
    path = a_path(world, who, plan_duration=40)
    paused = act(world, who, path["path_id"], "pause", reason="A month away.").json["path"]
    assert (paused["status"], paused["pause_reason"], paused["agenda"]) == ("PAUSED", "A month away.", None)
    world.clock.advance(timedelta(days=30))
    resumed = act(world, who, path["path_id"], "resume").json["path"]
    assert (path["last_day"], resumed["last_day"]) == ("2031-06-13", "2031-07-13")
    assert resumed["pause_reason"] is None
    assert resumed["agenda"]["days"][0]["date"] == "2031-06-04"
    assert resumed["agenda"]["on_time"]


def test_c13_a_deleted_path_is_out_of_every_list_and_stays_so(world: World) -> None:
    who, other = world.guest(), world.guest()
    active, paused = a_path(world, who)["path_id"], a_path(world, who)["path_id"]
    act(world, who, paused, "pause")
    for id_ in (active, paused):
        world.call("delete_learning_path", other, query={"path_id": id_}).problem(404, "unknown_path")
        gone = world.call("delete_learning_path", who, query={"path_id": id_})
        assert gone.json == {"path_id": id_, "deleted_at": "2031-05-05T12:00:00Z"}
        assert world.call("delete_learning_path", who, query={"path_id": id_}).body == gone.body
        read(world, who, id_).problem(404, "unknown_path")
        read(world, who, id_, agenda="true").problem(404, "unknown_path")
        act(world, who, id_, "start").problem(404, "unknown_path")
    assert listed(world, who) == []
    assert world.call("get_profile", who).json["paths"]["total"] == 0
    row = table.get(PathItem, keys.path(who.learner, world.course.id, active), world.clock.now())
    assert row is not None
    assert row.expires_at == int((world.clock.now() + timedelta(days=30)).timestamp())
    world.clock.advance(timedelta(days=30))
    world.call("delete_learning_path", who, query={"path_id": active}).problem(404, "unknown_path")
    world.call("delete_learning_path", who, query={"path_id": a_uuid()}).problem(404, "unknown_path")


def test_another_learners_path_is_not_there(world: World) -> None:
    who, other = world.guest(), world.guest()
    id_ = create(world, who).json["path_id"]
    read(world, other, id_).problem(404, "unknown_path")
    act(world, other, id_, "start").problem(404, "unknown_path")
    assert listed(world, other) == []


def test_pages_hold_every_path_once_whatever_row_it_is_in(world: World) -> None:
    who = world.guest()
    made = []
    for number in range(7):
        made.append(create(world, who).json["path_id"])
        world.clock.advance(1)
        if number not in (1, 4, 6):
            act(world, who, made[-1], "cancel")
    seen, query = list[str](), {"limit": "2"}
    while True:
        page = world.call("list_learning_paths", who, query=query).json
        assert 0 < len(page["items"]) <= 2
        seen += [one["path_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": "2", "cursor": page["next_cursor"]}
    assert seen == sorted(made, reverse=True)
    assert [one["path_id"] for one in listed(world, who, status="CANCELLED")] == [made[n] for n in (5, 3, 2, 0)]
    assert [one["path_id"] for one in listed(world, who, status="ACTIVE")] == [made[n] for n in (6, 4, 1)]
    world.call("list_learning_paths", who, query={**query, "status": "ACTIVE"}).problem(400, "malformed_cursor")


def test_titles_are_in_the_language_asked_for(world: World) -> None:
    who = world.guest()
    id_ = create(world, who).json["path_id"]
    reply = world.call("list_learning_paths", who, query={"path_id": id_}, accept_language="ur")
    assert reply.headers["Content-Language"] == "ur"
    assert reply.json["path"]["stages"][0]["title"] == "محسوس کرنا"
    days = read(world, who, id_, agenda="true").json["path"]["agenda"]["days"]
    assert days[0]["date"] == "2031-05-05"
    assert read(world, who, id_).json["path"]["agenda"] is None


def test_answers_finish_steps_and_reach_milestones_in_their_own_write(world: World) -> None:
    who = world.guest()
    path = a_path(world, who)
    world.call("track_lesson", who, {"event_id": "e", "status": "completed"}, path=f"/api/progress/{world.slug}")
    first = practise(world, who, ["sense-0"])
    (moved,) = first.json["paths"]
    assert [step["item"] for step in steps(read(world, who, path["path_id"]).json["path"]) if step["status"] == "done"]
    assert moved["path_id"] == path["path_id"]
    reached: list[str] = []
    for _ in range(6):
        reply = practise(world, who, [f"sense-{n}" for n in range(8)])
        reached += [skill for one in reply.json["paths"] for skill in one["reached"]]
        if reached:
            break
    assert reached == ["sense"]
    found = read(world, who, path["path_id"]).json["path"]
    (milestone,) = [one for one in found["milestones"] if one["skill"] == "sense"]
    rating = world.call("get_profile", who).json["skills"]["sense"]["rating"]
    assert milestone["rating"] == rating
    assert {step["status"] for stage in found["stages"] if stage["skill"] == "sense" for step in stage["steps"]} <= {
        "done",
        "spared",
    }


def test_two_misses_in_a_row_adapt_a_path_once_a_day(world: World) -> None:
    who = world.guest()
    path = a_path(world, who)
    world.call("track_lesson", who, {"event_id": "e", "status": "completed"}, path=f"/api/progress/{world.slug}")
    reply = practise(world, who, ["sense-3", "sense-4"], correct=False)
    (moved,) = reply.json["paths"]
    assert moved["diff"]["because"] == [{"code": "two_misses_in_a_row", "skill": "sense"}]
    assert moved["diff"]["added"]
    again = practise(world, who, ["sense-3", "sense-4"], correct=False)
    assert all(one["diff"]["kept"] == "too_soon" for one in again.json["paths"])
    (entry,) = read(world, who, path["path_id"]).json["path"]["adaptations"]
    assert entry["because"] == moved["diff"]["because"]
    asked = act(world, who, path["path_id"], "adapt").json
    assert asked["diff"]["kept"] != "too_soon"


def test_a_session_that_says_nothing_new_moves_nothing(world: World) -> None:
    who = world.guest()
    a_path(world, who, goal=GOAL)
    body = {
        "session_id": a_uuid(),
        "started_at": "2031-05-05T11:00:00Z",
        "attempts": [{"attempt_id": "1", "item_id": "sense-0", "correct": True, "at": "2031-05-05T11:00:00Z"}],
    }
    assert world.call("record_session", who, body).status == 201
    before = listed(world, who)
    again = world.call("record_session", who, body)
    assert (again.status, again.json["paths"]) == (200, [])
    assert listed(world, who) == before


@pytest.mark.parametrize(("adaptivity", "kept"), [("off", "fixed"), ("order", "nothing_new"), ("full", "nothing_new")])
def test_an_authors_path_changes_as_far_as_its_author_says(world: World, adaptivity: str, kept: str) -> None:
    who = world.guest()
    wanted = ["act-2", world.slug, "sense-1", "sense-0"]
    world.publish(items=ITEMS, templates=[{"id": "mine", "title": "Mine", "adaptivity": adaptivity, "steps": wanted}])
    path = a_path(world, who, goal={"template": "mine"})
    assert (path["adaptivity"], path["goal"]["template"]) == (adaptivity, "mine")
    items = [step["item"] for step in steps(path)]
    if adaptivity == "full":
        assert items[0] == world.slug
        assert items.index("sense-0") < min(place for place, item in enumerate(items) if item.startswith("act"))
    else:
        assert items == wanted
    assert act(world, who, path["path_id"], "adapt").json["diff"]["kept"] == kept


def test_d14_a_deleted_path_that_has_run_out_and_is_still_there_does_not_end_the_list(world: World) -> None:
    who, course = world.guest(), world.course.id
    first = create(world, who).json["path_id"]
    act(world, who, first, "cancel")
    made = PathItem.get(*keys.path(who.learner, course, first))
    others = [f"{first[:-4]}{place:04x}" for place in range(0x8000, 0x8000 + PAGE)]
    table.put_all([PathItem(*keys.path(who.learner, course, id_), data=made.data, write_id="w") for id_ in others])
    assert world.call("delete_learning_path", who, query={"path_id": others[-1]}).status == 200
    world.clock.advance(31 * 86_400)
    found: list[str] = []
    query = {"limit": "100"}
    while True:
        page = world.call("list_learning_paths", who, query=query).json
        found += [one["path_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": "100", "cursor": page["next_cursor"]}
    assert found == sorted({first, *others[:-1]}, reverse=True)
