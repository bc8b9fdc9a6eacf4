"""Situations to rank: small ones made by hand, and random ones of random courses."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.recommendations.recommendation import KINDS
from attune.domain.recommendations.situation import DAY, Feedback, Mistakes, Request, Situation, Standing

NOW = 2_000_000_000.0
STYLES = ("visual", "practical", "theoretical", "social")
PRIOR = Standing(0.22, 1000.0, 0.0, 0, None, False, "prior")


def standing(mastery: float = 0.22, attempts: int = 0, recall: float | None = None, **changes: Any) -> Standing:
    """What is known of a skill: a prior without attempts, else evidence."""
    plain: dict[str, Any] = {
        "mastery": mastery,
        "rating": 800.0 + 500.0 * mastery,
        "confidence": min(0.9, attempts / 20),
        "attempts": attempts,
        "recall": recall,
        "due": recall is not None and recall < 0.9,
        "source": "evidence" if attempts else "prior",
    }
    return Standing(**{**plain, **changes})


def situation(course: Course, standings: Mapping[str, Standing] | None = None, **changes: Any) -> Situation:
    """A situation of an onboarded learner who has answered nothing, but for what is said otherwise."""
    plain: dict[str, Any] = {
        "course": course,
        "now": NOW,
        "standings": {skill.id: (standings or {}).get(skill.id, PRIOR) for skill in course.skills},
        "p": {item.id: max(0.1, 0.8 - 0.1 * item.difficulty) for item in course.items},
        "onboarded": True,
    }
    return Situation(**{**plain, **changes})


def a_course(
    skills: Mapping[str, list[str]],
    items: list[dict[str, Any]],
    lessons: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Course:
    """A course by the prerequisites of its skills, its items, and the lessons of its only chapter."""
    manifest = {
        "skills": [{"id": name, "prerequisites": needs} for name, needs in skills.items()],
        "items": items,
        "parts": [{"id": "only", "chapters": [{"id": "one", "lessons": lessons or []}]}],
    }
    return read("made", 1, {**manifest, **more})


def an_item(id_: str, *skills: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "skills": list(skills), "minutes": 2, "difficulty": 3, **more}


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any course: a graph of skills, chapters and lessons that need earlier ones, items of several skills or none."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 6)))]
    some = st.lists(st.sampled_from(names), max_size=3, unique=True)
    skills = [
        {
            "id": name,
            "prerequisites": draw(st.lists(st.sampled_from(names[:place]), max_size=2, unique=True)) if place else [],
        }
        for place, name in enumerate(names)
    ]
    slugs: list[str] = []
    chapters: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        lessons = []
        for _ in range(draw(st.integers(0, 3))):
            slug = f"lessons/{len(slugs)}"
            wanted = draw(st.lists(st.sampled_from(slugs), max_size=1)) if slugs else []
            lessons.append(
                {
                    "slug": slug,
                    "skills": draw(some),
                    "minutes": draw(st.sampled_from((5, 12, 40))),
                    "difficulty": draw(st.integers(1, 5)),
                    "layer": draw(st.sampled_from((None, "L1", "L3"))),
                    "formats": draw(st.lists(st.sampled_from(STYLES), max_size=2, unique=True)),
                    "goals": draw(st.lists(st.just("aim"), max_size=1)),
                    "prerequisites": wanted,
                }
            )
            slugs.append(slug)
        earlier = [chapter["id"] for chapter in chapters]
        needs = draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else []
        chapters.append({"id": f"c{number}", "prerequisites": needs, "lessons": lessons})
    items = [
        {
            "id": f"i{number}",
            "skills": draw(some),
            "difficulty": draw(st.integers(1, 5)),
            "minutes": draw(st.sampled_from((1, 2, 10, 50))),
            "formats": draw(st.lists(st.sampled_from(STYLES), max_size=2, unique=True)),
            "lesson": draw(st.sampled_from((None, *slugs))),
            "kind": draw(st.sampled_from(("question", "scenario"))),
        }
        for number in range(draw(st.integers(0, 12)))
    ]
    ids = [item["id"] for item in items]
    mistakes = [{"id": "slip", "items": draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))}] if ids else []
    goals = [{"id": "aim", "skills": draw(some)}]
    parts = [{"id": "only", "chapters": chapters}]
    manifest = {"skills": skills, "items": items, "parts": parts, "mistakes": mistakes, "goals": goals}
    return read("random", 1, manifest)


standings = st.builds(
    standing,
    mastery=st.sampled_from((0.1, 0.3, 0.55, 0.65, 0.9)),
    attempts=st.sampled_from((1, 5, 20, 60)),
    recall=st.sampled_from((None, 0.1, 0.8, 0.97)),
) | st.builds(standing, mastery=st.sampled_from((0.2, 0.4)), rating=st.sampled_from((900.0, 1250.0)))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anybody, in any course."""
    course = draw(courses())
    ids = [*course.lessons, *course.items_by_id]
    some = st.lists(st.sampled_from(ids), max_size=3, unique=True) if ids else st.just([])
    ago = st.sampled_from((60.0, 0.5 * DAY, 3 * DAY, 8 * DAY, 100 * DAY))
    declined = {item: NOW - draw(ago) for item in draw(some)}
    why = st.sampled_from(("too_hard", "too_easy", "seen", "not_now", "not_relevant"))
    return Situation(
        course=course,
        now=NOW,
        standings={skill.id: draw(standings) for skill in course.skills},
        p={item: draw(st.sampled_from((0.1, 0.4, 0.6, 0.7, 0.95))) for item in course.items_by_id},
        last={
            item: (NOW - draw(ago), draw(st.sampled_from((0.0, 0.4, 1.0))))
            for item in draw(some)
            if item in course.items_by_id
        },
        lessons={
            slug: draw(st.sampled_from(("started", "completed"))) for slug in draw(some) if slug in course.lessons
        },
        weaknesses=draw(st.lists(st.just(Mistakes("slip", 4, 0.5, 0.3)), max_size=1)),
        feedback=Feedback(
            declined=declined,
            reasons={item: draw(why) for item in declined},
            shift=draw(st.sampled_from((-0.2, 0.0, 0.2))),
            tallies=draw(st.dictionaries(st.sampled_from(("practise:3", "learn:2")), st.just((3.0, 1.0)))),
            accepted=frozenset(draw(some)),
        ),
        expectations=draw(st.dictionaries(st.sampled_from(KINDS), st.just((9.1, 12)), max_size=2)),
        style=draw(st.dictionaries(st.sampled_from(STYLES), st.sampled_from((0.0, 0.25, 0.6)))),
        challenge=draw(st.sampled_from((0.0, 0.5, 1.0))),
        onboarded=draw(st.booleans()),
        overall=draw(st.sampled_from((None, 1100.0))),
        beginner=draw(st.booleans()),
    )


@st.composite
def requests(draw: st.DrawFn, situation: Situation | None = None) -> Request:
    """Any request; about parts of the course of a situation if one is given."""
    course = situation.course if situation else None
    named = [*course.lessons, *course.items_by_id, *(skill.id for skill in course.skills)] if course else []
    some = st.frozensets(st.sampled_from(named), max_size=2) if named else st.just(frozenset[str]())
    return Request(
        count=draw(st.integers(1, 8)),
        minutes=draw(st.sampled_from((5, 20, 60, 240))),
        difficulty=draw(st.sampled_from((None, 2, 4))),
        difficulty_asked=draw(st.booleans()),
        focus=draw(some),
        exclude=draw(some),
        goals=draw(st.sampled_from(((), ("aim",), ("s0",)))),
        kinds=draw(st.frozensets(st.sampled_from(KINDS), max_size=2)),
    )
