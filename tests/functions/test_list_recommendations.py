"""The set that stands is read; a new one is made when something has changed that it was made from."""

from datetime import timedelta
from typing import Any

import pytest

from attune.actions import recommend
from attune.edge.recommendations import RecommendationsView
from attune.store import keys
from tests.backends import Backend
from tests.builders import a_guest, a_uuid, an_account
from tests.functions.conftest import World
from tests.functions.practising import SKILL, an_answer, practised, recommended


@pytest.fixture(autouse=True)
def _more_items(world: World) -> None:
    """Several items in both skills."""
    item = world.course.manifest["items"][0]
    items = [{**item, "id": f"q{number}", "difficulty": 1 + number % 5} for number in range(1, 8)]
    world.publish(items=[*items, {**item, "id": "p1", "skills": ["act"]}])


def ids(found: Any) -> list[str]:
    return [one["id"] for one in found]


def items(found: Any) -> list[str]:
    return [one["item"] for one in found]


def test_the_same_again_is_the_same_bytes_and_no_write(world: World, backend: Backend) -> None:
    for who in (world.guest(), an_account(), world.reader()):
        first = world.call("list_recommendations", who)
        rows = backend.rows(keys.user(who.learner).pk)
        world.clock.advance(3600)
        again = world.call("list_recommendations", who)
        assert again.body == first.body
        assert backend.rows(keys.user(who.learner).pk) == rows


SITUATIONS: dict[str, dict[str, str]] = {
    "plain": {},
    "all of it": {"explain": "full", "count": "20"},
    "little time": {"time_available": "5", "difficulty": "4", "goals": "study", "focus_areas": "sense"},
    "nothing": {"kinds": "retry"},
}


@pytest.mark.parametrize("query", SITUATIONS.values(), ids=SITUATIONS)
@pytest.mark.parametrize("who", ["nobody", "practised", "answered", "switched off"])
def test_a_set_is_told_as_its_view_would_tell_it(
    world: World, monkeypatch: pytest.MonkeyPatch, who: str, query: dict[str, str]
) -> None:
    """Byte by byte; and what is found to stand at a glance is what is found by unpacking everything."""
    learner = an_account() if who == "nobody" else world.reader()
    if who in ("practised", "answered"):
        practised(world, learner, an_answer(1), an_answer(0))
    first = world.call("list_recommendations", learner, query=query)
    if who == "answered" and first.json["items"]:
        world.call(
            "answer_recommendation", learner, {"recommendation_id": first.json["items"][0]["id"], "action": "accept"}
        )
    if who == "switched off":
        world.call("update_user", learner, {"personalization": "off"})
    told = world.call("list_recommendations", learner, query=query).body
    view = RecommendationsView.model_validate_json(told, strict=True)
    assert view.model_dump_json() == told
    again = world.call("list_recommendations", learner, query=query).body
    monkeypatch.setattr(recommend, "_standing", lambda *_: None)
    assert world.call("list_recommendations", learner, query=query).body == again == told


def test_weights_add_up_and_nothing_shut_is_shown(world: World) -> None:
    who = world.reader()
    for _ in range(3):
        found = world.call("list_recommendations", who, query={"count": "20", "explain": "full"}).json
        for one in found["items"]:
            assert sum(reason["weight"] for reason in one["reasons"]) == pytest.approx(one["priority"], abs=1e-9)
            assert all(reason["text"] for reason in one["reasons"])
            assert one["item"] != "p1"
            assert one["status"] == "PENDING"
        assert "p1" in {one["item"] for one in found["dropped"] if one["rule"] == "prerequisite"}
        assert len(set(items(found["items"]))) == len(found["items"])
        assert sum(one["estimated_time"] for one in found["items"]) <= 30
        practised(world, who, an_answer(1))


def test_the_request_beats_what_is_stored_and_the_context_says_so(world: World) -> None:
    who = world.reader()
    world.call("put_preferences", who, {"time_availability": 45, "preferred_difficulty": 2})
    found = world.call("list_recommendations", who).json["context"]
    assert found["time_available"] == {"value": 45, "source": "preferences"}
    assert found["difficulty"] == {"value": 2, "source": "preferences"}
    assert found["goals"] == {"value": ["build"], "source": "answers"}
    query = {"time_available": "9", "difficulty": "4", "count": "2", "goals": "study", "kinds": "practise,review"}
    reply = world.call("list_recommendations", who, query={**query, "focus_areas": "sense", "exclude": "q1,q2"}).json
    assert {name: part["source"] for name, part in reply["context"].items() if name != "course"} == dict.fromkeys(
        ("count", "time_available", "difficulty", "focus_areas", "exclude", "goals", "kinds"), "request"
    )
    assert reply["context"]["exclude"]["value"] == ["q1", "q2"]
    assert len(reply["items"]) <= 2
    assert not {"q1", "q2"} & set(items(reply["items"]))
    assert {one["kind"] for one in reply["items"]} <= {"practise", "review"}


def test_each_context_has_a_set_of_its_own_for_three_days(world: World) -> None:
    who = world.reader()
    short = recommended(world, who, time_available="5")
    plain = recommended(world, who)
    assert ids(short) != ids(plain)
    assert recommended(world, who, time_available="5") == short
    assert recommended(world, who) == plain
    world.clock.advance(timedelta(hours=72, milliseconds=-1))
    assert ids(recommended(world, who)) == ids(plain)
    # The second of two sets of one moment counts as made a millisecond later.
    world.clock.advance(timedelta(milliseconds=2))
    assert set(ids(recommended(world, who))).isdisjoint(ids(plain))


def test_equal_words_in_another_order_share_a_set(world: World) -> None:
    who = world.reader()
    assert ids(recommended(world, who, exclude="q1,q2")) == ids(recommended(world, who, exclude="q2,q1"))


@pytest.mark.parametrize("change", ["answer", "practice", "preferences", "answers", "course", "claim", "refresh"])
def test_whatever_a_set_was_made_from_makes_a_new_one(world: World, change: str) -> None:
    who = world.reader()
    before = recommended(world, who)
    if change == "answer":
        body = {"recommendation_id": before[0]["id"], "action": "decline"}
        world.call("answer_recommendation", who, body)
    elif change == "practice":
        practised(world, who)
    elif change == "preferences":
        world.call("put_preferences", who, {"challenge_level": 0.9})
    elif change == "answers":
        world.call("update_answers", who, {"experience": "much"})
    elif change == "course":
        world.publish(goals=[{"id": "build"}, {"id": "study"}])
        # Every environment looks for a new version once in a while.
        world.clock.advance(600)
    elif change == "claim":
        world.call("claim_skill", who, {"level": "expert"}, path=f"{SKILL}/claims")
    after = recommended(world, who, **({"refresh": "true"} if change == "refresh" else {}))
    assert set(ids(after)).isdisjoint(ids(before))
    assert min(ids(after)) > max(ids(before))


def test_what_was_declined_stays_away_for_a_week(world: World) -> None:
    who = world.reader()
    (first, *_) = recommended(world, who)
    world.call("answer_recommendation", who, {"recommendation_id": first["id"], "action": "decline"})
    for days in (0, 6):
        world.clock.advance(timedelta(days=days))
        found = world.call("list_recommendations", who, query={"explain": "full", "count": "20"}).json
        assert first["item"] not in items(found["items"])
        assert first["item"] in items(found["dropped"])
    world.clock.advance(timedelta(days=2))
    query = {"explain": "full", "count": "20", "refresh": "true"}
    dropped = world.call("list_recommendations", who, query=query).json["dropped"]
    assert (first["item"], "declined") not in {(one["item"], one["rule"]) for one in dropped}


def test_only_the_requests_own_exclusions_can_leave_nothing(world: World) -> None:
    who = world.reader()
    found = world.call("list_recommendations", who, query={"exclude": "sense,act"}).json
    assert (found["items"], bool(found["empty_reason"])) == ([], True)
    shortest = world.call("list_recommendations", who, query={"time_available": "1", "kinds": "learn"}).json
    assert [one["exceeds_time"] for one in shortest["items"]] == [True]
    while left := recommended(world, who):
        if any(one["item"] == items(left)[0] for one in world.call("list_recommendation_history", who).json["items"]):
            break
        for one in left:
            world.call("answer_recommendation", who, {"recommendation_id": one["id"], "action": "decline"})
    assert left


def test_reasons_are_in_the_learners_language(world: World) -> None:
    who = world.reader(language="ur")
    assert all(max(reason["text"]) >= "؀" for one in recommended(world, who) for reason in one["reasons"])


def test_the_answer_says_who_it_is_for(world: World) -> None:
    who = world.reader()
    found = world.call("list_recommendations", who).json
    assert found["user_profile"] == {
        "overall_rating": 1000.0,
        "strongest_skill": None,
        "weakest_skill": None,
        "main_weakness": None,
    }
    practised(world, who)
    found = world.call("list_recommendations", who).json
    assert (found["user_profile"]["strongest_skill"], found["user_profile"]["weakest_skill"]) == ("sense", None)
    assert found["stats"]["due"] == 0
    assert found["generated_at"] < found["expires_at"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"count": "0"}, "/query/count"),
        ({"count": "21"}, "/query/count"),
        ({"count": "1.5"}, "/query/count"),
        ({"time_available": "0"}, "/query/time_available"),
        ({"time_available": "1441"}, "/query/time_available"),
        ({"difficulty": "6"}, "/query/difficulty"),
        ({"focus_areas": ""}, "/query/focus_areas"),
        ({"focus_areas": "sense,fly"}, "/query/focus_areas"),
        ({"focus_areas": "sense,,act"}, "/query/focus_areas"),
        ({"goals": "fame"}, "/query/goals"),
        ({"kinds": "nap"}, "/query/kinds"),
        ({"kinds": "Learn"}, "/query/kinds"),
        ({"exclude": ""}, "/query/exclude"),
        ({"exclude": "A"}, "/query/exclude"),
        ({"exclude": "a b"}, "/query/exclude"),
        ({"exclude": "q1,"}, "/query/exclude"),
        ({"exclude": ",".join(["q1"] * 400)}, "/query/exclude"),
        ({"explain": "yes"}, "/query/explain"),
        ({"refresh": "maybe"}, "/query/refresh"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(world: World, query: dict[str, str], pointer: str) -> None:
    reply = world.call("list_recommendations", world.guest(), query=query).problem(422, "invalid")
    assert {flaw["pointer"] for flaw in reply["errors"]} == {pointer}


def test_what_is_left_out_may_be_gone_from_the_course(world: World) -> None:
    assert recommended(world, world.reader(), exclude="gone/since-long,q1")


def test_strangers_get_nothing(world: World) -> None:
    world.call("list_recommendations").problem(401, "token_missing")
    world.call("list_recommendations", a_guest()).problem(401, "unknown_user")
    world.call("list_recommendations", world.guest(), x_user_id=a_uuid()).problem(404, "not_found")
    world.call("list_recommendations", world.guest(), query={"course": "another"}).problem(404, "unknown_course")
