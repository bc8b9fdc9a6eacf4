"""A course seen by the ranking: everything that can be recommended, in course order, and what each skill leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attune.domain.course import Course


@dataclass(frozen=True, slots=True)
class Piece:
    """A lesson or an item. `place` is that of the lesson in the course, an item's that of its lesson."""

    id: str
    is_lesson: bool
    skills: tuple[str, ...]
    difficulty: int
    minutes: int
    formats: tuple[str, ...]
    goals: tuple[str, ...]
    lesson: str | None
    layer: str | None
    place: int


@dataclass(frozen=True, slots=True)
class Outline:
    """`needs` are a skill's prerequisites, `leads` the skills that name it as theirs, `trained` those with an item.

    `read` names the lessons of each skill, `practice` the items of each lesson, `chapter` the lessons that have to be
    behind a learner before any lesson of a chapter, by lesson.
    """

    pieces: tuple[Piece, ...]
    needs: Mapping[str, tuple[str, ...]]
    leads: Mapping[str, tuple[str, ...]]
    trained: frozenset[str]
    read: Mapping[str, tuple[str, ...]]
    practice: Mapping[str, tuple[str, ...]]
    chapter: Mapping[str, tuple[str, ...]]
    above: Mapping[str, frozenset[str]]


def outline(course: Course) -> Outline:
    """What the ranking needs of a course. An item named as a lesson is that lesson's own and is not listed again."""
    places = {slug: place for place, slug in enumerate(course.lessons)}
    end = len(places)
    items = [item for item in course.items if item.id not in places]
    pieces = [
        Piece(slug, True, e.skills, e.difficulty, e.minutes, e.formats, e.goals, slug, e.layer, places[slug])
        for slug, e in course.lessons.items()
    ]
    for item in items:
        lesson = course.lessons.get(item.lesson) if item.lesson else None
        pieces.append(
            Piece(
                item.id,
                False,
                item.skills,
                item.difficulty,
                item.minutes,
                item.formats,
                lesson.goals if lesson else (),
                item.lesson,
                lesson.layer if lesson else None,
                places[lesson.slug] if lesson else end,
            )
        )
    needs = {skill.id: skill.prerequisites for skill in course.skills}
    return Outline(
        pieces=tuple(pieces),
        needs=needs,
        leads=_inverse({id_: list(wanted) for id_, wanted in needs.items()}),
        trained=frozenset(skill for item in items for skill in item.skills),
        read=_inverse({slug: list(entry.skills) for slug, entry in course.lessons.items()}),
        practice=_inverse({item.id: [item.lesson] for item in items if item.lesson}),
        chapter=_behind(course),
        above=_closure(needs),
    )


def _inverse(named: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Who names each of the names."""
    found: dict[str, list[str]] = {}
    for name, others in named.items():
        for other in others:
            found.setdefault(other, []).append(name)
    return {name: tuple(others) for name, others in found.items()}


def _behind(course: Course) -> dict[str, tuple[str, ...]]:
    """By lesson, the lessons of the chapters that its chapter names as prerequisites."""
    chapters = {chapter.id: chapter for chapter in course.chapters()}
    return {
        entry.slug: tuple(
            before.slug for id_ in chapter.prerequisites if id_ in chapters for before in chapters[id_].lessons
        )
        for chapter in chapters.values()
        for entry in chapter.lessons
    }


def _closure(needs: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """By skill, every skill that has to come before it, near or far."""
    found: dict[str, frozenset[str]] = {}
    for start in needs:
        seen: set[str] = set()
        stack = list(needs[start])
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                seen.update(found.get(name, ()))
                stack.extend(needs.get(name, ()) if name not in found else ())
        found[start] = frozenset(seen)
    return found
