"""What the worker does about money: it sets aside, settles, and leaves the original where there is none left."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from attune.domain.budget import Limits, Usage, next_day
from attune.domain.section import SectionRequest, WriterFault
from attune.domain.supplier import Supplier
from attune.settings import settings
from attune.store import budgets
from tests.functions.conftest import World
from tests.functions.writing import Script, ask, deliver, failing, marked, queued, stored, supplies

CALL = Usage(700, 480)
PRICE = 393
"""Of such a call, in millionths of a dollar, at the prices of these tests."""


class Paid(Script):
    """A writer whose every answer takes as many tokens as it may at most."""

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        return CALL


@pytest.fixture
def paid(world: World, monkeypatch: pytest.MonkeyPatch) -> Paid:
    made = Paid()
    supplies(monkeypatch, Supplier("paid", made, settings.price))
    monkeypatch.setitem(settings.__dict__, "limits", Limits(day=PRICE + 10, month=None))
    budgets.forget()
    return made


def test_when_the_day_is_spent_the_original_stands_until_the_next(world: World, paid: Paid) -> None:
    who = world.reader()
    bodies = queued(world, who)
    paid.steps = [marked("Paid"), marked("Paid")]
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert len(paid.asked) == 2, "7 + 9 tokens cost 7 each, and the third finds no room for 393 more"
    found = ask(world, who)
    assert found.status == 200
    assert [section.get("reason") for section in found.json["sections"]] == [None, None, "budget"]
    spent = budgets.spending(world.clock.now())
    assert (spent.spent, spent.committed, spent.calls) == (14, 14, 2)
    world.clock.advance((next_day(world.clock.now()) - world.clock.now()) / timedelta(seconds=1) + 1)
    assert ask(world, who).status == 200
    (again,) = (message["Body"] for message in world.messages())
    assert deliver(again) == ["ok"]
    assert len(paid.asked) == 3


def test_l7_that_most_of_the_day_is_spent_is_one_line_of_the_log(
    world: World, paid: Paid, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = queued(world)
    paid.steps = [marked("Paid"), marked("Paid")]
    for body in bodies[:2]:
        deliver(body)
    lines = [record for record in caplog.records if record.message == "budget_nearly_spent"]
    # What was set aside for the first call came back, so the second passed the share as well.
    assert [(line.levelname, vars(line)["limit"]) for line in lines] == [("WARNING", "day")] * 2


def test_a_call_that_nobody_knows_the_price_of_costs_what_was_set_aside(world: World, paid: Paid) -> None:
    body = queued(world)[0]
    paid.steps = [failing(WriterFault("timeout", final=False))]
    deliver(body)
    spent = budgets.spending(world.clock.now())
    assert (spent.spent, spent.committed, spent.calls) == (PRICE, PRICE, 0)


def test_a_refusal_costs_what_the_provider_counted(world: World, paid: Paid) -> None:
    body = queued(world)[0]
    paid.steps = [failing(WriterFault("refused", final=True, usage=Usage(100, 10)))]
    assert deliver(body) == ["ok"]
    spent = budgets.spending(world.clock.now())
    assert (spent.spent, spent.committed, spent.calls) == (21, 21, 1)
    kept = stored(world, body)
    assert kept is not None
    assert (kept.reason, kept.input_tokens, kept.output_tokens) == ("refused", 100, 10)
