"""Who chooses the next items of a simulated learner: chance, the course, two formulas, and one who knows everything."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from attune.domain.course import Course, Item
from attune.domain.learning import filter as model
from attune.domain.learning import measures
from attune.domain.learning.parameters import START
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState
from attune.domain.recommendations.parameters import BASELINE, DEFAULT
from attune.domain.recommendations.rank import rank
from attune.domain.recommendations.situation import DAY, Request, Situation, Standing
from tools.simulated_worlds import MINUTES, Learner

SET: Final = 5
"""Items in a set."""
BREAK: Final = DAY / 2
"""Seconds between two sets."""
EPOCH: Final = 1_900_000_000.0


@dataclass(slots=True)
class Known:
    """What a policy may know of a learner: the real learner model, fed with the answers."""

    course: Course
    now: float = EPOCH
    ability: Ability = NEW_ABILITY
    skills: dict[str, SkillState] = field(default_factory=dict)
    successes: dict[str, tuple[int, float]] = field(default_factory=dict)
    last: dict[str, tuple[float, float]] = field(default_factory=dict)

    def learn(self, item: Item, score: float) -> None:
        """Takes an answer in, some minutes after the one before."""
        states = [self.skills.get(skill, NEW_SKILL) for skill in item.skills]
        parameters = START.item(item.id, item.difficulty)
        after = model.update(START, parameters, item.skills, self.ability, states, score)
        self.ability = after.ability
        self.skills.update(zip(item.skills, after.skills, strict=True))
        for skill in item.skills:
            successes, _ = self.successes.get(skill, (0, 0.0))
            if score >= 0.6:
                self.successes[skill] = (successes + 1, self.now)
        self.last[item.id] = (self.now, score)
        self.now += MINUTES * 60.0

    def standing(self, skill: str) -> Standing:
        state = self.skills.get(skill, NEW_SKILL)
        recall = None
        if skill in self.successes:
            successes, at = self.successes[skill]
            recall = measures.recall(successes, (self.now - at) / DAY)
        return Standing(
            mastery=measures.mastery(START, skill, self.ability, state),
            rating=measures.rating(START, skill, self.ability, state),
            confidence=measures.confidence(state, self.ability),
            attempts=round(state.count),
            recall=recall,
            due=recall is not None and recall < measures.DUE_BELOW,
            source="evidence" if state.count else "prior",
        )

    def situation(self) -> Situation:
        standings = {skill.id: self.standing(skill.id) for skill in self.course.skills}
        return Situation(
            course=self.course,
            now=self.now,
            standings=standings,
            p={item.id: self.chance(item) for item in self.course.items},
            last=self.last,
            overall=sum(standing.rating for standing in standings.values()) / len(standings),
        )

    def chance(self, item: Item) -> float:
        states = [self.skills.get(skill, NEW_SKILL) for skill in item.skills]
        return model.predict(START, START.item(item.id, item.difficulty), item.skills, self.ability, states)


Policy = Callable[[Known, Learner, random.Random], list[Item]]
"""The items of the next set. Only the oracle looks at the learner."""


def by_chance(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    return [rng.choice(known.course.items) for _ in range(SET)]


def in_course_order(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    done = sum(round(state.count) for state in known.skills.values())
    items = known.course.items
    return [items[(done + place) % len(items)] for place in range(SET)]


def weakest_first(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    weakest = min(known.course.skills, key=lambda skill: known.standing(skill.id).mastery).id
    return [rng.choice([item for item in known.course.items if weakest in item.skills]) for _ in range(SET)]


def baseline(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    return _ranked(known, rng, BASELINE)


def ours(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    return _ranked(known, rng, DEFAULT.algorithm)


def oracle(known: Known, learner: Learner, rng: random.Random) -> list[Item]:
    """Knows the learner and the law: the item that teaches most, more so the more waits for its skill."""
    waiting = {skill.id: 1.0 for skill in known.course.skills}
    for skill in reversed(known.course.skills):
        for need in skill.prerequisites:
            waiting[need] += 0.5 * waiting[skill.id] * (1.0 - learner.knowledge[skill.id])
    best = max(known.course.items, key=lambda item: learner.expected_step(item) * waiting[item.skills[0]])
    return [best]


def _ranked(known: Known, rng: random.Random, algorithm: str) -> list[Item]:
    request = Request(count=SET, minutes=SET * MINUTES * 2)
    ranked = rank(known.situation(), request, replace(DEFAULT, algorithm=algorithm), str(rng.random()))
    return [known.course.items_by_id[one.item] for one in ranked.recommendations]


POLICIES: Final[Mapping[str, Policy]] = {
    "random": by_chance,
    "course order": in_course_order,
    "weakest first": weakest_first,
    "baseline": baseline,
    "ours": ours,
    "oracle": oracle,
}
