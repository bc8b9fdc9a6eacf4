"""Story B, the learning path: planned, followed, adapted, paused and deleted; a test for each assertion."""

from typing import Any

import pytest

from tests.journeys.conftest import World
from tests.journeys.practising import PROFILE, answers, course, send
from tools.client import Client, Reply

COURSE = "poker"
BEGINS = "2026-11-10T18:30:00Z"
PATH = "/api/personalization/learning-path"
SERIES: dict[str, Any] = {
    "goal": {"skills": {"tournament": 1100}},
    "minutes_per_day": 60,
    "deadline": "2026-12-20T00:00:00Z",
    "title": "December series",
}
MATHEMATICS = [f"pot-odds-0{n}" for n in range(1, 6)]


def create(client: Client, **changes: Any) -> Reply:
    return client.send("POST", PATH, {**SERIES, **changes})


def act(client: Client, id_: str, action: str, **more: Any) -> Reply:
    return client.send("PUT", PATH, {"path_id": id_, "action": action, **more})


def read(client: Client, id_: str) -> Any:
    return client.get(f"{PATH}?path_id={id_}").json["path"]


def started(world: World, name: str, **changes: Any) -> tuple[Client, Any]:
    """Somebody with a path that was started just now."""
    one = world.account(name)
    made = create(one, **changes)
    assert made.status == 201
    return one, act(one, made.json["path_id"], "start").json["path"]


def steps(path: Any) -> list[Any]:
    return [step for stage in path["stages"] for step in stage["steps"]]


def practise(world: World, client: Client, name: str, items: list[str], wrong: tuple[int, ...] = ()) -> Any:
    """A session of a minute; what became of paths."""
    world.clock.advance(minutes=2)
    reply = send(client, name, answers(world, items, wrong=wrong, apart=5))
    assert reply.status == 201
    return reply.json["paths"]


@pytest.fixture(scope="module")
def story(still: World) -> World:
    still.said["player"] = one = still.account("b29")
    still.keep("created", create(one))
    still.keep("started", act(one, still["created"].json["path_id"], "start"))
    return still


def test_b29_a_path_builds_in_small_stages_and_days_that_fit(story: World) -> None:
    path = story["created"].json
    assert story["created"].status == 201
    assert path.items() >= {"status": "ACTIVE", "rev": 1, "feasible": True, "title": "December series"}.items()
    assert path["deadline"] == "2026-12-19"
    whole, seen = course(COURSE), set[str]()
    for stage in path["stages"]:
        assert 1 <= len(stage["steps"]) <= 5
        needs = next(skill.prerequisites for skill in whole.skills if skill.id == stage["skill"])
        assert set(needs) <= seen
        seen.add(stage["skill"])
    assert list(dict.fromkeys(stage["skill"] for stage in path["stages"])) == ["mathematics", "tournament"]
    assert {one["skill"]: one["target"] for one in path["milestones"]} == {"mathematics": 1000, "tournament": 1100}
    low, high = path["minutes"]["interval"]
    assert low < path["minutes"]["estimate"] < high
    assert path["agenda"]["days"]
    assert all(0 < day["minutes"] <= 60 for day in path["agenda"]["days"])
    other = create(story.account("b29 other")).json
    assert {**other, "path_id": ""} == {**path, "path_id": ""}
    refused = act(story["player"], path["path_id"], "resume")
    assert (refused.status, refused.json["code"]) == (409, "illegal_action")
    assert refused.json["allowed"] == ["pause", "complete_step", "adapt", "cancel"]


def test_b30_finished_steps_never_change_and_an_answer_changes_its_suffix_alone(story: World) -> None:
    one, path = started(story, "b30", goal={}, deadline=None, plan_duration=300)
    first = steps(path)[0]
    act(one, path["path_id"], "complete_step", step_id=first["step_id"])
    practise(story, one, "b30 right", MATHEMATICS)
    before = read(one, path["path_id"])
    done = [step for step in steps(before) if step["status"] == "done"]
    assert len(done) >= 1
    for reason in ("requested", "knowledge_check"):
        practise(story, one, f"b30 {reason}", ["pot-odds-05"])
        before = read(one, path["path_id"])
        changed = act(one, path["path_id"], "adapt", reason=reason).json
        after, diff = changed["path"], changed["diff"]
        kept = {step["step_id"]: step for step in steps(after)}
        for step in steps(before):
            if step["status"] == "done":
                assert kept[step["step_id"]] == step
                assert step["step_id"] not in {*diff["added"], *diff["removed"], *diff["moved"]}
        if reason == "requested":
            # What comes before the first step of a skill that was answered is as it was.
            places = [place for place, step in enumerate(steps(before)) if step["step_id"].startswith("mathematics")]
            prefix = [step["step_id"] for step in steps(before)][: min(places, default=0)]
            assert [step["step_id"] for step in steps(after)][: len(prefix)] == prefix


def test_b31_a_change_that_saves_little_does_not_happen_nor_two_a_day_unasked(story: World) -> None:
    one, path = started(story, "b31")
    asked = act(one, path["path_id"], "adapt").json
    assert {name: asked["diff"][name] for name in ("added", "removed", "moved")} == {
        "added": [],
        "removed": [],
        "moved": [],
    }
    assert asked["diff"]["kept"] in ("nothing_new", "saves_too_little")
    assert asked["path"]["rev"] == path["rev"]
    causes, sessions = list[Any](), 0
    while not causes and sessions < 4:
        sessions += 1
        moved = practise(story, one, f"b31 {sessions}", ["pot-odds-04", "pot-odds-05"], wrong=(0, 1))
        causes = [each["diff"]["because"] for each in moved if each["diff"]["because"]]
    assert [cause["code"] for cause in causes[0]] == ["two_misses_in_a_row"]
    again = practise(story, one, "b31 again", ["pot-odds-03", "pot-odds-02", "pot-odds-01"], wrong=(0, 1, 2))
    assert [each["diff"]["kept"] for each in again if each["path_id"] == path["path_id"]] in ([], ["too_soon"])
    assert len(read(one, path["path_id"])["adaptations"]) == 1


def test_b32_a_deadline_that_cannot_be_met_is_said_so_with_the_best_part(story: World) -> None:
    made = create(story.account("b32"), deadline="2026-11-14")
    path = made.json
    assert (made.status, path["feasible"]) == (201, False)
    assert path["missing"] > 0
    assert 0 < path["minutes"]["estimate"] <= 5 * 60
    assert path["agenda"]["on_time"]
    days = path["agenda"]["days"]
    assert all(day["minutes"] <= 60 and day["date"] <= "2026-11-14" for day in days)
    assert sum(entry["minutes"] for day in days for entry in day["entries"] if entry["kind"] != "review") == sum(
        step["minutes"] for step in steps(path)
    )


def test_b33_a_month_of_pause_moves_the_dates_and_no_day_grows(story: World) -> None:
    goal = {"skills": {"tournament": 1300}}
    one, path = started(story, "b33", goal=goal, deadline=None, plan_duration=40)
    practise(story, one, "b33", [*MATHEMATICS, "tournament-play-01", "tournament-play-06", "preflop-ranges-01"])
    before = read(one, path["path_id"])
    paused = act(one, path["path_id"], "pause", reason="A series elsewhere.")
    assert paused.status == 200, paused.json
    paused = paused.json["path"]
    assert paused.items() >= {"status": "PAUSED", "pause_reason": "A series elsewhere."}.items()
    began = story.clock.ahead
    story.clock.advance(days=30)
    resumed = act(one, path["path_id"], "resume").json["path"]
    story.clock.ahead = began
    days = resumed["agenda"]["days"]
    assert all(0 < day["minutes"] <= 60 for day in days)
    assert (before["last_day"], resumed["last_day"]) == ("2026-12-19", "2027-01-18")
    reviews = [[entry for entry in day["entries"] if entry["kind"] == "review"] for day in days]
    # All that was learnt has come due meanwhile: it is spread, and there are steps to go on with from the first day.
    assert resumed["agenda"]["due"] >= 2
    assert sum(map(len, reviews)) >= 1
    assert any(entry["kind"] != "review" for entry in days[0]["entries"])
    assert all(sum(entry["minutes"] for entry in each) <= 60 for each in reviews)


def test_b34_a_deleted_path_is_gone_and_there_are_at_most_three(story: World) -> None:
    one, path = started(story, "b34")
    id_, other = path["path_id"], story.account("b34 other")
    place = f"{PATH}?path_id={id_}"
    for reply in (other.send("GET", place), act(other, id_, "pause"), other.send("DELETE", place)):
        assert (reply.status, reply.json["code"]) == (404, "unknown_path")
    assert [create(one).status for _ in range(3)] == [201, 201, 409]
    assert one.send("DELETE", place).status == 200
    assert id_ not in {each["path_id"] for each in one.get(PATH).json["items"]}
    assert one.send("GET", place).status == 404
    assert one.get(PROFILE).json["paths"] == {"total": 2, "active": 2, "paused": 0, "completed": 0, "cancelled": 0}
    _, short = started(story, "b34", goal={"lessons": ["scenarios/pot-odds"]})
    done = one.send("PUT", "/api/progress/scenarios/pot-odds", {"event_id": "e", "status": "completed"}).json
    assert [(each["path_id"], each["status"]) for each in done["paths"] if each["path_id"] == short["path_id"]] == [
        (short["path_id"], "COMPLETED")
    ]
    began = story.clock.ahead
    story.clock.advance(days=30)
    assert read(one, short["path_id"])["status"] == "ARCHIVED"
    story.clock.ahead = began


def test_b35_the_session_that_reaches_a_milestone_marks_it(story: World) -> None:
    one, path = started(story, "b35")
    reached: list[str] = []
    for number in range(8):
        story.clock.advance(minutes=2)
        # What is known of the course for all is fetched again by now, and not counted.
        one.get(PROFILE)
        body = answers(story, MATHEMATICS, apart=5)
        with story.counted() as calls:
            reply = send(one, f"b35 {number}", body)
        reached = [skill for each in reply.json["paths"] for skill in each["reached"]]
        if reached:
            break
    assert reached == ["mathematics"]
    # One read and one transaction: there is no moment at which the one is so and the other is not.
    assert dict(calls.operations) == {"BatchGetItem": 1, "TransactWriteItems": 1}
    (milestone,) = (each for each in read(one, path["path_id"])["milestones"] if each["skill"] == "mathematics")
    assert milestone["reached_at"] is not None
    assert milestone["rating"] == one.get(PROFILE).json["skills"]["mathematics"]["rating"]
