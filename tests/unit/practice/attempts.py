"""Attempts: as a test wants them, and as chance makes them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attune.domain.learning.parameters import START
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import fold
from attune.domain.practice.state import NOTHING, PracticeState

NOON: Final = int(datetime(2030, 1, 7, 12, tzinfo=UTC).timestamp() * 1000)
"""In ms: far from both ends of a day."""
HOUR, DAY = 3_600_000, 86_400_000


def an_attempt(at: int = NOON, score: float = 1.0, **more: Any) -> Attempt:
    """An answer to one item of one skill."""
    fields = {"session": "s", "id": str(at), "item": "q1", "skills": ("one",), "difficulty": 3, **more}
    return Attempt(at=at, score=score, **fields)


def some_attempts(seed: int, count: int, items: int = 30, skills: int = 6, days: float = 40) -> list[Attempt]:
    """So many answers of a learner in their order; several may be of one moment."""
    rng = random.Random(seed)
    names = [f"skill-{number}" for number in range(skills)]
    found = []
    for number in range(count):
        mistake = f"slip-{rng.randrange(4)}" if rng.random() < 0.2 else None
        found.append(
            Attempt(
                session=f"session-{rng.randrange(1 + count // 5)}",
                id=f"a{number}",
                item=f"item-{rng.randrange(items)}",
                at=NOON + int(rng.random() * days * DAY) // HOUR * HOUR,
                score=rng.choice([0.0, 1.0, 1.0, rng.random()]),
                skills=tuple(sorted(rng.sample(names, rng.randint(1, min(3, skills))))),
                difficulty=rng.randint(1, 5),
                categories=tuple(sorted(rng.sample(["slip-0", "slip-1", "slip-2"], rng.randrange(3)))),
                hints=rng.choice([0, 0, 0, 1, 3]),
                duration_ms=rng.choice([None, rng.randrange(90_000)]),
                phase=rng.choice([None, "early", "late"]),
                mistake=mistake,
                loss=rng.choice([None, rng.random() * 2]) if mistake else None,
            )
        )
    return sorted(found, key=lambda one: one.place)


def folded(attempts: Sequence[Attempt], state: PracticeState = NOTHING) -> PracticeState:
    """The state after these attempts, which are in their order."""
    for attempt in attempts:
        state, _ = fold(state, attempt, START)
    return state
