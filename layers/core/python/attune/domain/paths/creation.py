"""A path as it begins: apart from the path itself, which is read by many who plan nothing."""

from attune.domain.paths.path import Path, numbered
from attune.domain.paths.plan import Plan
from attune.domain.paths.request import PlanRequest


def created(request: PlanRequest, plan: Plan, adaptivity: str, title: str = "", description: str = "") -> Path:
    """The path of a plan, ACTIVE and not started."""
    return Path(
        goal=request.goal,
        minutes_per_day=request.minutes_per_day,
        duration=request.duration,
        first_day=request.today,
        created_at=request.now,
        deadline=request.deadline,
        title=title,
        description=description,
        adaptivity=adaptivity,
        stages=plan.stages,
        milestones=plan.milestones,
        wanted=plan.wanted & {step.piece for step in plan.steps},
        left_out=frozenset(plan.left_out),
        missing=plan.missing,
        numbers=numbered(plan.steps),
        active_at=request.now,
    )
