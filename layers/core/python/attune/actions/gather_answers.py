"""While a page of learners is refreshed: what their answers of the day before say of the shared parameters.

Each answer counts in one run, that of the day after it. Nothing of a learner is stored, only sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from attune.domain.learning.estimation import Attempt
from attune.domain.practice.gathering import Gathered, gather, of_day
from attune.store import estimates, parameters
from attune.store.items import Item
from attune.store.learner_course import Rows
from attune.store.runs import Shard

Answers = Mapping[str, Sequence[tuple[str, Sequence[Attempt]]]]
"""By course, each learner's."""


def of_learner(rows: Rows, run: str, now: datetime) -> Sequence[Attempt]:
    """A learner's answers of the day before a run."""
    day = date.fromisoformat(run).toordinal() - date(1970, 1, 1).toordinal() - 1
    return of_day(rows.log, parameters.recent(rows.course, now).at, day)


def rows(shard: Shard, answers: Answers, now: datetime) -> Iterable[Item]:
    """The rows of what the partition has gathered so far, with the answers of one more page."""
    for course, given in sorted(answers.items()):
        if not any(attempts for _, attempts in given):
            continue
        was, candidate = estimates.read(shard.run, course, shard.number, now)
        current = parameters.recent(course, now).at(int(now.timestamp() * 1000))
        if candidate and (candidate.refused or candidate.parameters.version != current.version + 1):
            candidate = None
        found = gather(given, current, candidate)
        row = found and estimates.row(shard.run, course, shard.number, (was or Gathered()).plus(found), now)
        if row:
            yield row
