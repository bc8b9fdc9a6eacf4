"""Fold all of a learner's sessions anew: for answers that came too late, and to show that what is stored is right."""

from datetime import datetime
from typing import Final

from attune.domain.errors import Unavailable
from attune.domain.practice.log import rebuild
from attune.domain.practice.profile import Practice
from attune.domain.practice.state import PracticeState
from attune.domain.principal import Principal
from attune.store import learner_course, parameters, sessions, table
from attune.store.learner_course import Changes

TRIES: Final = 12


def run(principal: Principal, course: str, now: datetime) -> bool:
    """Store what a replay of all sessions gives; whether that is another state than was stored."""
    versions = parameters.load(course, now)
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course, None, now)
        if not rows.practice.state.attempts:
            return False
        start = PracticeState(priors=rows.practice.state.priors)
        found = [one for session in sessions.every(principal, course, now) for one in session.attempts.values()]
        log, state = rebuild(start, found, versions.at)
        if state == rows.practice.state and log == rows.log and not rows.rebuild:
            return False
        after = Practice(state, rows.practice.claims, rows.practice.rev + 1)
        try:
            learner_course.write(rows, Changes(practice=after, log=log, late=rows.late), now, seen=False)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return state != rows.practice.state
    raise Unavailable("store_busy")
