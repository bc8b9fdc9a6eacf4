"""A learner's rows in a course: read together, and changed together in one transaction or not at all.

Each row is guarded by its write id: what is written was made from what is stored. Whoever is refused reads again.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from attune.domain.experiments.built_in import Counted
from attune.domain.instants import instant
from attune.domain.learner import NONE, LearnerSettings
from attune.domain.paths.path import Path, Paths
from attune.domain.paths.tally import Tally
from attune.domain.practice.claims import Claim
from attune.domain.practice.log import EMPTY, Log
from attune.domain.practice.profile import Practice
from attune.domain.practice.session import Session
from attune.domain.practice.state import PracticeState
from attune.domain.principal import Principal
from attune.domain.progress.lesson_progress import UNTOUCHED, LessonProgress
from attune.domain.progress.summary import Summary
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.recommendations.offer import Offer
from attune.store import (
    arms,
    experiments,
    keys,
    learner_settings,
    ledgers,
    paths,
    progress,
    repetitions,
    sessions,
    table,
    tallies,
    users,
)
from attune.store.arms import ArmChange
from attune.store.items import (
    IdempotencyItem,
    Item,
    LessonProgressItem,
    LogItem,
    PathItem,
    PathsItem,
    ProfileItem,
    ProgressItem,
    RecommendationItem,
    RecommendationsItem,
    SessionItem,
    SettingsItem,
)
from attune.store.packed import pack, unpack

ACTIVE_DAYS: Final = 14
"""How long after a learner was last seen the nightly refresh looks after them."""
SINCE_EVER: Final = "0001-01-01"
"""The day on which a learner is due who was never refreshed."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is stored of a learner in a course; `written` are the write ids of the rows that are there.

    `paths` are in the row of the active ones, `apart` those that were read of the others.
    """

    principal: Principal
    course: str
    settings: LearnerSettings = NONE
    practice: Practice = field(default_factory=Practice)
    rebuild: bool = False
    log: Log = EMPTY
    late: tuple[str, ...] = ()
    ledger: Ledger = NO_LEDGER
    active_on: str | None = None
    refreshed: str | None = None
    session: Session | None = None
    progress: Summary = field(default_factory=Summary)
    lesson: LessonProgress = UNTOUCHED
    tally: Tally = field(default_factory=Tally)
    paths: Paths = field(default_factory=dict)
    apart: Paths = field(default_factory=dict)
    repeated: repetitions.Record | None = None
    written: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def has_settings(self) -> bool:
        return keys.settings(self.principal.learner, self.course).sk in self.written


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written: None leaves a row as it is. `history` are recommendations that get their row in it.

    `arm`: the learner is exposed to an experiment by what is written; `counts` is what it says of experiments.
    `apart` are paths that get a row of their own, None for those that leave it; `answered` is to be answered again.
    """

    practice: Practice | None = None
    rebuild: bool = False
    log: Log | None = None
    late: tuple[str, ...] = ()
    session: Session | None = None
    ledger: Ledger | None = None
    refreshed: str | None = None
    history: Sequence[Offer] = ()
    arm: ArmChange | None = None
    progress: Summary | None = None
    lesson: tuple[str, LessonProgress] | None = None
    tally: Tally | None = None
    paths: Paths | None = None
    apart: Mapping[str, Path | None] = field(default_factory=dict)
    answered: repetitions.Answered | None = None
    counts: Sequence[Counted] = ()


def read(principal: Principal, course: str, now: datetime) -> Rows:
    """Settings, profile and recommendations: one query, all that ranking needs."""
    found = table.query(Item, keys.course_prefix(principal.learner, course), now)
    return _there(_rows(principal, course, found), now)


def read_all(
    principal: Principal, course: str, session_id: str | None, now: datetime, *, progress: bool = False
) -> Rows:
    """The same with the log, and a session if asked for: what a change of the practice starts from.

    With a session come progress and the active paths; progress alone if it is asked for.
    """
    learner = principal.learner
    wanted = [make(learner, course) for make in (keys.settings, keys.profile, keys.recommendations, keys.log)]
    if session_id is not None:
        wanted += [keys.session(learner, course, session_id), keys.paths(learner, course)]
    if progress or session_id is not None:
        wanted.append(keys.progress(learner, course))
    return read_rows(principal, course, wanted, now)


def with_paths(rows: Rows, now: datetime) -> Rows:
    """The same with the active paths, for who did not know before whether there are any."""
    key = keys.paths(rows.principal.learner, rows.course)
    row = table.get(PathsItem, key, now, consistent=True)
    if row is None:
        return rows
    return replace(rows, paths=paths.of(row), written={**rows.written, key.sk: row.write_id})


def read_rows(
    principal: Principal, course: str, wanted: Sequence[keys.Key], now: datetime, *, consistent: bool = True
) -> Rows:
    """The rows under some keys of a learner in a course, in one round trip. Raises `Unidentified` for who is gone."""
    return _there(_rows(principal, course, table.get_many(wanted, now, consistent=consistent).values()), now)


def _there(rows: Rows, now: datetime) -> Rows:
    """The rows, unless there are none because the learner is gone. Raises `Unidentified`."""
    if not rows.written:
        users.refuse_gone(rows.principal, now)
    return rows


def _rows(principal: Principal, course: str, found: Iterable[Item]) -> Rows:
    fields: dict[str, Any] = {}
    written = {}
    for item in found:
        written[item.sk] = item.write_id
        match item:
            case SettingsItem():
                fields["settings"] = learner_settings.of(item)
            case ProfileItem():
                fields |= {"practice": practice_of(item), "rebuild": item.rebuild is not None}
            case LogItem():
                plain = unpack(item.data)
                fields |= {"log": Log.from_json(plain["log"]), "late": tuple(plain["late"])}
            case RecommendationsItem():
                fields["ledger"] = ledgers.of(item)
                fields |= {"active_on": item.active_on, "refreshed": item.refreshed}
            case SessionItem():
                fields["session"] = sessions.of(item)
            case ProgressItem():
                fields["progress"], fields["tally"] = progress.of(item)
            case LessonProgressItem():
                fields["lesson"] = progress.of_lesson(item)
            case PathsItem():
                fields["paths"] = paths.of(item)
            case PathItem():
                fields["apart"] = fields.get("apart", {}) | dict([paths.of_one(item)])
            case IdempotencyItem():
                fields["repeated"] = repetitions.of(item)
    return Rows(principal, course, written=written, **fields)


def practice_of(item: ProfileItem) -> Practice:
    """The practice that a row holds."""
    plain = unpack(item.data)
    claims = {skill: Claim(*row) for skill, row in plain["claims"].items()}
    return Practice(PracticeState.from_json(plain["state"]), claims, int(item.rev))


def measured(practice: Practice, log: Log, late: Sequence[str]) -> tuple[bytes, bytes]:
    """The bytes that the rows of a profile and its log hold."""
    return practice_data(practice), _log_data(log, late)


def stored(principal: Principal, course: str, now: datetime) -> tuple[bytes, bytes]:
    """The same as they are in the table; a row that is not there is as good as an empty one."""
    profile, log = keys.profile(principal.learner, course), keys.log(principal.learner, course)
    found = table.get_many([profile, log], now, consistent=True)
    empty = measured(Practice(), EMPTY, ())
    return (
        bytes(row.data) if isinstance(row := found.get(profile), ProfileItem) else empty[0],
        bytes(row.data) if isinstance(row := found.get(log), LogItem) else empty[1],
    )


def practice_data(practice: Practice) -> bytes:
    """The bytes that the row of a profile holds."""
    claims = {skill: claim.to_json() for skill, claim in practice.claims.items()}
    return pack({"state": practice.state.to_json(), "claims": claims})


def _log_data(log: Log, late: Sequence[str]) -> bytes:
    return pack({"log": log.to_json(), "late": list(late)})


def write(rows: Rows, changes: Changes, now: datetime, *, seen: bool) -> None:
    """Write the changes, if the rows are still as they were read. Raises `ConditionFailed`, `Unidentified`.

    Where no row that is there guards the write, the learner is looked at in its transaction.
    `seen`: the learner did something, so that the nightly refresh looks after them for the next fortnight.
    """
    write_id = table.new_write_id()
    items = _items(rows, changes, write_id, now, seen=seen)
    gone = [PathItem(*keys.path(rows.principal.learner, rows.course, id_)) for id_ in _leaving(changes)]
    first, arm = not _guards(rows, items), changes.arm

    def fill(transaction: TransactWrite) -> None:
        for item in items:
            transaction.save(item, condition=table.unless_newer(_unchanged(rows, item, now)))
        for item in gone:
            transaction.delete(item, condition=_unchanged(rows, item, now))
        if arm is not None:
            arms.add(transaction, rows.principal, rows.course, rows.settings, arm, now, exists=rows.has_settings)
        if changes.counts:
            arms.check(transaction, rows.principal, rows.course, rows.settings)
        for one in changes.counts:
            tallies.add(transaction, rows.course, one.experiment, one.assignment, one.adds)
        if first:
            users.begin(transaction, rows.principal, now)

    try:
        if len(items) == 1 and not gone and not first and arm is None and not changes.counts:
            table.put(items[0], _unchanged(rows, items[0], now))
        elif items:
            table.transact(fill)
    except table.ConditionFailed:
        if first:
            users.refuse_gone(rows.principal, now)
        guarded = next(item for item in items if item.write_id)
        if table.settle(type(guarded), keys.Key(guarded.pk, guarded.sk), write_id, now) is None:
            raise


def _guards(rows: Rows, items: Sequence[Item]) -> bool:
    """Whether a row that is there, and must still be as it was read, is among those written."""
    free = (RecommendationItem, IdempotencyItem)
    return any(item.sk in rows.written for item in items if not isinstance(item, free))


def _leaving(changes: Changes) -> list[str]:
    """The ids of paths that leave the rows of their own."""
    return [id_ for id_, path in changes.apart.items() if path is None]


def _unchanged(rows: Rows, item: Item, now: datetime) -> Condition | None:
    if isinstance(item, RecommendationItem):
        return None
    if isinstance(item, IdempotencyItem):
        return repetitions.is_free(now)
    if item.sk not in rows.written:
        return Item.pk.does_not_exist()
    condition: Condition = Item.write_id == rows.written[item.sk]
    return condition


def _items(rows: Rows, changes: Changes, write_id: str, now: datetime, *, seen: bool) -> list[Item]:
    learner, course = rows.principal.learner, rows.course
    items: list[Item] = []
    if (practice := changes.practice) is not None:
        rebuild = instant(now) if changes.rebuild else None
        key, data = keys.profile(learner, course), practice_data(practice)
        items.append(ProfileItem(*key, data=data, rev=practice.rev, rebuild=rebuild, write_id=write_id))
    if (log := changes.log) is not None:
        data = _log_data(log, changes.late)
        items.append(LogItem(*keys.log(learner, course), data=data, write_id=write_id))
    if changes.session is not None:
        items.append(sessions.item(learner, course, changes.session, write_id))
    items.extend(_more_items(rows, changes, write_id, now))
    items.extend(history_item(learner, course, offer) for offer in changes.history)
    if changes.ledger is not None or changes.refreshed is not None or (seen and _unseen(rows, now)):
        items.append(ledger_item(rows, changes, write_id, now, seen=seen))
    return items


def _more_items(rows: Rows, changes: Changes, write_id: str, now: datetime) -> Iterable[Item]:
    """The rows of progress and of paths."""
    learner, course = rows.principal.learner, rows.course
    if changes.progress is not None or changes.tally is not None:
        summary, tally = changes.progress or rows.progress, changes.tally or rows.tally
        yield progress.item(learner, course, summary, tally, write_id)
    if changes.lesson is not None:
        yield progress.lesson_item(learner, course, *changes.lesson, write_id)
    if changes.paths is not None:
        yield paths.item(learner, course, changes.paths, write_id)
    for id_, path in changes.apart.items():
        if path is not None:
            yield paths.item_of_one(learner, course, id_, path, write_id, now)
    if changes.answered is not None:
        yield repetitions.item(learner, changes.answered, now)


def history_item(learner: str, course: str, offer: Offer) -> RecommendationItem:
    """The row of a closed or accepted recommendation."""
    written = replace(offer, before={}, waiting=False)
    return RecommendationItem(
        *keys.recommendation(learner, course, offer.id), data=pack(written.to_json()), status=offer.status
    )


def _unseen(rows: Rows, now: datetime) -> bool:
    return rows.active_on != now.date().isoformat()


def ledger_item(rows: Rows, changes: Changes, write_id: str, now: datetime, *, seen: bool) -> RecommendationsItem:
    """The row of a ledger, in the index for as long as a refresh is to look after it."""
    learner, course = rows.principal.learner, rows.course
    ledger = rows.ledger if changes.ledger is None else changes.ledger
    today = now.date()
    active_on = today if seen or rows.active_on is None else date.fromisoformat(rows.active_on)
    item = RecommendationsItem(
        *keys.recommendations(learner, course),
        **ledgers.attributes(ledger, watched=changes.arm is not None or _watched(rows, now)),
        active_on=active_on.isoformat(),
        refreshed=changes.refreshed or rows.refreshed,
        write_id=write_id,
    )
    if is_active(active_on, today) or any(offer.expires for offer in ledger.offers()):
        item.index_pk, item.index_sk = keys.due(learner, course, _due(item.refreshed))
    return item


def _watched(rows: Rows, now: datetime) -> bool:
    """Whether the learner is in an experiment that still counts."""
    counting = {name for name, one in rows.settings.arms.items() if one.counts}
    return bool(counting) and any(one.is_open and one.id in counting for one in experiments.recent(rows.course, now))


def is_active(active_on: date, today: date) -> bool:
    """Whether a learner was there within the last fortnight."""
    return today - active_on <= timedelta(days=ACTIVE_DAYS)


def _due(refreshed: str | None) -> str:
    """The day from which the next refresh is due: it changes with a refresh alone, and so does the index."""
    return SINCE_EVER if refreshed is None else (date.fromisoformat(refreshed) + timedelta(days=1)).isoformat()


def drop(rows: Rows) -> None:
    """Let no refresh look after a learner in this course, until they do something there again."""
    item = RecommendationsItem
    leave = [item.index_pk.remove(), item.index_sk.remove()]
    with suppress(table.ConditionFailed):
        table.update(item, keys.recommendations(rows.principal.learner, rows.course), leave, item.pk.exists())
