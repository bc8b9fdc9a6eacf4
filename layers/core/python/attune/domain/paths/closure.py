"""Everything that a goal rests on and that is not there yet: skills with what they need, and lessons to read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from attune.domain.course import Template
from attune.domain.paths.goal import template_of
from attune.domain.paths.material import Material
from attune.domain.paths.milestone import Need
from attune.domain.paths.request import PlanRequest
from attune.domain.recommendations.gate import COMPLETED
from attune.domain.recommendations.situation import Standing


@dataclass(frozen=True, slots=True)
class Closure:
    """`needs` are the skills to bring along, `lessons` the slugs to read.

    `nodes` are the skills that have a place in the order: the needed ones and those of the lessons. `aims` are the
    skills that the goal itself names, `wanted` its lessons and items, which mastery of their skills does not excuse.
    `along` are skills that should come before a skill whose items are all about others too.
    """

    needs: dict[str, Need] = field(default_factory=dict)
    lessons: dict[str, None] = field(default_factory=dict)
    nodes: dict[str, None] = field(default_factory=dict)
    aims: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()
    along: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Standings:
    """What the learner has already."""

    def __init__(self, request: PlanRequest, material: Material) -> None:
        self._standings, self._lessons = request.situation.standings, request.situation.lessons
        self._known, self._material = request.known, material
        self._open: dict[str, bool] = {}
        self.prerequisite = Need(mastery=request.situation.course.mastery)

    def of(self, skill: str) -> Standing:
        return self._standings[skill]

    def is_met(self, skill: str, need: Need) -> bool:
        """A test-out stands for mastery, not for a rating. Where nothing measures a skill, having read its lessons
        has to do; where there are none, nothing is asked."""
        if need is not self.prerequisite:
            return self._is_met(skill, need)
        # All that rests on a skill asks whether it may begin: each skill is judged once.
        known = self._open.get(skill)
        if known is None:
            known = self._open[skill] = self._is_met(skill, need)
        return known

    def _is_met(self, skill: str, need: Need) -> bool:
        if need.is_met(self._standings[skill]) or (need.rating is None and skill in self._known):
            return True
        if self._material.is_practised(skill):
            return False
        return all(self.is_read(entry.slug) for entry in self._material.lessons.get(skill, ()))

    def is_open(self, skill: str) -> bool:
        """Whether what builds upon a skill may begin."""
        return self.is_met(skill, self.prerequisite)

    def is_read(self, slug: str) -> bool:
        return self._lessons.get(slug) == COMPLETED

    def is_behind(self, slug: str) -> bool:
        """Whether a lesson is read, or all that it teaches is mastered."""
        skills = self._material.course.lessons[slug].skills
        return self.is_read(slug) or (bool(skills) and all(self.is_open(skill) for skill in skills))


def closure(request: PlanRequest, material: Material, standings: Standings) -> Closure:
    """What the goal of a request rests on; what is mastered is left out, with all that lies behind it alone."""
    return _Search(request, material, standings).found()


class _Search:
    def __init__(self, request: PlanRequest, material: Material, standings: Standings) -> None:
        self._request, self._material, self._standings = request, material, standings
        self._needs: dict[str, Need] = {}
        self._lessons: dict[str, None] = {}
        self._nodes: dict[str, None] = {}
        self._along: dict[str, tuple[str, ...]] = {}

    def found(self) -> Closure:
        goal, course = self._request.goal, self._request.situation.course
        template = template_of(goal, course)
        lessons = goal.lessons
        aims = {name: Need(rating=target) for name, target in goal.skills.items() if name in self._material.skills}
        if goal.is_whole_course:
            lessons = tuple(course.lessons)
            aims = dict.fromkeys(self._material.skills, self._standings.prerequisite)
        elif template is not None:
            lessons, aims = self._of_template(template)
        for name, need in aims.items():
            self._skill(name, need)
        for slug in lessons:
            if slug in course.lessons and not self._standings.is_read(slug):
                self._read(slug)
        return Closure(self._needs, self._lessons, self._nodes, frozenset(aims), frozenset(lessons), self._along)

    def _of_template(self, template: Template) -> tuple[tuple[str, ...], dict[str, Need]]:
        """An author's path that may change in full: its lessons, and its items' skills mastered."""
        course = self._request.situation.course
        lessons = tuple(name for name in template.steps if name in course.lessons)
        items = [course.items_by_id[name] for name in template.steps if name in course.items_by_id]
        skills = dict.fromkeys(skill for item in items for skill in item.skills)
        return lessons, {skill: self._standings.prerequisite for skill in skills if skill in self._material.skills}

    def _skill(self, name: str, need: Need) -> None:
        """Adds a skill that has to be brought along, and all that it rests on (without recursion: chains are long)."""
        pending = [(name, need)]
        while pending:
            skill, asked = pending.pop()
            if self._standings.is_met(skill, asked):
                continue
            before = self._needs.get(skill)
            self._needs[skill] = asked if before is None else before.joined(asked)
            if before is not None:
                continue
            self._nodes[skill] = None
            pending.extend(self._open((*self._material.needs(skill), *self._with_items(skill))))
            for entry in self._material.main.get(skill, ()):
                if not self._standings.is_read(entry.slug):
                    pending.extend(self._lesson(entry.slug))

    def _read(self, slug: str) -> None:
        for skill, need in self._lesson(slug):
            self._skill(skill, need)

    def _lesson(self, slug: str) -> list[tuple[str, Need]]:
        """Adds a lesson and those before it; answers with the skills that have to be there before they open."""
        needed: list[tuple[str, Need]] = []
        pending = [slug]
        while pending:
            name = pending.pop()
            if name in self._lessons:
                continue
            self._lessons[name] = None
            for skill in self._material.course.lessons[name].skills:
                if skill in self._material.skills:
                    self._nodes[skill] = None
                    needed.extend(self._open(self._material.needs(skill)))
            pending.extend(before for before in self._material.before[name] if not self._standings.is_behind(before))
        return needed

    def _with_items(self, skill: str) -> tuple[str, ...]:
        """What the other skills of an item rest on, where no item of a skill can be practised without."""
        if self._material.has_own_item(skill):
            return ()
        first: tuple[str, ...] = ()
        for item in self._material.practised(skill):
            shut = tuple(
                need
                for other in item.skills
                if other != skill
                for need in self._material.needs(other)
                if not self._standings.is_open(need)
            )
            if set(shut) <= set(self._material.needs(skill)):
                return ()
            first = first or shut
        if first:
            self._along[skill] = first
        return first

    def _open(self, skills: Iterable[str]) -> list[tuple[str, Need]]:
        return [(skill, self._standings.prerequisite) for skill in skills if not self._standings.is_open(skill)]
