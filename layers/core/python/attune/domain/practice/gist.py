"""The gist of what practice has shown: all that is told of a learner, and all that ranking and planning need.

What only the next answers need (days, residuals, open windows) is not in it: the log gives the state again. So what
most requests read stays small, however long somebody has practised.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, cast

from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState
from attune.domain.practice.mistakes import FEWEST, GONE, MistakeMemory
from attune.domain.practice.skill_record import expected_by
from attune.domain.practice.state import NOTHING, PracticeState
from attune.domain.practice.traits import Traits, Trend, Velocity, traits, trend

DIGITS: Final = 5
"""Decimals of a belief in logits, and of shares: a rating is off by some thousandths of a point."""
COUNTS: Final = 4
"""Decimals of rating points."""


class LastAnswer(NamedTuple):
    """When (ms) an item was last answered, and the score."""

    at: int
    score: float


@dataclass(frozen=True, slots=True)
class SkillGist:
    """One skill: the model's state, what reviews need, and how its rating has moved. `at` and `success_at` in ms."""

    state: SkillState = NEW_SKILL
    attempts: int = 0
    at: int | None = None
    successes: int = 0
    success_at: int | None = None
    trend: Trend | None = None


@dataclass(frozen=True, slots=True)
class Gist:
    """`last` are the items answered last, `mistakes` the categories that can still show; `priors` as in the state."""

    ability: Ability = NEW_ABILITY
    skills: Mapping[str, SkillGist] = field(default_factory=dict)
    priors: Mapping[str, float] = field(default_factory=dict)
    last: Mapping[str, LastAnswer] = field(default_factory=dict)
    mistakes: Mapping[str, MistakeMemory] = field(default_factory=dict)
    traits: Traits = field(default_factory=lambda: traits(NOTHING))
    attempts: int = 0
    at: int | None = None

    @classmethod
    def of(cls, state: PracticeState) -> "Gist":
        return cls(
            ability=Ability(*_rounded(state.ability)),
            skills={
                name: SkillGist(
                    SkillState(*_rounded(record.state)),
                    record.attempts,
                    record.at,
                    record.successes,
                    record.success_at,
                    _rounded_trend(trend(record.days)),
                )
                for name, record in state.skills.items()
            },
            priors=state.priors,
            last={name: LastAnswer(memory.at, memory.score) for name, memory in state.items.items()},
            mistakes={name: _brief(memory) for name, memory in state.mistakes.items() if _counts(memory, state.at)},
            traits=_rounded_traits(traits(state)),
            attempts=state.attempts,
            at=state.at,
        )

    def skill(self, name: str) -> SkillGist:
        """What is known of a skill; before practice, what the questionnaire let expect."""
        return self.skills.get(name) or SkillGist(expected_by(self.priors.get(name, 0.0)).state)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads; equal ones give equal bytes. It is made of columns, and times are
        told as how long (ms) they are before the last answer: so it is compressed best."""
        return {
            "ability": list(self.ability),
            "skills": _columns({name: self._skill_row(skill) for name, skill in self.skills.items()}),
            "priors": {name: self.priors[name] for name in sorted(self.priors)},
            "last": _columns({name: [self._turned(one.at), one.score] for name, one in self.last.items()}),
            "mistakes": _columns({name: self._mistake_row(memory) for name, memory in self.mistakes.items()}),
            "traits": self.traits.to_json(),
            "attempts": self.attempts,
            "at": self.at,
        }

    def _skill_row(self, skill: SkillGist) -> list[Any]:
        moved = [None, None] if skill.trend is None else [skill.trend.points_per_week, skill.trend.standard_error]
        times = [self._turned(skill.at), self._turned(skill.success_at)]
        return [*skill.state, *moved, *times, skill.attempts, skill.successes]

    def _mistake_row(self, memory: MistakeMemory) -> list[Any]:
        numbers = [memory.count, memory.severity, memory.frequency, self._turned(memory.at)]
        return [*numbers, dict(memory.phases), list(memory.cited)]

    def _turned(self, at: int | None) -> int | None:
        """A moment as its distance from the last answer, and the other way round."""
        return None if at is None else (self.at or 0) - at

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Gist":
        """What `to_json` wrote."""
        empty = cls(at=plain["at"])
        return replace(
            empty,
            ability=Ability(*plain["ability"]),
            skills={name: empty._skill(*row) for name, row in _rows(plain["skills"])},
            priors=plain["priors"],
            last={name: LastAnswer(cast(int, empty._turned(at)), score) for name, (at, score) in _rows(plain["last"])},
            mistakes={name: empty._mistake(*row) for name, row in _rows(plain["mistakes"])},
            traits=Traits.from_json(plain["traits"]),
            attempts=plain["attempts"],
        )

    def _skill(self, *row: Any) -> SkillGist:
        *state, moved, error, at, success_at, attempts, successes = row
        trend = None if moved is None else Trend(moved, error)
        return SkillGist(SkillState(*state), attempts, self._turned(at), successes, self._turned(success_at), trend)

    def _mistake(self, *row: Any) -> MistakeMemory:
        count, severity, frequency, at, phases, cited = row
        return MistakeMemory(count, severity, frequency, 1.0, cast(int, self._turned(at)), phases, tuple(cited))


NO_GIST: Final = Gist()
"""Of a learner who has practised nothing and told nothing."""


def _columns(rows: Mapping[str, Sequence[Any]]) -> list[list[Any]]:
    """The names of rows, then each of their columns."""
    names = sorted(rows)
    return [names, *(list(column) for column in zip(*(rows[name] for name in names), strict=True))]


def _rows(columns: Sequence[Sequence[Any]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    names, *others = columns
    return zip(names, zip(*others, strict=True), strict=True)


def _rounded(values: tuple[Any, ...]) -> list[Any]:
    return [round(value, DIGITS) for value in values]


def _rounded_traits(found: Traits) -> Traits:
    pace = found.velocity
    if not isinstance(pace, str):
        pace = Velocity(round(pace.points_per_hour, COUNTS), round(pace.low, COUNTS), round(pace.high, COUNTS))
    return Traits(pace, _share(found.consistency), _share(found.adaptability), _share(found.retention))


def _share(found: float | str) -> float | str:
    return found if isinstance(found, str) else round(found, DIGITS)


def _rounded_trend(found: Trend | None) -> Trend | None:
    return found and Trend(round(found.points_per_week, COUNTS), round(found.standard_error, COUNTS))


def _counts(memory: MistakeMemory, at: int | None) -> bool:
    """Whether the mistake can still show: without another answer its severity only fades."""
    return at is not None and memory.count > 0 and memory.severity_at(at) >= GONE


def _brief(memory: MistakeMemory) -> MistakeMemory:
    """With its frequency in the place of the two counts that it is made from."""
    return replace(
        memory,
        cited=memory.cited if memory.count >= FEWEST else (),
        severity=round(memory.severity, DIGITS),
        mistakes=round(memory.frequency, DIGITS),
        opportunities=1.0,
    )
