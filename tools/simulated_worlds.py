"""Worlds to try policies in: each has its own law of learning, and none is the learner model's.

A learner's knowledge of a skill is a number 0..1, in most worlds 0 or 1. A policy sees answers, never knowledge.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Final

from attune.domain.course import Course, Item
from attune.domain.manifest import read

SKILLS: Final = 16
ITEMS: Final = 6
"""Items of each skill."""
DIFFICULTIES: Final = (1, 2, 3, 3, 4, 5)
MINUTES: Final = 2


@dataclass(frozen=True, slots=True)
class World:
    """`law` names how practice teaches; `edges` is how many prerequisites a skill has at most; `readiness` what is left
    of learning while one is missing; `slip` the share of known answers that go wrong at difficulty 3; `rate` the
    chance, or the step, of learning from one item."""

    name: str
    law: str
    edges: int
    readiness: float
    slip: float
    rate: float

    @property
    def has_prerequisites(self) -> bool:
        return self.edges > 0


WORLDS: Final = (
    World("prerequisites", "steps", 2, 0.1, 0.1, 0.25),
    World("prerequisites hard", "steps", 3, 0.0, 0.1, 0.3),
    World("slips", "steps", 2, 0.1, 0.25, 0.25),
    World("challenge", "challenge", 0, 1.0, 0.1, 0.3),
    World("none", "steps", 0, 1.0, 0.1, 0.15),
    World("continuous", "gradual", 2, 0.15, 0.05, 0.16),
)


def course_of(world: World, rng: random.Random) -> Course:
    """A course with an order: a skill needs only skills before it."""
    names = [f"s{number:02}" for number in range(SKILLS)]
    skills = []
    for number, name in enumerate(names):
        before = names[max(0, number - 5) : number]
        wanted = min(len(before), rng.randint(1, world.edges)) if world.edges and number > 1 else 0
        skills.append({"id": name, "prerequisites": sorted(rng.sample(before, wanted)), "weight": 1.0 / SKILLS})
    items = [
        {"id": f"{name}-{number}", "skills": [name], "difficulty": difficulty, "minutes": MINUTES}
        for name in names
        for number, difficulty in enumerate(DIFFICULTIES)
    ]
    return read("simulated", 1, {"skills": skills, "items": items})


@dataclass(slots=True)
class Learner:
    """What somebody really knows, how fast they learn, and the law of their world."""

    world: World
    course: Course
    pace: float
    knowledge: dict[str, float]
    rng: random.Random
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def answer(self, item: Item) -> float:
        """Answers an item, 1 or 0, and learns from it."""
        score = float(self.rng.random() < self.chance(item))
        for skill in item.skills:
            step = self.expected_step(item)
            if self.world.law == "gradual":
                self.knowledge[skill] = min(1.0, self.knowledge[skill] + step * self.rng.uniform(0.5, 1.5))
            elif self.rng.random() < step:
                self.knowledge[skill] = 1.0 if self.world.law == "steps" else min(1.0, self.knowledge[skill] + 0.25)
        return score

    def chance(self, item: Item) -> float:
        """The probability of a right answer."""
        known = min(self.knowledge[skill] for skill in item.skills)
        harder = (item.difficulty - 3) / 2.0
        if self.world.law == "steps":
            return 1.0 - self.world.slip - 0.05 * harder if known >= 1.0 else 0.25 - 0.1 * harder
        logit = 5.0 * known - 2.2 - 1.1 * harder
        return 0.15 + (0.85 - self.world.slip) / (1.0 + exp(-logit))

    def expected_step(self, item: Item) -> float:
        """The chance of learning something from an item now; in the gradual world, how much on average."""
        skill = item.skills[0]
        known = self.knowledge[skill]
        if known >= 1.0:
            return 0.0
        rate = self.world.rate * self.pace * self.ready(skill)
        if self.world.law == "challenge":
            # Too easy teaches nothing new, too hard nothing that could be taken in.
            return rate * 2.0 * exp(-(((self.chance(item) - 0.6) / 0.18) ** 2))
        if self.world.law == "gradual":
            return rate * (1.0 - known) * (1.3 - self.chance(item))
        return rate

    def ready(self, skill: str) -> float:
        """What is left of learning by the prerequisite that is known least."""
        least = min((self.knowledge[need] for need in self.needs[skill]), default=1.0)
        if self.world.law == "steps":
            return 1.0 if least >= 1.0 else self.world.readiness
        return self.world.readiness + (1.0 - self.world.readiness) * min(1.0, least / 0.7)

    def known(self) -> float:
        """Skills mastered; in the gradual world the sum of knowledge."""
        return sum(self.knowledge.values())


def learner_of(world: World, course: Course, rng: random.Random) -> Learner:
    """Somebody who knows some of the first skills already."""
    pace = rng.choice((0.7, 1.0, 1.3))
    needs = {skill.id: skill.prerequisites for skill in course.skills}
    knowledge: dict[str, float] = {}
    for skill in course.skills:
        ready = all(knowledge[need] >= 0.5 for need in needs[skill.id])
        some = rng.random() < 0.3 if ready else False
        if world.law == "steps":
            knowledge[skill.id] = 1.0 if some else 0.0
        else:
            knowledge[skill.id] = rng.choice((0.25, 0.5, 0.75)) if some else 0.0
    return Learner(world, course, pace, knowledge, rng, needs)
