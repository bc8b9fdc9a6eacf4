"""The month's budget: what was spent, and what is set aside for calls that are under way, in one row.

Money is set aside by one conditional write before a call and settled by another after it, so that any number of workers
together spend no more than the limit, but for what a call costs beyond what was set aside for it, and for calls of
workers that died: nobody can say whether those were billed, and what was set aside for them comes back.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from attune.domain.budget import Limits, Usage, day_of, month_of, next_day
from attune.store import keys, table
from attune.store.items import BudgetItem

LIFE: Final = timedelta(days=400)
TRIES: Final = 3


class Spent(Exception):
    """The limit is reached; at `again` (epoch seconds) there is money once more."""

    def __init__(self, again: float) -> None:
        super().__init__(f"until {again:.0f}")
        self.again = again


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one call."""

    id: str
    month: str
    day: str
    course: str
    amount: int


@dataclass(frozen=True, slots=True)
class Spending:
    """A month so far, in millionths of a dollar: settled, and settled or set aside (`committed`)."""

    spent: int = 0
    committed: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    days: Mapping[str, int] = field(default_factory=dict)


def hold(course: str, amount: int, limits: Limits, lease: float, now: datetime) -> Hold:
    """Set money aside for a call that ends, one way or another, within `lease` seconds. Raises `Spent`."""
    wanted = Hold(table.new_write_id(), month_of(now), day_of(now), course, amount)
    item = BudgetItem
    kept = {"amount": amount, "day": wanted.day, "course": course, "until": int(now.timestamp() + lease)}
    actions = [*_moved(wanted, amount), item.holds[wanted.id].set(kept)]
    for _ in range(TRIES):
        _begin(wanted.month, now)
        try:
            table.update(item, keys.budget(wanted.month), actions, _room(wanted, limits))
        except table.ConditionFailed:
            row = table.get(item, keys.budget(wanted.month), now, consistent=True)
            if row is not None and wanted.id in _plain(row.holds):
                return wanted
            if not _give_back(row, now):
                raise Spent(next_day(now).timestamp()) from None
            continue
        return wanted
    raise Spent(next_day(now).timestamp())


def settle(held: Hold, cost: int, usage: Usage, now: datetime) -> None:
    """Replace what was set aside by what the call cost; once, however often it is said."""
    item = BudgetItem
    actions = [
        *_moved(held, cost - held.amount),
        item.holds[held.id].remove(),
        item.spent.set((item.spent | 0) + cost),
        item.calls.set((item.calls | 0) + (1 if usage.input_tokens or usage.output_tokens else 0)),
        item.input_tokens.set((item.input_tokens | 0) + usage.input_tokens),
        item.output_tokens.set((item.output_tokens | 0) + usage.output_tokens),
    ]
    try:
        table.update(item, keys.budget(held.month), actions, item.holds[held.id].exists())
    except table.ConditionFailed:
        return


def spending(now: datetime) -> Spending:
    """The month so far."""
    row = table.get(BudgetItem, keys.budget(month_of(now)), now, consistent=True)
    if row is None:
        return Spending()
    return Spending(
        spent=int(row.spent),
        committed=int(row.committed),
        calls=int(row.calls),
        input_tokens=int(row.input_tokens),
        output_tokens=int(row.output_tokens),
        days={day: int(amount) for day, amount in _plain(row.days).items()},
    )


def _begin(month: str, now: datetime) -> None:
    """Make the month's row; its maps must be there before anything can be put into them."""
    if month in _begun:
        return
    row = BudgetItem(*keys.budget(month), expires_at=int((now + LIFE).timestamp()))
    with suppress(table.ConditionFailed):
        table.put(row, BudgetItem.pk.does_not_exist())
    _begun.add(month)


_begun: set[str] = set()


def forget() -> None:
    """Make rows anew: for a table that is another."""
    _begun.clear()


def _moved(held: Hold, amount: int) -> list[Action]:
    item = BudgetItem
    day, course = item.days[held.day], item.courses[_course(held)]
    return [
        item.committed.set((item.committed | 0) + amount),
        day.set((day | 0) + amount),
        course.set((course | 0) + amount),
    ]


def _course(held: Hold) -> str:
    return f"{held.day} {held.course}"


def _room(held: Hold, limits: Limits) -> Condition:
    item = BudgetItem
    condition: Condition = item.holds[held.id].does_not_exist()
    limited: list[tuple[Any, int | None]] = [
        (item.committed, limits.month),
        (item.days[held.day], limits.day),
        (item.courses[_course(held)], limits.course_day),
    ]
    for path, limit in limited:
        if limit is not None:
            condition = condition & _within(path, limit - held.amount)
    return condition


def _within(path: Any, most: int) -> Condition:
    """That there is room; what was never spent from has room unless one call alone is too much."""
    under: Condition = path <= most
    return path.does_not_exist() | under if most >= 0 else under


def _give_back(row: BudgetItem | None, now: datetime) -> bool:
    """Release what workers that died had set aside; whether there was any."""
    if row is None:
        return False
    found = False
    for id_, kept in _plain(row.holds).items():
        if kept["until"] <= now.timestamp():
            month = row.pk.partition("#")[2]
            settle(Hold(id_, month, kept["day"], kept["course"], int(kept["amount"])), 0, Usage(), now)
            found = True
    return found


def _plain(map_: Any) -> dict[str, Any]:
    found: dict[str, Any] = map_.as_dict()
    return found
