"""A learner's rows in a course: what they hold, how they are read together, and what may change of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from attune.domain.experiments.built_in import Counted
from attune.domain.learner import NONE, LearnerSettings
from attune.domain.paths.path import Path, Paths
from attune.domain.paths.tally import Tally
from attune.domain.practice.claims import Claim
from attune.domain.practice.gist import Gist
from attune.domain.practice.log import EMPTY, Log
from attune.domain.practice.profile import Practice
from attune.domain.practice.session import Session
from attune.domain.principal import Principal
from attune.domain.progress.lesson_progress import UNTOUCHED, LessonProgress
from attune.domain.progress.summary import Summary
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.recommendations.offer import Offer
from attune.domain.reports.measured import Measured
from attune.store import (
    attendance,
    experiments,
    keys,
    learner_settings,
    ledgers,
    paths,
    progress,
    repetitions,
    sessions,
    table,
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
    RecommendationsItem,
    SessionItem,
    SettingsItem,
)
from attune.store.packed import pack, unpack
from attune.store.pointers import Pointer


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

    `measured` is what the attempts that are new in `session` were expected to be, and what they changed.
    `arm`: the learner is exposed to an experiment by what is written; `counts` is what it says of experiments.
    `pointer` is the lesson by whose text the learner is exposed.
    `apart` are paths that get a row of their own, None for those that leave it; `answered` is to be answered again.
    """

    practice: Practice | None = None
    rebuild: bool = False
    log: Log | None = None
    late: tuple[str, ...] = ()
    session: Session | None = None
    measured: Mapping[str, Measured] = field(default_factory=dict)
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
    pointer: tuple[str, Pointer] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A learner's rows in a course as one query brings them: no more is made of them than is asked for."""

    principal: Principal
    course: str
    items: tuple[Item, ...]

    def rows(self, now: datetime) -> Rows:
        """All that ranking needs. Raises `Unidentified` for who is gone."""
        return _there(_rows(self.principal, self.course, self.items), now)

    def standing(self, context_of: Callable[[LearnerSettings], str]) -> Rows | None:
        """What tells whether the set for a context still stands: of the practice its revision, of the ledger that set.

        None where that cannot be told from these alone.
        """
        fields: dict[str, Any] = {}
        kinds = {type(item): item for item in self.items}
        if isinstance(settings := kinds.get(SettingsItem), SettingsItem):
            fields["settings"] = learner_settings.of(settings)
        if isinstance(profile := kinds.get(ProfileItem), ProfileItem):
            fields["practice"] = Practice(rev=int(profile.rev))
        if isinstance(progressed := kinds.get(ProgressItem), ProgressItem):
            fields["progress"], _ = progress.of(progressed)
        if not isinstance(made := kinds.get(RecommendationsItem), RecommendationsItem):
            return None
        ledger = ledgers.of_context(made, context_of(fields.get("settings", NONE)))
        return None if ledger is None else Rows(self.principal, self.course, ledger=ledger, **fields)


def find(principal: Principal, course: str, now: datetime) -> Found:
    """Settings, profile, recommendations and progress: one query."""
    return Found(principal, course, tuple(table.of_any_kind(keys.course_prefix(principal.learner, course), now)))


def read(principal: Principal, course: str, now: datetime) -> Rows:
    """The same, and all that ranking needs."""
    return find(principal, course, now).rows(now)


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
    return Practice(Gist.from_json(plain["gist"]), claims, int(item.rev))


def measured(practice: Practice, log: Log, late: Sequence[str]) -> tuple[bytes, bytes]:
    """The bytes that the rows of a profile and its log hold."""
    return practice_data(practice), log_data(log, late)


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
    return pack({"gist": practice.gist.to_json(), "claims": claims})


def log_data(log: Log, late: Sequence[str]) -> bytes:
    return pack({"log": log.to_json(), "late": list(late)})


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
    if attendance.is_active(active_on, today) or any(offer.expires for offer in ledger.offers()):
        item.index_pk, item.index_sk = keys.due(learner, course, attendance.due(item.refreshed))
    return item


def _watched(rows: Rows, now: datetime) -> bool:
    """Whether the learner is in an experiment that still counts."""
    counting = {name for name, one in rows.settings.arms.items() if one.counts}
    return bool(counting) and any(one.is_open and one.id in counting for one in experiments.recent(rows.course, now))
