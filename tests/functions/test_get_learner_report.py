"""A learner reads their week: from their own rows, in one query, and not at all if they do not want it."""

import pytest

from tests.backends import Backend
from tests.functions.conftest import Reply, World
from tests.functions.night import at, to
from tests.functions.practising import a_session, an_answer, practised, recommended


def asked(world: World, who: object, **query: str) -> Reply:
    return world.call("get_learner_report", who, query=query)  # type: ignore[arg-type]


def test_b56_the_week_has_minutes_skills_next_steps_and_a_text(world: World) -> None:
    who = world.reader()
    practised(world, who, an_answer(1, minutes=26 * 60, duration_ms=600_000))
    practised(world, who, an_answer(2, minutes=10, duration_ms=1_200_000))
    offers = recommended(world, who)
    found = asked(world, who).json
    assert (found["week"], found["minutes"], found["answers"]) == ("2031-W19", 20, 1)
    (skill,) = found["skills"]
    low, high = skill["interval"]
    assert low < skill["before"] < skill["after"] < high
    assert [step["id"] for step in found["next"]] == [offer["id"] for offer in offers[:3]]
    assert all(step["reasons"] for step in found["next"])
    assert found["text"].startswith("You practised for 20 minutes this week (answers: 1). Sensing rose by ")
    assert found["why"] == {}


def test_b56_the_week_before_knows_what_came_since(world: World) -> None:
    who = world.reader(language="ur")
    practised(world, who, an_answer(1, minutes=26 * 60, duration_ms=600_000))
    practised(world, who, an_answer(2, minutes=10))
    found = asked(world, who, week="2031-W18").json
    (skill,) = found["skills"]
    assert (skill["before"], skill["interval"], found["minutes"]) == (None, None, 10)
    assert (
        found["why"].items()
        >= {
            "skills.sense.before": "first_week",
            "skills.sense.interval": "practised_since",
            "next": "no_recommendations",
        }.items()
    )
    assert found["text"].startswith("آپ نے اس ہفتے 10 منٹ مشق کی")


def test_b56_who_wants_none_gets_none(world: World) -> None:
    who = world.reader()
    practised(world, who)
    for switch in ({"weekly_reports": False}, {"weekly_reports": True}):
        assert world.call("put_preferences", who, switch).status == 200
        assert asked(world, who).status == (200 if switch["weekly_reports"] else 204)
    assert world.call("update_user", who, {"personalization": "off"}, path="/api/user/me").status == 200
    assert (asked(world, who).status, asked(world, who).body) == (204, "")


def test_a_week_long_ago_is_not_made_up(world: World) -> None:
    who = world.reader()
    practised(world, who, an_answer(1))
    to(world.clock, at(60))
    found = asked(world, who, week="2031-W19").json
    assert (found["minutes"], found["answers"]) == (None, None)
    assert found["why"]["minutes"] == "too_long_ago"
    asked(world, who, week="\u0662\u0660\u0663\u0661-W\u0661\u0669").problem(422, "invalid")
    nothing = asked(world, who).json
    assert (nothing["minutes"], nothing["skills"]) == (0, [])
    assert nothing["text"].startswith("You did not practise this week.")


@pytest.mark.parametrize("history", [1, 40])
def test_b11_it_is_one_round_trip_whatever_the_history(world: World, backend: Backend, history: int) -> None:
    who = world.reader()
    for place in range(0, history, 20):
        answers = [an_answer(place + one, minutes=place * 20 + one) for one in range(min(20, history))]
        assert world.call("record_session", who, a_session(*answers)).status == 201
    asked(world, who)
    with backend.watched() as watched:
        assert asked(world, who).status == 200
    assert [call.operation for call in watched.calls] == ["BatchGetItem"]


def test_a_week_that_is_none_is_refused(world: World) -> None:
    problem = asked(world, world.reader(), week="2031-W60").problem(422, "invalid")
    assert problem["errors"][0]["pointer"] == "/query/week"
