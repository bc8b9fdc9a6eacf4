"""What a learner told and chose for a course: one row, two views with revisions of their own.

A change is one conditional write without a read: the condition holds what must be true (the revision asked for, the
rules between fields, that anything changes at all). Only when it is refused is the row read, to say why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.answers import Answers
from attune.domain.errors import NotFound, PreconditionFailed, Unavailable
from attune.domain.experiments import assignments
from attune.domain.instants import instant
from attune.domain.learner import NONE, LearnerSettings
from attune.domain.principal import Principal
from attune.store import keys, table, users
from attune.store.items import SettingsItem

MANY: Final = 50
"""More revisions than this do not fit a condition: then the row is read first."""
TRIES: Final = 4
"""How often a change is tried again when others keep changing the row in between."""


def get(principal: Principal, course: str, now: datetime, *, consistent: bool = False) -> LearnerSettings:
    """The settings, or `NONE`. Raises `Unidentified` for a learner who is gone."""
    found = table.get(SettingsItem, keys.settings(principal.learner, course), now, consistent=consistent)
    if found is None:
        users.refuse_gone(principal, now)
    return of(found)


def of(item: SettingsItem | None) -> LearnerSettings:
    """The settings that a row holds."""
    if item is None:
        return NONE
    return LearnerSettings(
        answers=item.answers.as_dict(),  # type: ignore[no-untyped-call]
        answers_rev=int(item.answers_rev),
        onboarded_at=item.onboarded_at,
        answered_at=item.answered_at,
        preferences=item.preferences.as_dict(),  # type: ignore[no-untyped-call]
        preferences_rev=int(item.preferences_rev),
        personalization=bool(item.personalization),
        regenerated_at=item.regenerated_at,
        updated_at=item.updated_at,
        arms=assignments.from_json(item.arms or {}),
        arms_rev=int(item.arms_rev or 0),
    )


@dataclass(frozen=True, slots=True)
class Limit:
    """That a stored preference (or its default, while none is stored) is at most, or at least, a value."""

    name: str
    default: float
    at_most: float | None = None
    at_least: float | None = None

    def condition(self) -> Condition:
        path = SettingsItem.preferences[self.name]
        held: Condition = path <= self.at_most if self.at_most is not None else path >= self.at_least
        by_default = self.default <= self.at_most if self.at_most is not None else self.default >= (self.at_least or 0)
        return path.does_not_exist() | held if by_default else held


@dataclass(frozen=True, slots=True)
class _Change:
    """A change as it is tried: what to set, what must hold, and what it makes of settings that were read.

    `revision` is the one that rises, if any does.
    """

    actions: Sequence[Action]
    condition: Condition | None
    revision: str | None
    apply: Callable[[LearnerSettings], LearnerSettings]


def submit_answers(principal: Principal, course: str, answers: Answers, now: datetime) -> LearnerSettings:
    """Replace all answers; with the first ones the learner counts as onboarded, in the same write."""
    at = instant(now)
    item = SettingsItem
    change = _Change(
        [item.answers.set(dict(answers)), item.onboarded_at.set(item.onboarded_at | at), item.answered_at.set(at)],
        item.onboarded_at.does_not_exist() | (item.answers != dict(answers)),
        "answers_rev",
        lambda was: replace(was, answers=answers, onboarded_at=was.onboarded_at or at, answered_at=at),
    )
    return _write(principal, course, change, None, now, lambda was: was.onboarded and was.answers == answers)


def change_answers(
    principal: Principal, course: str, answers: Answers, expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """Change some answers of an onboarded learner. Raises `NotFound` before onboarding, `PreconditionFailed`."""
    item = SettingsItem
    paths = {name: item.answers[name] for name in answers}
    change = _Change(
        [paths[name].set(value) for name, value in answers.items()] + [item.answered_at.set(instant(now))],
        _and(item.onboarded_at.exists(), _any_differs(paths, answers)),
        "answers_rev",
        lambda was: replace(was, answers={**was.answers, **answers}),
    )

    def unchanged(was: LearnerSettings) -> bool:
        if not was.onboarded:
            raise NotFound("not_onboarded", "The questionnaire has not been answered.")
        return {**was.answers, **answers} == was.answers

    return _write(principal, course, change, expected, now, unchanged)


def change_preferences(
    principal: Principal,
    course: str,
    chosen: Mapping[str, Any],
    limits: Sequence["Limit"],
    expected: frozenset[int] | None,
    now: datetime,
    verify: Callable[[LearnerSettings], None],
) -> LearnerSettings:
    """Set some preferences (`extras` one by one), as long as the `limits` hold of those that stay as they are.

    `verify` raises what is wrong with the whole; it is asked when the store refused.
    """
    item = SettingsItem
    flat = {name: value for name, value in chosen.items() if name != "extras"}
    paths: dict[str, Path] = {name: item.preferences[name] for name in flat}
    for name, value in chosen.get("extras", {}).items():
        paths[f"extras.{name}"] = item.preferences["extras"][name]
        flat[f"extras.{name}"] = value

    def apply(was: LearnerSettings) -> LearnerSettings:
        extras = {**was.preferences.get("extras", {}), **chosen.get("extras", {})}
        return replace(was, preferences={**was.preferences, **chosen, "extras": extras})

    def unchanged(was: LearnerSettings) -> bool:
        verify(apply(was))
        return apply(was) == was

    change = _Change(
        [path.set(flat[name]) for name, path in paths.items()],
        _and(_any_differs(paths, flat), *(limit.condition() for limit in limits)),
        "preferences_rev",
        apply,
    )
    return _write(principal, course, change, expected, now, unchanged)


def reset_preferences(
    principal: Principal, course: str, expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """Forget every choice; the revision rises if there was one."""
    empty = {"extras": dict[str, Any]()}
    change = _Change(
        [SettingsItem.preferences.set(empty)],
        SettingsItem.preferences != empty,
        "preferences_rev",
        lambda was: replace(was, preferences=empty),
    )
    return _write(principal, course, change, expected, now, lambda was: was.is_default)


def switch(principal: Principal, course: str, on: bool, now: datetime) -> LearnerSettings:
    """Turn personalization on or off; nothing else changes, so that turning it on again finds what was there."""
    item = SettingsItem
    other = item.personalization != on
    change = _Change(
        [item.personalization.set(on)],
        other & item.personalization.exists() if on else other,
        None,
        lambda was: replace(was, personalization=on),
    )
    return _write(principal, course, change, None, now, lambda was: was.personalization == on)


def _write(
    principal: Principal,
    course: str,
    change: _Change,
    expected: frozenset[int] | None,
    now: datetime,
    unchanged: Callable[[LearnerSettings], bool],
) -> LearnerSettings:
    """Try the change in one write; when refused, read why: our own earlier try, a stale revision, no change, no row."""
    key, write_id, item = keys.settings(principal.learner, course), table.new_write_id(), SettingsItem
    revision = getattr(item, change.revision) if change.revision else None
    if expected is not None and len(expected) > MANY:
        expected &= {getattr(of(table.get(item, key, now)), str(change.revision))}
        if not expected:
            raise PreconditionFailed
    actions = [
        *change.actions,
        *([] if revision is None else [revision.set(revision + 1)]),
        item.write_id.set(write_id),
        item.updated_at.set(instant(now)),
    ]
    condition = _and(
        item.pk.exists(),
        change.condition,
        None if expected is None or revision is None else revision.is_in(*sorted(expected)),
    )
    for _ in range(TRIES):
        try:
            return of(table.update(item, key, actions, condition))
        except table.ConditionFailed as failed:
            found, again = table.get(item, key, now, consistent=True), failed.again
        if found is None:
            users.refuse_gone(principal, now)
        was = of(found)
        if found is not None and found.write_id == write_id:
            return was
        if expected is not None and getattr(was, str(change.revision)) not in expected:
            # 412 says that nothing was changed: only where that is known.
            raise Unavailable(code="store_busy") if again else PreconditionFailed
        if unchanged(was):
            return was
        if found is None and (made := _create(principal, key, change.apply(NONE), change.revision, write_id, now)):
            return made
    raise Unavailable(code="store_busy")


def _create(
    principal: Principal, key: keys.Key, first: LearnerSettings, revision: str | None, write_id: str, now: datetime
) -> LearnerSettings | None:
    """Make the row with its first change: a guest must exist, an account begins with it. None if a race was lost.

    What is told is the row that was made: by the time that it could be read, another client may have changed it.
    """
    at = instant(now)
    preferences = {"extras": {}, **first.preferences}
    row = SettingsItem(
        *key,
        answers=dict(first.answers),
        answers_rev=int(revision == "answers_rev"),
        onboarded_at=first.onboarded_at,
        answered_at=first.answered_at,
        preferences=preferences,
        preferences_rev=int(revision == "preferences_rev"),
        personalization=first.personalization,
        updated_at=at,
        write_id=write_id,
    )

    def fill(transaction: TransactWrite) -> None:
        transaction.save(row, condition=SettingsItem.pk.does_not_exist())
        users.begin(transaction, principal, now)

    try:
        table.transact(fill)
    except table.ConditionFailed as failed:
        if not table.settle(SettingsItem, key, write_id, now):
            users.refuse_gone(principal, now)
            if failed.again:
                raise Unavailable(code="store_busy") from None
            return None
    return of(SettingsItem.from_raw_data(row.serialize()))


def _any_differs(paths: Mapping[str, Path], values: Mapping[str, Any]) -> Condition | None:
    """That at least one value is another than stored; None when nothing is to be set."""
    differs: Condition | None = None
    for name, path in paths.items():
        one = path.does_not_exist() | (path != values[name])
        differs = one if differs is None else differs | one
    return differs


def _and(*conditions: Condition | None) -> Condition:
    given = [condition for condition in conditions if condition is not None]
    whole = given[0]
    for condition in given[1:]:
        whole = whole & condition
    return whole
