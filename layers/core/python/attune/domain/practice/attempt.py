"""One answer to one item, as it was accepted: everything that a replay needs, and nothing that may change later."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from attune.domain.learning.filter import hint_weight

SUCCESS = 0.6
"""A score from here on counts as a success: for reviews, for mistakes that are mended, for retention."""


class Place(NamedTuple):
    """Where an attempt stands among a learner's: by time, and at equal times by its ids, whoever sent it first."""

    at: int
    session: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """`at` is in milliseconds since 1970; `score` is 0..1; `difficulty` 1..5 is the author's, or the sender's word.

    `skills` and `categories` (the kinds of mistake that the item invites) are those of the course when the answer
    came in, so that a later version of the course does not change what was measured.
    """

    session: str
    id: str
    item: str
    at: int
    score: float
    skills: tuple[str, ...]
    difficulty: int
    categories: tuple[str, ...] = ()
    hints: int = 0
    duration_ms: int | None = None
    phase: str | None = None
    mistake: str | None = None
    loss: float | None = None

    @property
    def place(self) -> Place:
        return Place(self.at, self.session, self.id)

    @property
    def weight(self) -> float:
        """How much it counts as evidence, 0..1: hints lower it."""
        return hint_weight(self.hints)

    @property
    def success(self) -> bool:
        return self.score >= SUCCESS and self.mistake is None

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads; the session's id stands first."""
        return [getattr(self, name) for name in _NAMES]

    @classmethod
    def from_json(cls, row: list[Any]) -> Self:
        """What `to_json` wrote."""
        fields = dict(zip(_NAMES, row, strict=False))
        return cls(**{**fields, "skills": tuple(fields["skills"]), "categories": tuple(fields["categories"])})


_NAMES = tuple(Attempt.__slots__)
