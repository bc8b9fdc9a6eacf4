"""Count what the stream tells of learners for the experiments that they are in: each change once, whatever comes twice.

Where no experiment asks for it, nothing is read but which experiments there are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attune.domain.errors import NotFound, Unavailable, Unidentified
from attune.domain.experiments import streamed
from attune.domain.experiments.experiment import Experiment
from attune.domain.principal import Principal
from attune.domain.reports.event import Event
from attune.store import courses, experiments, metrics, outcomes, table
from attune.store.changes import Heard

TRIES: Final = 8
AT_ONCE: Final = 50
"""Changes of a learner in a transaction, which has room for a hundred rows."""
Changes = Mapping[str, Sequence[Event]]
"""What changes say that happened, by the name of each."""


def run(told: Mapping[str, Heard], now: datetime) -> None:
    """Raises `Unavailable`; then all of it may be told again."""
    by_learner: dict[tuple[str, str], dict[str, Sequence[Event]]] = {}
    for record, heard in told.items():
        if heard.learner is not None and heard.events:
            by_learner.setdefault((heard.events[0].course, heard.learner), {})[f"stream {record}"] = heard.events
    asking = {course: _asking(course, now) for course in sorted({course for course, _ in by_learner})}
    for (course, learner), changes in by_learner.items():
        for one in asking[course]:
            every = list(changes.items())
            for start in range(0, len(every), AT_ONCE):
                _count(Principal.of(learner), course, one, dict(every[start : start + AT_ONCE]), now)


def _asking(course: str, now: datetime) -> list[Experiment]:
    """The experiments that count something of what is told."""
    try:
        known = experiments.in_row(courses.current(course, now))
    except NotFound:
        return []
    return [one for one in known if one.is_open and streamed.told(one.definition)]


def _count(principal: Principal, course: str, one: Experiment, changes: Changes, now: datetime) -> None:
    asked = streamed.told(one.definition)
    for turn in range(TRIES):
        try:
            was = outcomes.read(principal, course, one.id, list(changes), now)
        except Unidentified:
            # They are gone, or part of an account by now.
            return
        assignment = was.settings.arms.get(one.id)
        if assignment is None or not assignment.counts or not was.settings.personalization:
            return
        new = {name: events for name, events in changes.items() if name not in was.seen}
        found = {name: streamed.amounts(asked, events, assignment) for name, events in new.items()}
        once = [name for name, amounts in found.items() if streamed.adds_up(amounts)]
        values = was.values
        for amounts in found.values():
            values = streamed.after(values, amounts)
        if not once and values == was.values:
            return
        try:
            ends = int((now + metrics.REMEMBERED).timestamp())
            outcomes.count(principal, course, one.id, was, values, once, now, ends)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return
    raise Unavailable("store_busy")
