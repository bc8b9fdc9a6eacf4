"""What is asked of recommendations in a query."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from attune.domain.course import Course
from attune.domain.errors import Flaw, Invalid
from attune.domain.recommendations.asked import Asked
from attune.domain.recommendations.recommendation import KINDS
from attune.edge.recommendations import Status
from attune.edge.views import TRUTH, WHOLE

_KINDS = "|".join(KINDS)
_LIST: Any = {"max_length": 1000, "pattern": r"^[a-z0-9][a-z0-9._/-]*(,[a-z0-9][a-z0-9._/-]*)*$"}

CountQuery = Annotated[
    Annotated[int, Field(ge=1, le=20), WHOLE] | None, Query(alias="count", description="How many; 5 if left out.")
]
TimeQuery = Annotated[
    Annotated[int, Field(ge=1, le=1440), WHOLE] | None,
    Query(alias="time_available", description="Minutes; the stored ones if left out."),
]
DifficultyQuery = Annotated[
    Annotated[int, Field(ge=1, le=5), WHOLE] | None, Query(alias="difficulty", description="A wish, not a filter.")
]
FocusQuery = Annotated[
    str | None,
    Query(alias="focus_areas", description="Skills, items or lessons, comma separated.", **_LIST),
]
ExcludeQuery = Annotated[str | None, Query(alias="exclude", description="What not to show, comma separated.", **_LIST)]
GoalsQuery = Annotated[str | None, Query(alias="goals", description="Goals or skills, comma separated.", **_LIST)]
KindsQuery = Annotated[
    str | None,
    Query(alias="kinds", description="Comma separated.", max_length=1000, pattern=f"^({_KINDS})(,({_KINDS}))*$"),
]
ExplainQuery = Annotated[
    Literal["full"] | None, Query(alias="explain", description="`full`: also why everything else is not shown.")
]
RefreshQuery = Annotated[
    bool, Query(alias="refresh", description="Make a new set although nothing has changed."), TRUTH
]
StatusQuery = Annotated[Status | None, Query(alias="status")]


def asked(
    course: Course,
    count: int | None,
    time_available: int | None,
    difficulty: int | None,
    focus_areas: str | None,
    exclude: str | None,
    goals: str | None,
    kinds: str | None,
) -> Asked:
    """What a request asks. Raises `Invalid` for names that the course does not have."""
    if focus_areas is None and exclude is None and goals is None and kinds is None:
        return Asked(count, time_available, difficulty)
    skills = {skill.id for skill in course.skills}
    things = skills | set(course.items_by_id) | set(course.lessons)
    return Asked(
        count=count,
        time_available=time_available,
        difficulty=difficulty,
        focus_areas=_names("focus_areas", focus_areas, things),
        exclude=_names("exclude", exclude, None),
        goals=_names("goals", goals, skills | {goal.id for goal in course.goals}),
        kinds=_names("kinds", kinds, None),
    )


def _names(name: str, sent: str | None, known: set[str] | None) -> tuple[str, ...] | None:
    """The names in a list, each once; None if none was sent. Names to leave out may be of things that are gone."""
    if sent is None:
        return None
    found = tuple(dict.fromkeys(sent.split(",")))
    if known is not None and not known.issuperset(found):
        raise Invalid(Flaw(f"/query/{name}", "Not all of these are in the course.", "unknown_reference"))
    return found
