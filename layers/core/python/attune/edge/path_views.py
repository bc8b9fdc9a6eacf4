"""Learning paths as they are answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from attune.domain.course import Course
from attune.domain.paths.actions import allowed
from attune.domain.paths.changed import Changed
from attune.domain.paths.path import Path
from attune.domain.paths.stage import Stage
from attune.domain.paths.step import Step
from attune.domain.persona import language_of
from attune.domain.text import Text, said
from attune.edge.moments import moment
from attune.edge.path_changes import AdaptationView, DiffView, Status
from attune.edge.path_parts import (
    AgendaView,
    Calendar,
    MilestoneView,
    MinutesView,
    PathProgressView,
    StageView,
    StepView,
    day_text,
)
from attune.edge.views import Instant, Uuid, View

if TYPE_CHECKING:
    # What plans is loaded by functions that plan.
    from attune.domain.paths.agenda import Agenda


class PathGoalView(View):
    """Ratings to reach by skill, lessons, or an author's path; the whole course if there is nothing of them."""

    skills: dict[str, float]
    lessons: list[str]
    template: str | None


class PathSummaryView(View):
    """`feasible`: the whole goal fitted its days when the path was made; else `left_out` skills are not on it and
    `missing` minutes would be needed on top. `allowed` are the actions that its status allows."""

    path_id: Uuid
    status: Status
    rev: int
    allowed: list[str]
    title: str
    description: str
    goal: PathGoalView
    adaptivity: Literal["off", "order", "full"]
    minutes_per_day: int
    plan_duration: Annotated[int, Field(description="Days.")]
    deadline: Calendar | None
    last_day: Calendar
    feasible: bool
    missing: int
    left_out: list[str]
    created_at: Instant
    started_at: Instant | None
    paused_at: Instant | None
    pause_reason: str | None
    ended_at: Instant | None
    progress: PathProgressView

    @classmethod
    def of(cls, id_: str, path: Path, now: int) -> "PathSummaryView":
        return cls(**summary_fields(id_, path, now))


def summary_fields(id_: str, path: Path, now: int) -> dict[str, Any]:
    """The fields of a path's summary at a moment (ms)."""
    times = {name: getattr(path, name) for name in ("created_at", "started_at", "paused_at", "ended_at")}
    goal = path.goal
    return {
        "path_id": id_,
        "status": path.status_at(now),
        "rev": path.rev,
        "allowed": list(allowed(path, now)),
        "title": path.title,
        "description": path.description,
        "goal": PathGoalView(skills=dict(goal.skills), lessons=list(goal.lessons), template=goal.template),
        "adaptivity": path.adaptivity,
        "minutes_per_day": path.minutes_per_day,
        "plan_duration": path.duration,
        "deadline": None if path.deadline is None else day_text(path.deadline),
        "last_day": day_text(path.last_day),
        "feasible": path.feasible,
        "missing": path.missing,
        "left_out": sorted(path.left_out),
        **{name: None if at is None else moment(at) for name, at in times.items()},
        "pause_reason": path.pause_reason,
        "progress": PathProgressView.of(path),
    }


class PathView(PathSummaryView):
    """A path with its steps. `minutes` and `agenda` stand where days are laid out, for a path that is active."""

    minutes: MinutesView | None
    stages: list[StageView]
    milestones: list[MilestoneView]
    agenda: AgendaView | None
    adaptations: list[AdaptationView]

    @classmethod
    def with_steps(
        cls, id_: str, path: Path, agenda: "Agenda | None", course: Course, language: str, now: int
    ) -> "PathView":
        tell = _Teller(path, course, language)
        return cls(
            **summary_fields(id_, path, now),
            minutes=MinutesView.of(agenda.minutes) if agenda else None,
            stages=[tell.stage(place, stage) for place, stage in enumerate(path.stages)],
            milestones=[MilestoneView.of(one) for one in path.milestones],
            agenda=AgendaView.of(agenda) if agenda else None,
            adaptations=[AdaptationView.of(one) for one in reversed(path.adaptations)],
        )

    @classmethod
    def of_changed(cls, changed: Changed, course: Course, now: datetime) -> "PathView":
        language = language_of(course, changed.settings.answers)
        moment = int(now.timestamp() * 1000)
        return cls.with_steps(changed.id, changed.path, changed.agenda, course, language, moment)


class PathReadView(View):
    """A path; `progress` is the path's own again."""

    path: PathView
    progress: PathProgressView

    @classmethod
    def of(cls, changed: Changed, course: Course, language: str, now: datetime) -> "PathReadView":
        moment = int(now.timestamp() * 1000)
        path = PathView.with_steps(changed.id, changed.path, changed.agenda, course, language, moment)
        return cls(path=path, progress=path.progress)


class PathChangedView(View):
    """A path as it now is, and what planning it anew has changed; `progress` is the path's own again."""

    path: PathView
    progress: PathProgressView
    diff: DiffView

    @classmethod
    def of_changed(cls, changed: Changed, course: Course, now: datetime) -> "PathChangedView":
        path = PathView.of_changed(changed, course, now)
        return cls(path=path, progress=path.progress, diff=DiffView.of(changed.diff))


class LearningPathsView(View):
    """Paths, those made last first."""

    items: list[PathSummaryView]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Sequence[tuple[str, Path]], following: str | None, now: datetime) -> "LearningPathsView":
        moment = int(now.timestamp() * 1000)
        return cls(items=[PathSummaryView.of(id_, path, moment) for id_, path in page], next_cursor=following)


class DeletedPathView(View):
    """It is out of every list; what is stored of it goes by itself a month later."""

    path_id: Uuid
    deleted_at: Instant

    @classmethod
    def of(cls, id_: str, path: Path) -> "DeletedPathView":
        return cls(path_id=id_, deleted_at=moment(path.deleted_at or 0))


class _Teller:
    """Says the stages of one path in a learner's language."""

    def __init__(self, path: Path, course: Course, language: str) -> None:
        self._path, self._course, self._language = path, course, language
        self._skills = {skill.id: skill.title for skill in course.skills}
        self._milestones = {one.skill: one for one in path.milestones}
        self._last = {stage.skill: place for place, stage in enumerate(path.stages)}
        self._open, self._current = {step.id for step in path.open_steps}, path.current

    def stage(self, place: int, stage: Stage) -> StageView:
        found = self._milestones.get(stage.skill) if self._last[stage.skill] == place else None
        return StageView(
            skill=stage.skill or None,
            title=self._said(self._skills.get(stage.skill)) or stage.skill,
            steps=[self._step(place, step) for step in stage.steps],
            milestone=MilestoneView.of(found) if found else None,
        )

    def _step(self, place: int, step: Step) -> StepView:
        course = self._course
        piece = course.lessons.get(step.piece) if step.is_lesson else course.items_by_id.get(step.piece)
        waiting = "locked" if place > self._current else "open"
        return StepView(
            step_id=step.id,
            kind=step.kind,
            item=step.piece,
            title=self._said(piece.title) if piece else step.piece,
            minutes=step.minutes,
            status="done" if step.is_done else waiting if step.id in self._open else "spared",
            done_at=None if step.done_at is None else moment(step.done_at),
            by=step.by,
            covers=list(step.covers),
            passed=step.passed,
        )

    def _said(self, text: Text | None) -> str:
        return said(text, self._language, self._course.default_language)
