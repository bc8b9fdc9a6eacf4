"""What the texts cost that a learner was given: each text once and in full, as the nights find them."""

from typing import Any

import pytest

from attune.domain.budget import Usage
from attune.domain.experiments.tally import Sums, Tally
from attune.domain.principal import Principal
from attune.domain.supplier import Supplier
from attune.settings import settings
from attune.store import budgets, courses, experiments, tallies
from tests.counted import count
from tests.functions.conftest import World
from tests.functions.experimenting import NAME, enrolments, leave, results, started
from tests.functions.night import Night, at, night, small, to
from tests.functions.writing import Script, ask, bad, marked, supplies

__all__ = ["night", "small"]

TEXT_COST = {"metric": "text_cost", "type": "mean"}
WRITING: dict[str, Any] = {
    "layer": "writing",
    "arms": [
        {"key": "A", "weight": 0.5, "params": {}},
        {"key": "B", "weight": 0.5, "params": {"glossary_share": 0.0}},
    ],
    "primary": TEXT_COST,
    "guardrails": [{**TEXT_COST, "max_increase": 0.01}],
}
CALL = 7
"""What 7 tokens sent and 9 received cost at the prices of these tests, in millionths of a dollar."""
CENTS = 100
"""Millionths of a cent in a millionth of a dollar."""


@pytest.fixture
def paid(world: World, monkeypatch: pytest.MonkeyPatch) -> Script:
    """A model that is paid for each answer."""
    made = Script()
    supplies(monkeypatch, Supplier("paid", made, settings.price))
    monkeypatch.setattr(made, "most", lambda *_: Usage(700, 480))
    budgets.forget()
    return made


def reading(world: World, script: Script | None = None, *steps: Any) -> tuple[Principal, str]:
    """A newcomer who asks for a lesson that is written by these steps, and the arm that they came into."""
    who = world.reader()
    if script is not None:
        script.steps = list(steps)
    if ask(world, who).status == 202:
        assert world.work() == []
        assert ask(world, who).status == 200
    (one,) = enrolments(world, who)
    return who, one["arm"]


def counted(world: World) -> dict[str, Tally]:
    now = world.clock.now()
    rows = tallies.read(world.course.id, experiments.get(world.course.id, NAME, now), now)
    found = {}
    for arm, each in rows.items():
        found[arm] = Tally()
        for one in each:
            found[arm] = found[arm].plus(one)
    return found


def cost(world: World) -> dict[str, tuple[int, Sums]]:
    return {arm: (tally.n, tally.of("text_cost")) for arm, tally in counted(world).items()}


def sums(*costs: int) -> Sums:
    """Of readers whose texts cost so much (millionths of a dollar), who all had the same rating before."""
    each = [value * CENTS for value in costs]
    return Sums(sum(each), sum(value**2 for value in each), sum(each) * 10_000)


def nights(world: World, night: Night, *days: int) -> None:
    for day in days:
        to(world.clock, at(day))
        courses.forget()
        night.whole()


def test_every_reader_of_a_text_counts_its_price_once_with_its_repairs(
    world: World, paid: Script, night: Night
) -> None:
    started(world, **WRITING)
    readers: dict[str, int] = {"A": 0, "B": 0}
    prices: dict[str, int] = {}
    while min(readers.values()) < 2:
        # Three sections, of which the second has to be mended: in the other arm all are right at once.
        steps = [marked("A"), bad, marked("B"), marked("C")] if not prices else [marked("D")] * 3
        _, arm = reading(world, paid, *steps)
        readers[arm] += 1
        prices.setdefault(arm, 4 * CALL if not prices else 3 * CALL)
    assert cost(world) == {arm: (n, Sums()) for arm, n in readers.items()}
    nights(world, night, 6)
    wanted = {arm: (n, sums(*[prices[arm]] * n)) for arm, n in readers.items()}
    assert cost(world) == wanted
    nights(world, night, 6, 7, 8)
    assert cost(world) == wanted
    whole = results(world)["primary"]
    assert {arm: whole[arm]["mean"] for arm in "AB"} == {arm: round(prices[arm] / 10_000, 3) for arm in "AB"}


def test_what_was_free_or_given_before_or_to_who_left_counts_nothing(world: World, paid: Script, night: Night) -> None:
    before = world.reader()
    paid.steps = [marked("A")] * 3
    assert ask(world, before).status == 202
    assert world.work() == []
    started(world, **{**WRITING, "layer": "ranking", "arms": [{"key": key, "weight": 0.5} for key in "AB"]})
    world.clock.advance(60)
    assert world.call("list_recommendations", before).status == 200
    gone = world.reader()
    assert world.call("list_recommendations", gone).status == 200
    assert ask(world, gone).status == 200
    leave(world, gone)
    free = world.reader(experience="much")
    assert world.call("list_recommendations", free).status == 200
    if ask(world, free).status == 202:
        world.work()
    nights(world, night, 6)
    assert sum(n for n, _ in cost(world).values()) == 3
    assert all(found == Sums() for _, found in cost(world).values())


def test_another_text_of_the_same_lesson_counts_as_another(world: World, paid: Script, night: Night) -> None:
    started(world, **WRITING)
    who, arm = reading(world, paid, *[marked("A")] * 3)
    nights(world, night, 6)
    to(world.clock, at(6, hour=12))
    paid.steps = [marked("B")] * 3
    again = {"lesson_slug": world.slug, "regenerate": True}
    assert world.call("personalize_lesson", who, again).status == 202
    assert world.work() == []
    nights(world, night, 7)
    assert cost(world)[arm] == (1, sums(6 * CALL))


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_write_of_the_night_it_counts_once(world: World, paid: Script, night: Night, after: bool) -> None:
    started(world, **WRITING)
    first, _ = reading(world, paid, *[marked("A")] * 3)
    arms = {"A": 0, "B": 0}
    arms[enrolments(world, first)[0]["arm"]] += 1
    dead, at_write = True, 0
    while dead:
        at_write += 1
        _, arm = reading(world, paid, *[marked("A")] * 3)
        arms[arm] += 1
        to(world.clock, at(5 + at_write))
        courses.forget()
        dead = night.killed(at_write, after)
        assert cost(world) == {arm: (n, sums(*[3 * CALL] * n)) for arm, n in arms.items()}
    assert at_write > 3


def test_b45_a_night_that_finds_dearer_texts_pauses_the_experiment(world: World, night: Night) -> None:
    started(world, **WRITING)
    reading(world)
    for arm, cents in (("A", 100), ("B", 300)):
        count(world.course.id, NAME, arm, 1000, {"text_cost": cents})
    nights(world, night, 6)
    assert night.alarms == [f"experiment_paused {NAME}"]
    (guardrail,) = results(world)["guardrails"]
    assert (guardrail["metric"], guardrail["breached"], guardrail["arm"]) == ("text_cost", True, "B")
