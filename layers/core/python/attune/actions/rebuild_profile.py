"""Fold all of a learner's sessions anew: for answers that came too late, and to show that what is stored is right."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from attune.domain.errors import Unavailable, Unidentified
from attune.domain.practice.gist import Gist
from attune.domain.practice.log import Log
from attune.domain.practice.profile import Practice
from attune.domain.practice.replay import rebuild, replay
from attune.domain.practice.state import PracticeState
from attune.domain.principal import Principal
from attune.domain.recommendations.effect import follow
from attune.store import learner_changes, learner_course, parameters, sessions, table
from attune.store.learner_course import Changes, Rows
from attune.store.parameters import Versions

TRIES: Final = 12


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the bytes that are stored are those of a replay of all `attempts`; `due`: a rebuild is to come anyway."""

    same: bool
    attempts: int
    due: bool


def run(principal: Principal, course: str, now: datetime) -> bool:
    """Store what a replay of all sessions gives; whether that is another state than was stored."""
    versions = parameters.load(course, now)
    for turn in range(TRIES):
        try:
            rows = learner_course.read_all(principal, course, None, now)
        except Unidentified:
            return False
        log, gist = _replayed(rows, versions, now)
        if gist == rows.practice.gist and log == rows.log and not rows.rebuild:
            return False
        after = Practice(gist, rows.practice.claims, rows.practice.rev + 1)
        followed = follow(rows.ledger, replay(log, versions.at))
        ledger = None if followed == rows.ledger else followed
        try:
            learner_changes.write(
                rows, Changes(practice=after, log=log, late=rows.late, ledger=ledger), now, seen=False
            )
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return gist != rows.practice.gist
    raise Unavailable("store_busy")


def check(principal: Principal, course: str, now: datetime) -> Checked:
    """Compare what is stored with a replay of all sessions, byte for byte, and write nothing."""
    versions = parameters.load(course, now)
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course, None, now)
        log, gist = _replayed(rows, versions, now)
        wanted = learner_course.measured(Practice(gist, rows.practice.claims), log, rows.late)
        same = learner_course.stored(principal, course, now) == wanted
        # A learner who practises meanwhile makes a difference that is none.
        if same or learner_course.read_all(principal, course, None, now).written == rows.written:
            return Checked(same, gist.attempts, rows.rebuild)
        table.pause(turn)
    raise Unavailable("store_busy")


def _replayed(rows: Rows, versions: Versions, now: datetime) -> tuple[Log, Gist]:
    """The log and the gist that all sessions give, after what was expected when practice began."""
    start = PracticeState(priors=rows.practice.gist.priors)
    every = sessions.every(rows.principal, rows.course, now)
    log, state = rebuild(start, (one for session in every for one in session.attempts.values()), versions.at)
    return log, Gist.of(state)
