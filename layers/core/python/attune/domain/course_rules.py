"""What a course must be to be published: every reference leads somewhere, no skill or chapter waits for itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attune.domain import schema
from attune.domain.course import Course
from attune.domain.errors import Flaw, Invalid
from attune.domain.ids import RESERVED_SLUGS
from attune.domain.languages import LANGUAGES

Graph = Mapping[str, Sequence[str]]


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
    goals = {goal for goal, _ in course.goals}
    items = {item.id for item in course.items}
    chapters = {chapter.id for chapter in course.chapters()}
    manifest = course.manifest
    for place, language in enumerate(course.languages):
        if language not in LANGUAGES:
            yield Flaw(f"/languages/{place}", "Not a language of the registry.", "unknown_language")
    yield from _twice("/skills", [skill.id for skill in course.skills])
    yield from _twice("/items", [item.id for item in course.items])
    yield from _twice("/questionnaire", [question.id for question in course.questionnaire])
    yield from _twice("/goals", [goal for goal, _ in course.goals])
    for place, skill in enumerate(course.skills):
        yield from _unknown(f"/skills/{place}/prerequisites", skill.prerequisites, skills)
    slugs: list[str] = []
    chapter_ids: list[str] = []
    for p, part in enumerate(course.parts):
        for c, chapter in enumerate(part.chapters):
            at = f"/parts/{p}/chapters/{c}"
            chapter_ids.append(chapter.id)
            yield from _unknown(f"{at}/prerequisites", chapter.prerequisites, chapters)
            for n, lesson in enumerate(chapter.lessons):
                here = f"{at}/lessons/{n}"
                slugs.append(lesson.slug)
                if lesson.slug in RESERVED_SLUGS:
                    yield Flaw(f"{here}/slug", "This name is reserved.", "reserved_slug")
                yield from _unknown(f"{here}/skills", lesson.skills, skills)
                yield from _unknown(f"{here}/goals", lesson.goals, goals)
                yield from _unknown(f"{here}/prerequisites", lesson.prerequisites, course.lessons)
    yield from _twice("/parts", chapter_ids + slugs)
    for place, item in enumerate(course.items):
        yield from _unknown(f"/items/{place}/skills", item.skills, skills)
        if item.lesson is not None:
            yield from _unknown(f"/items/{place}/lesson", [item.lesson], course.lessons)
        yield from _unknown(f"/items/{place}/phases", item.phases, manifest.get("phases", ()))
        yield from _key(f"/items/{place}/answer", manifest["items"][place])
    for place, mistake in enumerate(manifest.get("mistakes", ())):
        yield from _unknown(f"/mistakes/{place}/items", mistake.get("items", ()), items)
        yield from _unknown(f"/mistakes/{place}/phases", mistake.get("phases", ()), manifest.get("phases", ()))
    for place, goal in enumerate(manifest.get("goals", ())):
        yield from _unknown(f"/goals/{place}/skills", goal.get("skills", ()), skills)
    yield from _questions(course, skills)
    yield from _persona(course)
    yield from schema.flaws(course.preferences, "/preferences")


def _questions(course: Course, skills: set[str]) -> Iterator[Flaw]:
    for place, raw in enumerate(course.manifest.get("questionnaire", ())):
        question, at = course.questionnaire[place], f"/questionnaire/{place}"
        values = [option.value for option in question.options]
        if len(values) < 2:
            yield Flaw(f"{at}/options", "At least two options.", "too_few")
        yield from _twice(f"{at}/options", [str(value) for value in values])
        if question.default is not None and question.default not in values:
            yield Flaw(f"{at}/default", "One of the options.", "not_offered")
        sides = raw.get("options") or [raw.get("when_true", {}), raw.get("when_false", {})]
        for number, side in enumerate(sides):
            yield from _unknown(f"{at}/options/{number}/priors", side.get("priors", {}), skills)
        if question.id == course.language_question:
            yield from _unknown(f"{at}/options", [str(value) for value in values], course.languages)
    if course.language_question is not None and course.question(course.language_question) is None:
        yield Flaw("/language_question", "Not a question of the questionnaire.", "unknown_reference")


def _persona(course: Course) -> Iterator[Flaw]:
    names = {dimension.name for dimension in course.persona}
    for dimension in course.persona:
        question, at = course.question(dimension.question), f"/persona/{dimension.name}"
        if question is None:
            yield Flaw(at, "Not a question of the questionnaire.", "unknown_reference")
        elif question.kind == "choices":
            yield Flaw(at, "A question with many values makes too many personas.", "open_ended")
        else:
            yield from _unknown(f"{at}/values", dimension.values, [str(o.value).lower() for o in question.options])
    yield from _unknown("/writing/define_terms_for", course.define_terms_for, names)
    yield from _unknown("/writing/instructions", course.instructions, names)


def _key(pointer: str, item: Mapping[str, object]) -> Iterator[Flaw]:
    answer, choices = item.get("answer"), item.get("choices") or {}
    if not isinstance(answer, Mapping) or not isinstance(choices, Mapping):
        return
    keys = [answer["choice"]] if "choice" in answer else answer.get("choices", [])
    if isinstance(keys, list):
        yield from _unknown(pointer, [str(key) for key in keys], choices)


def _unknown(pointer: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Flaw]:
    listed = set(known)
    for place, name in enumerate(names):
        if name not in listed:
            yield Flaw(f"{pointer}/{place}", "There is nothing of this name in the course.", "unknown_reference")


def _twice(pointer: str, names: Sequence[str]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            yield Flaw(f"{pointer}/{place}", "This name is used twice.", "repeated")
        seen.add(name)
