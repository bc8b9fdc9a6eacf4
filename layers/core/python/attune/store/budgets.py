"""The month's budget: what was spent, and what is set aside for calls that are under way, in one row.

Money is set aside by one conditional write before a call and settled by another after it, so that any number of workers
together spend no more than the limit, but for what a call costs beyond what was set aside for it, and for calls of
workers that died: nobody can say whether those were billed, and what was set aside for them comes back.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from attune.domain.budget import Figures, Limits, Usage, day_of, month_of, next_day, passes
from attune.store import keys, retention, table
from attune.store.items import BudgetItem

TRIES: Final = 3


class Spent(Exception):
    """The limit is reached; at `again` (epoch seconds) there is money once more."""

    def __init__(self, again: float) -> None:
        super().__init__(f"until {again:.0f}")
        self.again = again


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one call, or for a batch of them; `line` is what it is spent on, the writer and its model.

    `nearly` names the limits of which most is gone with it. With `night` it counts as what the day's night planned.
    """

    id: str
    month: str
    day: str
    course: str
    amount: int
    line: str = ""
    nearly: tuple[str, ...] = ()
    night: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """A month so far, in millionths of a dollar: settled, and settled or set aside (`committed`, `days`).

    `daily` is what was settled by day, `lines` by course and writer with its model.
    """

    spent: int = 0
    committed: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    days: Mapping[str, int] = field(default_factory=dict)
    daily: Mapping[str, Figures] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], Figures] = field(default_factory=dict)


def hold(course: str, amount: int, limits: Limits, lease: float, now: datetime, line: str = "") -> Hold:
    """Set money aside for a call that ends, one way or another, within `lease` seconds. Raises `Spent`."""
    wanted = Hold(table.new_write_id(), month_of(now), day_of(now), course, amount, line)
    return _hold(wanted, limits, None, lease, now)


def hold_batch(wanted: Hold, limits: Limits, night: int | None, lease: float, now: datetime) -> Hold:
    """Set money aside for a batch, out of what the night of its day may plan too; once, however often. Raises `Spent`.

    One write does all of it: whoever reads the row sees both or neither.
    """
    return _hold(replace(wanted, night=True), limits, night, lease, now)


def _hold(wanted: Hold, limits: Limits, night: int | None, lease: float, now: datetime) -> Hold:
    item = BudgetItem
    kept: dict[str, Any] = {"amount": wanted.amount, "day": wanted.day, "course": wanted.course}
    kept |= {"until": int(now.timestamp() + lease), **({"night": 1} if wanted.night else {})}
    actions = [*_moved(wanted, wanted.amount), item.holds[wanted.id].set(kept)]
    for _ in range(TRIES):
        _begin(wanted.month, now)
        try:
            row = table.update(item, keys.budget(wanted.month), actions, _room(wanted, limits, night))
        except table.ConditionFailed:
            found = table.get(item, keys.budget(wanted.month), now, consistent=True)
            if found is not None and wanted.id in _plain(found.holds):
                return _told(wanted, found, limits)
            if not _give_back(found, now):
                raise Spent(next_day(now).timestamp()) from None
            continue
        return _told(wanted, row, limits)
    raise Spent(next_day(now).timestamp())


def _told(held: Hold, row: BudgetItem, limits: Limits) -> Hold:
    """The hold with the limits of which most is gone, as the row says that now is."""
    sums = {
        "month": (int(row.committed), limits.month),
        "day": (int(_plain(row.days)[held.day]), limits.day),
        "course": (int(_plain(row.courses)[_course(held)]), limits.course_day),
    }
    nearly = tuple(name for name, (sum_, limit) in sums.items() if passes(sum_, held.amount, limit))
    return replace(held, nearly=nearly)


def settle(held: Hold, cost: int, usage: Usage, now: datetime, *, repair: bool = False) -> None:
    """Replace what was set aside by what the call cost; once, however often it is said."""
    settle_figures(held, Figures.of(cost, usage, repair=repair))


def settle_figures(held: Hold, figures: Figures) -> None:
    """The same for all the calls of a batch."""
    item, cost = BudgetItem, figures.cost
    actions = [
        *_moved(held, cost - held.amount),
        item.holds[held.id].remove(),
        item.spent.set((item.spent | 0) + cost),
        item.calls.set((item.calls | 0) + figures.calls),
        item.input_tokens.set((item.input_tokens | 0) + figures.input_tokens),
        item.output_tokens.set((item.output_tokens | 0) + figures.output_tokens),
        *_counted(item.daily, held.day, figures),
        *_counted(item.lines, f"{held.course} {held.line}", figures),
    ]
    try:
        table.update(item, keys.budget(held.month), actions, item.holds[held.id].exists())
    except table.ConditionFailed:
        return


def plan_night(amount: int, limit: int | None, now: datetime) -> bool:
    """Count what is to be spent on lessons that nobody has asked for yet; False if the day has not so much left."""
    item, write_id = BudgetItem, table.new_write_id()
    key, night = keys.budget(month_of(now)), item.nights[day_of(now)]
    room: Condition = item.write_id.does_not_exist() | (item.write_id != write_id)
    if limit is not None:
        room = room & _within(night, limit - amount)
    _begin(month_of(now), now)
    try:
        table.update(item, key, [night.set((night | 0) + amount), item.write_id.set(write_id)], room)
    except table.ConditionFailed:
        return table.settle(item, key, write_id, now) is not None
    return True


def room(course: str, limits: Limits, night: int, now: datetime) -> int:
    """How much a batch of a course could set aside just now; the write that does it decides."""
    row = table.get(BudgetItem, keys.budget(month_of(now)), now, consistent=True)
    day = day_of(now)
    if row is None:
        used = dict.fromkeys(("month", "day", "course", "night"), 0)
    else:
        used = {
            "month": int(row.committed),
            "day": int(_plain(row.days).get(day, 0)),
            "course": int(_plain(row.courses).get(f"{day} {course}", 0)),
            "night": int(_plain(row.nights).get(day, 0)),
        }
    most = {"month": limits.month, "day": limits.day, "course": limits.course_day, "night": night}
    return max(0, min(limit - used[name] for name, limit in most.items() if limit is not None))


def spending(now: datetime, month: str | None = None) -> Spending:
    """A month so far, that of `now` if none is named: one row."""
    row = table.get(BudgetItem, keys.budget(month or month_of(now)), now, consistent=True)
    if row is None:
        return Spending()
    return Spending(
        spent=int(row.spent),
        committed=int(row.committed),
        calls=int(row.calls),
        input_tokens=int(row.input_tokens),
        output_tokens=int(row.output_tokens),
        days={day: int(amount) for day, amount in _plain(row.days).items()},
        daily=_figures(row.daily),
        lines={_line(name): found for name, found in _figures(row.lines).items()},
    )


def _line(name: str) -> tuple[str, str]:
    course, _, line = name.partition(" ")
    return course, line


def _figures(map_: Any) -> dict[str, Figures]:
    """The figures in a map, by what they are of."""
    found: dict[str, dict[str, int]] = {}
    for name, value in sorted(_plain(map_).items()):
        of, _, figure = name.rpartition(" ")
        found.setdefault(of, {})[figure] = int(value)
    return {of: Figures(**figures) for of, figures in found.items()}


def _counted(map_: Any, name: str, figures: Figures) -> Iterator[Action]:
    """What adds figures to those in a map; one that stays as it is costs nothing."""
    for figure in Figures.__slots__:
        if amount := getattr(figures, figure):
            path = map_[f"{name} {figure}"]
            yield path.set((path | 0) + amount)


def _begin(month: str, now: datetime) -> None:
    """Make the month's row; its maps must be there before anything can be put into them."""
    if month in _begun:
        return
    item, key = BudgetItem, keys.budget(month)
    try:
        table.put(item(*key, expires_at=retention.ends(item, now)), item.pk.does_not_exist())
    except table.ConditionFailed:
        with suppress(table.ConditionFailed):
            # A row of an earlier release has no figures.
            empty = [map_.set({}) for map_ in (item.daily, item.lines, item.nights)]
            table.update(item, key, empty, item.daily.does_not_exist())
    _begun.add(month)


_begun: set[str] = set()


def forget() -> None:
    """Make rows anew: for a table that is another."""
    _begun.clear()


def _moved(held: Hold, amount: int) -> list[Action]:
    item = BudgetItem
    paths = [item.committed, item.days[held.day], item.courses[_course(held)]]
    if held.night:
        paths.append(item.nights[held.day])
    return [path.set((path | 0) + amount) for path in paths]


def _course(held: Hold) -> str:
    return f"{held.day} {held.course}"


def _room(held: Hold, limits: Limits, night: int | None = None) -> Condition:
    item = BudgetItem
    condition: Condition = item.holds[held.id].does_not_exist()
    limited: list[tuple[Any, int | None]] = [
        (item.committed, limits.month),
        (item.days[held.day], limits.day),
        (item.courses[_course(held)], limits.course_day),
        (item.nights[held.day], night),
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
            night = "night" in kept
            settle(Hold(id_, month, kept["day"], kept["course"], int(kept["amount"]), night=night), 0, Usage(), now)
            found = True
    return found


def _plain(map_: Any) -> dict[str, Any]:
    found: dict[str, Any] = map_.as_dict()
    return found
