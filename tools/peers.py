"""What the learner model is compared with: three models made here, and figures that others have published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, log, sqrt
from typing import Final, Protocol

from tools.answer_logs import Answer


class Model(Protocol):
    """Predicts an answer, then learns from it."""

    def predict(self, user: str, item: str, skills: Sequence[str], ts: float) -> float: ...
    def update(self, user: str, item: str, skills: Sequence[str], correct: int, ts: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Published:
    """The AUC that a paper reports, on its own split, for unseen students with all others known (warm)."""

    name: str
    source: str
    auc: dict[str, float]


_GERVET = "Gervet et al. 2020, JEDM 12(3)"
PUBLISHED: Final = (
    Published("Best-LR", _GERVET, {"assist09": 0.77, "statics": 0.82, "assist15": 0.70}),
    Published("DKT", _GERVET, {"assist09": 0.75, "statics": 0.83, "assist15": 0.73}),
    Published("AKT", "Ghosh et al. 2020, as measured by pyKT (Liu et al. 2022)", {"assist09": 0.785}),
)


class MeanPerItem:
    """The share of right answers to an item, drawn towards that of all items as if by five answers."""

    def __init__(self) -> None:
        self._all = [1.0, 2.0]
        self._items: dict[str, list[float]] = {}

    def predict(self, user: str, item: str, skills: Sequence[str], ts: float) -> float:
        right, count = self._items.get(item, (0.0, 0.0))
        return (right + 5 * self._all[0] / self._all[1]) / (count + 5)

    def update(self, user: str, item: str, skills: Sequence[str], correct: int, ts: float) -> None:
        for tally in (self._all, self._items.setdefault(item, [0.0, 0.0])):
            tally[0] += correct
            tally[1] += 1


class Elo:
    """Ratings of learners, of learners in skills, of items and of skills, in logits; what is less known moves more.

    After Pelánek (2016), Applications of the Elo rating system in adaptive educational systems.
    """

    def __init__(self) -> None:
        self._ratings: dict[tuple[str, ...], tuple[float, int]] = {}

    def predict(self, user: str, item: str, skills: Sequence[str], ts: float) -> float:
        return self._expected(user, item, skills)[0]

    def update(self, user: str, item: str, skills: Sequence[str], correct: int, ts: float) -> None:
        p, parts = self._expected(user, item, skills)
        for key, rating, count, loading in parts:
            step = loading * 0.9 / sqrt(1 + 0.12 * count)
            # A few skills have many answers: unbounded, they and their learners would drift apart together.
            self._ratings[key] = (max(-5.0, min(5.0, rating + step * (correct - p))), count + 1)

    def _expected(
        self, user: str, item: str, skills: Sequence[str]
    ) -> tuple[float, list[tuple[tuple[str, ...], float, int, float]]]:
        loadings: dict[tuple[str, ...], float] = {("user", user): 0.6, ("item", item): 1.0}
        for skill in skills:
            loadings |= {("skill", skill): 1 / len(skills), ("user", user, skill): 1 / len(skills)}
        parts = [(key, *self._ratings.get(key, (0.0, 0)), loading) for key, loading in loadings.items()]
        total = sum(rating * loading for _, rating, _, loading in parts)
        return 1 / (1 + exp(-max(-30.0, min(30.0, total)))), parts


@dataclass(frozen=True, slots=True)
class Tracing:
    """The four numbers of Bayesian knowledge tracing (Corbett and Anderson 1995)."""

    prior: float
    learn: float
    guess: float
    slip: float

    def right(self, known: float) -> float:
        """The probability of a right answer."""
        return known * (1 - self.slip) + (1 - known) * self.guess

    def after(self, known: float, correct: int) -> float:
        """The probability that the skill is known, after an answer and the chance to learn from it."""
        told = known * (1 - self.slip if correct else self.slip)
        posterior = told / (told + (1 - known) * (self.guess if correct else 1 - self.guess))
        return posterior + (1 - posterior) * self.learn


GENERIC: Final = Tracing(0.3, 0.15, 0.3, 0.12)
GRID: Final = tuple(Tracing(*each) for each in product((0.3, 0.6), (0.05, 0.2), (0.2, 0.4), (0.1, 0.25)))


class KnowledgeTracing:
    """Bayesian knowledge tracing, each skill by itself; an item with several skills is predicted by their mean.

    With answers to fit, every skill gets those parameters of a grid that were likeliest; others are generic.
    """

    def __init__(self, fit: Iterable[Answer] = ()) -> None:
        self._skills = _fitted(fit)
        self._known: dict[tuple[str, str], float] = {}

    def predict(self, user: str, item: str, skills: Sequence[str], ts: float) -> float:
        return sum(self._tracing(skill).right(self._of(user, skill)) for skill in skills) / len(skills)

    def update(self, user: str, item: str, skills: Sequence[str], correct: int, ts: float) -> None:
        for skill in skills:
            self._known[user, skill] = self._tracing(skill).after(self._of(user, skill), correct)

    def _tracing(self, skill: str) -> Tracing:
        return self._skills.get(skill, GENERIC)

    def _of(self, user: str, skill: str) -> float:
        known = self._known.get((user, skill))
        return self._tracing(skill).prior if known is None else known


def _fitted(answers: Iterable[Answer]) -> dict[str, Tracing]:
    """The likeliest parameters of the grid for each skill, by its first ten answers of each student."""
    runs: dict[str, dict[str, list[int]]] = {}
    for answer in answers:
        for skill in answer.skills:
            run = runs.setdefault(skill, {}).setdefault(answer.user, [])
            if len(run) < 10:
                run.append(answer.correct)
    found = {}
    for skill, students in runs.items():
        same: dict[tuple[int, ...], int] = {}
        for run in students.values():
            same[tuple(run)] = same.get(tuple(run), 0) + 1
        found[skill] = max(GRID, key=lambda tracing: sum(n * _likelihood(tracing, run) for run, n in same.items()))
    return found


def _likelihood(tracing: Tracing, run: Sequence[int]) -> float:
    known, total = tracing.prior, 0.0
    for correct in run:
        p = tracing.right(known)
        total += log(p if correct else 1 - p)
        known = tracing.after(known, correct)
    return total
