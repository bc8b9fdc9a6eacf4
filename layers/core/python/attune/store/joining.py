"""One row of a guest, as it comes over to an account: what is written, what goes, and what that counts for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

from attune.domain import linking
from attune.domain.instants import instant
from attune.domain.paths.tally import Tally
from attune.domain.practice.session import take
from attune.domain.principal import Principal
from attune.domain.progress.summary import Summary
from attune.store import keys, learner_course, learner_settings, pairs, paths, progress, sessions, table
from attune.store.holdings import HOLDINGS, Joining, course_of
from attune.store.items import (
    Item,
    LessonProgressItem,
    LogItem,
    OutcomesItem,
    PathsItem,
    ProfileItem,
    ProgressItem,
    SessionItem,
)
from attune.store.move import Move
from attune.store.table import Row

T = TypeVar("T", bound=Item)


def move(account: Principal, row: Row, write_id: str, now: datetime) -> Move:
    """How a row of a guest comes over."""
    item = Item.from_raw_data(dict(row))
    kind = table.kind_of(row)
    joining = HOLDINGS[kind].joining
    if joining is Joining.GOES:
        return Move((), (item,))
    if joining is Joining.UNITES:
        return UNITES[kind](account, item, write_id, now)
    return _moved(account, item, HOLDINGS[kind].listed, write_id, now)


def _moved(account: Principal, item: Item, listed: str, write_id: str, now: datetime) -> Move:
    own = keys.Key(keys.user(account.learner).pk, item.sk)
    if table.get(Item, own, now, consistent=True) is not None:
        return Move((), (item,))
    there = Item.from_raw_data(item.serialize())
    there.pk, there.write_id, there.index_pk, there.index_sk = own.pk, write_id, None, None
    return Move(((there, None),), (item,), {listed: 1})


def _agreeing(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    """Settings, ledger and outcomes together: what is counted of a learner's arms changes with them."""
    course = str(course_of(keys.Key(item.pk, item.sk)))
    pair = pairs.read(account, item.pk.partition("#")[2], course, now)
    both = pairs.united(pair)
    settings = pairs.told(pair, both)
    puts, gone = list(pairs.puts(pair, both, settings, write_id, now)), list(pairs.deletes(pair))
    before, theirs = map(learner_settings.of, pair.settings)
    merged = {
        "answers": int(theirs.onboarded and settings.answers_rev != before.answers_rev),
        "preferences": int(not theirs.is_default and settings.preferences_rev != before.preferences_rev),
        "outcomes": sum(isinstance(row, OutcomesItem) for row in gone),
    }
    touched = {(row.pk, row.sk) for row in (*(there for there, _ in puts), *gone)}
    stays = {key: row for key, row in pair.read.items() if key not in touched} if pair.arms else {}
    return Move(puts, gone, merged, stays=stays, counts=[(course, one) for one in both.corrections])


def _outcomes(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    """They come over with their arms; by themselves only where the arms came over before."""
    own = keys.Key(item.pk, item.sk)
    settings = keys.settings(item.pk.partition("#")[2], str(course_of(own)))
    if table.get(Item, settings, now, consistent=True) is not None:
        return _agreeing(account, item, write_id, now)
    return _moved(account, item, HOLDINGS["outcomes"].listed, write_id, now)


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


def _progress(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(ProgressItem, account, item, now)
    summary, tally = _progressed(guests, was)
    there = progress.item(account.learner, str(course_of(own)), summary, tally, write_id)
    return Move(((there, was),), (item,))


def _progressed(guests: ProgressItem | None, was: ProgressItem | None) -> tuple[Summary, Tally]:
    """What both together say."""
    summary, tally = progress.of(guests) if guests is not None else (Summary(), Tally())
    if was is None:
        return summary, tally
    summary_was, tally_was = progress.of(was)
    return linking.summary(summary_was, summary), linking.paths(tally_was, tally)


def _lesson(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(LessonProgressItem, account, item, now)
    done = progress.of_lesson(guests)
    if was is not None:
        done = linking.lesson(progress.of_lesson(was), done)
    slug = own.sk.split("#", 2)[2]
    there = progress.lesson_item(account.learner, str(course_of(own)), slug, done, write_id, now)
    return Move(((there, was),), (item,), {"lessons": 1})


def _paths(account: Principal, item: Item, write_id: str, now: datetime) -> Move:
    own, guests, was = _both(PathsItem, account, item, now)
    theirs, ours = paths.of(guests), paths.of(was) if was is not None else {}
    course = str(course_of(own))
    paused = linking.waiting(ours, theirs, int(now.timestamp() * 1000))
    both = {id_: path for id_, path in {**theirs, **ours}.items() if id_ not in paused}
    puts: list[tuple[Item, Item | None]] = [(paths.item(account.learner, course, both, write_id), was)]
    gone = [item]
    if paused:
        rows = (paths.item_of_one(account.learner, course, id_, path, write_id, now) for id_, path in paused.items())
        puts.extend((row, None) for row in rows)
        # How many there are of each status is counted beside how far the learner is: both come over together.
        counted = table.get(ProgressItem, keys.progress(item.pk.partition("#")[2], course), now, consistent=True)
        before = table.get(ProgressItem, keys.progress(account.learner, course), now, consistent=True)
        summary, tally = _progressed(counted, before)
        for id_, path in paused.items():
            tally = tally.after(theirs[id_], path)
        puts.append((progress.item(account.learner, course, summary, tally, write_id), before))
        gone.extend([counted] if counted is not None else [])
    return Move(puts, gone, {"paths": len(theirs)})


UNITES: Final[Mapping[str, Callable[[Principal, Item, str, datetime], Move]]] = {
    "settings": _agreeing,
    "outcomes": _outcomes,
    "profile": _measured,
    "log": _measured,
    "session": _session,
    "recommendations": _agreeing,
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
