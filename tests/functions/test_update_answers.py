"""Some answers change, the others stay."""

import pytest

from tests.builders import answers
from tests.functions.conftest import World


def test_a_subset_is_enough(world: World) -> None:
    who = world.reader()
    world.clock.advance(60)
    reply = world.call("update_answers", who, {"experience": "much", "user_id": who.subject})
    assert (reply.status, reply.headers["ETag"]) == (200, '"2"')
    assert reply.json == {
        **answers(experience="much"),
        "user_id": who.subject,
        "updated_at": "2031-05-05T12:01:00Z",
    }
    assert world.call("get_answers", who).json == reply.json


@pytest.mark.parametrize("body", [{}, {"experience": "none"}, {"aims": ["build", "build"]}])
def test_what_changes_nothing_leaves_the_revision(world: World, body: dict[str, object]) -> None:
    assert world.call("update_answers", world.reader(), body).headers["ETag"] == '"1"'


@pytest.mark.parametrize("body", [{}, {"experience": "much"}])
def test_before_onboarding_there_is_nothing_to_change(world: World, body: dict[str, object]) -> None:
    world.call("update_answers", world.guest(), body).problem(404, "not_onboarded")


@pytest.mark.parametrize("body", [{}, {"experience": "none"}, {"experience": "much"}])
@pytest.mark.parametrize(
    ("tags", "status"),
    [('"1"', 200), ("*", 200), ('"9", "1"', 200), ('"2"', 412), ('W/"1"', 412), ('"x"', 412), ("1", 400), ("", 400)],
)
def test_a_change_of_another_revision_is_refused(world: World, tags: str, status: int, body: dict[str, object]) -> None:
    who = world.reader()
    reply = world.call("update_answers", who, body, if_match=tags)
    assert reply.status == status
    if status == 412:
        reply.problem(412, "precondition_failed")
    changed = status == 200 and body == {"experience": "much"}
    assert world.call("get_answers", who).headers["ETag"] == ('"2"' if changed else '"1"')


def test_wrong_answers_are_refused_with_their_places(world: World) -> None:
    who = world.reader()
    reply = world.call("update_answers", who, {"aims": ["build", "rest"], "nothing": "x"})
    flaws = reply.problem(422, "invalid")["errors"]
    assert {flaw["pointer"] for flaw in flaws} == {"/aims/1", "/nothing"}
    assert world.call("get_answers", who).headers["ETag"] == '"1"'
