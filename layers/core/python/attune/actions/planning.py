"""What planning a learner's paths starts from, gathered once from their rows, and by which parameters they are."""

from dataclasses import dataclass
from datetime import datetime

from attune.actions import choose_arm
from attune.actions.situated import shift, situated
from attune.domain.course import Course
from attune.domain.experiments.parameters import PLANNING
from attune.domain.instants import DAY_MS
from attune.domain.paths.agenda import Agenda, agenda
from attune.domain.paths.goal import Goal
from attune.domain.paths.memory import memories
from attune.domain.paths.pace import of_lessons
from attune.domain.paths.parameters import PlanningParameters
from attune.domain.paths.path import Path
from attune.domain.paths.request import PlanRequest
from attune.store.arms import ArmChange
from attune.store.learner_course import Rows


@dataclass(frozen=True, slots=True)
class Planning:
    """A request without a goal; `shift` is the learner's distance (ms) from UTC.

    `exposure` is what is written with a path that is the first to be planned by an arm's parameters.
    """

    empty: PlanRequest
    shift: int
    exposure: ArmChange | None = None

    @classmethod
    def of(cls, rows: Rows, course: Course, now: datetime, *, enrol: bool = False) -> "Planning":
        """From a learner's rows at a moment. Who is in no arm yet comes into one only where they `enrol`."""
        moment, ahead = int(now.timestamp() * 1000), shift(rows.settings, now)
        situation, seen = situated(rows, course, moment, now)
        principal, settings = rows.principal, rows.settings
        choice = choose_arm.run(PLANNING, principal, course, settings, lambda: seen.overall, now, enrol=enrol)
        today = (moment + ahead) // DAY_MS
        request = PlanRequest(
            situation,
            Goal(),
            today,
            minutes_per_day=1,
            pace=of_lessons(course, rows.progress),
            memories=memories(rows.practice.gist, situation.standings, ahead),
            attendance=rows.progress.activity.attendance(today),
            parameters=PlanningParameters.from_json(choice.params),
        )
        return cls(request, ahead, choose_arm.exposed(choice, principal, settings, lambda: seen.overall, now))

    def request(self, path: Path) -> PlanRequest:
        """What planning a path anew starts from."""
        return PlanRequest(
            self.empty.situation,
            path.goal,
            self.empty.today,
            path.minutes_per_day,
            duration=path.duration,
            deadline=path.deadline,
            pace=self.empty.pace,
            memories=self.empty.memories,
            known=path.known,
            attendance=self.empty.attendance,
            parameters=self.empty.parameters,
        )

    def agenda(self, path: Path) -> Agenda:
        """The days of a path from today on; what was finished today has used up its part of today."""
        done = (step for step in path.steps if step.done_at is not None)
        spent = sum(step.minutes for step in done if self._is_today(step.done_at))
        return agenda(path, self.request(path), min(spent, path.minutes_per_day))

    def _is_today(self, at: int | None) -> bool:
        return at is not None and (at + self.shift) // DAY_MS == self.empty.today
