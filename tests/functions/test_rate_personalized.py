"""Readers rate what was written for them; enough who find it bad take it from all of them."""

from typing import Any

import pytest

from attune.domain.principal import Principal
from attune.store import keys, ratings, reading
from attune.store.items import Item
from tests.backends import Backend
from tests.builders import a_guest, answers
from tests.doubles.faults import Faults
from tests.functions.conftest import Reply, World
from tools.services import TABLE

AT = "/api/personalize/{slug}"


def ask(world: World, who: Principal, **body: Any) -> Reply:
    return world.call("personalize_lesson", who, {"lesson_slug": world.slug, **body})


def rate(world: World, who: Principal, stars: int, **body: Any) -> Reply:
    return world.call("rate_personalized", who, {"lesson_slug": world.slug, "rating": stars, **body})


def readers(world: World, count: int) -> list[Principal]:
    """So many with the same persona, who have all read their lesson."""
    made = [world.reader() for _ in range(count)]
    for who in made:
        ask(world, who)
    world.work()
    assert {ask(world, who).status for who in made} == {200}
    return made


def counted(world: World, who: Principal) -> tuple[int, int]:
    """How many rated what this reader was shown, and how many of them low."""
    found = ratings.read(who, variant_of(world, who), world.course.id, world.clock.now())
    assert found is not None
    return found.tally.rated, found.tally.low


def variant_of(world: World, who: Principal) -> str:
    start = reading.start(who, world.course.id, world.slug, world.clock.now())
    assert start.pointer is not None
    return start.pointer.variant


def reasons(reply: Reply) -> set[str | None]:
    return {section.get("reason") for section in reply.json["sections"]}


def test_a_rating_is_kept_and_another_takes_its_place(world: World, backend: Backend) -> None:
    who, other = readers(world, 2)
    first = rate(world, who, 2, reason="  =cmd|' wrong {x} <b>")
    assert first.status == 200
    assert first.json.items() >= {"lesson_slug": world.slug, "rating": 2, "reason": "  =cmd|' wrong {x} <b>"}.items()
    rate(world, other, 5)
    assert counted(world, who) == (2, 1)
    world.clock.advance(60)
    assert rate(world, who, 4).json["rated_at"] > first.json["rated_at"]
    assert counted(world, who) == (2, 0)
    rows = [row for row in backend.rows(keys.user(who.learner).pk) if row["kind"]["S"] == "rating"]
    assert [(row["stars"]["N"], "reason" in row) for row in rows] == [("4", False)]


def test_the_same_again_changes_nothing(world: World, backend: Backend) -> None:
    (who,) = readers(world, 1)
    first = rate(world, who, 1, reason="Wrong.")
    world.clock.advance(60)
    with backend.watched() as calls:
        assert rate(world, who, 1, reason="Wrong.").json == first.json
    assert set(calls.operations) <= {"BatchGetItem", "GetItem"}
    assert counted(world, who) == (1, 1)


@pytest.mark.parametrize("kind", ["lost_after", "server_error", "lost_before"])
def test_a_lost_answer_counts_once(world: World, backend: Backend, kind: str) -> None:
    who, other = readers(world, 2)
    rate(world, other, 5)
    with backend.faulty(kind, "TransactWriteItems"):
        assert rate(world, who, 1).status == 200
    assert counted(world, who) == (2, 1)


def test_h09_and_enough_low_ratings_give_the_originals(world: World) -> None:
    made = readers(world, 7)
    outsider = world.reader(experience="much")
    for who in (*made[:4], outsider):
        ask(world, who)
    world.work()
    assert {rate(world, who, 1).status for who in made[:4]} == {200}
    assert ask(world, made[6]).json["provenance"]["writer"] == "rules"
    rate(world, made[4], 2)
    for reply in (
        ask(world, made[6]),
        ask(world, world.reader()),
        world.call("get_personalized", made[0], path=path(world)),
    ):
        assert (reply.status, reasons(reply)) == (200, {"out_of_service"})
        assert reply.json["personalized_content"] == world.course.texts[world.slug].content
    assert ask(world, outsider).json["provenance"]["writer"] == "rules"
    assert world.messages() == []
    (shown,) = ratings.withdrawn(world.course.id, world.clock.now())
    assert (shown.lesson_slug, shown.persona, shown.language) == (
        world.slug,
        {"level": "new", "hardware": "false"},
        "en",
    )
    assert (shown.rated, shown.low) == (5, 5)


def path(world: World) -> str:
    return AT.replace("{slug}", world.slug)


def test_who_was_never_shown_it_has_nothing_to_rate(world: World) -> None:
    made = readers(world, 6)
    for who in (world.reader(), world.guest()):
        rate(world, who, 1).problem(409, "nothing_to_rate")
    rate(world, a_guest(), 1).problem(401, "unknown_user")
    for who in made[:5]:
        rate(world, who, 1)
    # Number six is shown the original by now, and did not say a word before.
    ask(world, made[5])
    rate(world, made[5], 5).problem(409, "nothing_to_rate")
    assert counted(world, made[0]) == (5, 5)


def test_who_thinks_better_of_it_brings_the_text_back(world: World) -> None:
    made = readers(world, 5)
    for who in made:
        rate(world, who, 1)
    assert reasons(ask(world, made[0])) == {"out_of_service"}
    rate(world, made[0], 4)
    assert reasons(ask(world, made[0])) == {None}
    assert list(ratings.withdrawn(world.course.id, world.clock.now())) == []


def test_another_text_is_not_the_one_that_was_taken_away(world: World) -> None:
    made = readers(world, 5)
    for who in made:
        rate(world, who, 1)
    ask(world, made[0], regenerate=True)
    world.work()
    assert reasons(ask(world, made[0])) == {None}
    assert rate(world, made[0], 5).status == 200
    assert counted(world, made[0]) == (1, 0)
    assert counted(world, made[1]) == (5, 5)


def test_the_owner_can_keep_it(world: World) -> None:
    made = readers(world, 5)
    for who in made:
        rate(world, who, 1)
    found = ratings.read(made[0], variant_of(world, made[0]), world.course.id, world.clock.now())
    assert found is not None
    ratings.approve(found, world.clock.now())
    assert reasons(ask(world, made[0])) == {None}
    rate(world, made[0], 2)
    assert reasons(ask(world, made[0])) == {None}


def test_a_text_that_is_planned_anew_begins_without_ratings(world: World) -> None:
    made = readers(world, 5)
    for who in made:
        rate(world, who, 1)
    world.clock.advance(181 * 86_400)
    ask(world, made[0])
    world.work()
    assert reasons(ask(world, made[0])) == {None}
    assert counted(world, made[0]) == (0, 0)
    rate(world, made[0], 3)
    assert counted(world, made[0]) == (1, 0)
    assert list(ratings.withdrawn(world.course.id, world.clock.now())) == []


def test_a_lesson_that_is_pending_or_an_original_has_nothing_to_rate(world: World, backend: Backend) -> None:
    who = world.reader()
    ask(world, who)
    rate(world, who, 3).problem(409, "nothing_to_rate")
    world.work()
    backend.change(keys.settings(who.learner, world.course.id), "SET personalization = :p", p={"BOOL": False})
    rate(world, who, 3).problem(409, "nothing_to_rate")


def test_what_cannot_be_rated_is_said(world: World) -> None:
    (who,) = readers(world, 1)
    rate(world, who, 3, lesson_slug="no-such").problem(404, "unknown_lesson")
    rate(world, who, 0).problem(422, "invalid")
    rate(world, who, 6).problem(422, "invalid")
    rate(world, who, 3, reason="x" * 501).problem(422, "invalid")
    world.call("rate_personalized", None, {"lesson_slug": world.slug, "rating": 3}).problem(401, "token_missing")


def test_a_guest_who_is_no_more_rates_nothing(world: World, backend: Backend) -> None:
    who = world.guest(**answers())
    ask(world, who)
    world.work()
    backend.raw.delete_item(TableName=TABLE, Key={"pk": {"S": keys.user(who.learner).pk}, "sk": {"S": "USER"}})
    rate(world, who, 1).problem(401, "unknown_user")
    assert counted(world, who) == (0, 0)


def test_a_store_that_is_down_counts_nothing(world: World, backend: Backend) -> None:
    (who,) = readers(world, 1)
    faults = Faults()
    faults.plan("throttle", "TransactWriteItems", times=50)
    with faults.on(Item):
        rate(world, who, 1).problem(503, "store_unavailable")
    assert counted(world, who) == (0, 0)
