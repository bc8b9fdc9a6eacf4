"""The parts of a learning path as they are answered: steps, stages, milestones, and the days ahead."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from attune.domain.instants import DAY_MS
from attune.domain.paths import progress as progressing
from attune.domain.paths.milestone import Milestone
from attune.domain.paths.pace import Minutes
from attune.domain.paths.path import Path
from attune.edge.moments import moment
from attune.edge.views import Instant, View

if TYPE_CHECKING:
    # What plans is loaded by functions that plan.
    from attune.domain.paths.agenda import Agenda
    from attune.domain.paths.days import Day
    from attune.domain.paths.forecast import Finish

StepId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}-[0-9]{2,4}$")]
Calendar = Annotated[str, Field(description="A day where the learner lives.", json_schema_extra={"format": "date"})]


def day_text(day: int) -> str:
    """A day (since 1970) as it is answered."""
    return moment(day * DAY_MS)[:10]


class StepView(View):
    """One thing to do. `done` by evidence or by the learner's word; `spared` need not be done any more; a `locked` one
    waits for the stages before it. An assess step is a test-out: passed, it spares the steps of what it covers."""

    step_id: StepId
    kind: Literal["learn", "practise", "assess"]
    item: str
    title: str
    minutes: int
    status: Literal["done", "spared", "open", "locked"]
    done_at: Instant | None
    by: Literal["evidence", "learner"] | None
    covers: list[str]
    passed: bool | None


class MilestoneView(View):
    """What a skill has to come to: a rating where the goal names one, and the mastery that what follows rests on."""

    skill: str
    target: float
    mastery: float | None
    start: float
    reached_at: Instant | None
    rating: float | None

    @classmethod
    def of(cls, found: Milestone) -> "MilestoneView":
        return cls(
            skill=found.skill,
            target=found.target,
            mastery=found.need.mastery or None,
            start=found.start,
            reached_at=None if found.reached_at is None else moment(found.reached_at),
            rating=found.rating,
        )


class StageView(View):
    """At most five steps about one skill; its milestone stands with the last stage of a skill."""

    skill: str | None
    title: str
    steps: list[StepView]
    milestone: MilestoneView | None


class PathProgressView(View):
    """Derived from steps and milestones. `percent` counts steps done or spared; `stage` is the one worked on."""

    completed: int
    spared: int
    total: int
    percent: float
    minutes_done: int
    minutes_left: int
    milestones_reached: int
    milestones: int
    stage: int
    stages: int

    @classmethod
    def of(cls, path: Path) -> "PathProgressView":
        found = progressing.progress(path)
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class MinutesView(View):
    """Of the steps left, by the learner's own pace, with the interval that holds with 95 % probability."""

    estimate: int
    interval: list[int]

    @classmethod
    def of(cls, found: Minutes) -> "MinutesView":
        return cls(estimate=found.estimate, interval=[found.low, found.high])


class FinishView(View):
    """When the path will be finished, and between which days with 95 % probability."""

    estimate: Calendar
    interval: list[Calendar]

    @classmethod
    def of(cls, found: "Finish") -> "FinishView":
        return cls(estimate=day_text(found.estimate), interval=[day_text(found.earliest), day_text(found.latest)])


class EntryView(View):
    """A step, or the review of a skill by an item; `part` counts where a step takes several days."""

    kind: Literal["learn", "practise", "assess", "review"]
    id: Annotated[str, Field(description="Of the step; for a review, of the item.")]
    skill: str | None
    minutes: int
    part: int | None


class DayPlanView(View):
    date: Calendar
    minutes: int
    entries: list[EntryView]

    @classmethod
    def of(cls, day: "Day") -> "DayPlanView":
        entries = [
            EntryView(
                kind=entry.kind,
                id=entry.id,
                skill=entry.skill or None,
                minutes=entry.minutes,
                part=entry.part or None,
            )
            for entry in day.entries
        ]
        return cls(date=day_text(day.day), minutes=day.minutes, entries=entries)


class AgendaView(View):
    """The next days, none longer than its minutes. `due` skills are due for a review today, shown or not.

    `on_time`: the steps left are expected to be done by the last day; if not, `missing` minutes find no room.
    """

    days: list[DayPlanView]
    due: int
    finish: FinishView
    on_time: bool
    missing: int

    @classmethod
    def of(cls, found: "Agenda") -> "AgendaView":
        return cls(
            days=[DayPlanView.of(day) for day in found.days],
            due=found.due,
            finish=FinishView.of(found.finish),
            on_time=found.feasible,
            missing=found.missing,
        )
