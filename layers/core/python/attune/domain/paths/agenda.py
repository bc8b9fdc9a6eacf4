"""What a path asks for day by day from today on, and when it will be over. Nothing of it is stored.

Days are laid out from what is left whenever somebody looks. So a day missed, a month away or a pause moves what comes,
and no day ever holds more than its minutes.
"""

from dataclasses import dataclass
from typing import Final

from attune.domain.paths.days import Day, ReviewQueue, due_reviews, pack
from attune.domain.paths.forecast import Finish, forecast
from attune.domain.paths.material import Material, material
from attune.domain.paths.pace import Minutes
from attune.domain.paths.path import Path
from attune.domain.paths.plan import interval
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.reviews import reviews

SHOWN: Final = 14
"""Days that are laid out to be shown."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The next days; `due` skills are due today, shown or not. `minutes` are those of the steps left.

    `feasible` says whether the steps left are expected to be done by the path's last day; if not, `missing` minutes
    find no room.
    """

    days: tuple[Day, ...]
    due: int
    minutes: Minutes
    finish: Finish
    feasible: bool
    missing: int


def agenda(path: Path, request: PlanRequest, spent: int = 0, shown: int = SHOWN) -> Agenda:
    """The days of a path from the request's today on; `spent` minutes of today are used up already."""
    stock = material(request.situation.course)
    skills = _scope(path, stock)
    scope = reviews(stock, skills, path.minutes_per_day, request.pace.factor)
    memories = {skill: memory for skill, memory in request.memories.items() if skill in scope}
    steps = [step._replace(minutes=request.pace.minutes(step.authored)) for step in path.open_steps]
    minutes = interval(request.pace, steps)
    today, daily = request.today, path.minutes_per_day
    queue = ReviewQueue(scope, memories)
    queue.advance(today)
    left = max(0, path.last_day - today + 1)
    share = request.parameters.review_share
    whole = pack(steps, today, daily, queue.copy(), most=left, spent=spent, share=share)
    packed = whole if left >= shown else pack(steps, today, daily, queue.copy(), most=shown, spent=spent, share=share)
    return Agenda(
        days=tuple(day for day in packed.days if day.day < today + shown),
        due=due_reviews(memories, today),
        minutes=minutes,
        finish=forecast(steps, minutes, today, daily, queue, request.attendance, whole if not spent else None, share),
        feasible=not whole.missing,
        missing=whole.missing,
    )


def _scope(path: Path, stock: Material) -> dict[str, None]:
    """The skills of a path and all that they build upon."""
    named = (*(entry.skill for entry in path.milestones), *(stage.skill for stage in path.stages))
    found = dict.fromkeys(skill for skill in named if skill in stock.skills)
    pending = list(found)
    while pending:
        for need in stock.needs(pending.pop()):
            if need not in found:
                found[need] = None
                pending.append(need)
    return found
