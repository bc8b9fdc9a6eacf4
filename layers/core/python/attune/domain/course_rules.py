"""What a course must be to be published: every reference leads somewhere, no skill or chapter waits for itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attune.domain import schema
from attune.domain.course import Course, Dimension
from attune.domain.errors import Flaw, Invalid, pointer
from attune.domain.ids import RESERVED_SLUGS
from attune.domain.languages import LANGUAGES
from attune.domain.persona import values_of

Graph = Mapping[str, Sequence[str]]
RESERVED_QUESTIONS = frozenset({"user_id", "updated_at"})
"""Fields that stand beside the answers."""


def check(course: Course) -> None:
    """Raise `Invalid` with the first cycle found, else with every flaw."""
    graphs: tuple[tuple[str, Graph], ...] = (
        ("skill_cycle", {skill.id: skill.prerequisites for skill in course.skills}),
        ("chapter_cycle", {chapter.id: chapter.prerequisites for chapter in course.chapters()}),
        ("lesson_cycle", {slug: entry.prerequisites for slug, entry in course.lessons.items()}),
    )
    for code, graph in graphs:
        if cycle := find_cycle(graph):
            raise Invalid(code=code, detail="The prerequisites go round in a circle; `cycle` names it.", cycle=cycle)
    if flaws := list(_flaws(course)):
        raise Invalid(*flaws)


def find_cycle(graph: Graph) -> list[str]:
    """A cycle as its nodes in order, each needed by the next, the first again at the end; empty if there is none."""
    done: set[str] = set()
    for start in graph:
        trail: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack.append((start, iter(graph[start])))
            trail.append(start)
        while stack:
            node, needs = stack[-1]
            need = next((n for n in needs if n in graph and n not in done), None)
            if need is None:
                done.add(node)
                stack.pop()
                trail.pop()
            elif need in trail:
                return [need, *reversed(trail[trail.index(need) :])]
            else:
                stack.append((need, iter(graph[need])))
                trail.append(need)
    return []


def _flaws(course: Course) -> Iterator[Flaw]:
    skills = {skill.id for skill in course.skills}
    goals = {goal.id for goal in course.goals}
    items = {item.id for item in course.items}
    manifest = course.manifest
    phases = manifest.get("phases", ())
    for place, language in enumerate(course.languages):
        if language not in LANGUAGES:
            yield Flaw(f"/languages/{place}", "Not a language of the registry.", "unknown_language")
    for name in ("skills", "items", "questionnaire", "goals", "mistakes", "templates"):
        yield from _twice({f"/{name}/{place}": entry["id"] for place, entry in enumerate(manifest.get(name, ()))})
    for place, skill in enumerate(course.skills):
        yield from _unknown(f"/skills/{place}/prerequisites", skill.prerequisites, skills)
    yield from _tree(course, skills, goals)
    for place, item in enumerate(course.items):
        yield from _unknown(f"/items/{place}/skills", item.skills, skills)
        if item.lesson is not None and item.lesson not in course.lessons:
            yield _nothing(f"/items/{place}/lesson")
        yield from _unknown(f"/items/{place}/phases", item.phases, phases)
        yield from _key(f"/items/{place}/answer", manifest["items"][place])
    for place, mistake in enumerate(manifest.get("mistakes", ())):
        yield from _unknown(f"/mistakes/{place}/items", mistake.get("items", ()), items)
        yield from _unknown(f"/mistakes/{place}/phases", mistake.get("phases", ()), phases)
    for place, goal in enumerate(manifest.get("goals", ())):
        yield from _unknown(f"/goals/{place}/skills", goal.get("skills", ()), skills)
    yield from _templates(course)
    yield from _questions(course, skills)
    yield from _persona(course)
    yield from schema.flaws(course.preferences, "/preferences")


def _tree(course: Course, skills: set[str], goals: set[str]) -> Iterator[Flaw]:
    chapters = {chapter.id for chapter in course.chapters()}
    part_ids, chapter_ids, slugs = dict[str, str](), dict[str, str](), dict[str, str]()
    for p, part in enumerate(course.parts):
        part_ids[f"/parts/{p}/id"] = part.id
        for c, chapter in enumerate(part.chapters):
            at = f"/parts/{p}/chapters/{c}"
            chapter_ids[f"{at}/id"] = chapter.id
            yield from _unknown(f"{at}/prerequisites", chapter.prerequisites, chapters)
            for n, lesson in enumerate(chapter.lessons):
                here = f"{at}/lessons/{n}"
                slugs[f"{here}/slug"] = lesson.slug
                if lesson.slug in RESERVED_SLUGS:
                    yield Flaw(f"{here}/slug", "This name is reserved.", "reserved_slug")
                yield from _unknown(f"{here}/skills", lesson.skills, skills)
                yield from _unknown(f"{here}/goals", lesson.goals, goals)
                yield from _unknown(f"{here}/prerequisites", lesson.prerequisites, course.lessons)
    for names in (part_ids, chapter_ids, slugs):
        yield from _twice(names)


def _templates(course: Course) -> Iterator[Flaw]:
    """A step leads to a lesson or an item, stands once, and comes after the lessons that it builds upon."""
    for place, template in enumerate(course.templates):
        at = f"/templates/{place}/steps"
        yield from _unknown(at, template.steps, {*course.lessons, *course.items_by_id})
        yield from _twice({f"{at}/{number}": name for number, name in enumerate(template.steps)})
        still_to_come = set(template.steps)
        for number, name in enumerate(template.steps):
            still_to_come.discard(name)
            if name in course.lessons and not still_to_come.isdisjoint(course.lessons[name].prerequisites):
                yield Flaw(f"{at}/{number}", "It builds upon a lesson that comes later.", "before_prerequisite")


def _questions(course: Course, skills: set[str]) -> Iterator[Flaw]:
    for place, raw in enumerate(course.manifest.get("questionnaire", ())):
        question, at = course.questionnaire[place], f"/questionnaire/{place}"
        values = [option.value for option in question.options]
        if question.id in RESERVED_QUESTIONS:
            yield Flaw(f"{at}/id", "This name is reserved.", "reserved_name")
        if len(values) < 2:
            yield Flaw(f"{at}/options", "At least two options.", "too_few")
        yield from _twice({f"{at}/options/{number}": str(value) for number, value in enumerate(values)})
        if question.default is not None and question.default not in values:
            yield Flaw(f"{at}/default", "One of the options.", "not_offered")
        sides = {f"{at}/options/{number}": side for number, side in enumerate(raw.get("options", ()))}
        sides |= {f"{at}/{name}": raw[name] for name in ("when_true", "when_false") if name in raw}
        for here, side in sides.items():
            yield from _unknown_names(f"{here}/priors", side.get("priors", {}), skills)
        if question.id == course.language_question:
            yield from _unknown(f"{at}/options", [str(value) for value in values], course.languages)
    if course.language_question is not None and course.question(course.language_question) is None:
        yield _nothing("/language_question")


def _persona(course: Course) -> Iterator[Flaw]:
    for dimension in course.persona:
        question, at = course.question(dimension.question), f"/persona/{dimension.name}"
        if question is None:
            yield _nothing(at)
        elif question.kind == "choices":
            yield Flaw(at, "A question with many values makes too many personas.", "open_ended")
        else:
            offered = [str(option.value).lower() for option in question.options]
            yield from _unknown_names(f"{at}/values", dimension.values, offered)
    possible = {d.name: values_of(course, d) if _closed(course, d) else [] for d in course.persona}
    yield from _unknown_names("/writing/define_terms_for", course.define_terms_for, possible)
    for name, values in course.define_terms_for.items():
        yield from _unknown(f"/writing/define_terms_for/{name}", values, possible.get(name) or values)
    by_value: tuple[tuple[str, Mapping[str, Mapping[str, Any]]], ...] = (
        ("/writing/instructions", course.instructions),
        ("/writing/readability", course.readability),
    )
    for at, names in by_value:
        yield from _unknown_names(at, names, possible)
        for name, told in names.items():
            yield from _unknown_names(f"{at}/{name}", told, possible.get(name) or told)


def _closed(course: Course, dimension: Dimension) -> bool:
    """Whether a part of a persona has one of a few values."""
    question = course.question(dimension.question)
    return question is not None and question.kind != "choices"


def _key(at: str, item: Mapping[str, Any]) -> Iterator[Flaw]:
    answer, choices = item.get("answer") or {}, item.get("choices") or {}
    if "choice" in answer and answer["choice"] not in choices:
        yield _nothing(f"{at}/choice")
    yield from _unknown(f"{at}/choices", answer.get("choices") or (), choices)


def _nothing(at: str) -> Flaw:
    return Flaw(at, "There is nothing of this name in the course.", "unknown_reference")


def _unknown(at: str, names: Iterable[str], known: Iterable[object]) -> Iterator[Flaw]:
    """The names of a list that lead nowhere."""
    listed = set(known)
    return (_nothing(f"{at}/{place}") for place, name in enumerate(names) if name not in listed)


def _unknown_names(at: str, names: Iterable[str], known: Iterable[object]) -> Iterator[Flaw]:
    """The names of an object that lead nowhere."""
    listed = set(known)
    return (_nothing(pointer(at, name)) for name in names if name not in listed)


def _twice(names: Mapping[str, str]) -> Iterator[Flaw]:
    """The places whose name was taken by an earlier one."""
    seen: set[str] = set()
    for at, name in names.items():
        if name in seen:
            yield Flaw(at, "This name is used twice.", "repeated")
        seen.add(name)
