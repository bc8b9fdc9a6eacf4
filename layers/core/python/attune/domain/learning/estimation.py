"""The shared parameters estimated anew from batches of answers, for the scheduled job.

Each page of answers is run through the filter that learns the shared parameters (estimate.py), from the version in
force. A page then says of each parameter by how much its precision (1 / variance) and its precision times its mean
have grown. Both add up: beliefs of independent evidence are multiplied, which is this sum for normal ones. They are
kept in fixed point, so pages give the same sums in whatever order they are merged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any, Final, NamedTuple

from attune.domain.learning.estimate import LEAST, MOST, Estimate
from attune.domain.learning.filter import expect, surprise
from attune.domain.learning.parameters import (
    NEW_SITUATION,
    NEW_SKILL_PARAMETERS,
    NEW_SKILL_SITUATION,
    Belief,
    ItemParameters,
    Parameters,
    SkillParameters,
    authored,
)
from attune.domain.learning.state import Ability, SkillState

SCALE: Final = 10**6
"""Fixed point: six decimals."""
LONGEST_STEP: Final = 1.0
"""Logits by which a mean may move from one version to the next, however loud the evidence."""
KEPT: Final = 0.99
"""The share of its precision that a parameter keeps when it is estimated anew: it can follow a course that changes."""
ENOUGH: Final = 200
"""Held-out answers without which no version is taken for better."""


class Attempt(NamedTuple):
    """An answer with the learner's states before it; `skills` in the order of `skill_ids`."""

    item_id: str
    difficulty: int | None
    skill_ids: Sequence[str]
    score: float
    weight: float
    ability: Ability
    skills: Sequence[SkillState]


class Gain(NamedTuple):
    """How much precision, and precision times mean, answers have added to a parameter, in millionths."""

    precision: int
    weighted: int


Name = tuple[str, str, int]
"""What a belief is of: the kind of parameter, the item or skill or nothing, the situation or 0."""

_BASE, _COMMON = "base", "situation"
_EASINESS, _DISCRIMINATION = "easiness", "discrimination"
_INTERCEPT, _SLOPE, _OWN = "intercept", "slope", "situation in skill"


@dataclass(frozen=True, slots=True)
class Sums:
    """What pages of answers say of one version of the shared parameters. `difficulties` are what authors said."""

    attempts: int = 0
    gains: Mapping[Name, Gain] = field(default_factory=dict)
    difficulties: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        return {
            "attempts": self.attempts,
            "gains": [[*name, *gain] for name, gain in sorted(self.gains.items())],
            "difficulties": dict(sorted(self.difficulties.items())),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Sums":
        """What `to_json` wrote."""
        gains = {(row[0], row[1], int(row[2])): Gain(int(row[3]), int(row[4])) for row in plain["gains"]}
        difficulties = {name: int(value) for name, value in plain["difficulties"].items()}
        return cls(int(plain["attempts"]), gains, difficulties)


def gather(parameters: Parameters, attempts: Iterable[Attempt]) -> Sums:
    """What a page of answers says, whose states were reached under `parameters` or an earlier version."""
    estimate, difficulties, count = Estimate(parameters), dict[str, int](), 0
    for attempt in attempts:
        item = estimate.items.get(attempt.item_id) or authored(attempt.difficulty)
        if attempt.item_id not in parameters.items and attempt.difficulty is not None:
            difficulties.setdefault(attempt.item_id, attempt.difficulty)
        expectation = expect(estimate, item, attempt.skill_ids, attempt.ability, attempt.skills)
        estimate.learn(expectation, attempt.item_id, surprise(expectation, attempt.score), attempt.weight)
        count += 1
    gains = {}
    for name, after in _beliefs(estimate):
        before = _before(parameters, name, difficulties)
        if after != before:
            gains[name] = Gain(
                round(SCALE * (1.0 / after.variance - 1.0 / before.variance)),
                round(SCALE * (after.mean / after.variance - before.mean / before.variance)),
            )
    return Sums(count, gains, difficulties)


def merge(one: Sums, other: Sums) -> Sums:
    """What two pages say together; they must have been gathered under the same parameters."""
    gains = dict(one.gains)
    for name, (precision, weighted) in other.gains.items():
        was = gains.get(name, Gain(0, 0))
        gains[name] = Gain(was.precision + precision, was.weighted + weighted)
    difficulties = dict(one.difficulties)
    for item_id, difficulty in other.difficulties.items():
        difficulties[item_id] = max(difficulty, difficulties.get(item_id, difficulty))
    return Sums(one.attempts + other.attempts, gains, difficulties)


def reestimate(parameters: Parameters, sums: Sums, version: int) -> Parameters:
    """The parameters with what the sums say, which were gathered under them; what nobody answered stays."""
    found = dict(_beliefs(parameters))
    for name, gain in sums.gains.items():
        before = _before(parameters, name, sums.difficulties)
        precision = KEPT / before.variance + max(0, gain.precision) / SCALE
        weighted = KEPT * before.mean / before.variance + gain.weighted / SCALE
        step = max(-LONGEST_STEP, min(LONGEST_STEP, weighted / precision - before.mean))
        found[name] = Belief(round(_within(name, before.mean + step), 6), round(1.0 / precision, 9))
    return _assembled(version, found, sums.difficulties)


class Loss(NamedTuple):
    """How badly parameters predicted answers: the sum of log losses over them."""

    attempts: int
    total: float

    def plus(self, other: "Loss") -> "Loss":
        """Of these answers and those."""
        return Loss(self.attempts + other.attempts, self.total + other.total)


def loss(parameters: Parameters, attempts: Iterable[Attempt]) -> Loss:
    """The loss on answers that were held out: none of their learners' answers may have been gathered."""
    count, total = 0, 0.0
    for attempt in attempts:
        item = parameters.item(attempt.item_id, attempt.difficulty)
        p = expect(parameters, item, attempt.skill_ids, attempt.ability, attempt.skills).p
        total -= attempt.weight * (attempt.score * log(p) + (1.0 - attempt.score) * log(1.0 - p))
        count += 1
    return Loss(count, total)


def better(current: Loss, candidate: Loss) -> bool:
    """Whether a candidate may take over: it predicts the same held-out answers better, and they are not too few."""
    return candidate.attempts == current.attempts >= ENOUGH and candidate.total < current.total


def _within(name: Name, mean: float) -> float:
    """The bounds that learning keeps: estimate.py says why."""
    if name[0] == _DISCRIMINATION:
        return max(LEAST, min(MOST, mean))
    return max(0.0, mean) if name[0] == _SLOPE else mean


def _beliefs(shared: Estimate | Parameters) -> Iterator[tuple[Name, Belief]]:
    """Every belief of a set of parameters by its name."""
    yield (_BASE, "", 0), Belief(shared.base, shared.base_variance)
    for number, belief in shared.situations.items():
        yield (_COMMON, "", number), belief
    for item_id, item in shared.items.items():
        yield (_EASINESS, item_id, 0), Belief(item.easiness, item.variance)
        yield (_DISCRIMINATION, item_id, 0), Belief(item.discrimination, item.discrimination_variance)
    for skill_id, skill in shared.skills.items():
        yield (_INTERCEPT, skill_id, 0), Belief(skill.intercept, skill.intercept_variance)
        yield (_SLOPE, skill_id, 0), Belief(skill.slope, skill.slope_variance)
        for number, belief in skill.situations.items():
            yield (_OWN, skill_id, number), belief


def _before(parameters: Parameters, name: Name, difficulties: Mapping[str, int]) -> Belief:
    """A belief of these parameters, or what is expected where they have none."""
    kind, id_, number = name
    if kind == _BASE:
        return Belief(parameters.base, parameters.base_variance)
    if kind == _COMMON:
        return parameters.situations.get(number, NEW_SITUATION)
    if kind in (_EASINESS, _DISCRIMINATION):
        item = parameters.item(id_, difficulties.get(id_))
        easiness, discrimination = item[:2], item[2:]
        return Belief(*(easiness if kind == _EASINESS else discrimination))
    skill = parameters.skill(id_)
    if kind == _OWN:
        return skill.situations.get(number, NEW_SKILL_SITUATION)
    return Belief(*(skill[:2] if kind == _INTERCEPT else skill[2:4]))


def _assembled(version: int, found: Mapping[Name, Belief], difficulties: Mapping[str, int]) -> Parameters:
    """The parameters that hold these beliefs."""
    items: dict[str, ItemParameters] = {}
    skills: dict[str, SkillParameters] = {}
    situations: dict[int, Belief] = {}
    own: dict[str, dict[int, Belief]] = {}
    for (kind, id_, number), belief in found.items():
        if kind == _COMMON:
            situations[number] = belief
        elif kind == _OWN:
            own.setdefault(id_, {})[number] = belief
        elif kind == _EASINESS:
            items[id_] = ItemParameters(*belief, *items.get(id_, authored(difficulties.get(id_)))[2:])
        elif kind == _DISCRIMINATION:
            items[id_] = ItemParameters(*items.get(id_, authored(difficulties.get(id_)))[:2], *belief)
        elif kind in (_INTERCEPT, _SLOPE):
            was = skills.get(id_, NEW_SKILL_PARAMETERS)
            kept = (*belief, *was[2:4]) if kind == _INTERCEPT else (*was[:2], *belief)
            skills[id_] = SkillParameters(*kept, own.setdefault(id_, {}))
    return Parameters(version, *found[_BASE, "", 0], items, skills, situations)
