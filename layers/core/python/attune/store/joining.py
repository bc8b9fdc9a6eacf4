"""One row of a guest, as it comes over to an account: what is written, what goes, and what that counts for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from attune.domain import linking
from attune.domain.experiments import assignments
from attune.domain.instants import instant
from attune.domain.practice.session import take
from attune.domain.principal import Principal
from attune.store import keys, learner_course, learner_settings, ledgers, paths, progress, sessions, table
from attune.store.holdings import HOLDINGS, Joining, course_of
from attune.store.items import (
    Item,
    LessonProgressItem,
    LogItem,
    PathsItem,
    ProfileItem,
    ProgressItem,
    RecommendationsItem,
    SessionItem,
    SettingsItem,
)
from attune.store.learner_course import Changes, Rows
from attune.store.table import Row

T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class Move:
    """`puts` are rows of the account, each with the write id of the row that it takes the place of, if there is one.

    `deletes` are rows of the guest. `rebuild` is the course whose profile is to be folded anew.
    """

    puts: Sequence[tuple[Item, Item | None]]
    deletes: Sequence[Item]
    merged: Mapping[str, int] = field(default_factory=dict)
    rebuild: str | None = None


def move(account: Principal, row: Row, write_id: str, now: datetime) -> Move:
    """How a row of a guest comes over."""
    item = Item.from_raw_data(dict(row))
    kind = table.kind_of(row)
    joining = HOLDINGS[kind].joining
    if joining is Joining.GOES:
        return Move((), (item,))
    if joining is Joining.UNITES:
        return UNITES[kind](account, item, write_id, now)
    own = keys.Key(keys.user(account.learner).pk, item.sk)
    if table.get(Item, own, now, consistent=True) is not None:
        return Move((), (item,))
    there = Item.from_raw_data(dict(row))
    there.pk, there.write_id, there.index_pk, there.index_sk = own.pk, write_id, None, None
    return Move(((there, None),), (item,), {HOLDINGS[kind].listed: 1})


def _settings(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(SettingsItem, account, item, now)
    before, theirs = learner_settings.of(was), learner_settings.of(guests)
    told = linking.settings(before, theirs) if was else theirs
    there = SettingsItem(
        *own,
        answers=dict(told.answers),
        answers_rev=told.answers_rev,
        onboarded_at=told.onboarded_at,
        answered_at=told.answered_at,
        preferences={"extras": {}, **told.preferences},
        preferences_rev=told.preferences_rev,
        personalization=told.personalization,
        regenerated_at=told.regenerated_at,
        arms=assignments.to_json(told.arms) or None,
        arms_rev=told.arms_rev or None,
        updated_at=instant(now),
        write_id=write_id,
    )
    merged = {
        "answers": int(theirs.onboarded and told.answers_rev != before.answers_rev),
        "preferences": int(not theirs.is_default and told.preferences_rev != before.preferences_rev),
    }
    return Move(((there, was),), (item,), merged)


def _measured(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    """Profile and log together: the guest's as they are where the account has none, till all sessions are folded."""
    course = str(course_of(keys.Key(item.pk, item.sk)))
    guest = item.pk.partition("#")[2]
    profile, log = keys.profile(guest, course), keys.log(guest, course)
    own_profile, own_log = keys.profile(account.learner, course), keys.log(account.learner, course)
    found = table.get_many((profile, log, own_profile, own_log), now, consistent=True)
    gone = [found[key] for key in (profile, log) if key in found]
    guests, was = found.get(profile), found.get(own_profile)
    if not isinstance(guests, ProfileItem):
        return Move((), gone, rebuild=course)
    practice = learner_course.practice_of(guests)
    puts: list[tuple[Item, Item | None]] = []
    if isinstance(was, ProfileItem):
        practice = linking.practice(learner_course.practice_of(was), practice)
    elif own_log not in found and isinstance(row := found.get(log), LogItem):
        puts.append((LogItem(*own_log, data=row.data, write_id=write_id), None))
    data = learner_course.practice_data(practice)
    there = ProfileItem(*own_profile, data=data, rev=practice.rev, rebuild=instant(now), write_id=write_id)
    return Move([(there, was), *puts], gone, rebuild=course)


def _session(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(SessionItem, account, item, now)
    session = sessions.of(guests)
    before = 0
    if was is not None:
        # The account's own answers stand where both say something of the same attempt.
        held = sessions.of(was)
        before = len(held.attempts)
        session, _ = take(held, replace(session, attempts={}), list(session.attempts.values()))
    course = str(course_of(own))
    there = sessions.item(account.learner, course, session, write_id)
    counts = {"sessions": int(was is None), "evidence": len(session.attempts) - before}
    return Move(((there, was),), (item,), counts, course)


def _ledger(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(RecommendationsItem, account, item, now)
    ledger, course = ledgers.of(guests), str(course_of(own))
    rows = Rows(account, course, active_on=guests.active_on, refreshed=guests.refreshed)
    if was is not None:
        ledger = linking.ledger(ledgers.of(was), ledger)
        rows = replace(rows, active_on=max(was.active_on, guests.active_on), refreshed=was.refreshed)
    there = learner_course.ledger_item(rows, Changes(ledger=ledger), write_id, now, seen=False)
    return Move(((there, was),), (item,))


def _progress(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(ProgressItem, account, item, now)
    summary, tally = progress.of(guests)
    if was is not None:
        summary_was, tally_was = progress.of(was)
        summary, tally = linking.summary(summary_was, summary), linking.paths(tally_was, tally)
    there = progress.item(account.learner, str(course_of(own)), summary, tally, write_id)
    return Move(((there, was),), (item,))


def _lesson(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(LessonProgressItem, account, item, now)
    done = progress.of_lesson(guests)
    if was is not None:
        done = linking.lesson(progress.of_lesson(was), done)
    slug = own.sk.split("#", 2)[2]
    there = progress.lesson_item(account.learner, str(course_of(own)), slug, done, write_id)
    return Move(((there, was),), (item,), {"lessons": 1})


def _paths(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(PathsItem, account, item, now)
    theirs = paths.of(guests)
    both = {**theirs, **(paths.of(was) if was is not None else {})}
    there = paths.item(account.learner, str(course_of(own)), both, write_id)
    return Move(((there, was),), (item,), {"paths": len(theirs)})


UNITES: Final[Mapping[str, Callable[[Principal, Item, str, datetime], Move]]] = {
    "settings": _settings,
    "profile": _measured,
    "log": _measured,
    "session": _session,
    "recommendations": _ledger,
    "progress": _progress,
    "lesson_progress": _lesson,
    "paths": _paths,
}


def _both(kind: type[T], account: Principal, item: Item, now: datetime) -> tuple[keys.Key, T, T | None]:
    """The account's key, the guest's row, and the account's own row if there is one."""
    if not isinstance(item, kind):
        raise TypeError(f"not a {kind.__name__}")
    own = keys.Key(keys.user(account.learner).pk, item.sk)
    return own, item, table.get(kind, own, now, consistent=True)
