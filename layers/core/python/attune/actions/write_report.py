"""The owner's weekly report: asked for on Monday of every course that is used, written from what is counted."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attune.actions import judge_experiment
from attune.domain.budget import Figures
from attune.domain.experiments.experiment import DRAFT
from attune.domain.jobs import Job, WriteReport
from attune.domain.reports.counting import COUNTED
from attune.domain.reports.week import Week, first_day, name_of, report
from attune.store import budgets, metrics, ratings, reports, runs
from attune.store import experiments as stored

Send = Callable[[Sequence[Job]], None]
Told = Callable[..., Any]
WEEK: Final = timedelta(days=7)


def start(scheduled: datetime, default: str, now: datetime, send: Send) -> str:
    """Ask for the report of the week before of each course that last night looked after, and of the default one."""
    day = scheduled.astimezone(UTC).date()
    week = name_of(day - WEEK)
    courses = {default} | {course for shard in runs.every(day.isoformat(), now) for course in shard.courses}
    send([WriteReport(course, week) for course in sorted(courses)])
    return week


def run(course: str, week: str, now: datetime, told: Told) -> str:
    """Write the report of a week, in the place of the one that is there."""
    first = first_day(week)
    last = first + timedelta(days=6)
    days = {kept: metrics.between(course, kept, first.isoformat(), last.isoformat(), now) for kept in COUNTED}
    out = sorted(f"{one.lesson_slug}: {_named(one.persona)}, {one.language}" for one in ratings.withdrawn(course, now))
    spent, experiments = _spent(first.isoformat(), last.isoformat(), now), list(_experiments(course, now, told))
    made = Week(week, course, days, spent, out, experiments)
    ends = datetime.combine(last, datetime.min.time(), UTC)
    reports.put(course, week, report(made), ends)
    return f"wrote {week}"


def _named(persona: Any) -> str:
    return " ".join(str(persona[name]) for name in sorted(persona))


def _spent(first: str, last: str, now: datetime) -> Figures:
    """What model calls of these days cost, from the one or two months' rows in which they stand."""
    total = Figures()
    for month in sorted({first[:7], last[:7]}):
        for day, figures in budgets.spending(now, month).daily.items():
            if first <= day <= last:
                total += figures
    return total


def _experiments(course: str, now: datetime, told: Told) -> Iterator[dict[str, Any]]:
    """How each experiment stands that was begun: what its results route says at this moment."""
    for id_, one in sorted(stored.every(course, now).experiments.items()):
        if one.status != DRAFT:
            judged, found = judge_experiment.run(course, id_, now, told)
            yield {
                "experiment_id": id_,
                "status": judged.status if found.is_valid else "invalid",
                "decision": found.decision,
                "srm_ok": found.split.ok,
                "srm_p": float(f"{found.split.p:.3g}"),
            }
