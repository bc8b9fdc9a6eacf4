"""Everything that is measured in one answer, and nothing that is not."""

from datetime import timedelta

from tests.builders import NOW, a_guest, an_account
from tests.functions.conftest import World
from tests.functions.practising import an_answer, at, practised, recommended


def test_a_newcomer_gets_priors_and_reasons(world: World) -> None:
    for who in (world.guest(), an_account()):
        found = world.call("get_profile", who).json
        assert {skill["source"] for skill in found["skills"].values()} == {"prior"}
        assert (found["overall_rating"], found["strengths"], found["weaknesses"]) == (1000.0, [], [])
        nulls = [
            name for name in ("learning_velocity", "consistency", "adaptability", "retention") if found[name] is None
        ]
        assert nulls == list(found["why"])
        assert found["recommendations"]["total"] == 0
        assert found["recommendations"]["acceptance_rate"] is None
        assert found["preferences"]["challenge_level"] == 0.5
        assert found["paths"] == {"total": 0, "active": 0, "paused": 0, "completed": 0, "cancelled": 0}


def test_nobody_has_no_profile(world: World) -> None:
    world.call("get_profile", a_guest()).problem(401, "unknown_user")


def test_the_questionnaire_moves_the_prior_and_is_not_taken_for_evidence(world: World) -> None:
    questions = [dict(question) for question in world.course.manifest["questionnaire"]]
    questions[0]["options"] = [{"value": "none", "priors": {"sense": -0.7}}, {"value": "some"}, {"value": "much"}]
    world.publish(questionnaire=questions)
    who = world.reader(experience="none")
    found = world.call("get_profile", who).json["skills"]["sense"]
    assert (found["source"], found["attempts"], found["confidence"]) == ("prior", 0, 0.0)
    assert found["rating"] < 1000.0
    world.call("update_answers", who, {"experience": "some"})
    assert world.call("get_profile", who).json["skills"]["sense"]["rating"] == 1000.0


def test_what_was_practised_chosen_and_answered_stands_in_one_answer(world: World) -> None:
    who = world.reader()
    world.call("put_preferences", who, {"challenge_level": 0.9})
    (offer, *_) = recommended(world, who)
    world.call("answer_recommendation", who, {"recommendation_id": offer["id"], "action": "accept", "rating": 4})
    practised(world, who, an_answer(1, minutes=0), recommendation_id=offer["id"])
    found = world.call("get_profile", who).json
    assert found["skills"]["sense"]["attempts"] == 1
    assert found["preferences"]["challenge_level"] == 0.9
    told = found["recommendations"]
    assert (told["total"], told["acceptance_rate"], told["completion_rate"], told["average_rating"]) == (
        1,
        1.0,
        1.0,
        4.0,
    )
    assert told["measured"] == 1
    assert told["effective"] is None


def test_traits_appear_with_enough_evidence(world: World) -> None:
    items = [{**world.course.manifest["items"][0], "id": f"q{number}"} for number in range(1, 6)]
    world.publish(items=items)
    who = world.guest()
    for day in range(9):
        answers = [
            {**an_answer(number, score=number % 2), "item_id": f"q{number + 1}", "duration_ms": 20_000}
            for number in range(5)
        ]
        for number, answer in enumerate(answers):
            answer["at"] = at(days=80 - 9 * day, minutes=number)
        practised(world, who, *answers)
    found = world.call("get_profile", who).json
    assert found["why"] == {}
    low, high = found["learning_velocity"]["interval"]
    assert low <= found["learning_velocity"]["points_per_hour"] <= high
    assert 0 <= found["consistency"] <= 1
    assert 0 <= found["adaptability"] <= 1
    assert found["retention"] == 0.0
    assert found["skills"]["sense"]["trend"]["standard_error"] > 0


def test_confidence_falls_while_nobody_practises(world: World) -> None:
    who = world.guest()
    practised(world, who, *(an_answer(number, 60 - number) for number in range(30)))
    before = world.call("get_profile", who).json["skills"]["sense"]
    world.clock.advance(timedelta(days=90))
    after = world.call("get_profile", who).json["skills"]["sense"]
    assert after["confidence"] < 0.51 * before["confidence"]
    assert (after["rating"], after["due_at"]) == (before["rating"], before["due_at"])
    assert before["due_at"] < world.clock.now().isoformat()
    assert world.clock.now() > NOW


def test_nobody_elses(world: World) -> None:
    who = world.guest()
    practised(world, who)
    assert world.call("get_profile", world.guest()).json["skills"]["sense"]["attempts"] == 0
    world.call("get_profile", world.guest(), x_user_id=who.subject).problem(404, "not_found")
    world.call("get_profile", world.guest(), query={"user_id": who.subject}).problem(404, "not_found")
    world.call("get_profile").problem(401, "token_missing")
    world.call("get_profile", who, query={"course": "another"}).problem(404, "unknown_course")
