"""What a learner wants to reach: skills at a rating, lessons, a path laid out by the author, or the whole course."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.course import Course, Template
from attune.domain.errors import Flaw, Invalid, pointer
from attune.domain.learning.measures import HIGHEST

OFF: Final = "off"
ORDER: Final = "order"
FULL: Final = "full"
ADAPTIVITY: Final = (OFF, ORDER, FULL)


@dataclass(frozen=True, slots=True)
class Goal:
    """`skills` are target ratings (0..2000), `lessons` slugs, `template` the id of an author's path.

    Nothing of them means the whole course.
    """

    skills: Mapping[str, float] = field(default_factory=dict)
    lessons: tuple[str, ...] = ()
    template: str | None = None

    @property
    def is_whole_course(self) -> bool:
        return not (self.skills or self.lessons or self.template)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads; what is not asked for is left out."""
        plain: dict[str, Any] = {}
        if self.skills:
            plain["skills"] = {name: self.skills[name] for name in sorted(self.skills)}
        if self.lessons:
            plain["lessons"] = list(self.lessons)
        if self.template:
            plain["template"] = self.template
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Goal":
        """What `to_json` wrote."""
        return cls(dict(plain.get("skills", {})), tuple(plain.get("lessons", ())), plain.get("template"))


def check(goal: Goal, course: Course) -> None:
    """Raise `Invalid` with every part of a goal that this course cannot lead to."""
    if flaws := list(_flaws(goal, course)):
        raise Invalid(*flaws)


def template_of(goal: Goal, course: Course) -> Template | None:
    """The author's path that a goal names, unless the course has it no more."""
    return next((template for template in course.templates if template.id == goal.template), None)


def adaptivity(goal: Goal, course: Course) -> str:
    """How much of a path to this goal may change: off, order or full."""
    template = template_of(goal, course)
    return template.adaptivity if template else FULL


def _flaws(goal: Goal, course: Course) -> Iterator[Flaw]:
    known = {skill.id for skill in course.skills}
    practised = {skill for item in course.items for skill in item.skills}
    for name, target in goal.skills.items():
        at = pointer("/goal/skills", name)
        if name not in known:
            yield Flaw(at, "There is no such skill in the course.", "unknown_reference")
        elif name not in practised:
            yield Flaw(at, "No item of the course practises this skill.", "nothing_to_practise")
        if not 0 < target <= HIGHEST:
            yield Flaw(at, "A rating above 0 and at most 2000.", "out_of_range")
    for place, slug in enumerate(goal.lessons):
        if slug not in course.lessons:
            yield Flaw(f"/goal/lessons/{place}", "There is no such lesson in the course.", "unknown_reference")
    if goal.template is not None and template_of(goal, course) is None:
        yield Flaw("/goal/template", "There is no such path in the course.", "unknown_reference")
    if goal.template is not None and (goal.skills or goal.lessons):
        yield Flaw("/goal", "Either a template alone or skills and lessons.", "ambiguous")
