"""The nightly run: page after page of the learners who are due, in each partition of the index by itself.

A learner stands in the index under the day from which they are due, and moves on when a run has looked after them, and
only then. So what is left of a page is what still stands between its bounds, and a message that comes twice, late or
after a crash finds out from the shard's row what it has to do:

- the page that it names was not opened yet: open it, with a list of its members (that is where they are counted);
- it is open: look after the members who are left, close it (that is where they are counted as done or failed);
- it was closed: send what follows from it again, since the sender may be gone;
- the run is beyond it: nothing.

A learner who fails does not hold up the others: a message of their own is tried until it succeeds or is given up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from attune.actions import gather_answers, judge_experiment, refresh_learner
from attune.actions.clock import Clock
from attune.actions.refresh_learner import Prepare, Send
from attune.domain.errors import Unavailable, Unidentified
from attune.domain.jobs import Job, Reestimate, RefreshLearner, RefreshPage
from attune.domain.learning.estimation import Attempt
from attune.domain.principal import Principal
from attune.store import keys, learner_course, runs, table
from attune.store.items import Item
from attune.store.learner_course import Rows
from attune.store.runs import Due, Shard

TRIES: Final = 4
Report = Callable[[Exception], None]
"""Takes what went wrong with a single learner."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a learner, and their answers of the day before; nothing where that failed."""

    due: Due
    rows: Rows | None = None
    answers: Sequence[Attempt] = ()


def start(scheduled: datetime, now: datetime, send: Send) -> str:
    """Begin the run of the day on which it was scheduled, in UTC; beginning it again has no further effect."""
    run = scheduled.astimezone(UTC).date().isoformat()
    runs.begin(run, scheduled, now)
    send([RefreshPage(run, shard) for shard in range(keys.SHARDS)])
    return run


def page(job: RefreshPage, clock: Clock, send: Send, report: Report, prepare: Prepare | None = None) -> str:
    """Do what is to be done for a page; says what that was. Raises `Unavailable`."""
    for turn in range(TRIES):
        shard = runs.get(job.run, job.shard, clock.now())
        if shard.members:
            if job.after != shard.after:
                return "stale"
            return _refresh(shard, [_Read(due) for due in _left(shard)], clock, send, report, prepare)
        if shard.more and job.after == shard.last:
            members = [_read(due, job.run, clock.now(), report) for due in runs.next_page(shard)]
            sums = _sums(shard, members, clock.now(), report)
            opened = runs.open_page(shard, [one.due for one in members], sums, clock.now())
            if opened is not None:
                return _refresh(opened, members, clock, send, report, prepare)
            table.pause(turn)
        elif job.after == shard.after:
            _go_on(shard, runs.failures(shard.run, list(runs.left(shard)), clock.now()), clock.now(), send)
            return "sent again"
        else:
            return "stale"
    raise Unavailable("store_busy")


def learner(job: RefreshLearner, clock: Clock, send: Send, prepare: Prepare | None = None) -> str:
    """Refresh a learner who failed among others. Raises whatever still is wrong."""
    refresh_learner.run(job.learner, job.course, job.run, clock, send, prepare=prepare)
    runs.resolve(job.run, job.shard, runs.digest(job.learner, job.course), clock.now())
    return "refreshed"


def _read(due: Due, run: str, now: datetime, report: Report) -> _Read:
    try:
        rows = learner_course.read_all(Principal.of(due.learner), due.course, None, now, progress=True)
        return _Read(due, rows, gather_answers.of_learner(rows, run, now))
    except Unidentified:
        # Gone since the index was read: nothing is left to look after.
        return _Read(due)
    except Exception as error:
        report(error)
        return _Read(due)


def _sums(shard: Shard, members: Iterable[_Read], now: datetime, report: Report) -> Sequence[Item]:
    answers: dict[str, list[tuple[str, Sequence[Attempt]]]] = {}
    for one in members:
        answers.setdefault(one.due.course, []).append((one.due.learner, one.answers))
    try:
        return list(gather_answers.rows(shard, answers, now))
    except Unavailable:
        raise
    except Exception as error:
        # An estimate may wait for another night; learners may not.
        report(error)
        return ()


def _left(shard: Shard) -> list[Due]:
    """The members of the open page who are left; whoever came into the index since is not one of them."""
    return [due for due in runs.left(shard) if due.digest in shard.members]


def _refresh(
    shard: Shard, members: Sequence[_Read], clock: Clock, send: Send, report: Report, prepare: Prepare | None
) -> str:
    """Look after the members of an open page, close it, and go on."""
    failed = []
    for one in members:
        try:
            refresh_learner.run(one.due.learner, one.due.course, shard.run, clock, send, one.rows, prepare)
        except Exception as error:
            report(error)
            failed.append(one.due)
    closed = runs.close_page(shard, failed, clock.now()) if shard.members else shard
    if closed is None:
        return "overtaken"
    _go_on(closed, failed, clock.now(), send)
    return f"refreshed {len(members) - len(failed)} of {len(members)}"


def _go_on(shard: Shard, failed: Sequence[Due], now: datetime, send: Send) -> None:
    """What follows from a closed page: those who failed alone, and the next page or the end of the run."""
    jobs: list[Job] = [RefreshLearner(shard.run, shard.number, due.learner, due.course) for due in failed]
    if shard.more:
        jobs.append(RefreshPage(shard.run, shard.number, shard.last))
    else:
        shards = runs.every(shard.run, now)
        if len(shards) == keys.SHARDS and all(each.finished for each in shards):
            for course in sorted({course for each in shards for course in each.courses}):
                jobs += [Reestimate(shard.run, course), *judge_experiment.checks(course, now)]
    if jobs:
        send(jobs)
