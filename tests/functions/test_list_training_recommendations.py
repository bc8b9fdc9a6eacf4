"""The earlier system's view shows the same set, and says that it will go."""

from email.utils import parsedate_to_datetime

from tests.builders import a_guest
from tests.functions.conftest import World
from tests.functions.practising import recommended


def test_it_shows_the_set_that_stands_in_the_earlier_words(world: World) -> None:
    who = world.reader()
    new = recommended(world, who)
    reply = world.call("list_training_recommendations", who)
    assert reply.status == 200
    assert reply.json["recommendations"] == [
        {
            "id": one["id"],
            "scenario": one["item"],
            "title": one["title"],
            "difficulty": one["difficulty"],
            "estimated_time": one["estimated_time"],
            "expected_improvement": one["expected_improvement"]["points"],
            "reasoning": " ".join(reason["text"] for reason in one["reasons"]),
            "skill_focus": one["skill_focus"],
            "priority": one["priority"],
        }
        for one in new
    ]


def test_it_says_since_when_until_when_and_what_instead(world: World) -> None:
    headers = world.call("list_training_recommendations", world.guest()).headers
    assert headers["Deprecation"].startswith("@")
    since = int(headers["Deprecation"][1:])
    assert since < parsedate_to_datetime(headers["Sunset"]).timestamp()
    assert headers["Sunset"].endswith("GMT")
    assert headers["Link"] == '</api/personalization/recommendations>; rel="successor-version"'


def test_a_set_that_it_makes_is_the_one_of_the_new_route(world: World) -> None:
    who = world.guest()
    old = world.call("list_training_recommendations", who).json["recommendations"]
    assert [one["id"] for one in recommended(world, who)] == [one["id"] for one in old]


def test_strangers_get_nothing(world: World) -> None:
    world.call("list_training_recommendations").problem(401, "token_missing")
    world.call("list_training_recommendations", a_guest()).problem(401, "unknown_user")
