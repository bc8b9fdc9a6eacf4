"""What a course holds for each skill, and what stands before each lesson: what planning asks again and again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from attune.domain.course import Course, Item, LessonEntry, Skill


@dataclass(frozen=True, slots=True)
class Material:
    """`place` counts skills, `item_place` items in course order. `items` and `lessons` are by skill.

    `main` are the lessons about a skill first of all, or those that mention it where there are no such. `before` are
    the lessons that have to be behind a learner before a lesson.
    """

    course: Course
    skills: Mapping[str, Skill]
    place: Mapping[str, int]
    items: Mapping[str, tuple[Item, ...]]
    lessons: Mapping[str, tuple[LessonEntry, ...]]
    main: Mapping[str, tuple[LessonEntry, ...]]
    before: Mapping[str, tuple[str, ...]]
    item_place: Mapping[str, int]
    _needs: Mapping[str, tuple[str, ...]]
    _own: frozenset[str]
    _is_practised: dict[str, bool] = field(default_factory=dict)

    def is_practised(self, skill: str) -> bool:
        """Whether some item can practise a skill before anything that builds upon it."""
        found = self._is_practised.get(skill)
        if found is None:
            found = self.has_own_item(skill) or any(True for _ in self.practised(skill))
            self._is_practised[skill] = found
        return found

    def has_own_item(self, skill: str) -> bool:
        """Whether some item is about a skill alone."""
        return skill in self._own

    def practised(self, skill: str) -> Iterator[Item]:
        """The items that can practise a skill before anything that builds upon it."""
        return (item for item in self.items.get(skill, ()) if len(item.skills) == 1 or self._apart(item, skill))

    def _apart(self, item: Item, skill: str) -> bool:
        pending = [other for other in item.skills if other != skill]
        seen = set(pending)
        while pending:
            for need in self.needs(pending.pop()):
                if need == skill:
                    return False
                if need not in seen:
                    seen.add(need)
                    pending.append(need)
        return True

    def needs(self, skill: str) -> tuple[str, ...]:
        """The prerequisites of a skill that the course knows."""
        return self._needs.get(skill, ())


def material(course: Course) -> Material:
    """The index of a course. An item named as a lesson is that lesson's own and is not listed again."""
    items: dict[str, list[Item]] = defaultdict(list)
    own = set[str]()
    for item in course.items:
        if item.id not in course.lessons:
            for skill in item.skills if len(item.skills) == 1 else dict.fromkeys(item.skills):
                items[skill].append(item)
            if len(item.skills) == 1:
                own.add(item.skills[0])
    lessons: dict[str, list[LessonEntry]] = {}
    main: dict[str, list[LessonEntry]] = {}
    for entry in course.lessons.values():
        for skill in dict.fromkeys(entry.skills):
            lessons.setdefault(skill, []).append(entry)
        if entry.skills:
            main.setdefault(entry.skills[0], []).append(entry)
    for skill, entries in lessons.items():
        main.setdefault(skill, entries[:1])
    skills = {skill.id: skill for skill in course.skills}
    return Material(
        course=course,
        skills=skills,
        place={skill.id: number for number, skill in enumerate(course.skills)},
        items={skill: tuple(listed) for skill, listed in items.items()},
        lessons={skill: tuple(entries) for skill, entries in lessons.items()},
        main={skill: tuple(entries) for skill, entries in main.items()},
        before=_before(course),
        item_place={item.id: number for number, item in enumerate(course.items)},
        _needs={id_: tuple(need for need in skill.prerequisites if need in skills) for id_, skill in skills.items()},
        _own=frozenset(own),
    )


def _before(course: Course) -> dict[str, tuple[str, ...]]:
    """By lesson, its own prerequisites and the lessons of the chapters that its chapter names."""
    chapters = {chapter.id: chapter for chapter in course.chapters()}
    found = {}
    for chapter in chapters.values():
        earlier = [entry.slug for id_ in chapter.prerequisites if id_ in chapters for entry in chapters[id_].lessons]
        for entry in chapter.lessons:
            own = [slug for slug in entry.prerequisites if slug in course.lessons]
            found[entry.slug] = tuple(dict.fromkeys((*own, *earlier)))
    return found
