"""What a day's answers say of the shared parameters, and how a candidate for the next version predicts them.

One learner in ten is held out: their answers never enter the sums, and only theirs compare the candidate with the
version in force.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.instants import DAY_MS
from attune.domain.learning import estimation
from attune.domain.learning.estimation import Attempt, Loss, Sums
from attune.domain.learning.parameters import Parameters
from attune.domain.practice.fold import fold
from attune.domain.practice.log import Log
from attune.domain.practice.replay import InForce

HELD_OUT: Final = 10
"""One in so many learners."""
NO_LOSS: Final = Loss(0, 0.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Parameters that may become the next version. `run` is the one after which they were proposed."""

    run: str
    parameters: Parameters
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """`sums` were gathered under `version`; losses are of that version and of the candidate of a run (`against`)."""

    version: int = 0
    sums: Sums = field(default_factory=Sums)
    against: str | None = None
    current: Loss = NO_LOSS
    candidate: Loss = NO_LOSS

    def plus(self, other: "Gathered") -> "Gathered":
        """Both together; what was gathered under another version or against another candidate gives way."""
        sums = estimation.merge(self.sums, other.sums) if self.version == other.version else other.sums
        if (self.version, self.against) != (other.version, other.against):
            return Gathered(other.version, sums, other.against, other.current, other.candidate)
        current, candidate = self.current.plus(other.current), self.candidate.plus(other.candidate)
        return Gathered(other.version, sums, other.against, current, candidate)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        return {
            "version": self.version,
            "sums": self.sums.to_json(),
            "against": self.against,
            "current": list(self.current),
            "candidate": list(self.candidate),
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Gathered":
        """What `to_json` wrote."""
        return cls(
            plain["version"],
            Sums.from_json(plain["sums"]),
            plain["against"],
            Loss(*plain["current"]),
            Loss(*plain["candidate"]),
        )


def is_held_out(learner: str) -> bool:
    """Whether a learner's answers judge parameters, and so may never shape them."""
    return int.from_bytes(hashlib.sha256(f"held out\0{learner}".encode()).digest()[:4]) % HELD_OUT == 0


def of_day(log: Log, in_force: InForce, day: int) -> list[Attempt]:
    """The answers that a learner gave on a day (since 1970), each with the states that were reached before it."""
    if not any(one.at // DAY_MS == day for one in log.window):
        return []
    found, state = [], log.before
    for one in log.window:
        if one.at // DAY_MS > day:
            break
        if one.at // DAY_MS == day:
            skills = [state.record(skill).state for skill in one.skills]
            found.append(Attempt(one.item, one.difficulty, one.skills, one.score, one.weight, state.ability, skills))
        state, _ = fold(state, one, in_force(one.at))
    return found


def gather(
    answers: Iterable[tuple[str, Sequence[Attempt]]], current: Parameters, candidate: Candidate | None
) -> Gathered | None:
    """What learners' answers say; None if they say nothing."""
    shaping: list[Attempt] = []
    judging: list[Attempt] = []
    for learner, attempts in answers:
        (judging if is_held_out(learner) else shaping).extend(attempts)
    if candidate is None:
        judging = []
    if not shaping and not judging:
        return None
    sums = estimation.gather(current, shaping)
    if candidate is None:
        return Gathered(current.version, sums)
    losses = [estimation.loss(parameters, judging) for parameters in (current, candidate.parameters)]
    return Gathered(current.version, sums, candidate.run, *losses)
