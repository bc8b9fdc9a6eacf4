"""Courses and learners made from a seed, so that properties can be tried on many of them."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.paths.creation import created
from attune.domain.paths.goal import Goal
from attune.domain.paths.material import Material, material
from attune.domain.paths.memory import Memory
from attune.domain.paths.path import Path
from attune.domain.paths.plan import plan
from attune.domain.paths.request import PlanRequest
from attune.domain.recommendations.situation import Situation, Standing

TODAY = 20_000
NEW = Standing(mastery=0.2, rating=1000.0, confidence=0.0, attempts=0, recall=None, due=False, source="prior")
MASTERED = Standing(mastery=0.9, rating=1300.0, confidence=0.8, attempts=12, recall=0.9, due=False, source="evidence")


def a_course(chance: random.Random, skills: int, items: int, lessons: int, templates: bool = False) -> Course:
    """A random graph without circles; lessons and items are about one to three skills."""
    names = [f"s{number:04d}" for number in range(skills)]
    chance.shuffle(names)
    entries = [
        {
            "id": name,
            "weight": chance.choice([0.0, 0.2, 0.5, 1.0]),
            "prerequisites": chance.sample(names[:place], min(place, chance.choice([0, 0, 1, 1, 2, 3]))),
        }
        for place, name in enumerate(names)
    ]
    slugs = [f"part/l{number:04d}" for number in range(lessons)]
    chapters: list[dict[str, Any]] = []
    for start in range(0, lessons, 4):
        listed = [
            {
                "slug": slugs[number],
                "minutes": chance.choice([5, 12, 15, 30, 50, 90]),
                "skills": chance.sample(names, chance.choice([0, 1, 1, 1, 2]) if skills > 1 else 1),
                "prerequisites": chance.sample(slugs[:number], min(number, chance.choice([0, 0, 1, 2]))),
            }
            for number in range(start, min(lessons, start + 4))
        ]
        earlier = [chapter["id"] for chapter in chapters]
        before = chance.sample(earlier, min(len(earlier), chance.choice([0, 0, 0, 1])))
        chapters.append({"id": f"c{start}", "prerequisites": before, "lessons": listed})
    made = [
        {
            "id": f"i{number:05d}",
            "kind": chance.choice(["question", "question", "question", "scenario", "task"]),
            "skills": chance.sample(names, min(skills, chance.choice([1, 1, 1, 2]))),
            "difficulty": chance.randint(1, 5),
            "minutes": chance.choice([1, 1, 2, 2, 5, 20, 45]),
        }
        for number in range(items)
    ]
    manifest: dict[str, Any] = {"skills": entries, "items": made, "parts": [{"id": "part", "chapters": chapters}]}
    if templates:
        steps = [*slugs[:6], *(item["id"] for item in made[:8])]
        manifest["templates"] = [
            {"id": kind, "adaptivity": kind, "steps": steps} for kind in ("off", "order", "full") if steps
        ]
    return read("c", 1, manifest)


def a_standing(chance: random.Random) -> Standing:
    attempts = chance.choice([0, 0, 0, 1, 3, 8, 20, 40])
    return Standing(
        mastery=chance.random(),
        rating=chance.uniform(700, 1400),
        confidence=chance.random(),
        attempts=attempts,
        recall=chance.random() if attempts else None,
        due=False,
        source="evidence" if attempts else "prior",
    )


def a_request(course: Course, chance: random.Random, goal: Goal | None = None, **changes: Any) -> PlanRequest:
    """Somebody who knows some skills, has read some lessons and remembers what they practised."""
    standings = {skill.id: a_standing(chance) for skill in course.skills}
    practised = [name for name, standing in standings.items() if standing.attempts]
    situation = Situation(
        course=course,
        now=TODAY * 86400.0 + 3600.0,
        standings=standings,
        p={item.id: chance.random() for item in course.items},
        lessons={slug: "completed" for slug in course.lessons if chance.random() < 0.2},
        challenge=chance.random(),
        learning_velocity=chance.choice([None, 3.0, 40.0]),
    )
    request = PlanRequest(
        situation=situation,
        goal=goal if goal is not None else a_goal(course, chance),
        today=TODAY,
        minutes_per_day=chance.choice([5, 10, 30, 60, 240]),
        duration=chance.choice([1, 7, 30, 90]),
        deadline=chance.choice([None, None, TODAY - 1, TODAY, TODAY + 5, TODAY + 200]),
        memories={name: Memory(chance.randint(0, 8), TODAY - chance.randint(0, 90)) for name in practised},
        attendance=chance.choice([1.0, 0.5]),
    )
    return replace(request, **changes)


def a_goal(course: Course, chance: random.Random) -> Goal:
    trained = [skill.id for skill in course.skills if material(course).items.get(skill.id)]
    kind = chance.choice(["skills", "skills", "lessons", "course", "template"])
    if kind == "skills" and trained:
        return Goal(skills={name: chance.uniform(900, 1400) for name in chance.sample(trained, min(3, len(trained)))})
    if kind == "lessons" and course.lessons:
        return Goal(lessons=tuple(chance.sample(list(course.lessons), min(3, len(course.lessons)))))
    if kind == "template" and course.templates:
        return Goal(template=chance.choice(course.templates).id)
    return Goal()


def a_world(seed: int, most: int = 12, templates: bool = False) -> tuple[Course, PlanRequest, random.Random]:
    chance = random.Random(seed)
    course = a_course(
        chance, chance.randint(1, most), chance.randint(0, 4 * most), chance.randint(0, most), templates=templates
    )
    return course, a_request(course, chance), chance


def a_path(request: PlanRequest, adaptivity: str = "full") -> Path:
    """A started path."""
    path = created(request, plan(request), adaptivity)
    return replace(path, started_at=request.now)


def later(request: PlanRequest, days: int, **changes: Any) -> PlanRequest:
    """The same request some days on."""
    situation = replace(request.situation, now=request.situation.now + days * 86400.0)
    return replace(request, situation=situation, today=request.today + days, **changes)


def standing_as(request: PlanRequest, changed: Mapping[str, Standing]) -> PlanRequest:
    situation = replace(request.situation, standings={**request.situation.standings, **changed})
    return replace(request, situation=situation)


def stock(request: PlanRequest) -> Material:
    return material(request.situation.course)
