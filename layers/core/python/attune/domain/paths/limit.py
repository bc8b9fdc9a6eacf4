"""The part of a closure that is planned anew: some skills, what they rest on, and nothing that has its place."""

from collections.abc import Iterable

from attune.domain.paths.block import Kept
from attune.domain.paths.closure import Closure
from attune.domain.paths.material import Material


def limited(whole: Closure, material: Material, only: frozenset[str], displaced: Iterable[str], kept: Kept) -> Closure:
    """What is about the skills `only`, and whatever these rest on that nothing kept brings along.

    `displaced` are lessons that stood among the steps of those skills; as long as the goal wants them they stay.
    """
    return _Limit(whole, material, only, kept).found(displaced)


class _Limit:
    def __init__(self, whole: Closure, material: Material, only: frozenset[str], kept: Kept) -> None:
        self._whole, self._material, self._only, self._kept = whole, material, only, kept
        self._placed = {step.piece for steps in kept.blocks.values() for step in steps}
        self._skills: dict[str, None] = {}
        self._nodes: dict[str, None] = {}
        self._lessons: dict[str, None] = {}

    def found(self, displaced: Iterable[str]) -> Closure:
        lessons = [slug for slug in displaced if slug in self._whole.lessons]
        skills = [skill for skill in self._whole.nodes if skill in self._only]
        while lessons or skills:
            if lessons:
                self._lesson(lessons.pop(), lessons, skills)
            else:
                self._skill(skills.pop(), lessons, skills)
        whole = self._whole
        return Closure(
            needs={skill: need for skill, need in whole.needs.items() if skill in self._skills},
            lessons={slug: None for slug in whole.lessons if slug in self._lessons},
            nodes={skill: None for skill in whole.nodes if skill in self._skills or skill in self._nodes},
            aims=whole.aims,
            wanted=whole.wanted,
            along=whole.along,
        )

    def _skill(self, skill: str, lessons: list[str], skills: list[str]) -> None:
        if skill in self._skills or (skill not in self._only and skill in self._kept.blocks):
            return
        self._skills[skill] = None
        rests = (*self._material.needs(skill), *self._whole.along.get(skill, ()))
        skills.extend(need for need in rests if need in self._whole.nodes)
        lessons.extend(e.slug for e in self._material.lessons.get(skill, ()) if e.slug in self._whole.lessons)

    def _lesson(self, slug: str, lessons: list[str], skills: list[str]) -> None:
        if slug in self._lessons or slug in self._placed:
            return
        self._lessons[slug] = None
        lessons.extend(before for before in self._material.before[slug] if before in self._whole.lessons)
        for skill in self._material.course.lessons[slug].skills:
            self._nodes[skill] = None
            skills.extend(need for need in self._material.needs(skill) if need in self._whole.needs)
